//! Credentials from outside of a spec: the list that pipelines hand to login steps as well. No message
//! of this file holds anything that was written in it but the name of a registry.

mod entry;
#[cfg(test)]
mod tests;

use super::node::{Kind, Node};
use super::source::Source;
use super::{Problem, compose};
use crate::access::{Credentials, Scope};
use entry::read;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Credentials by the part of a registry that they are for.
#[derive(Debug, Clone, Default)]
pub struct RegistryAuth(BTreeMap<Scope, Credentials>);

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
                Credentials::Identity(identity) => Some(identity.token()?.token.as_ref()?.expose_secret()),
                Credentials::Helper(_) | Credentials::Anonymous => None,
            })
            .collect()
    }
}

/// Reads a YAML list of `{registry, username, password}`; instead of the last two there may be
/// `identity_token`, `helper`, `identity` with its parts, or `anonymous: true`. A value that is `${NAME}` and nothing else is taken
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
