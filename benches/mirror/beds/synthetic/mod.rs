//! A registry that has no disk: it throws away the bytes that it gets, and checks none. It takes next
//! to no time, so that what the program does shows. It counts what it is asked.

mod pace;
pub(crate) mod shelf;

use super::asked::{Asked, what};
use crate::Fallible;
use crossdock::oci::Digest;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use pace::Pace;
use shelf::{Answer, Body, Manifest, Shelf, content, empty, error, missing, refused};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;

/// Where uploads go on.
const SESSION: &str = "session";

pub(crate) struct Synthetic {
    port: u16,
    state: Arc<State>,
    serving: AbortHandle,
}

#[derive(Default)]
struct State {
    shelf: Mutex<Shelf>,
    asked: Mutex<Asked>,
    /// None takes any number of manifests.
    pace: Option<Mutex<Pace>>,
    takes: Takes,
}

/// How blobs must be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Takes {
    #[default]
    Anything,
    /// Bytes by PATCH only, as old Artifactory does.
    Patches,
    /// No body of more than this, as a proxy before a registry may say.
    BodiesBelow(u64),
}

impl State {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Synthetic {
    pub(crate) fn start(shelf: Shelf) -> Fallible<Self> {
        Self::serve(State { shelf: Mutex::new(shelf), ..State::default() })
    }

    /// One that takes only so many manifests in a second, and so many at once after a pause.
    pub(crate) fn start_paced(shelf: Shelf, per_second: u32, burst: u32) -> Fallible<Self> {
        let pace = Some(Mutex::new(Pace::new(per_second, burst)));
        Self::serve(State { shelf: Mutex::new(shelf), pace, ..State::default() })
    }

    /// One that takes blobs in one way only.
    pub(crate) fn start_taking(takes: Takes) -> Fallible<Self> {
        Self::serve(State { takes, ..State::default() })
    }

    fn serve(state: State) -> Fallible<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let state = Arc::new(state);
        let served = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // It would only make a loopback slower.
                let _ = socket.set_nodelay(true);
                let state = Arc::clone(&served);
                let answer = service_fn(move |request| answer(Arc::clone(&state), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), answer);
                tokio::spawn(connection);
            }
        });
        Ok(Self { port, state, serving: serving.abort_handle() })
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What was asked since this was last asked for.
    pub(crate) fn asked(&self) -> Asked {
        std::mem::take(&mut self.state.asked())
    }
}

