//! Answers that no HTTP library would send: from a server that writes what it is told.

use super::raw::Raw;
use super::{Behaviour, Mirror, Registry, RequestKind, Rule, Run, at_once, count, large_image, layer_of};
use crate::bed::images::Image;
use crate::bed::tally;
use std::fmt::Write as _;

/// A source that sends one of its layers from a raw server, and a target.
struct Bench {
    source: Registry,
    target: Registry,
    image: Image,
}

impl Bench {
    fn new() -> Self {
        let (source, image) = (Registry::start(), large_image(31));
        source.seed(&image, "app", &["1.0"]);
        Self { source, target: Registry::start(), image }
    }

    fn layer(&self) -> Vec<u8> {
        let blob = &self.image.blobs[&layer_of(&self.image)];
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < blob.size_bytes {
            bytes.extend(blob.piece(bytes.len() as u64, blob.size_bytes).expect("its bytes are known"));
        }
        bytes
    }

    fn sync_from(&self, raw: &Raw) -> Run {
        self.source.rule(
            Rule::on(RequestKind::BlobGet)
                .path(&layer_of(&self.image))
                .then(Behaviour::RedirectTo(raw.url())),
        );
        Mirror::of(&[&self.source, &self.target])
            .copying(&self.source, "app", &[(&self.target, "copy")], "1.0")
            .sync()
    }

    fn assert_nothing_wrong(&self) {
        for digest in self.target.blobs() {
            assert!(self.image.blobs.contains_key(&digest), "{digest} is none of the image");
        }
    }
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {head}\r\n\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// A body in chunks of transfer.
fn chunked(body: &[u8]) -> Vec<u8> {
    let mut chunked = Vec::new();
    for piece in body.chunks(50_000) {
        chunked.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    chunked
}

#[test]
fn strange_answers_with_the_right_bytes_are_copied() {
    let layer = Bench::new().layer();
    let length = layer.len();
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(200);
    let plain = answer(&format!("200 OK\r\ncontent-length: {length}"), &layer);
    let flood = [early.as_bytes(), &plain].concat();
    let hundred = [b"HTTP/1.1 100 Continue\r\n\r\n".as_slice(), &plain].concat();
    let garbage = [plain.as_slice(), b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad and more"].concat();
    let many = (0..80).fold(String::new(), |mut many, number| {
        write!(many, "\r\nx-{number}: {}", "y".repeat(50)).expect("a string takes all");
        many
    });
    let answers = [
        ("200 others before it", flood),
        ("a 100 that nobody asked for", hundred),
        ("more after its end", garbage),
        ("in chunks", answer("200 OK\r\ntransfer-encoding: chunked", &chunked(&layer))),
        // RFC 9112 §6.3: the coding counts, and the length does not.
        (
            "in chunks, and with a length",
            answer("200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked", &chunked(&layer)),
        ),
        (
            "with the same length twice",
            answer(&format!("200 OK\r\ncontent-length: {length}\r\ncontent-length: {length}"), &layer),
        ),
        ("with many headers", answer(&format!("200 OK\r\ncontent-length: {length}{many}"), &layer)),
        ("of HTTP/1.0", [b"HTTP/1.0 200 OK\r\n\r\n".as_slice(), &layer].concat()),
    ];
    at_once(answers, |(what, bytes)| {
        let (bench, raw) = (Bench::new(), Raw::answering(bytes));
        let run = bench.sync_from(&raw);
        assert_eq!((what, run.outcome().as_str()), (what, "created"), "{}", run.report);
        assert!(bench.target.complete("copy", "1.0"), "{what}");
        assert_eq!((what, raw.served()), (what, 1));
        tally::count("faults", 1);
    });
}

#[test]
fn strange_answers_with_wrong_bytes_are_committed_nowhere() {
    let layer = Bench::new().layer();
    let length = layer.len();
    let short = &layer[..length - 7];
    let mut wrong = layer.clone();
    wrong[5] ^= 1;
    let answers = [
        // Told, and the code that it is told with; how often it is asked for.
        (
            "with two lengths",
            answer("200 OK\r\ncontent-length: 5\r\ncontent-length: 6", b"hello"),
            "network",
            6,
        ),
        ("with a length of words", answer("200 OK\r\ncontent-length: many", &layer), "network", 6),
        (
            "with a head without end",
            answer(&format!("200 OK\r\nx: {}", "y".repeat(1 << 20)), b""),
            "network",
            6,
        ),
        ("that is no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "network", 6),
        (
            "in chunks that lie",
            answer("200 OK\r\ntransfer-encoding: chunked", b"zz\r\nhello\r\n"),
            "network",
            6,
        ),
        (
            "longer than it may be, in chunks",
            answer("200 OK\r\ntransfer-encoding: chunked", &chunked(&layer.repeat(3))),
            "corrupt",
            1,
        ),
        (
            "in chunks, and wrong",
            answer("200 OK\r\ntransfer-encoding: chunked", &chunked(&wrong)),
            "corrupt",
            1,
        ),
        (
            "with a length that is too short",
            answer(&format!("200 OK\r\ncontent-length: {}", short.len()), short),
            "corrupt",
            1,
        ),
    ];
    at_once(answers, |(what, bytes, code, most)| {
        let (bench, raw) = (Bench::new(), Raw::answering(bytes));
        let run = bench.sync_from(&raw);
        assert_eq!((what, run.outcome().as_str()), (what, code), "{}", run.report);
        assert_eq!(run.finished.code, Some(1), "{what}");
        assert_eq!(bench.target.tag("copy", "1.0"), None, "{what}");
        bench.assert_nothing_wrong();
        assert!((1..=most).contains(&raw.served()), "{what}: {} times", raw.served());
        tally::count("faults", 1);
    });
}

#[test]
fn nobody_is_asked_whether_they_want_a_body() {
    let bench = super::Scene::of(large_image(33));
    bench.sync().code(0);
    let requests = bench.target.requests();
    assert!(count(&bench.target, RequestKind::UploadPut) > 0);
    assert!(requests.iter().all(|request| request.header("expect").is_none()), "{requests}");
}
