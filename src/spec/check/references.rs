//! Repositories in a spec: where images come from and go to. Contacts nothing.

use super::lookalikes;
use crate::oci::{NameError, Reference, ReferenceError, Repository};
use crate::spec::Code;
use crate::spec::shape::{Reading, Text};
use crate::spec::substitute::Origin;

/// The two keys of a rule that name repositories.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Source,
    Target,
}

/// The repository that a text names.
pub(super) fn repository(text: &Text, role: Role, reading: &mut Reading<'_>) -> Option<Repository> {
    let reference: Reference = match text.value.parse() {
        Ok(reference) => reference,
        Err(why) => {
            let message = match &why {
                // It may be `user:password@registry`.
                ReferenceError::Digest(why) => {
                    reading.secrets.push(text.span);
                    format!("this is not a repository: what follows the `@` is no digest: {why}")
                }
                _ => format!("{} is not a repository{}", text.shown(), text.because(because(&why))),
            };
            let help = help(text, &why);
            reading.problem(Code::BadReference, text.span, message, help);
            return None;
        }
    };
    if reference.tag.is_some() || reference.digest.is_some() {
        tag_in_repository(text, &reference, role, reading);
        return None;
    }
    if let Repository::Registry { registry, .. } = &reference.repository {
        let written = registry.as_str().len().min(text.value.len());
        lookalikes::check(registry, text.part(0..written), reading);
    }
    Some(reference.repository)
}

fn tag_in_repository(text: &Text, reference: &Reference, role: Role, reading: &mut Reading<'_>) {
    let Reference { repository: _, tag, digest } = reference;
    let what = match digest {
        Some(_) => "a digest",
        None => "a tag",
    };
    let at = match digest {
        Some(_) => text.value.find('@'),
        None => text.value.rfind(':'),
    };
    let span = text.part(at.unwrap_or(0)..text.value.len());
    let help = match (role, tag) {
        (Role::Source, Some(tag)) if digest.is_none() => format!("leave it out, and write `tags: [{tag}]`"),
        (Role::Source, _) => "leave it out, and name the tags under `tags`".to_owned(),
        (Role::Target, _) => "leave it out: tags keep their names, unless `rename` changes them".to_owned(),
    };
    reading.problem(Code::TagInRepository, span, format!("{what} does not belong here"), Some(help));
}

/// The reason without the words that the message has already.
fn because(why: &ReferenceError) -> String {
    match why {
        ReferenceError::Repository(why) => why.to_string(),
        other => other.to_string(),
    }
}

fn help(text: &Text, why: &ReferenceError) -> Option<String> {
    let literal = text.origin == Origin::Literal;
    match why {
        _ if !literal => Some("check the value of the variable".to_owned()),
        ReferenceError::Repository(NameError::UpperCase) => {
            Some(format!("write `{}`", text.value.to_lowercase()))
        }
        ReferenceError::Unexpected(_) if text.value.contains("://") => {
            let rest = text.value.split_once("://").map_or("", |(_, rest)| rest);
            Some(format!(
                "write `{}`; for HTTP without TLS there is `plain_http` under `registries`",
                rest.trim_end_matches('/')
            ))
        }
        ReferenceError::Digest(_) => {
            Some("a repository has no `@`; credentials belong under `registries`".to_owned())
        }
        ReferenceError::Repository(NameError::Empty) => Some("write `registry/repository`".to_owned()),
        _ => Some("write `registry/repository`, such as `ghcr.io/acme/web`".to_owned()),
    }
}
