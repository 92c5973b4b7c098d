//! Credentials from outside of a spec: the list that pipelines hand to login steps as well. No message
//! of this file holds anything that was written in it but the name of a registry.

use super::node::{Kind, Node, Pair};
use super::source::Source;
use super::{Credentials, Problem, Scope, compose, suggest};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Credentials by the part of a registry that they are for.
#[derive(Debug, Clone, Default)]
pub struct RegistryAuth(BTreeMap<Scope, Credentials>);

/// The keys of an entry.
const KEYS: [&str; 6] = ["registry", "username", "password", "identity_token", "helper", "anonymous"];
/// The registry of an entry that names none, as for docker.
const DOCKER_HUB: &str = "docker.io";

impl RegistryAuth {
    /// The credentials, with what they are for.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &Credentials)> {
        self.0.iter()
    }

    /// The secrets themselves, for who has to hide them wherever they show.
    pub fn secrets(&self) -> Vec<&str> {
        self.0
            .values()
            .filter_map(|credentials| match credentials {
                Credentials::Password { password, .. } => Some(password.expose_secret()),
                Credentials::IdentityToken(token) => Some(token.expose_secret()),
                Credentials::Helper(_) | Credentials::Anonymous | Credentials::Identity(_) => None,
            })
            .collect()
    }
}

/// Reads a YAML list of `{registry, username, password}`; instead of the last two there may be
/// `identity_token`, `helper` or `anonymous: true`. A value that is `${NAME}` and nothing else is taken
/// from the environment; anything else is taken as it is, since a secret may look like anything.
///
/// # Errors
/// Every problem, with the entry that has it.
pub fn registry_auth(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<RegistryAuth, Vec<String>> {
    let source = Source::new(text);
    let mut problems = Vec::new();
    let root = compose::compose(&source, &mut problems);
    if let Some(problem) = problems.first() {
        return Err(vec![broken(problem)]);
    }
    let entries: Vec<Rc<Node>> = match root {
        Some(root) => match &root.kind {
            Kind::List(entries) => entries.clone(),
            Kind::Mapping(_) => vec![root],
            Kind::Scalar(_) | Kind::Broken => return Err(vec![SHAPE.to_owned()]),
        },
        None => return Err(vec![SHAPE.to_owned()]),
    };
    let mut found = BTreeMap::new();
    let mut wrong = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match read(entry, env) {
            Ok((scope, credentials)) => {
                if found.insert(scope.clone(), credentials).is_some() {
                    wrong.push(format!("entry {}: {scope} has an entry already", at + 1));
                }
            }
            Err(why) => wrong.push(format!("entry {}: {why}", at + 1)),
        }
    }
    match wrong.is_empty() {
        true => Ok(RegistryAuth(found)),
        false => Err(wrong),
    }
}

const SHAPE: &str = "write a YAML list such as `- { registry: ghcr.io, username: bob, password: … }`";

/// Only where and of what kind: the message itself may repeat a piece of a secret.
fn broken(problem: &Problem) -> String {
    let super::Place { line, column, .. } = problem.place;
    format!(
        "it is not YAML as it should be at line {line}, column {column} [{}]; put passwords into quotes, such as '…'",
        problem.code
    )
}

fn read(entry: &Node, env: &dyn Fn(&str) -> Option<String>) -> Result<(Scope, Credentials), String> {
    let Kind::Mapping(pairs) = &entry.kind else { return Err(SHAPE.to_owned()) };
    for Pair { key, .. } in pairs {
        if !KEYS.contains(&key.text.as_str()) {
            // The key may be a secret that lost its key.
            let near = suggest::nearest(&key.text, &KEYS).map(|near| format!("did you mean `{near}`?"));
            let advice = near.unwrap_or_else(|| format!("the keys are `{}`", KEYS.join("`, `")));
            return Err(format!("there is an unknown key; {advice}"));
        }
    }
    let value = |name: &str| value(pairs, name, env);
    let registry = value("registry")?.unwrap_or_else(|| DOCKER_HUB.to_owned());
    let scope = scope(&registry)?;
    let of = |why: &str| format!("{scope}: {why}");
    let helper = value("helper").map_err(|why| of(&why))?;
    let pair = (value("username").map_err(|why| of(&why))?, value("password").map_err(|why| of(&why))?);
    let token = value("identity_token").map_err(|why| of(&why))?;
    let anonymous = match value("anonymous").map_err(|why| of(&why))?.as_deref() {
        None | Some("false" | "False" | "FALSE") => false,
        Some("true" | "True" | "TRUE") => true,
        Some(_) => return Err(of("`anonymous` is `true` or `false`")),
    };
    let credentials = match (pair, token, helper, anonymous) {
        ((Some(username), Some(password)), None, None, false) => {
            Credentials::Password { username, password: password.into() }
        }
        ((None, None), Some(token), None, false) => Credentials::IdentityToken(token.into()),
        ((None, None), None, Some(helper), false) => {
            let bare = helper.strip_prefix("docker-credential-").unwrap_or(&helper).to_owned();
            Credentials::Helper(bare)
        }
        ((None, None), None, None, true) => Credentials::Anonymous,
        ((Some(_), None), None, None, false) => return Err(of("`password` is not there, or empty")),
        ((None, Some(_)), None, None, false) => return Err(of("`username` is not there, or empty")),
        ((None, None), None, None, false) => {
            return Err(of("there is neither a user nor a password; is a secret not set?"));
        }
        _ => return Err(of("these are two kinds of credentials; keep one")),
    };
    Ok((scope, credentials))
}

