//! `identity` in the credentials of a spec: for whose registry it is, and which keys go with it.

use crate::access::Identity;
use crate::oci::Registry;
use crate::spec::identity::{PARTS, Part};
use crate::spec::shape::{CredentialsShape, Field, Reading, Text};
use crate::spec::{Code, Span};

/// A key beside `identity` that is there.
struct Written<'a> {
    part: &'static Part,
    key: Span,
    text: &'a Text,
}

/// Where the keys of an identity stand: `identity` first.
pub(super) fn keys(shape: &CredentialsShape) -> Vec<Span> {
    let identity = shape.identity.given().map(|given| given.key);
    identity.into_iter().chain(written(shape).into_iter().map(|written| written.key)).collect()
}

fn written(shape: &CredentialsShape) -> Vec<Written<'_>> {
    let of = |part: &'static Part| {
        let field: &Field<Text> = match part.name {
            "role" => &shape.role,
            "provider" => &shape.provider,
            "service_account" => &shape.service_account,
            "tenant" => &shape.tenant,
            "client" => &shape.client,
            "audience" => &shape.audience,
            _ => {
                let given = shape.id_token.given()?;
                return Some(Written { part, key: given.key, text: &given.value.text });
            }
        };
        let given = field.given()?;
        Some(Written { part, key: given.key, text: &given.value })
    };
    PARTS.iter().filter_map(of).collect()
}

pub(super) fn check(
    shape: &CredentialsShape,
    registry: Option<&Registry>,
    reading: &mut Reading<'_>,
) -> Option<Identity> {
    let written = written(shape);
    let Some(identity) = shape.identity.given() else {
        if shape.identity.is_absent()
            && let Some(Written { part, key, .. }) = written.first()
        {
            let words: Vec<&str> = part.words.iter().map(|word| word.as_str()).collect();
            let help = format!("add `identity: {}`", words.join("` or `identity: "));
            let message = format!("`{}` needs `identity` beside it", part.name);
            reading.problem(Code::BadCredentials, *key, message, Some(help));
        }
        return None;
    };
    let word = identity.value.value;
    let before = reading.problems.len();
    for Written { part, key, .. } in written.iter().filter(|written| !written.part.words.contains(&word)) {
        let message = format!("`{}` does not go with `identity: {word}`", part.name);
        reading.problem(Code::BadCredentials, *key, message, Some("remove it"));
    }
    if let Some(registry) = registry.filter(|registry| !word.is_for(registry)) {
        let message = format!("`{registry}` is no registry for `identity: {word}`");
        let help = format!("it is for {}; elsewhere use `username` and `password`", word.hosts());
        reading.problem(Code::BadCredentials, identity.span, message, Some(help));
    }
    for Written { part, text, .. } in written.iter().filter(|written| written.part.words.contains(&word)) {
        if !(part.is_one)(&text.value) {
            let message = format!("{} is not {}", text.shown(), part.what);
            reading.problem(Code::BadCredentials, text.span, message, Some(part.help));
        }
    }
    let value = |name: &str| {
        let found = written.iter().find(|written| written.part.name == name);
        found.map(|written| written.text.value.clone())
    };
    (reading.problems.len() == before).then(|| Identity::of(word, value))
}
