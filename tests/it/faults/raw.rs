//! A server that answers every request with the same bytes and closes: for answers that no HTTP
//! library would send.

use crate::bed::listening::free_port;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// The server. Dropping it stops it.
pub(crate) struct Raw {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Raw {
    /// Answers `answer`, head and body.
    pub(crate) fn answering(answer: Vec<u8>) -> Self {
        let listener = free_port();
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stopped, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let thread = std::thread::spawn({
            let (stopped, served) = (Arc::clone(&stopped), Arc::clone(&served));
            move || serve(&listener, &answer, &stopped, &served)
        });
        Self { address, stopped, served, thread: Some(thread) }
    }

    /// A 200 without a length: the body ends where the connection does.
    pub(crate) fn unmeasured(body: &[u8]) -> Self {
        let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        answer.extend_from_slice(body);
        Self::answering(answer)
    }

    /// `http://127.0.0.1:port`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests were answered.
    pub(crate) fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread, which looks at the flag.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, answer: &[u8], stopped: &AtomicBool, served: &AtomicUsize) {
    for stream in listener.incoming().flatten() {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        let answered = answer_one(stream, answer);
        served.fetch_add(usize::from(answered), Ordering::SeqCst);
    }
}

/// Whether a whole request came.
fn answer_one(mut stream: TcpStream, answer: &[u8]) -> bool {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    // Who hangs up early may not want all of it.
    let _ = stream.write_all(answer);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
    true
}
