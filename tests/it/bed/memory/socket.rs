//! TCP connections that are served, and can be told to end with a reset.

use super::body::{Body, Dropped};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A connection; where `resets` is set, it ends with RST instead of FIN.
struct Socket {
    stream: TcpStream,
    resets: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.resets.load(Ordering::SeqCst) {
            self.stream.set_zero_linger().expect("an open socket takes the option");
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.resets.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A connection as it is told to who answers on it.
#[derive(Debug, Clone)]
pub(in crate::bed) struct Line {
    /// Its number, from 1.
    pub(in crate::bed) number: u64,
    /// To be set where it is to end with RST.
    pub(in crate::bed) resets: Arc<AtomicBool>,
}

/// How many connections there were, and are.
#[derive(Debug, Default)]
pub(in crate::bed) struct Lines {
    ever: AtomicU64,
    open: Arc<()>,
}

impl Lines {
    /// How many are open.
    pub(in crate::bed) fn open(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }
}

/// Takes connections for ever.
pub(in crate::bed) async fn serve<F>(
    listener: TcpListener,
    lines: &Lines,
    respond: impl Fn(Line, Request<Incoming>) -> F + Clone + Send + 'static,
) where
    F: Future<Output = Result<Response<Body>, Dropped>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let line = Line { number: lines.ever.fetch_add(1, Ordering::SeqCst) + 1, resets: Arc::default() };
        let (respond, socket) = (respond.clone(), Socket { stream, resets: Arc::clone(&line.resets) });
        let service = service_fn(move |request| respond(line.clone(), request));
        let is_open = Arc::clone(&lines.open);
        tokio::spawn(async move {
            let _is_open = is_open;
            // An error here is a client that went away, or a rule that closed the connection.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
