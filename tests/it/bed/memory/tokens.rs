//! Tokens: handed out for scopes, judged when they come back.

use super::Request;
use super::answer::Answer;
use super::auth::{Auth, TokenField, TokenServer};
use super::errors::{error, page_not_found};
use super::request::Authorization;
use super::server::Shared;
use super::strangers;
use crate::bed::grants::Access;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a token lasts that nobody said anything about (distribution token specification).
const UNSAID_SECONDS: u64 = 60;

/// Every token that was handed out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: BTreeMap<String, Issued>,
}

#[derive(Debug)]
struct Issued {
    user: Option<String>,
    access: Vec<Access>,
    expires: Instant,
}

impl Tokens {
    /// Whether the token was handed out here.
    pub(super) fn is_own(&self, token: &str) -> bool {
        self.issued.contains_key(token)
    }

    /// Lets every token expire.
    pub(super) fn expire(&mut self) {
        self.issued.values_mut().for_each(|issued| issued.expires = Instant::now());
    }
}

/// `GET` and `POST /token`; `form` is the body of a POST.
pub(super) fn answer(shared: &Shared, request: &Request, form: &[u8]) -> Answer {
    let Auth::Bearer(server) = &shared.options.auth else { return page_not_found() };
    if let (Some(status), "POST") = (shared.options.traits.token_post, request.method.as_str()) {
        return Answer::empty(status);
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
    let parameters: Vec<&(String, String)> = request.query.iter().chain(&form).collect();
    let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if get("service").is_some_and(|service| service != TokenServer::SERVICE) {
        return error(400, "UNSUPPORTED", "the service is not this registry", Value::Null);
    }
    if let Some(what) = strangers::shown_in_form(shared, &server.users, get("username")) {
        shared.violated(what);
    }
    let Ok(user) = user(server, request, get) else {
        return error(401, "UNAUTHORIZED", "incorrect username or password", Value::Null);
    };
    let scopes = parameters.iter().filter(|(key, _)| key == "scope").map(|(_, value)| value.as_str());
    let access: Vec<Access> = Access::parse_scopes(scopes)
        .iter()
        .map(|wanted| server.users.permitted(user.as_deref(), wanted))
        .collect();
    let lasts = Duration::from_secs(server.expires_in_s.unwrap_or(UNSAID_SECONDS));
    let mut tokens = shared.tokens();
    let (number, whom) = (tokens.issued.len() + 1, user.as_deref().unwrap_or("anybody"));
    // With the port: no two registries hand out the same.
    let token = format!("token-{}-{number}-for-{whom}", shared.address.port());
    tokens.issued.insert(token.clone(), Issued { user, access, expires: Instant::now() + lasts });
    let mut answer = match server.field {
        TokenField::Token => json!({ "token": token }),
        TokenField::AccessToken => json!({ "access_token": token }),
    };
    if let Some(seconds) = server.expires_in_s {
        answer["expires_in"] = json!(seconds);
    }
    Answer::json(200, &answer)
}

/// Who asks: none is somebody who does not say, an error is somebody who lies.
fn user<'a>(
    server: &TokenServer,
    request: &Request,
    get: impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<String>, ()> {
    let checked = |user: &str, password: &str| {
        if server.users.knows(user, password) { Ok(Some(user.to_owned())) } else { Err(()) }
    };
    match (get("grant_type"), request.authorization()) {
        (Some("refresh_token"), _) => {
            let shown = get("refresh_token").ok_or(())?;
            let known = server.identity_tokens.iter().find(|(token, _)| token == shown);
            known.map(|(_, user)| Some(user.clone())).ok_or(())
        }
        (Some("password"), _) => checked(get("username").ok_or(())?, get("password").ok_or(())?),
        // Docker writes an identity token like this where it has no field of its own.
        (_, Authorization::Basic { user, password }) if user == "<token>" => {
            let known = server.identity_tokens.iter().find(|(token, _)| *token == password);
            known.map(|(_, user)| Some(user.clone())).ok_or(())
        }
        (_, Authorization::Basic { user, password }) => checked(&user, &password),
        (_, Authorization::Absent) => Ok(None),
        (_, Authorization::Bearer(_) | Authorization::Other(_)) => Err(()),
    }
}

/// Why a token does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is none of ours, or its time is over.
    Invalid,
    /// It is for something else, and was given to somebody who is nobody.
    Anonymous,
    /// It is for something else, and was given to a user.
    Insufficient,
}

impl Unfit {
    /// The `error` of the challenge (RFC 6750 §3.1).
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid_token",
            Self::Anonymous | Self::Insufficient => "insufficient_scope",
        }
    }
}

/// Whether a token allows what is needed.
pub(super) fn verdict(shared: &Shared, token: &str, needed: &[Access]) -> Result<(), Unfit> {
    let tokens = shared.tokens();
    let issued = tokens.issued.get(token).ok_or(Unfit::Invalid)?;
    if issued.expires <= Instant::now() {
        return Err(Unfit::Invalid);
    }
    let allows = |needed: &Access| {
        let of_it = issued.access.iter().filter(|access| access.repository == needed.repository);
        let allowed: Vec<&String> = of_it.flat_map(|access| &access.actions).collect();
        needed.actions.iter().all(|action| allowed.contains(&action))
    };
    match (needed.iter().all(allows), &issued.user) {
        (true, _) => Ok(()),
        (false, None) => Err(Unfit::Anonymous),
        (false, Some(_)) => Err(Unfit::Insufficient),
    }
}
