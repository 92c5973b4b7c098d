//! Who may come in: nobody is asked, a password is, or a token from the registry's own server.

use super::Request;
use super::answer::Answer;
use super::errors::error;
use super::personality::Refusal;
use super::request::Authorization;
use super::route::Route;
use super::server::Shared;
use super::tokens::{self, Unfit};
use crate::bed::grants::{Access, Users};
use serde_json::Value;

/// Who may come in.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Everybody.
    #[default]
    Open,
    /// Who knows a password may do everything; everybody else may do what all users may.
    Basic(Users),
    /// Who shows a token may do what the token says.
    Bearer(TokenServer),
}

/// The token server of a registry, at `/token` of the same origin.
#[derive(Debug, Clone)]
pub struct TokenServer {
    pub(super) users: Users,
    pub(super) identity_tokens: Vec<(String, String)>,
    pub(super) expires_in_s: Option<u64>,
    pub(super) realm: Option<String>,
    pub(super) field: TokenField,
}

/// Where the answer of a token server has the token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenField {
    /// `token`
    #[default]
    Token,
    /// `access_token`, as OAuth 2 has it.
    AccessToken,
}

impl TokenServer {
    /// The `service` that it hands tokens out for.
    pub const SERVICE: &str = "memory-registry";

    /// A token server for these users, whose tokens last 300 seconds.
    pub fn new(users: Users) -> Self {
        let (identity_tokens, field) = (Vec::new(), TokenField::Token);
        Self { users, identity_tokens, expires_in_s: Some(300), realm: None, field }
    }

    /// How long a token lasts; none means 60 seconds, without saying so.
    pub fn expires_in_s(mut self, seconds: Option<u64>) -> Self {
        self.expires_in_s = seconds;
        self
    }

    /// Names another realm in the challenge, such as the `/token` of another registry.
    pub fn realm(mut self, realm: &str) -> Self {
        self.realm = Some(realm.to_owned());
        self
    }

    /// Where the answer has the token.
    pub fn field(mut self, field: TokenField) -> Self {
        self.field = field;
        self
    }

    /// Lets a user show a refresh token, which docker calls identity token, by POST.
    pub fn identity_token(mut self, user: &str, token: &str) -> Self {
        self.identity_tokens.push((token.to_owned(), user.to_owned()));
        self
    }
}

/// What a request needs. As distribution: writing needs `pull` too, mounting needs `pull` on the
/// repository that it mounts from, cancelling needs `delete`.
fn needed(request: &Request, route: &Route) -> Vec<Access> {
    let Some(repository) = route.repository() else { return Vec::new() };
    let actions = match request.method.as_str() {
        "GET" | "HEAD" => "pull",
        "DELETE" => "delete",
        _ => "pull,push",
    };
    let mut needed = vec![Access::new(repository, actions)];
    if let (Some(_), Some(from)) = (request.query("mount"), request.query("from")) {
        needed.push(Access::new(from, "pull"));
    }
    needed
}

/// The answer to a request that is not let in: 401 with a challenge, or the registry's own words.
pub(super) fn refusal(shared: &Shared, request: &Request, route: &Route) -> Option<Answer> {
    if matches!(route, Route::Token | Route::Stored { .. }) {
        return None;
    }
    let needed = needed(request, route);
    let no_right = shared.options.traits.no_right;
    match (&shared.options.auth, request.authorization()) {
        (Auth::Open, _) => None,
        (Auth::Basic(users), Authorization::Basic { user, password }) if users.knows(&user, &password) => {
            let may = |access: &Access| users.permitted(Some(&user), access) == *access;
            let refusal = no_right.filter(|_| !needed.iter().all(may))?;
            Some(worded(shared, request, route, refusal))
        }
        (Auth::Basic(users), Authorization::Absent)
            if !needed.is_empty() && needed.iter().all(|access| users.permitted(None, access) == *access) =>
        {
            None
        }
        (Auth::Basic(_), _) => Some(unauthorized(BASIC)),
        (Auth::Bearer(server), authorization) => {
            let why = match authorization {
                Authorization::Bearer(token) => match tokens::verdict(shared, &token, &needed) {
                    Ok(()) => return None,
                    Err(why) => Some(why),
                },
                Authorization::Absent => None,
                _ => Some(Unfit::Invalid),
            };
            Some(match (why, no_right) {
                (Some(Unfit::Insufficient), Some(refusal)) => worded(shared, request, route, refusal),
                _ => unauthorized(&challenge(shared, server, &needed, why.map(Unfit::word))),
            })
        }
    }
}

/// A refusal in the registry's own words. One with 401 has a challenge for more scope.
pub(super) fn worded(shared: &Shared, request: &Request, route: &Route, refusal: Refusal) -> Answer {
    let answer = refusal.answer(route.repository().unwrap_or_default(), "");
    match &shared.options.auth {
        Auth::Open => answer,
        Auth::Basic(_) => challenged(answer, BASIC),
        Auth::Bearer(server) => {
            let why = Some(Unfit::Insufficient.word());
            challenged(answer, &challenge(shared, server, &needed(request, route), why))
        }
    }
}

/// What a registry asks for that knows no tokens.
const BASIC: &str = "Basic realm=\"memory-registry\"";

/// A refusal; one with 401 has a challenge.
fn challenged(refusal: Answer, challenge: &str) -> Answer {
    match refusal.status {
        401 => refusal.header("www-authenticate", challenge),
        _ => refusal,
    }
}

/// The challenge of the token specification, with every scope that is needed.
fn challenge(shared: &Shared, server: &TokenServer, needed: &[Access], why: Option<&str>) -> String {
    let realm = server.realm.clone().unwrap_or_else(|| format!("{}/token", shared.origin()));
    let mut challenge = format!("Bearer realm=\"{realm}\",service=\"{}\"", TokenServer::SERVICE);
    let scope = |access: &Access| {
        let actions: Vec<&str> = access.actions.iter().map(String::as_str).collect();
        format!("repository:{}:{}", access.repository, actions.join(","))
    };
    let scopes: Vec<String> = needed.iter().map(scope).collect();
    if !scopes.is_empty() {
        challenge += &format!(",scope=\"{}\"", scopes.join(" "));
    }
    if let Some(why) = why {
        challenge += &format!(",error=\"{why}\"");
    }
    challenge
}

fn unauthorized(challenge: &str) -> Answer {
    challenged(error(401, "UNAUTHORIZED", "authentication required", Value::Null), challenge)
}
