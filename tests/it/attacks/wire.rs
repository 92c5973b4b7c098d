//! Answers that are none: what no HTTP library would send, on the wire.

use super::{Behaviour, Evil, Options, RequestKind, Rule, Victim, withstood};
use std::io::Write as _;

const JSON: &str = "content-type: application/vnd.oci.image.manifest.v1+json\r\n";

/// What is written to the wire, by what it is called.
fn wires() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: String| text.into_bytes();
    let ok = |rest: &str| format!("HTTP/1.1 200 OK\r\n{JSON}{rest}").into_bytes();
    vec![
        ("nothing", Vec::new()),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        ("zeros", vec![0; 65536]),
        ("half a status", b"HTTP/1.1 20".to_vec()),
        ("an odd status", b"HTTP/1.1 99999 OK\r\n\r\n".to_vec()),
        ("another version", b"HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()),
        ("two lengths", ok("content-length: 2\r\ncontent-length: 3\r\n\r\n{}x")),
        ("a length with a sign", ok("content-length: +2\r\n\r\n{}")),
        ("a negative length", ok("content-length: -1\r\n\r\n{}")),
        ("a length that no number holds", ok("content-length: 99999999999999999999\r\n\r\n{}")),
        ("both a length and chunks", ok("content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")),
        ("chunks of no size", ok("transfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n")),
        (
            "chunks of a size that no number holds",
            ok("transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}"),
        ),
        ("a chunk that is cut", ok("transfer-encoding: chunked\r\n\r\n10\r\n{}")),
        ("chunks with long words", {
            ok(&format!("transfer-encoding: chunked\r\n\r\n2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(1 << 20)))
        }),
        ("trailers without end", {
            let trailers: String = (0..20_000).map(|number| format!("x-{number}: y\r\n")).collect();
            ok(&format!("transfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n{trailers}\r\n"))
        }),
        ("folded lines", ok("x-a: b\r\n c: d\r\ncontent-length: 2\r\n\r\n{}")),
        ("a header without a name", ok(": x\r\ncontent-length: 2\r\n\r\n{}")),
        ("a name with a space", ok("content-length : 2\r\n\r\n{}")),
        ("a NUL in a header", ok("x-a: b\0c\r\ncontent-length: 2\r\n\r\n{}")),
        (
            "a header of a megabyte",
            ok(&format!("x-a: {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(1 << 20))),
        ),
        ("ten thousand headers", {
            let headers: String = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect();
            ok(&format!("{headers}content-length: 2\r\n\r\n{{}}"))
        }),
        (
            "an upgrade",
            text(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n".to_owned(),
            ),
        ),
        (
            "ten thousand interim answers",
            text("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(10_000)),
        ),
        ("go on, and nothing", text("HTTP/1.1 100 Continue\r\n\r\n".to_owned())),
        (
            "two answers",
            text(format!(
                "HTTP/1.1 200 OK\r\n{JSON}content-length: 2\r\n\r\n{{}}HTTP/1.1 200 OK\r\n{JSON}content-length: 2\r\n\r\n[]"
            )),
        ),
        ("HTTP/2 unasked", b"\0\0\x12\x04\0\0\0\0\0PRI * HTTP/2.0\r\n\r\n".to_vec()),
        ("TLS unasked", b"\x15\x03\x01\0\x02\x02\x28".to_vec()),
    ]
}

#[test]
fn s47_what_is_no_answer_is_refused_and_holds_nobody_up() {
    withstood(wires(), |(name, wire)| {
        let evil = Evil::answering(move |_, stream| stream.write_all(&wire));
        let victim = Victim::of(Options::new(), Options::new());
        // Once: whoever asks again gets what is right.
        let rule = Rule::on(RequestKind::ManifestGet).first(1).then(Behaviour::RedirectTo(evil.url()));
        victim.source.rule(rule);
        let run = victim.sync();
        assert_eq!(evil.heard().len(), 1, "{name}");
        match run.finished.code {
            Some(0) => victim.assert_copied(),
            Some(1) => victim.assert_nothing_tagged(),
            other => panic!("{name}: {other:?}\n{}", run.finished.stderr),
        }
        assert!(run.finished.stderr.len() < 20 << 10, "{name}");
    });
}
