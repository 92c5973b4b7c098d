//! A token server for docker-registry: signs what its users may do, and records who asked.

mod jwt;

use super::grants::{Access, Users};
use super::listening::{Listening, free_port};
use super::memory::Authorization;
use super::memory::recording::record;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jwt::Signer;
use serde_json::json;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The `service` that tokens are for, and their `issuer`.
pub const SERVICE: &str = "docker-registry";
/// Who signs.
pub const ISSUER: &str = "crossdock-bed";

/// A token server on loopback. Specification: distribution, "Docker Registry v2 authentication".
pub struct TokenAuthority {
    shared: Arc<Shared>,
    listening: Listening,
}

struct Shared {
    users: Users,
    signer: Signer,
    expires_in_s: AtomicU64,
    outdated_left: AtomicU64,
    requests: Mutex<Vec<TokenRequest>>,
}

/// One request for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Who asked; none when they did not say.
    pub user: Option<String>,
    /// What they asked for, each `repository:NAME:ACTIONS`.
    pub scopes: Vec<String>,
    /// The status of the answer.
    pub status: u16,
}

impl TokenAuthority {
    /// A token server for these users, whose tokens last 300 seconds.
    pub fn start(users: Users) -> Self {
        let shared = Arc::new(Shared {
            users,
            signer: Signer::new(),
            expires_in_s: AtomicU64::new(300),
            outdated_left: AtomicU64::new(0),
            requests: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let listening =
            Listening::start("token-server", free_port(), move |listener| serve(listener, serving));
        Self { shared, listening }
    }

    /// The `realm` of challenges.
    pub fn realm(&self) -> String {
        format!("http://{}/token", self.listening.address())
    }

    /// The certificate that the registry shall trust, PEM.
    pub fn certificate(&self) -> &str {
        self.shared.signer.certificate()
    }

    /// How long tokens last from now on. docker-registry 2.8.2 takes them for 60 seconds more.
    pub fn expires_in_s(&self, seconds: u64) {
        self.shared.expires_in_s.store(seconds, Ordering::SeqCst);
    }

    /// Lets the next `count` tokens be outdated already, while the answers say otherwise.
    pub fn outdate(&self, count: u64) {
        self.shared.outdated_left.store(count, Ordering::SeqCst);
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<TokenRequest> {
        self.shared.requests.lock().expect("no panic while answering").clone()
    }
}

async fn serve(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let answer = shared.answer(request);
            async move { Ok::<_, Infallible>(answer) }
        });
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // An error here is a client that went away.
            let _ = connection.await;
        });
    }
}

impl Shared {
    fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let request = record(&request.into_parts().0, 0);
        let scopes = request.query.iter().filter(|(key, _)| key == "scope");
        let scopes: Vec<String> = scopes.map(|(_, value)| value.clone()).collect();
        let (user, known) = match request.authorization() {
            Authorization::Absent => (None, true),
            Authorization::Basic { user, password } => {
                let known = self.users.knows(&user, &password);
                (Some(user), known)
            }
            Authorization::Bearer(_) | Authorization::Other(_) => (None, false),
        };
        let is_ours = request.query("service") == Some(SERVICE);
        let (status, body) = match (known, is_ours, request.method.as_str()) {
            (_, _, method) if method != "GET" => (405, json!({ "details": "GET only" })),
            (false, _, _) => (401, json!({ "details": "incorrect username or password" })),
            (_, false, _) => (400, json!({ "details": "unknown service" })),
            (true, true, _) => (200, self.token(user.as_deref(), &scopes)),
        };
        let asked = TokenRequest { user, scopes, status };
        self.requests.lock().expect("no panic while answering").push(asked);
        let answer = Response::builder().status(status).header("content-type", "application/json");
        answer.body(Full::new(Bytes::from(body.to_string()))).expect("the headers are legal")
    }

    fn token(&self, user: Option<&str>, scopes: &[String]) -> serde_json::Value {
        let wanted = Access::parse_scopes(scopes.iter().map(String::as_str));
        let access: Vec<Access> = wanted.iter().map(|wanted| self.users.permitted(user, wanted)).collect();
        let expires_in_s = self.expires_in_s.load(Ordering::SeqCst);
        let left = |left: u64| left.checked_sub(1);
        let is_outdated = self.outdated_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok();
        let token = if is_outdated {
            self.signer.outdated(user, &access)
        } else {
            self.signer.sign(user, &access, expires_in_s)
        };
        json!({ "token": token, "expires_in": expires_in_s })
    }
}
