//! A law of patterns: globs match what a matcher of twenty lines matches, which knows no expressions.

use super::{Pattern, PatternError};
use crate::laws;
use crate::oci::Tag;
use proptest::collection::vec;
use proptest::prelude::*;

/// A piece of a glob.
#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    /// `?`
    One,
    /// `*`
    Any,
    /// `[a-c]`, or `[!a-c]`.
    Class(bool, Vec<(char, char)>),
    /// `{a,b}`
    Either(Vec<Vec<Piece>>),
    /// `\.`
    Escaped(char),
}

fn flat() -> impl Strategy<Value = Piece> {
    let ends = || prop::sample::select(vec!['a', 'b', 'c', '0', '1', '2', 'A', '_']);
    let range = (ends(), ends()).prop_map(|(one, other)| (one.min(other), one.max(other)));
    prop_oneof![
        // Few characters, so that much matches.
        4 => "[ab1._-]{1,2}".prop_map(Piece::Text),
        2 => Just(Piece::One),
        2 => Just(Piece::Any),
        2 => (any::<bool>(), vec(range, 1..3)).prop_map(|(not, ranges)| Piece::Class(not, ranges)),
        1 => prop::sample::select(vec!['a', '.', '-', '_', '1']).prop_map(Piece::Escaped),
    ]
}

fn glob() -> impl Strategy<Value = Vec<Piece>> {
    let either = vec(vec(flat(), 1..3), 1..4).prop_map(Piece::Either);
    vec(prop_oneof![5 => flat(), 1 => either], 1..5)
}

fn written(pieces: &[Piece]) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::One => "?".to_owned(),
        Piece::Any => "*".to_owned(),
        Piece::Class(not, ranges) => {
            let ranges: String = ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect();
            format!("[{}{ranges}]", if *not { "!" } else { "" })
        }
        Piece::Either(ways) => {
            format!("{{{}}}", ways.iter().map(|way| written(way)).collect::<Vec<_>>().join(","))
        }
        Piece::Escaped(c) => format!("\\{c}"),
    };
    pieces.iter().map(one).collect()
}

/// Whether `tag` is what `pieces` say, and `rest` takes what is left of it.
fn matches(pieces: &[Piece], tag: &str, rest: &dyn Fn(&str) -> bool) -> bool {
    let Some((first, others)) = pieces.split_first() else { return rest(tag) };
    let then = |left: &str| matches(others, left, rest);
    let mut left = tag.chars();
    match first {
        Piece::Text(text) => tag.strip_prefix(text.as_str()).is_some_and(then),
        Piece::Escaped(c) => tag.strip_prefix(*c).is_some_and(then),
        Piece::One => left.next().is_some_and(|_| then(left.as_str())),
        Piece::Any => (0..=tag.len()).any(|at| then(&tag[at..])),
        Piece::Class(not, ranges) => left.next().is_some_and(|c| {
            ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *not && then(left.as_str())
        }),
        Piece::Either(ways) => ways.iter().any(|way| matches(way, tag, &then)),
    }
}

#[test]
fn a_glob_matches_what_a_simple_matcher_matches() {
    let tags = vec("[ab1_][ab1._-]{0,7}", 1..20);
    laws::hold((glob(), tags), |(pieces, tags)| {
        let text = written(&pieces);
        let pattern = match Pattern::parse(&text) {
            // Nothing but text, and that is no tag.
            Err(PatternError::Literal(_)) => return Ok(()),
            parsed => parsed.unwrap_or_else(|why| panic!("{text}: {why}")),
        };
        for tag in tags {
            let expected = match pattern.literal() {
                Some(literal) => literal.as_str() == tag,
                None => matches(&pieces, &tag, &str::is_empty),
            };
            let tag: Tag = tag.parse().expect("a tag");
            prop_assert_eq!(pattern.is_match(&tag), expected, "{} {}", text, tag);
        }
        Ok(())
    });
}
