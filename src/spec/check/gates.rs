//! Gates in a spec: sizes, ages, and what is denied.

use super::patterns;
use crate::oci::Digest;
use crate::spec::gates::{Age, AgeError, Denied, Size, SizeError};
use crate::spec::shape::{Many, Reading, Text};
use crate::spec::substitute::Origin;
use crate::spec::{Code, suggest};
use std::str::FromStr as _;

/// A size.
pub(super) fn size(text: &Text, reading: &mut Reading<'_>) -> Option<Size> {
    let why = match Size::from_str(&text.value) {
        Ok(size) => return Some(size),
        Err(why) => why,
    };
    let help = match why {
        SizeError::Unit => meant(text).unwrap_or_else(|| {
            "units are `KB`, `MB`, `GB` and `TB` of a thousand each, `KiB`, `MiB`, `GiB` and `TiB` of 1024"
                .to_owned()
        }),
        SizeError::Nothing => "no image is that small: leave the key out for no limit".to_owned(),
        SizeError::NoNumber | SizeError::TooLarge => "write a size such as `500 MB` or `2GiB`".to_owned(),
    };
    let message = format!("{} is not a size{}", text.shown(), text.because(why));
    reading.problem(Code::BadSize, text.span, message, Some(help));
    None
}

/// `2G` is said by some of a thousand and by others of 1024 each.
fn meant(text: &Text) -> Option<String> {
    let bare = text.value.trim_end_matches(['i', 'I']);
    let number = bare.strip_suffix(['k', 'K', 'm', 'M', 'g', 'G', 't', 'T']).map(str::trim_end)?;
    let letter = bare[bare.len() - 1..].to_ascii_uppercase();
    let known = format!("{number}{letter}B").parse::<Size>().is_ok() && text.origin == Origin::Literal;
    known.then(|| format!("write `{number}{letter}B` for thousands, or `{number}{letter}iB` for 1024s"))
}

/// An age.
pub(super) fn age(text: &Text, reading: &mut Reading<'_>) -> Option<Age> {
    let why = match Age::from_str(&text.value) {
        Ok(age) => return Some(age),
        Err(why) => why,
    };
    let help = match why {
        AgeError::NoUnit if text.origin == Origin::Literal => {
            format!("write `{}d` for days", suggest::shortened(text.value.trim()))
        }
        AgeError::Nothing => "leave the key out for images of any age".to_owned(),
        AgeError::Malformed | AgeError::NoUnit | AgeError::TooLong => {
            "write an age such as `7d`, `36h` or `2w`; `m` are minutes".to_owned()
        }
    };
    let message = format!("{} is not an age{}", text.shown(), text.because(why));
    reading.problem(Code::BadAge, text.span, message, Some(help));
    None
}

/// Digests and patterns of source tags.
pub(super) fn denied(list: &Many<Text>, reading: &mut Reading<'_>) -> Option<Denied> {
    let mut denied = Denied::default();
    let mut tags = Vec::new();
    let mut sound = true;
    for text in &list.items {
        match is_digest(&text.value) {
            true => match digest(text, &text.value, reading) {
                Some(digest) => drop(denied.digests.insert(digest)),
                None => sound = false,
            },
            false => match patterns::pattern(text, reading) {
                Some(pattern) => tags.push(pattern),
                None => sound = false,
            },
        }
    }
    denied.tags = tags.into_iter().collect();
    sound.then_some(denied)
}

/// Whether a text can only be meant as a digest: no tag and no glob has a colon.
fn is_digest(text: &str) -> bool {
    !text.starts_with('/') && text.contains(':')
}

/// A digest that stands in `text`, at its end.
pub(super) fn digest(text: &Text, written: &str, reading: &mut Reading<'_>) -> Option<Digest> {
    let parsed = written.parse::<Digest>();
    if parsed.is_err() {
        let message = match text.origin {
            Origin::Literal if written.is_empty() => "a digest is missing here".to_owned(),
            Origin::Literal => format!("`{}` is not a digest", suggest::shortened(written)),
            Origin::Environment => {
                "this, with its variables put in, has no digest where one belongs".to_owned()
            }
        };
        let help = match written.split_once(':') {
            Some((name, _)) if name.contains(['/', '.']) => "name the tag alone, without its repository",
            _ => "a digest is `sha256:` and 64 hexadecimal digits in lower case",
        };
        let at = text.value.len() - written.len();
        reading.problem(Code::BadDigest, text.part(at..text.value.len()), message, Some(help));
    }
    parsed.ok()
}
