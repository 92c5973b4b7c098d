//! Credentials in a spec: exactly one kind of them, whole, and not in the text itself.

use super::identity;
use crate::access::Credentials;
use crate::oci::Registry;
use crate::spec::shape::{CredentialsShape, Given, Reading, Secret, Text};
use crate::spec::substitute::Origin;
use crate::spec::{Code, Problem, Span};
use secrecy::SecretString;

/// What the credentials of `registry` say; none is a registry that could not be read.
pub(super) fn check(
    given: &Given<CredentialsShape>,
    registry: Option<&Registry>,
    reading: &mut Reading<'_>,
) -> Option<Credentials> {
    let CredentialsShape { username, password, identity_token, helper, anonymous, .. } = &given.value;
    let identity_keys = identity::keys(&given.value);
    let secrets =
        [("password", password), ("identity_token", identity_token), ("id_token", &given.value.id_token)];
    for (name, secret) in secrets {
        if let Some(secret) = secret.value().filter(|secret| secret.text.origin == Origin::Literal) {
            warn_of_literal(name, secret.text.span, reading);
        }
    }
    let anonymous_key = anonymous.given().filter(|given| given.value.value).map(|given| given.key);
    let user_key = username.given().map(|given| given.key).or(password.given().map(|given| given.key));
    let token_key = identity_token.given().map(|given| given.key);
    let helper_key = helper.given().map(|given| given.key);
    let identity_key = identity_keys.first().copied();
    let kinds = [user_key, token_key, helper_key, identity_key, anonymous_key];
    let kinds: Vec<Span> = kinds.into_iter().flatten().collect();
    if let [_, second, ..] = kinds[..] {
        let help = "keep one of `username` with `password`, `identity_token`, `helper`, `identity` and \
                    `anonymous`";
        reading.problem(Code::BadCredentials, second, "these are two kinds of credentials", Some(help));
        return None;
    }
    for (present, absent, name) in [
        (username.given().map(|given| given.key), password.is_absent(), "password"),
        (password.given().map(|given| given.key), username.is_absent(), "username"),
    ] {
        if let (Some(key), true) = (present, absent) {
            let help = "a user name and a password go together; a token is a password too";
            reading.problem(Code::BadCredentials, key, format!("this needs `{name}` beside it"), Some(help));
            return None;
        }
    }
    if let (Some(username), Some(password)) = (username.given(), password.given()) {
        return check_password(username, password, reading);
    }
    if let Some(token) = identity_token.value() {
        return Some(Credentials::IdentityToken(SecretString::from(token.text.value.clone())));
    }
    if let Some(helper) = helper.given() {
        return check_helper(&helper.value.value, helper.span, reading);
    }
    if identity_key.is_some() {
        return identity::check(&given.value, registry, reading).map(Credentials::Identity);
    }
    if anonymous_key.is_some() {
        return Some(Credentials::Anonymous);
    }
    say_nothing(given, reading);
    None
}

/// A user and a password, of which neither is empty.
///
/// Where both come from variables, and both are empty, it is as if no credentials were there: pipelines of
/// forks get no secrets, and what is public can be read without.
fn check_password(
    username: &Given<Text>,
    password: &Given<Secret>,
    reading: &mut Reading<'_>,
) -> Option<Credentials> {
    let parts =
        [("username", username.span, &username.value), ("password", password.span, &password.value.text)];
    if parts.iter().all(|(_, _, text)| text.value.is_empty() && text.origin == Origin::Environment) {
        return None;
    }
    if let Some((name, span, _)) = parts.iter().find(|(_, _, text)| text.value.is_empty()) {
        let help = "is its variable set? Without a user and a password, leave `credentials` out, or write \
                    `anonymous: true`";
        reading.problem(Code::BadCredentials, *span, format!("`{name}` is empty"), Some(help));
        return None;
    }
    let (username, password) = (username.value.value.clone(), password.value.text.value.clone());
    Some(Credentials::Password { username, password: password.into() })
}

/// A problem where no key is there at all, rather than one that is wrong.
fn say_nothing(given: &Given<CredentialsShape>, reading: &mut Reading<'_>) {
    let CredentialsShape { username, password, identity_token, helper, identity, .. } = &given.value;
    let secrets = [username.is_absent(), password.is_absent(), identity_token.is_absent()];
    if secrets == [true; 3] && helper.is_absent() && identity.is_absent() {
        let help = "leave `credentials` out to use those of docker and podman, or write `anonymous: true`";
        reading.problem(Code::BadCredentials, given.key, "these credentials say nothing", Some(help));
    }
}

/// The helper becomes the name of a program.
fn check_helper(name: &str, span: Span, reading: &mut Reading<'_>) -> Option<Credentials> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || !name.chars().all(legal) {
        let help = "for the program `docker-credential-ecr-login`, write `helper: ecr-login`";
        reading.problem(
            Code::BadCredentials,
            span,
            "this is not the name of a credential helper",
            Some(help),
        );
        return None;
    }
    let bare = name.strip_prefix("docker-credential-").unwrap_or(name);
    Some(Credentials::Helper(bare.to_owned()))
}

pub(super) fn warn_of_literal(name: &str, span: Span, reading: &mut Reading<'_>) {
    let message = format!("this `{name}` stands in the file for everybody to read");
    let problem = Problem::new(Code::LiteralSecret, reading.source.place(span), message).warning();
    let help = format!("put it into an environment variable, and write `{name}: \"${{NAME}}\"`");
    reading.problems.push(problem.help(help));
}
