//! Who is let in, over what.

use super::{Served, Setup, Shelf};
use crate::bed::certificates::Certificates;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::bed::tools;
use crate::bed::wire::Ask;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock::serve::{Doorkeeper, Users, acceptor};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// As the real program writes it, at the lowest cost.
fn htpasswd(user: &str, password: &str) -> String {
    let mut command = Command::new(tools::find("htpasswd", "apache2-utils"));
    let line = tools::run(command.args(["-Bbn", "-C", "4", user, password])).expect("htpasswd hashes");
    String::from_utf8(line).expect("a line")
}

fn door() -> Option<Doorkeeper> {
    let users = Users::read(&htpasswd("alice", "s3cret")).expect("users");
    Some(Doorkeeper::new(users).expect("random bytes"))
}

fn basic(login: &str) -> String {
    format!("Basic {}", STANDARD.encode(login))
}

#[test]
fn without_the_right_password_nothing_is_told() {
    let (shelf, index, image) = Shelf::of_three();
    let served = Served::with(&[shelf.folder()], Setup { door: door(), ..Setup::default() });
    let blob = image.blobs.keys().next().expect("a blob");
    for target in [
        "/v2/".to_owned(),
        "/v2/_catalog".to_owned(),
        "/v2/nobody/tags/list".to_owned(),
        "/v2/library/nginx/manifests/1.27".to_owned(),
        format!("/v2/library/nginx/blobs/{blob}"),
        format!("/v2/library/nginx/referrers/{}", index.digest()),
        "/other".to_owned(),
    ] {
        for method in ["GET", "HEAD", "DELETE"] {
            let ask = || Ask::new(method, &target);
            for ask in [ask(), ask().header("authorization", &basic("alice:wrong"))] {
                let reply = served.asking(ask);
                assert_eq!(reply.status, 401, "{method} {target}");
                let challenge = reply.header("www-authenticate").unwrap_or_default();
                assert!(challenge.starts_with("Basic realm="), "{challenge}");
            }
        }
        let let_in = served.asking(Ask::new("GET", &target).header("authorization", &basic("alice:s3cret")));
        assert_ne!(let_in.status, 401, "{target}");
    }
}

#[test]
fn who_guesses_gets_few_guesses_on_a_connection() {
    let (shelf, ..) = Shelf::of_three();
    let served = Served::with(&[shelf.folder()], Setup { door: door(), ..Setup::default() });
    let mut stream = TcpStream::connect(&served.host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket takes the option");
    for number in 0..20 {
        let login = basic(&format!("alice:guess{number}"));
        let request = format!("GET /v2/ HTTP/1.1\r\nhost: a\r\nauthorization: {login}\r\n\r\n");
        let _ = stream.write_all(request.as_bytes());
    }
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    let answers = String::from_utf8_lossy(&received).matches("HTTP/1.1 401").count();
    assert!((1..=6).contains(&answers), "{answers} guesses");
}

/// Skopeo over TLS with a password, and our own client, which speaks HTTP/2 where that is offered.
#[test]
fn clients_come_in_over_tls_with_a_password() {
    let (shelf, index, _) = Shelf::of_three();
    let certificates = Certificates::new();
    let tls = acceptor(&certificates.file("server/server.crt"), &certificates.file("server/server.key"));
    let setup = Setup { tls: Some(tls.expect("keys")), door: door(), ..Setup::default() };
    let served = Served::with(&[shelf.folder()], setup);
    let image = format!("docker://{}/library/nginx:1.27", served.host);
    let skopeo = Skopeo::new().certificates(&certificates.trust());
    assert!(skopeo.digest(&image).is_err(), "nobody is not let in");
    assert_eq!(skopeo.credentials("alice", "s3cret").digest(&image), Ok(index.digest()));

    let program = Program::new().variable("PASSWORD", "s3cret");
    let authority = certificates.trust().join("ca.crt").display().to_string();
    program.write("crossdock.yaml", &format!(
        "version: 1\nregistries:\n  {0}: {{ tls: {{ ca_file: {authority} }}, credentials: {{ username: alice, password: \"${{PASSWORD}}\" }} }}\n\
         mirrors:\n- {{ source: {0}/library/nginx, target: \"oci:out\", tags: [\"1.27\"] }}\n",
        served.host
    ));
    program.run(&["sync"]).expect_code(0);
    assert!(program.read("out/index.json").contains(&index.digest()));
}

#[test]
fn http_2_is_spoken_by_whom_it_is_offered_to() {
    let (shelf, index, image) = Shelf::of_three();
    let certificates = Certificates::new();
    let tls = acceptor(&certificates.file("server/server.crt"), &certificates.file("server/server.key"));
    let served = Served::with(&[shelf.folder()], Setup { tls: Some(tls.expect("keys")), ..Setup::default() });
    let blob = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let asked = async {
        let stream = tokio::net::TcpStream::connect(&served.host).await.expect("it listens");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(trusting(&certificates)));
        let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
        let stream = connector.connect(name, stream).await.expect("TLS");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let io = hyper_util::rt::TokioIo::new(stream);
        let executor = hyper_util::rt::TokioExecutor::new();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(executor, io).await.expect("HTTP/2");
        tokio::spawn(connection);
        let mut answers = Vec::new();
        let targets = [
            ("GET", "manifests/1.27".to_owned()),
            ("HEAD", "manifests/1.27".to_owned()),
            ("GET", format!("blobs/{}", blob.digest)),
            ("POST", "blobs/uploads/".to_owned()),
        ];
        for (method, target) in targets {
            let uri = format!("https://localhost/v2/library/nginx/{target}");
            let request = hyper::Request::builder().method(method).uri(uri);
            let request = request.body(http_body_util::Empty::<bytes::Bytes>::new()).expect("a request");
            let answer = sender.send_request(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let body = http_body_util::BodyExt::collect(answer.into_body()).await.expect("a body").to_bytes();
            answers.push((status, body));
        }
        answers
    };
    let answers = runtime.block_on(asked);
    assert_eq!(answers[0], (200, index.root().bytes.clone()));
    assert_eq!((answers[1].0, answers[1].1.len()), (200, 0));
    assert_eq!(answers[2], (200, blob.piece(0, blob.size_bytes).expect("bytes")));
    assert_eq!(answers[3].0, 405);
}

/// Whoever trusts the authority and nobody else, and speaks HTTP/2.
fn trusting(certificates: &Certificates) -> rustls::ClientConfig {
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    let authority = rustls::pki_types::CertificateDer::from_pem_file(certificates.trust().join("ca.crt"));
    roots.add(authority.expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder.expect("versions").with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}
