//! A registry that has no disk: it makes up what it hands out and throws away what it gets. It
//! counts what it is asked, and checks nothing.

use crate::Fallible;
use crate::access_log::{Asked, what};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::AbortHandle;

/// Tags on one page of a listing.
const TAGS_PER_PAGE: usize = 1000;
/// Bytes that are handed out at once.
const PIECE_BYTES: u64 = 64 * 1024;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What one has. Every repository has the same.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) tags: Vec<String>,
    /// By tag and by digest: the digest, the media type and the bytes.
    pub(crate) manifests: HashMap<String, (String, &'static str, Bytes)>,
    pub(crate) blobs: HashMap<String, Bytes>,
    pub(crate) large: Option<Large>,
}

/// A blob that is one block again and again.
pub(crate) struct Large {
    pub(crate) digest: String,
    pub(crate) block: Bytes,
    pub(crate) blocks: u64,
}

pub(crate) struct Synthetic {
    port: u16,
    asked: Arc<Mutex<Asked>>,
    serving: AbortHandle,
}

impl Synthetic {
    pub(crate) fn start(shelf: Shelf) -> Fallible<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (shelf, asked) = (Arc::new(shelf), Arc::new(Mutex::new(Asked::default())));
        let counting = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // It would only make a loopback slower.
                let _ = socket.set_nodelay(true);
                let (shelf, counting) = (Arc::clone(&shelf), Arc::clone(&counting));
                let answer = service_fn(move |request| answer(shelf.clone(), counting.clone(), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), answer);
                tokio::spawn(connection);
            }
        });
        Ok(Self { port, asked, serving: serving.abort_handle() })
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What was asked since this was last asked for.
    pub(crate) fn asked(&self) -> Asked {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Synthetic {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    shelf: Arc<Shelf>,
    asked: Arc<Mutex<Asked>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, http::Error> {
    let target = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let what = what(request.method().as_str(), target);
    *asked.lock().unwrap_or_else(PoisonError::into_inner).requests.entry(what).or_default() += 1;
    let path = request.uri().path().to_owned();
    let name = path.rsplit('/').next().unwrap_or_default();
    match *request.method() {
        Method::GET if name == "list" => shelf.list(&path, request.uri().query()),
        Method::GET | Method::HEAD if path.contains("/manifests/") => shelf.manifest(name),
        Method::GET if path.contains("/blobs/") => {
            let size_bytes = shelf.blob_bytes(name);
            asked.lock().unwrap_or_else(PoisonError::into_inner).blob_bytes_out += size_bytes;
            shelf.blob(name)
        }
        Method::POST => {
            let session = format!("{path}session");
            Response::builder().status(StatusCode::ACCEPTED).header("location", session).body(empty())
        }
        Method::PUT => {
            let mut body = request.into_body();
            while let Some(Ok(_)) = body.frame().await {}
            Response::builder().status(StatusCode::CREATED).body(empty())
        }
        _ => missing(),
    }
}

impl Shelf {
    fn list(&self, path: &str, query: Option<&str>) -> Result<Response<Body>, http::Error> {
        let page: usize = query.and_then(|query| query.strip_prefix("page=")?.parse().ok()).unwrap_or(0);
        let rest = self.tags.get(page * TAGS_PER_PAGE..).unwrap_or_default();
        let tags = rest.get(..TAGS_PER_PAGE).unwrap_or(rest);
        let mut response = Response::builder().header("content-type", "application/json");
        if rest.len() > TAGS_PER_PAGE {
            response = response.header("link", format!("<{path}?page={}>; rel=\"next\"", page + 1));
        }
        response.body(whole(serde_json::json!({ "name": "any", "tags": tags }).to_string().into()))
    }

    fn manifest(&self, at: &str) -> Result<Response<Body>, http::Error> {
        let Some((digest, media_type, bytes)) = self.manifests.get(at) else { return missing() };
        Response::builder()
            .header("docker-content-digest", digest)
            .header("content-type", *media_type)
            .body(whole(bytes.clone()))
    }

    fn blob_bytes(&self, digest: &str) -> u64 {
        let large = self.large.as_ref().filter(|large| large.digest == digest);
        let small = self.blobs.get(digest).map_or(0, Bytes::len) as u64;
        small + large.map_or(0, |large| large.blocks * large.block.len() as u64)
    }

    fn blob(&self, digest: &str) -> Result<Response<Body>, http::Error> {
        if let Some(bytes) = self.blobs.get(digest) {
            return Response::builder().body(whole(bytes.clone()));
        }
        let Some(large) = self.large.as_ref().filter(|large| large.digest == digest) else {
            return missing();
        };
        let block_bytes = large.block.len() as u64;
        let pieces: Vec<Bytes> = (0..block_bytes)
            .step_by(PIECE_BYTES as usize)
            .map(|start| large.block.slice(start as usize..(start + PIECE_BYTES).min(block_bytes) as usize))
            .collect();
        let count = pieces.len() * large.blocks as usize;
        let frames = stream::iter(pieces.into_iter().cycle().take(count)).map(|piece| Ok(Frame::data(piece)));
        Response::builder()
            .header("content-length", large.blocks * block_bytes)
            .body(UnsyncBoxBody::new(StreamBody::new(frames)))
    }
}

fn missing() -> Result<Response<Body>, http::Error> {
    Response::builder().status(StatusCode::NOT_FOUND).body(empty())
}

fn empty() -> Body {
    whole(Bytes::new())
}

fn whole(bytes: Bytes) -> Body {
    UnsyncBoxBody::new(Full::new(bytes))
}
