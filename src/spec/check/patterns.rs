//! Patterns and renames in a spec: each that does not compile is a problem of its own.

use crate::select::{Pattern, PatternError, PatternSet, Rename, RenameError};
use crate::spec::Code;
use crate::spec::shape::{Many, Reading, RenameShape, Text};
use crate::spec::substitute::Origin;

/// Every pattern of a list; none when one was wrong.
pub(super) fn set(list: &Many<Text>, reading: &mut Reading<'_>) -> Option<PatternSet> {
    let patterns: Vec<Option<Pattern>> = list.items.iter().map(|text| pattern(text, reading)).collect();
    patterns.into_iter().collect()
}

/// One pattern; none when it is wrong.
pub(super) fn pattern(text: &Text, reading: &mut Reading<'_>) -> Option<Pattern> {
    if let Some(known) = reading.patterns.get(&text.value) {
        return Some(known.clone());
    }
    match Pattern::parse(&text.value) {
        Ok(pattern) => {
            reading.patterns.insert(text.value.clone(), pattern.clone());
            Some(pattern)
        }
        Err(why) => {
            let (code, what) = match why {
                PatternError::Literal(_) => (Code::BadTag, "a tag"),
                _ => (Code::BadPattern, "a pattern"),
            };
            let span = match &why {
                PatternError::Foreign(c) => match text.value.find(*c) {
                    Some(at) => text.part(at..at + c.len_utf8()),
                    None => text.span,
                },
                _ => text.span,
            };
            let message = match &why {
                PatternError::Empty => "this pattern is empty".to_owned(),
                _ => format!("{} is not {what}{}", text.shown(), text.because(&why)),
            };
            reading.problem(code, span, message, help(&why, &text.value));
            None
        }
    }
}

fn help(why: &PatternError, written: &str) -> Option<&'static str> {
    match why {
        PatternError::Literal(_) if written.contains('/') => {
            Some("name the tag alone, without its repository; a regular expression is written `/…/`")
        }
        PatternError::Literal(_) if written.contains('@') => {
            Some("a digest can stand behind a tag in `include` and `always` only")
        }
        PatternError::Literal(_) => {
            Some("a tag has letters, digits, `_`, `.` and `-`; it starts with none of the last two")
        }
        PatternError::Empty => Some("to match every tag, write `*`"),
        PatternError::Unclosed => {
            Some("a regular expression is written `/…/`; its flags stand inside: `/(?i)…/`")
        }
        PatternError::Expression(_) => {
            Some("the syntax is that of RE2 and of Rust: no look-around, no back-references")
        }
        PatternError::Glob(_) => {
            Some("`*`, `?`, `[a-z]` and `{a,b}` have a meaning; put a `\\` before one that has not")
        }
        PatternError::TooLong | PatternError::TooCostly => Some("use several shorter patterns"),
        PatternError::Foreign(_) => {
            Some("a pattern is compared with the tag alone, never with the repository")
        }
    }
}

/// Every rename of a list; none when one was wrong.
pub(super) fn renames(list: &Many<RenameShape>, reading: &mut Reading<'_>) -> Option<Vec<Rename>> {
    let renames: Vec<Option<Rename>> = list.items.iter().map(|shape| rename(shape, reading)).collect();
    renames.into_iter().collect()
}

fn rename(shape: &RenameShape, reading: &mut Reading<'_>) -> Option<Rename> {
    let (expression, template) = (shape.r#match.value()?, &shape.to.value()?.text);
    let (text, message, help) = match Rename::parse(&expression.value, &template.value) {
        Ok(rename) => return Some(rename),
        Err(RenameError::Match(why)) => {
            let message =
                format!("{} is not a regular expression{}", expression.shown(), expression.because(&why));
            (expression.span, message, help(&why, &expression.value).map(str::to_owned))
        }
        Err(why @ RenameError::TemplateTooLong) => {
            (template.span, format!("this is not a template: {why}"), None)
        }
        Err(RenameError::Group { group, at, meant }) => {
            let message = match template.origin == Origin::Environment {
                true => "the template names a group that the expression does not have".to_owned(),
                false => format!("the expression has no group `{group}`"),
            };
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`$1` is the first `(…)` of the expression, and `$$` a dollar sign".to_owned(),
            };
            (template.part(at), message, Some(help))
        }
    };
    reading.problem(Code::BadRename, text, message, help);
    None
}
