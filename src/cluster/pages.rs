//! Lists of a cluster, page by page, within limits. A list whose pages are gone while it is read is read
//! again from its beginning: a part of one is never taken for the whole.

use super::kinds::{Kind, namespaces};
use super::shapes::{Object, Page};
use super::trouble::{Trouble, Want, of_list};
use futures::AsyncReadExt as _;
use kube::Client;
use kube::api::{ListParams, Request};
use std::time::Duration;

/// Objects in a page: what kubectl asks for.
const PAGE_OBJECTS: u32 = 500;
/// Most objects of one kind: the largest clusters that are supported have 150,000 pods.
const OBJECTS_MAX: usize = 300_000;
/// Largest page, in bytes: objects have up to 1.5 MiB, most a hundredth of that.
const PAGE_BYTES_MAX: u64 = 256 << 20;
/// How often a list is begun.
const BEGINNINGS_MAX: u32 = 4;
/// How often a page is asked for that the cluster has no answer to at the moment.
const ATTEMPTS_MAX: u32 = 4;
/// How long the first pause is; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(300);
/// Answers that may be others in a moment.
const PASSING: [u16; 5] = [429, 500, 502, 503, 504];
/// The page that is asked for is not kept any more.
const GONE: u16 = 410;

/// A list that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) kind: &'static Kind,
    pub(super) namespace: Option<String>,
    pub(super) selector: Option<String>,
}

/// How a list ended.
enum Ended {
    Whole(Vec<Object>),
    /// Its pages are gone.
    Gone,
}

/// All objects of a list.
pub(super) async fn objects(client: &Client, asked: &Asked) -> Result<Vec<Object>, Trouble> {
    for _ in 0..BEGINNINGS_MAX {
        match from_beginning(client, asked).await? {
            Ended::Whole(objects) => return Ok(objects),
            Ended::Gone => {}
        }
    }
    let message = format!("the list of {} changes faster than it can be read", asked.kind.plural);
    Err(Trouble::new(Want::Cluster, message).hint("run it again, for fewer namespaces at once"))
}

async fn from_beginning(client: &Client, asked: &Asked) -> Result<Ended, Trouble> {
    let broken = |what: &str| {
        let message = format!("the list of {} cannot be read: {what}", asked.kind.plural);
        Err(Trouble::new(Want::Cluster, message))
    };
    let path = asked.kind.path(asked.namespace.as_deref());
    let mut params = ListParams {
        label_selector: asked.selector.clone(),
        limit: Some(PAGE_OBJECTS),
        ..ListParams::default()
    };
    let mut all = Vec::new();
    loop {
        let body = match page(client, &path, &params).await {
            Ok(body) => body,
            Err(kube::Error::Api(answer)) if answer.code == GONE && params.continue_token.is_some() => {
                return Ok(Ended::Gone);
            }
            Err(error) => return Err(of_list(&error, asked, None)),
        };
        let Some(body) = body else { return broken("a page is larger than can be") };
        let Ok(Page { metadata, items }) = serde_json::from_slice::<Page>(&body) else {
            return broken("the answer is no list");
        };
        let Some(items) = items else { return broken("the answer is no list") };
        all.extend(items);
        if all.len() > OBJECTS_MAX {
            return broken(&format!("it has more than {OBJECTS_MAX} entries"));
        }
        let next = metadata.next.filter(|next| !next.is_empty());
        match next {
            None => return Ok(Ended::Whole(all)),
            Some(_) if next == params.continue_token => return broken("a page leads to itself"),
            Some(_) => params.continue_token = next,
        }
    }
}

/// The bytes of a page; none when they are too many.
async fn page(client: &Client, path: &str, params: &ListParams) -> kube::Result<Option<Vec<u8>>> {
    let mut pause = PAUSE;
    for attempt in 1.. {
        let request = Request::new(path).list(params).map_err(kube::Error::BuildRequest)?;
        match client.request_stream(request).await {
            Ok(body) => {
                let mut bytes = Vec::new();
                let read = body.take(PAGE_BYTES_MAX + 1).read_to_end(&mut bytes).await;
                let length = read.map_err(kube::Error::ReadEvents)?;
                return Ok((length as u64 <= PAGE_BYTES_MAX).then_some(bytes));
            }
            Err(kube::Error::Api(answer)) if PASSING.contains(&answer.code) && attempt < ATTEMPTS_MAX => {
                tracing::debug!(code = answer.code, path, "the cluster is asked again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Asks whether a namespace is there in which nothing was found; a cluster lists nothing in one that is not.
/// Who may not ask is not told.
///
/// # Errors
/// It is not there.
pub(super) async fn exists(client: &Client, namespace: &str) -> Result<(), Trouble> {
    let request = Request::new(namespaces()).get(namespace, &kube::api::GetParams::default());
    let Ok(request) = request else { return Err(missing(namespace)) };
    match client.request_text(request).await {
        Err(kube::Error::Api(answer)) if answer.code == 404 => Err(missing(namespace)),
        _ => Ok(()),
    }
}

fn missing(namespace: &str) -> Trouble {
    Trouble::new(Want::Cluster, format!("there is no namespace {namespace}")).hint("look at `-n`")
}
