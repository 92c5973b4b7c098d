//! Connections: taken one after the other up to a limit, served, looked at, and ended.

use super::Limits;
use super::pulse::Verdict;
use super::respond::{Counter, Visit};
use super::tls::H2;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Largest head of a request that is not there as a whole yet, in bytes: with what comes at once it may have twice
/// as many. Also the most that waits to be written. Real ones have a kilobyte, and long tokens four.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Requests at once on one connection of HTTP/2.
const STREAMS_MAX: u32 = 64;
/// Most bytes of an answer over HTTP/2 that wait for the client, for each of its requests.
const SEND_BYTES_MAX: usize = 128 * 1024;
/// How long nobody is taken after the system refused to give a connection, as it does when files run out.
const REFUSED_MILLISECONDS: u64 = 100;

/// The connections of a service.
pub(super) struct Connections {
    counter: Arc<Counter>,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    places: Arc<Semaphore>,
    open: JoinSet<()>,
    /// Becomes true when the end is near.
    ending: watch::Sender<bool>,
}

impl Connections {
    pub(super) fn new(counter: Arc<Counter>, tls: Option<TlsAcceptor>, limits: Limits) -> Self {
        let places = Arc::new(Semaphore::new(limits.connections));
        Self { counter, tls, limits, places, open: JoinSet::new(), ending: watch::Sender::new(false) }
    }

    /// Takes connections until `soon` ends.
    pub(super) async fn take_until(&mut self, listener: TcpListener, soon: impl Future<Output = ()>) {
        let mut soon = pin!(soon);
        loop {
            tokio::select! {
                biased;
                () = &mut soon => return,
                () = self.take(&listener) => {}
            }
            while self.open.try_join_next().is_some() {}
        }
    }

    async fn take(&mut self, listener: &TcpListener) {
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(%error, "no connection could be taken");
                return tokio::time::sleep(Duration::from_millis(REFUSED_MILLISECONDS)).await;
            }
        };
        let Self { counter, tls, limits, ending, .. } = self;
        let connection =
            Connection { counter: Arc::clone(counter), limits: *limits, ending: ending.subscribe(), peer };
        let tls = tls.clone();
        self.open.spawn(async move {
            connection.run(stream, tls).await;
            drop(place);
        });
    }

    /// Lets what is under way go on until `now` ends. Returns how many were cut off.
    pub(super) async fn end(mut self, now: impl Future<Output = ()>) -> usize {
        self.ending.send_replace(true);
        let mut now = pin!(now);
        loop {
            tokio::select! {
                biased;
                ended = self.open.join_next() => {
                    if ended.is_none() {
                        return 0;
                    }
                }
                () = &mut now => {
                    let cut = self.open.len();
                    self.open.shutdown().await;
                    return cut;
                }
            }
        }
    }
}

/// One connection.
struct Connection {
    counter: Arc<Counter>,
    limits: Limits,
    ending: watch::Receiver<bool>,
    peer: SocketAddr,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Small answers shall not wait for each other.
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else { return self.http1(stream).await };
        match tokio::time::timeout(self.limits.handshake, tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(H2) => self.http2(stream).await,
            Ok(Ok(stream)) => self.http1(stream).await,
            Ok(Err(error)) => tracing::debug!("{}: no TLS: {error}", self.peer),
            Err(_) => tracing::debug!("{}: no TLS: it took too long", self.peer),
        }
    }

    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let visit = self.visit();
        let asked = Arc::clone(&visit);
        let service = service_fn(move |request| {
            let visit = Arc::clone(&asked);
            async move { Ok::<_, Infallible>(visit.respond(request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        self.watch(connection, &visit).await;
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let visit = self.visit();
        let asked = Arc::clone(&visit);
        let service = service_fn(move |request| {
            let visit = Arc::clone(&asked);
            async move { Ok::<_, Infallible>(visit.respond(request).await) }
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .max_send_buf_size(SEND_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        self.watch(connection, &visit).await;
    }

    fn visit(&self) -> Arc<Visit> {
        Arc::new(Visit::new(Arc::clone(&self.counter), self.peer, self.limits.failed_logins))
    }

    /// Drives a connection to its end, and looks at it from time to time.
    async fn watch(mut self, connection: impl GracefulConnection, visit: &Visit) {
        let mut connection = pin!(connection);
        let (mut before, mut leaving) = (visit.pulse.look(), false);
        let mut look = tokio::time::interval(self.limits.look);
        look.tick().await;
        loop {
            tokio::select! {
                // How it ended is the client's business: most close when they have what they wanted.
                _ = connection.as_mut() => return,
                _ = self.ending.wait_for(|ending| *ending), if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = visit.leaving.notified(), if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ = look.tick() => {
                    let now = visit.pulse.look();
                    match before.judge(&now) {
                        Verdict::Alive => {}
                        Verdict::Idle if leaving => return,
                        Verdict::Idle => {
                            leaving = true;
                            connection.as_mut().graceful_shutdown();
                        }
                        Verdict::Stalled => {
                            tracing::debug!("{}: cut off: nothing of a blob was taken", self.peer);
                            return;
                        }
                    }
                    before = now;
                }
            }
        }
    }
}
