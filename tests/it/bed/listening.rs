//! A server of the bed: a port on loopback, a thread, a runtime. Stops when it is dropped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;

/// A server on its own thread, so that tests may block while it answers.
pub struct Listening {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A free port of loopback, bound.
pub fn free_port() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port")
}

/// A port on which nobody listens, and that nobody else is given.
pub struct Reserved(TcpSocket);

impl Reserved {
    /// Takes a port that was just left. Somebody who wants any port may have it for a moment.
    pub fn new(address: SocketAddr) -> Self {
        for _ in 0..500 {
            let socket = TcpSocket::new_v4().expect("a socket can be made");
            socket.set_reuseaddr(true).expect("a socket takes the option");
            match socket.bind(address) {
                Ok(()) => return Self(socket),
                Err(_taken) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        panic!("{address} was just left, and somebody else keeps it");
    }

    /// Listens on it.
    pub fn listen(self) -> TcpListener {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a thread can have a runtime");
        let _within = runtime.enter();
        let listener = self.0.listen(1024).expect("the port is ours");
        listener.into_std().expect("a listener can be taken from a runtime")
    }
}

impl Listening {
    /// Runs what `serve` makes of the listener until this is dropped.
    pub fn start<F>(
        name: &str,
        listener: TcpListener,
        serve: impl FnOnce(tokio::net::TcpListener) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()>,
    {
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("a socket takes the option");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a thread can have a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
        });
        let thread = thread.expect("a thread can be started");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let told = self.stop.take().is_some_and(|stop| stop.send(()).is_ok());
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(told && matches!(ended, Some(Ok(()))), "a server of the bed panicked");
        }
    }
}
