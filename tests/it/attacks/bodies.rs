//! Bodies that are wrong, too long, or without end.

use super::{Behaviour, Evil, Options, RequestKind, Rule, Victim, assert_silent, set, withstood};
use crate::bed::images::{Format, Layer, Manifest, Recipe, one_platform};
use crate::faults::mirror::Mirror;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::TcpStream;

/// A megabyte of a body without end.
fn endless(head: &str, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(head.as_bytes())?;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    // Ends when the client hangs up; a gigabyte would be too much for any limit.
    for _ in 0..(1 << 14) {
        stream.write_all(chunk.as_bytes())?;
    }
    Ok(())
}

const CHUNKED: &str = "transfer-encoding: chunked\r\nconnection: close\r\n\r\n";

#[test]
fn s11_wrong_bytes_never_become_a_blob() {
    let image = Recipe::new(3).layer(Layer::synthetic(3, 1 << 20)).build();
    let layer = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").clone();
    let size = layer.size_bytes as usize;
    let mut bytes = Vec::new();
    while let Some(piece) =
        layer.piece(bytes.len() as u64, layer.size_bytes).filter(|piece| !piece.is_empty())
    {
        bytes.extend_from_slice(&piece);
    }
    let mut flipped = bytes.clone();
    flipped[size / 2] ^= 1;
    let mut last = bytes.clone();
    last[size - 1] ^= 1;
    let swapped = vec![b'x'; size];
    let long = [bytes.clone(), b"more".to_vec()].concat();
    let rows = [("a flipped bit", flipped), ("the last bit", last), ("other bytes", swapped), ("more", long)];
    let rows = rows.into_iter().flat_map(|(name, bytes)| [(name, bytes.clone(), true), (name, bytes, false)]);
    withstood(rows, |(name, bytes, has_length)| {
        let length = if has_length { format!("content-length: {}\r\n", bytes.len()) } else { String::new() };
        let mut answer = format!("HTTP/1.1 200 OK\r\n{length}connection: close\r\n\r\n").into_bytes();
        answer.extend_from_slice(&bytes);
        let evil = Evil::saying(&answer);
        let victim = Victim::with(Options::new(), Options::new(), image.clone());
        victim
            .source
            .rule(Rule::on(RequestKind::BlobGet).path(&layer.digest).then(Behaviour::RedirectTo(evil.url())));
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), "corrupt", "{name} {has_length}");
        assert!(victim.target.blob(&layer.digest).is_none());
        for put in victim.target.requests().of(RequestKind::UploadPut).iter() {
            let is_layer = put.query("digest") == Some(&layer.digest);
            assert!(!is_layer || (put.status != Some(201) && put.body_bytes < layer.size_bytes), "{put}");
        }
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s16_an_answer_without_end_is_not_read_to_it() {
    let kinds = [RequestKind::ManifestGet, RequestKind::TagList, RequestKind::BlobGet];
    let rows = kinds.into_iter().flat_map(|kind| [(kind, 200), (kind, 400)]);
    withstood(rows, |(kind, status)| {
        let evil = Evil::answering(move |_, stream| {
            let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{CHUNKED}");
            endless(&head, stream)
        });
        let victim = Victim::of(Options::new(), Options::new());
        victim.source.rule(Rule::on(kind).then(Behaviour::RedirectTo(evil.url())));
        let mirror = victim.mirror();
        let run = mirror.sync().code(1);
        let expected = match (kind, status) {
            (_, 400) => "protocol",
            (RequestKind::BlobGet, _) => "corrupt",
            _ => "limit_exceeded",
        };
        assert_eq!(run.outcome(), expected, "{kind:?} {status}");
        assert!(run.finished.stderr.len() < 20 << 10);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s16_a_token_answer_without_end_is_not_read_to_it() {
    withstood([200, 401], |status| {
        let server = Evil::at("127.0.0.1", move |_, stream| {
            endless(&format!("HTTP/1.1 {status} X\r\n{CHUNKED}"), stream)
        });
        let victim = Victim::with_tokens(Some(&format!("{}/token", server.url())));
        let run = victim.sync();
        let expected = if status == 200 { "limit_exceeded" } else { "unauthenticated" };
        assert_eq!(run.outcome(), expected);
        assert_silent(&run);
        assert_eq!(server.heard().len(), 1);
    });
}

#[test]
fn s16_no_memory_is_set_aside_for_what_is_only_announced() {
    let sizes = [
        json!(1_u64 << 62),
        json!(i64::MAX),
        json!(-1),
        json!(u64::MAX),
        json!(1e30),
        json!("1"),
        Value::Null,
    ];
    withstood(sizes, |size| {
        let mut document = one_platform(1, Format::Oci).root().document();
        document["layers"][0]["size"] = size.clone();
        let mut image = one_platform(1, Format::Oci);
        image.manifests = vec![Manifest::new(&image.root().media_type.clone(), &document)];
        let victim = Victim::with(Options::new(), Options::new(), image);
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), "corrupt", "{size}");
        victim.assert_nothing_tagged();
    });
    // A length that nothing could have, once: then the answer breaks off, and is asked for again.
    let lengths = ["9223372036854775808", "18446744073709551615"];
    withstood(lengths, |length| {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.oci.image.manifest.v1+json\r\n\
             content-length: {length}\r\n\r\n{{}}"
        );
        let evil = Evil::saying(answer.as_bytes());
        let victim = Victim::of(Options::new(), Options::new());
        let rule = Rule::on(RequestKind::ManifestGet).first(1).then(Behaviour::RedirectTo(evil.url()));
        victim.source.rule(rule);
        let mirror = victim.mirror();
        mirror.sync().code(0);
        victim.assert_copied();
        assert_eq!(evil.heard().len(), 1);
    });
    let victim = Victim::of(Options::new(), Options::new());
    let evil = Evil::answering(|_, stream| endless(&format!("HTTP/1.1 200 OK\r\n{CHUNKED}"), stream));
    victim.source.rule(Rule::on(RequestKind::TagList).then(Behaviour::RedirectTo(evil.url())));
    // Writes the spec.
    let mirror: Mirror = victim.mirror();
    mirror.run("lint");
    let (finished, kib) = mirror.program.run_measured(&["sync"]);
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert!(kib < 300 << 10, "{kib} KiB");
}

#[test]
fn s19_what_comes_compressed_is_taken_as_it_comes() {
    let kinds =
        [RequestKind::TagList, RequestKind::ManifestHead, RequestKind::ManifestGet, RequestKind::BlobGet];
    let rows = kinds.into_iter().flat_map(|kind| ["gzip", "zstd", "br, gzip"].map(|coding| (kind, coding)));
    withstood(rows, |(kind, coding)| {
        let victim = Victim::of(Options::new(), Options::new());
        victim.source.rule(Rule::on(kind).then(set("content-encoding", coding)));
        victim.sync().code(0);
        victim.assert_copied();
        let asked = victim.source.requests().of(RequestKind::BlobGet);
        assert!(asked.iter().all(|get| get.header("accept-encoding") == Some("identity")), "{asked}");
    });
    // A bomb: a small answer that would unpack to a large one.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 64 << 20]).expect("in memory");
    let packed = packed.finish().expect("in memory");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.oci.image.manifest.v1+json\r\n\
         content-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        packed.len()
    );
    let bomb = [head.into_bytes(), packed].concat();
    withstood([(RequestKind::ManifestGet, "corrupt"), (RequestKind::TagList, "protocol")], |(kind, said)| {
        let evil = Evil::saying(&bomb);
        let victim = Victim::of(Options::new(), Options::new());
        victim.source.rule(Rule::on(kind).then(Behaviour::RedirectTo(evil.url())));
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), said, "{kind:?}");
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s20_a_layout_is_written_nowhere_but_in_its_directory() {
    // What a link in it leads to is left alone, whatever it is.
    withstood(["blobs", "blobs/sha256", "index.json", "oci-layout"], |name| {
        let victim = Victim::of(Options::new(), Options::new());
        let rule = format!("source: {0}/app, target: 'oci:out', tags: ['1.0']", victim.source.host());
        let mirror = Mirror::of(&[&victim.source]).rule(&rule);
        mirror.sync().code(0);
        let out = mirror.program.work().join("out");
        let away = mirror.program.home().join("away");
        std::fs::rename(out.join(name), &away).expect("it is there");
        std::os::unix::fs::symlink(&away, out.join(name)).expect("a link can be made");
        let before = crate::bed::program::files_below(&mirror.program.home());
        victim.source.seed(&one_platform(9, Format::Oci), "app", &["1.0"]);
        let run = mirror.sync();
        assert_ne!(run.finished.code, Some(0), "{name}");
        assert_eq!(crate::bed::program::files_below(&mirror.program.home()), before, "{name}");
    });
}
