//! Many at once: bounded memory, whatever is pulled.

use super::Shelf;
use super::program::Serving;
use crate::bed::images::{Format, Layer, Recipe};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const PULLS: usize = 64;
const LAYER_BYTES: u64 = 8 << 20;
/// Far below one of the layers for each pull, and below all of them together by twenty.
const PEAK_KIB_MAX: u64 = 64 * 1024;

/// How many bytes come in answer to a request, hashed by nobody: that is the client's business elsewhere.
fn pull(host: &str, target: &str) -> u64 {
    let mut stream = TcpStream::connect(host).expect("it listens");
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it listens");
    let (mut bytes, mut piece) = (0, vec![0; 64 * 1024]);
    loop {
        match stream.read(&mut piece).expect("it is not cut off") {
            0 => return bytes,
            count => bytes += count as u64,
        }
    }
}

#[test]
fn sixty_four_pulls_at_once_take_little_memory() {
    let image = Recipe::new(1).format(Format::Oci).layer(Layer::synthetic(1, LAYER_BYTES)).build();
    let layer = image.blobs.values().find(|blob| blob.size_bytes == LAYER_BYTES).expect("the layer");
    let shelf = Shelf::new("site").with(&image, &["a:1"]);
    let bundle = shelf.tar("site.tar");
    let serving = Serving::start(&[&bundle.display().to_string()]);
    let target = format!("/v2/a/blobs/{}", layer.digest);
    std::thread::scope(|scope| {
        let pulls: Vec<_> = (0..PULLS).map(|_| scope.spawn(|| pull(&serving.host, &target))).collect();
        for pull in pulls {
            let bytes = pull.join().expect("it is pulled");
            assert!((LAYER_BYTES..LAYER_BYTES + 1000).contains(&bytes), "{bytes}");
        }
    });
    let peak_kib = serving.peak_kib();
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
    println!("{PULLS} pulls of {LAYER_BYTES} bytes: {peak_kib} KiB");
    serving.end("TERM").expect_code(0);
}