impl Drop for Synthetic {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A path below `/v2/`: the repository, what kind of thing, and which.
fn parts(path: &str) -> Option<(&str, &str, &str)> {
    let path = path.strip_prefix("/v2/")?;
    // Nobody here lists referrers, as in docker-registry: that is answered with 404.
    ["/manifests/", "/blobs/uploads/", "/blobs/", "/tags/", "/referrers/"].into_iter().find_map(|kind| {
        let (name, which) = path.split_once(kind)?;
        Some((name, kind, which))
    })
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, http::Error> {
    let target = request.uri().path_and_query().map_or("/", |path| path.as_str());
    state.asked().count(what(request.method().as_str(), target));
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(str::to_owned);
    let method = request.method().clone();
    let Some((name, kind, which)) = parts(&path) else {
        return Response::builder().body(empty());
    };
    if let Some(refused) = state.takes.refuses(&request, kind) {
        state.asked().refused += 1;
        return refused;
    }
    match (&method, kind) {
        (&Method::GET, "/tags/") => state.shelf().list(name, query.as_deref()),
        (&Method::GET | &Method::HEAD, "/manifests/") => state.shelf().manifest(name, which),
        (&Method::GET | &Method::HEAD, "/blobs/") => blob(&state, &method, name, which),
        (&Method::PUT, "/manifests/") => put_manifest(&state, name, which, request).await,
        (&Method::POST, "/blobs/uploads/") => begin(&state, name, &path, query.as_deref()),
        (&Method::PATCH, "/blobs/uploads/") => {
            let so_far = which.strip_prefix(SESSION).and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or(0);
            let size_bytes = so_far + swallow(&state, request).await;
            Response::builder()
                .status(StatusCode::ACCEPTED)
                .header("location", format!("/v2/{name}/blobs/uploads/{SESSION}{size_bytes}"))
                .header("range", format!("0-{}", size_bytes.saturating_sub(1)))
                .body(empty())
        }
        (&Method::PUT, "/blobs/uploads/") => {
            swallow(&state, request).await;
            let Some(digest) = parameter(query.as_deref(), "digest") else {
                return missing("DIGEST_INVALID");
            };
            created(&state, name, &digest)
        }
        _ => missing("UNSUPPORTED"),
    }
}

impl Takes {
    /// The answer to an upload that is not sent as it must be.
    fn refuses(self, request: &Request<Incoming>, kind: &str) -> Option<Answer> {
        let size_bytes = request.body().size_hint().lower();
        let uploads = kind == "/blobs/uploads/";
        match self {
            Self::Patches if uploads && request.method() == Method::PUT && size_bytes > 0 => {
                Some(missing("BLOB_UNKNOWN"))
            }
            Self::BodiesBelow(most) if size_bytes > most => {
                Some(error(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID"))
            }
            _ => None,
        }
    }
}

fn blob(state: &State, method: &Method, name: &str, digest: &str) -> Answer {
    if method == Method::HEAD {
        return match state.shelf().has_blob(name, digest) {
            true => Response::builder().header("docker-content-digest", digest).body(empty()),
            false => missing("BLOB_UNKNOWN"),
        };
    }
    let Some(found) = state.shelf().blob(name, digest) else { return missing("BLOB_UNKNOWN") };
    state.asked().bytes_out += found.size_bytes();
    content(&found)
}

/// Begins an upload, or mounts what another repository has.
fn begin(state: &State, name: &str, path: &str, query: Option<&str>) -> Answer {
    if let (Some(digest), Some(from)) = (parameter(query, "mount"), parameter(query, "from"))
        && state.shelf().has_blob(&from, &digest)
    {
        return created(state, name, &digest);
    }
    Response::builder()
        .status(StatusCode::ACCEPTED)
        .header("location", format!("{}/{SESSION}", path.trim_end_matches('/')))
        .header("range", "0-0")
        .body(empty())
}

fn created(state: &State, name: &str, digest: &str) -> Answer {
    state.shelf().repository(name).blobs.insert(digest.to_owned());
    Response::builder()
        .status(StatusCode::CREATED)
        .header("location", format!("/v2/{name}/blobs/{digest}"))
        .header("docker-content-digest", digest)
        .body(empty())
}

async fn put_manifest(state: &State, name: &str, at: &str, request: Request<Incoming>) -> Answer {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    let bytes = match request.into_body().collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return missing("MANIFEST_INVALID"),
    };
    state.asked().bytes_in += bytes.len() as u64;
    if !state.pace.as_ref().is_none_or(|pace| pace.lock().unwrap_or_else(PoisonError::into_inner).allows()) {
        state.asked().refused += 1;
        return refused();
    }
    let digest = Digest::of(&bytes).to_string();
    let manifest = Manifest { digest: digest.clone(), media_type, bytes };
    state.shelf().repository(name).put(at, manifest);
    Response::builder()
        .status(StatusCode::CREATED)
        .header("location", format!("/v2/{name}/manifests/{digest}"))
        .header("docker-content-digest", digest)
        .body(empty())
}

/// Reads a body to its end; gives its size.
async fn swallow(state: &State, request: Request<Incoming>) -> u64 {
    let mut body = request.into_body();
    let mut size_bytes = 0;
    while !body.is_end_stream() {
        let Some(Ok(frame)) = body.frame().await else { break };
        size_bytes += frame.data_ref().map_or(0, |piece| piece.len() as u64);
    }
    state.asked().bytes_in += size_bytes;
    size_bytes
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, _)| *key == name)?;
    Some(value.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/"))
}