/// The text of a key; none when it is not there or empty.
fn value(pairs: &[Pair], name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, String> {
    let Some(pair) = pairs.iter().find(|pair| pair.key.text == name) else { return Ok(None) };
    let Kind::Scalar(scalar) = &pair.value.kind else { return Err(format!("`{name}` is not a text")) };
    if scalar.is_null() || scalar.text.is_empty() {
        return Ok(None);
    }
    let variable = scalar.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match variable.filter(is_name) {
        Some(variable) => {
            let found = env(variable).filter(|value| !value.is_empty());
            found.map(Some).ok_or_else(|| format!("the variable that `{name}` names is not set"))
        }
        None => Ok(Some(scalar.text.clone())),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        (name == "TOKEN").then(|| "from the environment".to_owned())
    }

    fn shown(text: &str) -> String {
        match registry_auth(text, &env) {
            Ok(auth) => {
                let one = |(scope, credentials): (&Scope, &Credentials)| match credentials {
                    Credentials::Password { username, password } => {
                        format!("{scope} {username}:{}", password.expose_secret())
                    }
                    Credentials::IdentityToken(token) => format!("{scope} token {}", token.expose_secret()),
                    Credentials::Helper(name) => format!("{scope} helper {name}"),
                    Credentials::Anonymous => format!("{scope} nobody"),
                    Credentials::Identity(identity) => format!("{scope} {identity:?}"),
                };
                auth.iter().map(one).collect::<Vec<_>>().join(", ")
            }
            Err(why) => format!("wrong: {}", why.join("; ")),
        }
    }

    #[test]
    fn every_way_to_write_an_entry_is_read() {
        assert_eq!(shown("- { registry: ghcr.io, username: bob, password: p }"), "ghcr.io bob:p");
        assert_eq!(shown("registry: ghcr.io/team\nusername: bob\npassword: 1.10\n"), "ghcr.io/team bob:1.10");
        assert_eq!(shown(r#"[{"registry":"quay.io","username":"b","password":"p"}]"#), "quay.io b:p");
        assert_eq!(shown("- { username: bob, password: p }"), "docker.io bob:p");
        assert_eq!(
            shown("- { registry: 'https://index.docker.io/v1/', identity_token: t }"),
            "docker.io token t"
        );
        assert_eq!(
            shown("- { registry: a.test, helper: docker-credential-ecr-login }"),
            "a.test helper ecr-login"
        );
        assert_eq!(shown("- { registry: a.test, anonymous: true }"), "a.test nobody");
        assert_eq!(
            shown("- { username: bob, password: \"${TOKEN}\" }"),
            "docker.io bob:from the environment"
        );
        assert_eq!(shown("- { username: bob, password: 'a${TOKEN}' }"), "docker.io bob:a${TOKEN}");
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_written() {
        for text in [
            "CANARY",
            "",
            "- CANARY",
            "- { registry: ghcr.io, username: bob, pasword: CANARY }",
            "- { registry: ghcr.io, CANARY }",
            "- { registry: ghcr.io, username: bob, password: *CANARY }",
            "- { registry: ghcr.io, username: bob, password: !CANARY x }",
            "- { registry: ghcr.io, username: bob, password: \"CANARY }",
            "- { registry: ghcr.io, password: CANARY }",
            "- { registry: ghcr.io, username: bob, password: '' }",
            "- { registry: ghcr.io, username: '', password: '' }",
            "- { registry: ghcr.io, username: bob, password: CANARY, anonymous: true }",
            "- { registry: ghcr.io, username: bob, password: [CANARY] }",
            "- { registry: 'CANARY CANARY', username: bob, password: p }",
            "- { username: bob, password: \"${CANARY}\" }",
            "- { username: a, password: CANARY }\n- { registry: docker.io, username: a, password: CANARY }",
        ] {
            let told = shown(text);
            assert!(told.starts_with("wrong: ") && !told.contains("CANARY"), "{text}\n{told}");
        }
        let slip = shown("- { registry: a.test, username: a, password: b }\n- { username: bob, pasword: x }");
        assert_eq!(slip, "wrong: entry 2: there is an unknown key; did you mean `password`?");
    }

    #[test]
    fn secrets_are_handed_out_to_be_hidden() {
        let auth =
            registry_auth("[{username: a, password: secret}, {registry: b.test, identity_token: t}]", &env);
        assert_eq!(auth.expect("good").secrets(), ["t", "secret"]);
    }
}
