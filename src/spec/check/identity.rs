//! `identity` in the credentials of a spec: for whose registry it is, and which keys go with it.

use crate::oci::{Home, Registry};
use crate::spec::shape::{CredentialsShape, Given, Reading, Text};
use crate::spec::{Code, IdToken, Identity, IdentityWord, Span};
use secrecy::SecretString;

/// Before the name of a provider, where people copy it from Google's pages.
const PROVIDER_PREFIXES: [&str; 2] = ["//iam.googleapis.com/", "https://iam.googleapis.com/"];

/// Where the keys of an identity stand: `identity` first.
pub(super) fn keys(shape: &CredentialsShape) -> Vec<Span> {
    let identity = shape.identity.given().map(|given| given.key);
    identity.into_iter().chain(others(shape).into_iter().filter_map(|(_, key, _)| key)).collect()
}

/// The keys that go with an identity: the name, where it stands, and with which identities.
fn others(shape: &CredentialsShape) -> [(&'static str, Option<Span>, &'static [IdentityWord]); 7] {
    use IdentityWord::{Acr, Ecr, Gar};
    let key = |given: Option<&Given<Text>>| given.map(|given| given.key);
    let id_token = shape.id_token.given().map(|given| given.key);
    [
        ("role", key(shape.role.given()), &[Ecr]),
        ("provider", key(shape.provider.given()), &[Gar]),
        ("service_account", key(shape.service_account.given()), &[Gar]),
        ("tenant", key(shape.tenant.given()), &[Acr]),
        ("client", key(shape.client.given()), &[Acr]),
        ("audience", key(shape.audience.given()), &[Ecr, Gar, Acr]),
        ("id_token", id_token, &[Ecr, Gar, Acr]),
    ]
}

pub(super) fn check(
    shape: &CredentialsShape,
    registry: Option<&Registry>,
    reading: &mut Reading<'_>,
) -> Option<Identity> {
    let Some(identity) = shape.identity.given() else {
        if shape.identity.is_absent()
            && let Some((name, Some(key), words)) =
                others(shape).into_iter().find(|(_, key, _)| key.is_some())
        {
            let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
            let help = format!("add `identity: {}`", words.join("` or `identity: "));
            reading.problem(
                Code::BadCredentials,
                key,
                format!("`{name}` needs `identity` beside it"),
                Some(help),
            );
        }
        return None;
    };
    let word = identity.value.value;
    let before = reading.problems.len();
    for (name, key, words) in others(shape) {
        if let (Some(key), false) = (key, words.contains(&word)) {
            let message = format!("`{name}` does not go with `identity: {word}`");
            reading.problem(Code::BadCredentials, key, message, Some("remove it"));
        }
    }
    if let Some(registry) = registry.filter(|registry| !is_home(word, registry)) {
        let message = format!("`{registry}` is no registry for `identity: {word}`");
        let help = format!("it is for {}; elsewhere use `username` and `password`", hosts(word));
        reading.problem(Code::BadCredentials, identity.span, message, Some(help));
    }
    let made = make(word, shape, reading);
    made.filter(|_| reading.problems.len() == before)
}

/// What the identity says; each part that is no such thing is a problem.
fn make(word: IdentityWord, shape: &CredentialsShape, reading: &mut Reading<'_>) -> Option<Identity> {
    let token = IdToken {
        audience: shape.audience.value().map(|text| text.value.clone()),
        token: shape.id_token.value().map(|secret| SecretString::from(secret.text.value.clone())),
    };
    let mut part = |given: Option<&Given<Text>>, is_one: fn(&str) -> bool, what: &str, help: &str| {
        let text = &given?.value;
        if !is_one(&text.value) {
            let message = format!("{} is not {what}", text.shown());
            reading.problem(Code::BadCredentials, text.span, message, Some(help));
        }
        Some(text.value.clone())
    };
    Some(match word {
        IdentityWord::Ecr => {
            let help = "write `arn:aws:iam::ACCOUNT:role/NAME`";
            Identity::Ecr { role: part(shape.role.given(), is_role, "the ARN of a role", help), token }
        }
        IdentityWord::Gar => {
            let help =
                "write `projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`";
            let provider = part(shape.provider.given(), is_provider, "a workload identity provider", help);
            let help = "write its e-mail address: `NAME@PROJECT.iam.gserviceaccount.com`";
            let account = shape.service_account.given();
            let service_account = part(account, is_address, "a service account", help);
            Identity::Gar { provider: provider.map(|name| bare(&name).to_owned()), service_account, token }
        }
        IdentityWord::Acr => {
            let help = "write its id, as Azure's portal shows it";
            let tenant = part(shape.tenant.given(), is_id, "a directory", help);
            Identity::Acr { tenant, client: part(shape.client.given(), is_id, "an application", help), token }
        }
        IdentityWord::GitHub => Identity::GitHub,
    })
}

fn is_home(word: IdentityWord, registry: &Registry) -> bool {
    match registry.home() {
        Some(Home::Ecr(_) | Home::EcrPublic) => word == IdentityWord::Ecr,
        Some(Home::Google) => word == IdentityWord::Gar,
        Some(Home::Azure(_)) => word == IdentityWord::Acr,
        Some(Home::GitHub) => word == IdentityWord::GitHub,
        None => false,
    }
}

fn hosts(word: IdentityWord) -> &'static str {
    match word {
        IdentityWord::Ecr => "`ACCOUNT.dkr.ecr.REGION.amazonaws.com` and `public.ecr.aws`",
        IdentityWord::Gar => "`REGION-docker.pkg.dev` and `gcr.io`",
        IdentityWord::Acr => "`NAME.azurecr.io`",
        IdentityWord::GitHub => "`ghcr.io`",
    }
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
