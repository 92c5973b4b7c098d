//! Credentials that reach an origin which they do not belong to. That fails the test.

use super::Request;
use super::auth::Auth;
use super::request::Authorization;
use super::route::Route;
use super::server::Shared;
use crate::bed::grants::Users;

/// Whose credentials may reach a registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Those of its own users, and the tokens that it handed out: anything else fails the test.
    #[default]
    Own,
    /// Anybody's.
    Any,
}

/// The user whom docker writes where a password is an identity token.
const IDENTITY: &str = "<token>";

/// What a request shows that does not belong here; none when all is well.
pub(super) fn shown(shared: &Shared, request: &Request, route: &Route) -> Option<String> {
    let shown = request.authorization();
    if shown == Authorization::Absent || shared.options.credentials == Credentials::Any {
        return None;
    }
    let whom = match (route, &shared.options.auth) {
        (Route::Stored { .. }, _) => "the storage of blobs, which wants none",
        (_, Auth::Open) => "a registry that has no users",
        (_, auth) if belongs(shared, auth, &shown) => return None,
        (_, Auth::Basic(_) | Auth::Bearer(_)) => "a registry that does not know it",
    };
    Some(format!("{} {} brought {shown:?} to {whom}", request.method, request.path))
}

/// Whether a credential is one of the registry's own, be it a wrong password or an outdated token.
fn belongs(shared: &Shared, auth: &Auth, shown: &Authorization) -> bool {
    match (auth, shown) {
        (Auth::Basic(users), Authorization::Basic { user, .. }) => users.passwords().contains_key(user),
        (Auth::Bearer(server), Authorization::Basic { user, .. }) => {
            user == IDENTITY || server.users.passwords().contains_key(user)
        }
        // A realm that is elsewhere hands out tokens that are not known here.
        (Auth::Bearer(server), Authorization::Bearer(token)) => {
            server.realm.is_some() || shared.tokens().is_own(token)
        }
        _ => false,
    }
}

/// What a form shows that does not belong here.
pub(super) fn shown_in_form(shared: &Shared, users: &Users, user: Option<&str>) -> Option<String> {
    let user = user.filter(|user| !users.passwords().contains_key(*user))?;
    (shared.options.credentials == Credentials::Own)
        .then(|| format!("a form brought the password of `{user}` to a token server that does not know it"))
}
