//! The clients against a TLS server of ours: who takes up whose session, and what the server sees.

mod http2;

use super::{Clients, Names, Way};
use crate::access;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

/// A server's side of TLS, with this certificate and for this protocol.
fn showing(signed: &CertifiedKey<rcgen::KeyPair>, protocol: &str) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the usual versions")
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .expect("a certificate and its key");
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    Arc::new(config)
}

/// A server that answers one request on each of so many connections.
struct Server {
    address: SocketAddr,
    seen: mpsc::Receiver<(HandshakeKind, Option<Vec<u8>>)>,
    thread: JoinHandle<()>,
}

impl Server {
    fn start(signed: &CertifiedKey<rcgen::KeyPair>, connections: usize) -> Self {
        let config = showing(signed, "http/1.1");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (tell, seen) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().take(connections) {
                let connection = ServerConnection::new(config.clone()).expect("a connection");
                let mut stream = StreamOwned::new(connection, stream.expect("a client"));
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    head.push(byte[0]);
                }
                let kind = stream.conn.handshake_kind().expect("the handshake is done");
                tell.send((kind, stream.conn.alpn_protocol().map(<[u8]>::to_vec))).expect("the test waits");
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).expect("the client reads");
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Self { address, seen, thread }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/", self.address.port())
    }
}

fn trusted(signed: &CertifiedKey<rcgen::KeyPair>) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, signed.cert.pem()).expect("a file");
    (directory, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_of_a_host_take_up_each_others_sessions() {
    let signed = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (_directory, ca_file) = trusted(&signed);
    let server = Server::start(&signed, 3);
    let settings = access::Tls { ca_file: Some(ca_file), ..Default::default() };
    let clients = Clients::new(&settings, Way::Usual, &Names::default()).expect("a certificate that is one");
    // Known to lie on this machine once it was connected to.
    let elsewhere = clients.elsewhere(Some(url::Host::Domain("localhost")), [].into()).expect("a client");
    let asked = crate::store::registry::tests::asked(&server.url());
    for (client, led) in [(Some(&clients.api), false), (Some(&clients.data), false), (None, true)] {
        let client = match (client, led) {
            (Some(client), _) => client,
            (None, _) => elsewhere.client(&asked, &asked.url).expect("it is as far inside"),
        };
        let answer = client.get(server.url()).send().await.expect("it is trusted");
        assert!(answer.status().is_success());
        // Tickets come after the handshake, and are taken note of when something is read.
        answer.bytes().await.expect("no body");
    }
    let seen: Vec<_> = server.seen.iter().take(3).collect();
    let http1 = Some(b"http/1.1".to_vec());
    assert_eq!(
        seen,
        [
            (HandshakeKind::Full, http1.clone()),
            (HandshakeKind::Resumed, http1.clone()),
            (HandshakeKind::Resumed, http1)
        ]
    );
    server.thread.join().expect("the server ends");
}
