//! How a catalog is asked: as the registry, or as an API beside it, by the registry's own credential.

use super::page::Ask;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::registry::account::Account;
use crate::store::registry::answer::Asked;
use crate::store::registry::auth::{Authorization, Scopes};
use crate::store::registry::credentials::ambient::{Minted, Service};
use crate::store::registry::exchange::{Call, Document, hushed, read_document};
use crate::store::registry::throttle::Lane;
use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use std::sync::Arc;

/// Most bytes of one page.
const PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Who is asked, and as whom.
pub(super) enum Way {
    /// The registry, which says itself how it wants to be asked.
    Registry(Arc<Account>),
    /// An API, which is shown this, or nothing.
    Api(Arc<Account>, Option<Authorization>),
    /// The service that makes the passwords of the registry.
    Service(Minted),
    /// The API of the cloud that the registry belongs to.
    Cloud(Arc<dyn Service>),
}

/// A page as it came.
pub(super) struct Answered {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    asked: Option<Asked>,
}

/// Whether there may be nothing where a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// It is handed back as none.
    Told,
    /// A list that is there has all of its pages.
    Failure,
}

impl Way {
    /// A page; none where there is none, if that is expected.
    pub(super) async fn page(&self, ask: &Ask, absence: Absence) -> Fallible<Option<Answered>> {
        let (account, shown) = match self {
            Self::Registry(account) => {
                let call = call(account, ask, absence);
                let answer = account.document(&call, &Scopes::catalog(), PAGE_BYTES_MAX).await?;
                return Ok(there(answer));
            }
            Self::Api(account, shown) => (account, shown),
            Self::Service(minted) => match minted.service() {
                Some(service) => return called(service, ask).await.map(Some),
                None => {
                    let message = "there is no service to ask";
                    return Err(Failure::new(Code::Internal, "", Operation::Catalog, message));
                }
            },
            Self::Cloud(service) => return called(&**service, ask).await.map(Some),
        };
        let call = call(account, ask, absence);
        as_shown(account, &call, shown.as_ref(), PAGE_BYTES_MAX).await.map(there)
    }
}

impl Answered {
    /// A failure of this page.
    pub(super) fn failure(&self, code: Code, message: String) -> Box<Failure> {
        match &self.asked {
            Some(asked) => asked.failure(code, message),
            None => Failure::new(code, "", Operation::Catalog, message),
        }
    }
}

fn call(account: &Account, ask: &Ask, absence: Absence) -> Call {
    let mut url = account.host.url(&ask.path);
    url.set_query((!ask.query.is_empty()).then_some(&ask.query));
    let mut call = Call::new(Operation::Catalog, Method::GET, url);
    call.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if absence == Absence::Told {
        call.expected = &[StatusCode::NOT_FOUND];
    }
    call
}

fn there(answer: Document) -> Option<Answered> {
    let Document { status, headers, body, asked } = answer;
    (status != StatusCode::NOT_FOUND).then_some(Answered { headers, body, asked: Some(asked) })
}

/// Makes a request until it is answered, authorised by this and nothing else: what the registry has asked for
/// is not for an API.
pub(in crate::store::registry) async fn as_shown(
    account: &Account,
    call: &Call,
    shown: Option<&Authorization>,
    bytes_max: usize,
) -> Fallible<Document> {
    let once = || async {
        let turn = account.host.throttle.turn(Lane::of(call.operation)).await;
        let answer = account.follow(call, shown, turn).await?;
        let judged = account.judge(call, answer).await.map_err(|failure| hushed(failure, shown))?;
        read_document(judged, bytes_max).await
    };
    account.until_done(once).await
}

async fn called(service: &dyn Service, ask: &Ask) -> Fallible<Answered> {
    let called = service.call(&ask.path, &ask.body, "list the repositories").await;
    let body = called.map_err(|mut failure| {
        failure.operation = Operation::Catalog;
        failure
    })?;
    Ok(Answered { headers: HeaderMap::new(), body: body.into(), asked: None })
}
