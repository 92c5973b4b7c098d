//! What is said of an identity beside its word: the keys, with which words they go, and what they look
//! like. One table for all places where an identity can be written.

use super::IdentityWord;
use crate::access::{IdToken, Identity};
use IdentityWord::{Acr, Ecr, Gar};

/// A key that stands beside `identity`.
pub(in crate::spec) struct Part {
    pub(in crate::spec) name: &'static str,
    /// The identities that it goes with.
    pub(in crate::spec) words: &'static [IdentityWord],
    /// Whether a text is such a thing.
    pub(in crate::spec) is_one: fn(&str) -> bool,
    /// What it is: completes the phrase "… is not".
    pub(in crate::spec) what: &'static str,
    /// What to write.
    pub(in crate::spec) help: &'static str,
}

/// Before the name of a provider, where people copy it from Google's pages.
const PROVIDER_PREFIXES: [&str; 2] = ["//iam.googleapis.com/", "https://iam.googleapis.com/"];

/// All of them.
pub(in crate::spec) const PARTS: [Part; 7] = [
    Part {
        name: "role",
        words: &[Ecr],
        is_one: is_role,
        what: "the ARN of a role",
        help: "write `arn:aws:iam::ACCOUNT:role/NAME`",
    },
    Part {
        name: "provider",
        words: &[Gar],
        is_one: is_provider,
        what: "a workload identity provider",
        help: "write `projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`",
    },
    Part {
        name: "service_account",
        words: &[Gar],
        is_one: is_address,
        what: "a service account",
        help: "write its e-mail address: `NAME@PROJECT.iam.gserviceaccount.com`",
    },
    Part {
        name: "tenant",
        words: &[Acr],
        is_one: is_id,
        what: "a directory",
        help: "write its id, as Azure's portal shows it",
    },
    Part {
        name: "client",
        words: &[Acr],
        is_one: is_id,
        what: "an application",
        help: "write its id, as Azure's portal shows it",
    },
    Part {
        name: "audience",
        words: &[Ecr, Gar, Acr],
        is_one: is_anything,
        what: "an audience",
        help: "write what the other side expects",
    },
    Part {
        name: "id_token",
        words: &[Ecr, Gar, Acr],
        is_one: is_anything,
        what: "an identity token",
        help: "write it as the CI system gives it",
    },
];

impl Identity {
    /// The identity of a word and its parts; parts of other words are passed over.
    pub(in crate::spec) fn of(word: IdentityWord, part: impl Fn(&str) -> Option<String>) -> Self {
        let token = IdToken { audience: part("audience"), token: part("id_token").map(Into::into) };
        match word {
            Ecr => Self::Ecr { role: part("role"), token },
            Gar => Self::Gar {
                provider: part("provider").map(|name| bare(&name).to_owned()),
                service_account: part("service_account"),
                token,
            },
            Acr => Self::Acr { tenant: part("tenant"), client: part("client"), token },
            IdentityWord::GitHub => Self::GitHub,
            IdentityWord::Aliyun => Self::Aliyun,
            IdentityWord::Swr => Self::Swr,
            IdentityWord::Tcr => Self::Tcr,
        }
    }
}

fn is_anything(_: &str) -> bool {
    true
}

fn is_role(text: &str) -> bool {
    text.starts_with("arn:") && text.contains(":role/") && text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_provider(text: &str) -> bool {
    let bare = bare(text);
    let legal = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    bare.starts_with("projects/")
        && bare.contains("/workloadIdentityPools/")
        && bare.contains("/providers/")
        && bare.chars().all(legal)
}

fn bare(provider: &str) -> &str {
    PROVIDER_PREFIXES.iter().find_map(|prefix| provider.strip_prefix(prefix)).unwrap_or(provider)
}

fn is_address(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "@.-_".contains(c);
    text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'))
        && text.chars().all(legal)
}

/// What becomes a part of a path, and therefore has no slash.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
        && !text.contains("..")
}
