//! Who somebody is to a registry, and how it is reached: scopes, users, passwords, and `insecure`.

use super::draft::{CredentialsDraft, Draft, Transport};
use super::expand;
use super::said::Site;
use super::written::Written;
use crate::oci::{Registry, RepositoryPath};
use std::net::IpAddr;

/// What variables mean in credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    /// Nothing: a `$` is a `$`.
    Literal,
    /// Each is put in; what is unset is empty.
    Expanded,
    /// A value that is one variable and nothing else.
    Whole,
}

/// What a file says of one registry.
pub(super) struct Account<'t> {
    pub(super) site: Site,
    pub(super) scope: String,
    pub(super) username: Option<&'t str>,
    pub(super) password: Option<&'t str>,
    pub(super) insecure: bool,
}

/// The scope that a key of a file is: `host` or `host/path`. None, and a note, when no image can be in it.
pub(super) fn scope(key: &str, site: &Site, draft: &mut Draft<'_>) -> Option<String> {
    let (host, prefix) = match key.trim_end_matches('/').split_once('/') {
        Some((host, prefix)) => (host, Some(prefix)),
        None => (key.trim_end_matches('/'), None),
    };
    let bare = !host.contains(['.', ':']) && host != "localhost";
    let full = if bare { format!("{host}:443") } else { host.to_owned() };
    let registry = full.parse::<Registry>().ok();
    match (registry, prefix.map(str::parse::<RepositoryPath>).transpose()) {
        (Some(registry), Ok(None)) => Some(registry.to_string()),
        (Some(registry), Ok(Some(prefix))) => Some(format!("{registry}/{prefix}")),
        _ => {
            draft.left_out(site.clone(), format!("no image is in `{key}`: it is no registry"));
            None
        }
    }
}

/// Takes over what a file says of a registry.
pub(super) fn account(account: &Account<'_>, variables: Variables, draft: &mut Draft<'_>) {
    let Account { site, scope, username, password, insecure } = account;
    if draft.registries.iter().any(|registry| registry.scope == *scope) {
        let message = format!("there is an entry for {scope} already, by this or another of its names");
        return draft.left_out(site.clone(), message);
    }
    let credentials =
        match (username.filter(|text| !text.is_empty()), password.filter(|text| !text.is_empty())) {
            (Some(username), Some(password)) => Some(pair(site, scope, username, password, variables, draft)),
            (None, None) => None,
            (_, _) => {
                let message = "a user without a password, or the other way round, is nobody";
                draft.left_out(site.clone(), message);
                None
            }
        };
    let registry = draft.registry(Some(site), scope);
    registry.credentials = credentials;
    if *insecure {
        registry.transport = Transport::Unverified;
    }
}

fn pair(
    site: &Site,
    scope: &str,
    username: &str,
    password: &str,
    variables: Variables,
    draft: &mut Draft<'_>,
) -> CredentialsDraft {
    let username = match username {
        // Whose password is the key of a service account.
        "_oauth2_" => {
            let message = "`_oauth2_` is `_json_key_base64` here: the registry takes the key itself";
            draft.changed(site.clone(), message);
            Written::literal("_json_key_base64")
        }
        _ => value(site, scope, "USERNAME", username, variables, draft),
    };
    let password = match variable(password, variables) {
        Some(_) => value(site, scope, "PASSWORD", password, variables, draft),
        None => {
            let known = match variables {
                Variables::Expanded => expand::expanded(password, draft.env),
                Variables::Literal | Variables::Whole => password.to_owned(),
            };
            if known != password {
                let message = "the password has a `$`, and what follows it is put in as a variable";
                draft.changed(site.clone(), message);
            }
            draft.secret(site, scope, "PASSWORD", known)
        }
    };
    CredentialsDraft::Password { username, password }
}

/// The variable that a value is, by its name.
fn variable(text: &str, variables: Variables) -> Option<String> {
    match variables {
        Variables::Literal => None,
        Variables::Expanded | Variables::Whole => {
            expand::only_variable(text).filter(|name| expand::is_name(name))
        }
    }
}

/// A value that is no secret, unless a variable is.
fn value(
    site: &Site,
    scope: &str,
    what: &str,
    text: &str,
    variables: Variables,
    draft: &mut Draft<'_>,
) -> Written {
    let about = format!("the {} for {scope}", what.to_ascii_lowercase());
    match (variable(text, variables), variables) {
        (Some(name), _) => {
            draft.named(site, &about, &name);
            match variables {
                Variables::Expanded => Written::variable_or_nothing(&name),
                Variables::Literal | Variables::Whole => Written::variable(&name),
            }
        }
        (None, Variables::Expanded) if text.contains('$') => {
            let known = expand::expanded(text, draft.env);
            draft.secret(site, scope, what, known)
        }
        (None, _) => Written::literal(text),
    }
}

/// Settles how each registry is reached, and how hard it may be driven.
pub(super) fn reach(draft: &mut Draft<'_>) {
    let options = draft.options;
    for host in &options.plain_http {
        match host.parse::<Registry>() {
            Ok(registry) => drop(draft.registry(None, registry.as_str())),
            Err(_) => {
                let help = "write `host` or `host:port`";
                draft.fault(None, format!("`--plain-http {host}` names no registry"), help);
            }
        }
    }
    if let Some(count) = options.requests_per_second {
        for host in draft.hosts.clone() {
            draft.registry(None, &host);
        }
        draft.registries.iter_mut().for_each(|registry| registry.requests_per_second = Some(count));
        let message = format!("{count} requests a second are allowed to each registry, not to all together");
        draft.changed(None, message);
    }
    let plain: Vec<Registry> = options.plain_http.iter().filter_map(|host| host.parse().ok()).collect();
    let mut told = Vec::new();
    for registry in &mut draft.registries {
        let host = registry.scope.split('/').next().unwrap_or_default().to_owned();
        let is_plain = plain.iter().any(|plain| plain.as_str() == host);
        registry.transport = match registry.transport {
            _ if is_plain => Transport::Plain,
            Transport::Unverified if is_this_machine(&host) => {
                told.push((
                    registry.site.clone(),
                    format!("{host} is spoken to by HTTP without TLS: it is this machine"),
                ));
                Transport::Plain
            }
            Transport::Unverified => {
                told.push((
                    registry.site.clone(),
                    format!(
                        "{host} is spoken to by TLS, and may show any certificate; if it speaks HTTP without TLS, \
                         give `--plain-http {host}`, or write `plain_http: true`"
                    ),
                ));
                Transport::Unverified
            }
            other => other,
        };
    }
    for (site, message) in told {
        draft.changed(site, message);
    }
}

/// Whether nobody else can listen to what is said to a host.
fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
