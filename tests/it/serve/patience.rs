//! How long who may take, with limits so short that nobody waits for them.

use super::{Served, Setup, Shelf};
use crate::bed::images::{Format, Layer, Recipe};
use crossdock::serve::Limits;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(150);
/// Larger than whatever sockets hold on both sides.
const LAYER_BYTES: u64 = 24 << 20;

fn limits() -> Limits {
    Limits { head: SHORT, look: SHORT, handshake: SHORT, ..Limits::default() }
}

fn connect(served: &Served) -> TcpStream {
    let stream = TcpStream::connect(&served.host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket takes the option");
    stream
}

/// Everything that comes until the other side closes.
fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    received
}

fn with_layer() -> (Shelf, String) {
    let image = Recipe::new(1).format(Format::Oci).layer(Layer::synthetic(1, LAYER_BYTES)).build();
    let layer = image.blobs.values().find(|blob| blob.size_bytes == LAYER_BYTES).expect("the layer");
    let digest = layer.digest.clone();
    (Shelf::new("site").with(&image, &["a:1"]), digest)
}

#[test]
fn who_sends_a_head_byte_by_byte_or_nothing_at_all_is_let_go() {
    let (shelf, ..) = Shelf::of_three();
    let served = Served::with(&[shelf.folder()], Setup { limits: limits(), ..Setup::default() });
    let silent = connect(&served);
    let mut slow = connect(&served);
    let sending = std::thread::spawn(move || {
        for byte in b"GET /v2/ HTTP/1.1\r\nx: ".iter().chain(b"y".iter().cycle()).take(10_000) {
            if slow.write_all(&[*byte]).is_err() {
                return rest(slow);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it was listened to for ever");
    });
    assert_eq!(rest(silent), b"");
    let received = sending.join().expect("it was let go");
    assert!(!received.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&received));
}

#[test]
fn who_asks_for_a_blob_and_does_not_take_it_is_cut_off_and_who_takes_it_slowly_is_not() {
    let (shelf, layer) = with_layer();
    let served = Served::with(&[shelf.folder()], Setup { limits: limits(), ..Setup::default() });
    let request = format!("GET /v2/a/blobs/{layer} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let (mut stalled, mut slow) = (connect(&served), connect(&served));
    stalled.write_all(request.as_bytes()).expect("it listens");
    slow.write_all(request.as_bytes()).expect("it listens");
    let (mut received, mut piece) = (0_u64, vec![0; 512 * 1024]);
    let mut naps = 0;
    loop {
        let count = slow.read(&mut piece).expect("it is not cut off");
        if count == 0 {
            break;
        }
        received += count as u64;
        // Longer in all than the other one is given.
        if naps < 20 {
            naps += 1;
            std::thread::sleep(SHORT / 5);
        }
    }
    assert!(received > LAYER_BYTES, "{received}");
    assert!((rest(stalled).len() as u64) < LAYER_BYTES);
}

#[test]
fn who_comes_when_all_places_are_taken_waits_for_one() {
    let (shelf, ..) = Shelf::of_three();
    let limits = Limits { connections: 1, ..Limits::default() };
    let served = Served::with(&[shelf.folder()], Setup { limits, ..Setup::default() });
    let mut first = connect(&served);
    first.write_all(b"GET /v2/ HTTP/1.1\r\nhost: a\r\n\r\n").expect("it listens");
    let mut answer = [0; 12];
    first.read_exact(&mut answer).expect("an answer");
    let mut second = connect(&served);
    second.set_read_timeout(Some(SHORT)).expect("a socket takes the option");
    second
        .write_all(b"GET /v2/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .expect("the system takes it");
    assert!(second.read(&mut answer).is_err(), "there is no place yet");
    drop(first);
    second.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket takes the option");
    assert!(rest(second).starts_with(b"HTTP/1.1 200"));
}

#[test]
fn blobs_wait_for_each_other_where_only_one_may_be_on_its_way() {
    let (shelf, layer) = with_layer();
    let limits = Limits { blobs_at_once: 1, ..Limits::default() };
    let served = Served::with(&[shelf.folder()], Setup { limits, ..Setup::default() });
    let request = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let (mut first, mut second) = (connect(&served), connect(&served));
    let blob = request(&format!("/v2/a/blobs/{layer}"));
    first.write_all(blob.as_bytes()).expect("it listens");
    let mut begun = [0; 100];
    first.read_exact(&mut begun).expect("it begins");
    second.set_read_timeout(Some(SHORT)).expect("a socket takes the option");
    second.write_all(blob.as_bytes()).expect("it listens");
    assert!(second.read(&mut begun).is_err(), "the first one is on its way");
    // Whatever is no blob does not wait.
    let mut other = connect(&served);
    other.write_all(request("/v2/a/manifests/1").as_bytes()).expect("it listens");
    assert!(rest(other).starts_with(b"HTTP/1.1 200"));
    drop(first);
    second.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket takes the option");
    assert!(rest(second).len() as u64 > LAYER_BYTES);
}

#[test]
fn the_end_waits_for_what_is_under_way_and_cuts_off_what_does_not_end() {
    let (shelf, layer) = with_layer();
    let begin = |served: &Served| {
        let mut stream = connect(served);
        let request = format!("GET /v2/a/blobs/{layer} HTTP/1.1\r\nhost: a\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut begun = [0; 1000];
        stream.read_exact(&mut begun).expect("it begins");
        stream
    };
    let served = Served::of(&shelf);
    let stream = begin(&served);
    let idle = connect(&served);
    served.soon.cancel();
    assert_eq!(rest(idle), b"");
    assert!(rest(stream).len() as u64 > LAYER_BYTES - 1000, "it went on to its end");
    assert!(TcpStream::connect(&served.host).is_err(), "nobody new is let in");
    assert_eq!(served.ended(), 0);

    let served = Served::of(&shelf);
    let stream = begin(&served);
    served.soon.cancel();
    served.now.cancel();
    assert_eq!(served.ended(), 1);
    assert!((rest(stream).len() as u64) < LAYER_BYTES);
}
