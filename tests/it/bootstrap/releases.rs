//! A place with releases: plain HTTP on loopback, which remembers what it was asked for.

use crate::bed::listening::free_port;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The server. Dropping it stops it.
pub struct Releases {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    address: SocketAddr,
    files: HashMap<String, Vec<u8>>,
    paths: Mutex<Vec<String>>,
    stops: AtomicBool,
}

impl Releases {
    /// Serves these files by their paths, and 404 for all else.
    pub fn of(files: &[(&str, &[u8])]) -> Self {
        let listener = free_port();
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        let address = listener.local_addr().expect("a bound socket has an address");
        let (paths, stops) = (Mutex::default(), AtomicBool::new(false));
        let shared = Arc::new(Shared { address, files, paths, stops });
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(&listener, &serving));
        Self { shared, thread: Some(thread) }
    }

    /// The address, as `download-url` has it.
    pub fn url(&self) -> String {
        format!("http://{}/releases", self.shared.address)
    }

    /// The paths that were asked for.
    pub fn paths(&self) -> Vec<String> {
        self.shared.paths.lock().expect("no panic while answering").clone()
    }
}

impl Drop for Releases {
    fn drop(&mut self) {
        self.shared.stops.store(true, Ordering::SeqCst);
        // Wakes the one that waits for connections.
        let _ = TcpStream::connect(self.shared.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(listener: &TcpListener, shared: &Shared) {
    for socket in listener.incoming().map_while(Result::ok) {
        if shared.stops.load(Ordering::SeqCst) {
            return;
        }
        // A client that goes away is none of our business.
        let _ = answer(socket, shared);
    }
}

fn answer(socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut lines = BufReader::new(&socket).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines.by_ref() {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, bytes) = match shared.files.get(&path) {
        Some(bytes) => ("200 OK", bytes.as_slice()),
        None => ("404 Not Found", b"".as_slice()),
    };
    shared.paths.lock().expect("no panic while answering").push(path);
    let mut socket = &socket;
    write!(socket, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", bytes.len())?;
    socket.write_all(bytes)
}
