//! Requests that nobody sends by mistake.

use super::{Served, Shelf};
use crate::bed::wire::Ask;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Sends these bytes as they are, and reads until the other side closes.
fn raw(served: &Served, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&served.host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket takes the option");
    // Who is cut off while sending may still find an answer.
    let _ = stream.write_all(bytes);
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    String::from_utf8_lossy(&received).into_owned()
}

fn statuses(received: &str) -> Vec<&str> {
    received.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.split(' ').next()).collect()
}

#[test]
fn no_path_leads_out_of_what_is_served() {
    let (shelf, index, _) = Shelf::of_three();
    std::fs::write(shelf.folder().with_file_name("secret"), "secret").expect("writable");
    let served = Served::of(&shelf);
    let hex = index.digest().replace("sha256:", "");
    for target in [
        "/v2/../../secret".to_owned(),
        "/v2/library/nginx/blobs/../../../secret".to_owned(),
        "/v2/library/nginx/blobs/sha256:../../../secret".to_owned(),
        "/v2/library/nginx/blobs/sha256%3A..%2F..%2Fsecret".to_owned(),
        "/v2/%2e%2e/%2e%2e/secret".to_owned(),
        "/v2/..%5c..%5csecret/tags/list".to_owned(),
        "/v2/library/nginx/manifests/..%2f..%2fsecret".to_owned(),
        "/v2/library/nginx/manifests/%00".to_owned(),
        format!("/v2/library/nginx/blobs/sha256/{hex}"),
        format!("/v2/library/nginx/blobs/SHA256:{hex}"),
        format!("/v2/library/nginx/blobs/sha256:{}", hex.to_uppercase()),
        "//secret".to_owned(),
        "/v2//library/nginx/manifests/1.27".to_owned(),
        "/v2/library/nginx/tags/list/".to_owned(),
    ] {
        let reply = served.get(&target);
        assert!([400, 404].contains(&reply.status), "{target}: {}", reply.status);
        assert!(reply.json()["errors"][0]["message"].is_string(), "{target}");
        assert!(!reply.text().contains("secret"), "{target}: nothing of a request comes back");
    }
}

#[test]
fn heads_that_are_too_large_or_broken_end_the_connection() {
    let (shelf, ..) = Shelf::of_three();
    let served = Served::of(&shelf);
    let large = "x".repeat(400_000);
    let long = format!("GET /v2/{large} HTTP/1.1\r\nhost: a\r\n\r\n");
    let wide = format!("GET /v2/ HTTP/1.1\r\nhost: a\r\nx: {large}\r\n\r\n");
    let many = format!("GET /v2/ HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(80_000));
    for (bytes, expected) in [
        (long.as_bytes(), &["414", "431"][..]),
        (wide.as_bytes(), &["431"]),
        (many.as_bytes(), &["431"]),
        (b"GET /v2/ HTTP/1.1\r\nhost: a\r\n x\r\n\r\n", &["400"]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &["400"]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &["400"]),
        (b"GET /v2/ HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", &["400"]),
        (
            b"GET /v2/ HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            &["400", "200"],
        ),
    ] {
        let received = raw(&served, bytes);
        let statuses = statuses(&received);
        let told = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert!(statuses.is_empty() || expected.contains(&statuses[0]), "{told}: {statuses:?}");
        assert!(statuses.len() <= 1, "{told}: {statuses:?}");
    }
    assert_eq!(served.get("/v2/").status, 200, "and nobody else is the worse for it");
}

#[test]
fn requests_that_come_all_at_once_are_answered_one_after_the_other() {
    let (shelf, ..) = Shelf::of_three();
    let served = Served::of(&shelf);
    let mut requests = String::new();
    for target in ["/v2/", "/v2/_catalog", "/v2/nobody/tags/list", "/v2/library/nginx/manifests/1.27"] {
        requests += &format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n");
    }
    requests += "HEAD /v2/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    assert_eq!(statuses(&raw(&served, requests.as_bytes())), ["200", "200", "404", "200", "200"]);
}

/// What is smuggled in the body of a write is not taken for another request.
#[test]
fn a_body_is_never_read_as_a_request() {
    let (shelf, ..) = Shelf::of_three();
    let served = Served::of(&shelf);
    let inner = "GET /v2/_catalog HTTP/1.1\r\nhost: a\r\n\r\n";
    let outer = |method: &str| {
        format!(
            "{method} /v2/a/blobs/uploads/ HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{inner}",
            inner.len()
        )
    };
    let refused = raw(&served, outer("POST").as_bytes());
    assert_eq!(statuses(&refused), ["405"]);
    assert!(refused.contains("connection: close"), "{refused}");
    let close = "GET /v2/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let received = raw(&served, format!("{}{close}", outer("GET")).as_bytes());
    assert!(!received.contains("repositories"), "{received}");
}

#[test]
fn headers_that_mean_nothing_change_nothing() {
    let (shelf, index, _) = Shelf::of_three();
    let served = Served::of(&shelf);
    let reply = served.asking(
        Ask::new("GET", "/v2/library/nginx/manifests/1.27?ns=&ns=%ff&n=x&last=%00")
            .header("range", "bytes=0-1")
            .header("if-range", "\u{e9}")
            .header("if-none-match", ",,\"")
            .header("authorization", "Bearer nobody asked")
            .header("x-forwarded-host", "evil.test"),
    );
    // An empty registry is one that nothing is of.
    assert!([200, 404].contains(&reply.status), "{}", reply.status);
    let reply =
        served.asking(Ask::new("GET", "/v2/library/nginx/manifests/1.27").header("range", "bytes=0-1"));
    assert_eq!((reply.status, &reply.body[..]), (200, &index.root().bytes[..]), "manifests have no parts");
}
