//! One entry of the list: for which registry, and exactly one kind of credentials, whole.

use super::SHAPE;
use crate::access::{Credentials, Identity, Scope};
use crate::spec::identity::{IdentityWord, PARTS, Part};
use crate::spec::node::{Kind, Node, Pair};
use crate::spec::shape::Choice as _;
use crate::spec::suggest;

/// The keys of an entry, but for those that stand beside `identity`.
const KEYS: [&str; 7] =
    ["registry", "username", "password", "identity_token", "helper", "identity", "anonymous"];
/// The registry of an entry that names none, as for docker.
const DOCKER_HUB: &str = "docker.io";

/// The values of an entry.
struct Values<'a> {
    pairs: &'a [Pair],
    env: &'a dyn Fn(&str) -> Option<String>,
}

/// The kinds of credentials, as an entry has them.
struct Kinds {
    username: Option<String>,
    password: Option<String>,
    identity_token: Option<String>,
    helper: Option<String>,
    identity: Option<Identity>,
    anonymous: bool,
}

pub(super) fn read(
    entry: &Node,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Scope, Credentials), String> {
    let Kind::Mapping(pairs) = &entry.kind else { return Err(SHAPE.to_owned()) };
    check_keys(pairs)?;
    let values = Values { pairs, env };
    let registry = values.get("registry")?.unwrap_or_else(|| DOCKER_HUB.to_owned());
    let scope = scope(&registry)?;
    let credentials = values.kinds(&scope).and_then(Kinds::one);
    match credentials {
        Ok(credentials) => Ok((scope, credentials)),
        Err(why) => Err(format!("{scope}: {why}")),
    }
}

fn check_keys(pairs: &[Pair]) -> Result<(), String> {
    let keys: Vec<&str> = KEYS.into_iter().chain(PARTS.iter().map(|part| part.name)).collect();
    for Pair { key, .. } in pairs {
        if !keys.contains(&key.text.as_str()) {
            // The key may be a secret that lost its key.
            let near = suggest::nearest(&key.text, &keys).map(|near| format!("did you mean `{near}`?"));
            let advice = near.unwrap_or_else(|| format!("the keys are `{}`", keys.join("`, `")));
            return Err(format!("there is an unknown key; {advice}"));
        }
    }
    Ok(())
}

impl Values<'_> {
    /// The text of a key; none when it is not there or empty.
    fn get(&self, name: &str) -> Result<Option<String>, String> {
        let Some(pair) = self.pairs.iter().find(|pair| pair.key.text == name) else { return Ok(None) };
        let Kind::Scalar(scalar) = &pair.value.kind else { return Err(format!("`{name}` is not a text")) };
        if scalar.is_null() || scalar.text.is_empty() {
            return Ok(None);
        }
        let variable = scalar.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match variable.filter(is_name) {
            Some(variable) => {
                let found = (self.env)(variable).filter(|value| !value.is_empty());
                found.map(Some).ok_or_else(|| format!("the variable that `{name}` names is not set"))
            }
            None => Ok(Some(scalar.text.clone())),
        }
    }

    fn kinds(&self, scope: &Scope) -> Result<Kinds, String> {
        let helper = self.get("helper")?;
        let bare = |name: String| name.strip_prefix("docker-credential-").unwrap_or(&name).to_owned();
        Ok(Kinds {
            username: self.get("username")?,
            password: self.get("password")?,
            identity_token: self.get("identity_token")?,
            helper: helper.map(bare),
            identity: self.identity(scope)?,
            anonymous: match self.get("anonymous")?.as_deref() {
                None | Some("false" | "False" | "FALSE") => false,
                Some("true" | "True" | "TRUE") => true,
                Some(_) => return Err("`anonymous` is `true` or `false`".to_owned()),
            },
        })
    }

    fn identity(&self, scope: &Scope) -> Result<Option<Identity>, String> {
        let mut written: Vec<(&Part, String)> = Vec::new();
        for part in &PARTS {
            written.extend(self.get(part.name)?.map(|text| (part, text)));
        }
        let Some(text) = self.get("identity")? else {
            return match written.first() {
                Some((part, _)) => Err(format!("`{}` needs `identity` beside it", part.name)),
                None => Ok(None),
            };
        };
        let known = IdentityWord::CHOICES.iter().find(|(word, _)| *word == text);
        let Some((_, word)) = known.copied() else {
            return Err(format!("`identity` is one of `{}`", IdentityWord::words().join("`, `")));
        };
        if !word.is_for(&scope.registry) {
            return Err(format!("`identity: {word}` is for {}", word.hosts()));
        }
        for (Part { name, words, is_one, what, help }, text) in &written {
            if !words.contains(&word) {
                return Err(format!("`{name}` does not go with `identity: {word}`"));
            }
            if !is_one(text) {
                return Err(format!("`{name}` is not {what}: {help}"));
            }
        }
        let value = |name: &str| {
            let found = written.iter().find(|(part, _)| part.name == name);
            found.map(|(_, text)| text.clone())
        };
        Ok(Some(Identity::of(word, value)))
    }
}

impl Kinds {
    /// The one kind that it is.
    fn one(self) -> Result<Credentials, String> {
        let Self { username, password, identity_token, helper, identity, anonymous } = self;
        let others = [
            identity_token.map(|token| Credentials::IdentityToken(token.into())),
            helper.map(Credentials::Helper),
            identity.map(Credentials::Identity),
            anonymous.then_some(Credentials::Anonymous),
        ];
        let mut others = others.into_iter().flatten();
        let why = match (username, password, others.next(), others.next()) {
            (Some(username), Some(password), None, None) => {
                return Ok(Credentials::Password { username, password: password.into() });
            }
            (None, None, Some(other), None) => return Ok(other),
            (Some(_), None, None, None) => "`password` is not there, or empty",
            (None, Some(_), None, None) => "`username` is not there, or empty",
            (None, None, None, None) => "there is neither a user nor a password; is a secret not set?",
            _ => "these are two kinds of credentials; keep one",
        };
        Err(why.to_owned())
    }
}

/// `ghcr.io`, `ghcr.io/team`, `https://index.docker.io/v1/`.
fn scope(text: &str) -> Result<Scope, String> {
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let trimmed = bare.trim_end_matches('/');
    let (host, path) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    let is_api = (bare.len() < text.len() || trimmed.len() < bare.len()) && matches!(path, "v1" | "v2");
    let refuse =
        || "`registry` is no registry: write a host such as `ghcr.io`, perhaps with a path".to_owned();
    let registry = host.parse().map_err(|_| refuse())?;
    let prefix = match path {
        "" => None,
        _ if is_api => None,
        path => Some(path.parse().map_err(|_| refuse())?),
    };
    Ok(Scope { registry, prefix })
}
