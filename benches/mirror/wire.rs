//! Plain HTTP to a registry, with nothing around it: no retries, no checks beyond the status.

use crate::corpus::{INDEX, MANIFEST};
use crate::{Failure, Fallible};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Body, Client, RequestBuilder, Response, StatusCode, Url};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections to each registry at once: as many as the program has by default.
pub(crate) const CONNECTIONS: usize = 16;

/// A client that trusts nobody, because it speaks to nobody over TLS: loading certificates takes time.
pub(crate) fn client() -> Fallible<Client> {
    Ok(Client::builder().tls_certs_only([]).no_proxy().tcp_nodelay(true).build()?)
}

/// A request for a manifest says what it can read, or `docker-registry` has none.
pub(crate) fn accepting(request: RequestBuilder) -> RequestBuilder {
    request.header(ACCEPT, format!("{INDEX}, {MANIFEST}"))
}

/// Begins an upload; gives where it goes on. `base` is scheme, host and port.
pub(crate) async fn begin(client: &Client, base: &str, repository: &str) -> Fallible<Url> {
    let begun = client.post(format!("{base}/v2/{repository}/blobs/uploads/")).send().await?;
    let begun = expect(begun, StatusCode::ACCEPTED)?;
    let location = begun.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    Ok(begun.url().join(location.ok_or("an upload without a Location")?)?)
}

/// Sends `body` as one PUT, and is done.
pub(crate) async fn finish(
    client: &Client,
    mut session: Url,
    digest: &str,
    size_bytes: u64,
    body: Body,
) -> Fallible<()> {
    session.query_pairs_mut().append_pair("digest", digest);
    let put = client
        .put(session)
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_LENGTH, size_bytes)
        .body(body);
    expect(put.send().await?, StatusCode::CREATED).map(drop)
}

pub(crate) async fn mount(
    client: &Client,
    base: &str,
    repository: &str,
    digest: &str,
    from: &str,
) -> Fallible<()> {
    let url = format!("{base}/v2/{repository}/blobs/uploads/?mount={digest}&from={from}");
    expect(client.post(url).send().await?, StatusCode::CREATED).map(drop)
}

pub(crate) async fn put_manifest(
    client: &Client,
    base: &str,
    repository: &str,
    at: &str,
    media_type: &str,
    body: impl Into<Body>,
) -> Fallible<()> {
    let url = format!("{base}/v2/{repository}/manifests/{at}");
    let put = client.put(url).header(CONTENT_TYPE, media_type).body(body);
    expect(put.send().await?, StatusCode::CREATED).map(drop)
}

pub(crate) fn expect(response: Response, status: StatusCode) -> Fallible<Response> {
    match response.status() == status {
        true => Ok(response),
        false => Err(format!("{} answered {}", response.url(), response.status()).into()),
    }
}

/// Does all of `work`, [`CONNECTIONS`] at a time, on all cores.
pub(crate) async fn all<W>(work: impl IntoIterator<Item = W>) -> Fallible<()>
where
    W: Future<Output = Fallible<()>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut under_way = JoinSet::new();
    for one in work {
        let place = places.clone().acquire_owned().await?;
        under_way.spawn(async move {
            let done = one.await;
            drop(place);
            done
        });
    }
    while let Some(done) = under_way.join_next().await {
        done.map_err(Failure::from)??;
    }
    Ok(())
}
