//! The program as a server: how it starts, what it says, how it ends.

use super::Shelf;
use crate::bed::program::{Finished, Program, Running};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a server has to listen after it was started.
const START_MAX: Duration = Duration::from_secs(60);

/// A server that is its own process.
pub(super) struct Serving {
    pub(super) host: String,
    pub(super) told: Value,
    pub(super) running: Running,
    _shell: Program,
}

impl Serving {
    /// Starts `crossdock serve` on a free port with these arguments.
    pub(super) fn start(arguments: &[&str]) -> Self {
        // What is printed while it runs is read from a file.
        let shell = Program::of("/bin/sh");
        let words: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let program = env!("CARGO_BIN_EXE_crossdock");
        let line = format!(
            "exec '{program}' serve --listen 127.0.0.1:0 --format json {} >told.json",
            words.join(" ")
        );
        let mut running = shell.spawn(&["-c", &line]);
        let started = Instant::now();
        let told = loop {
            let text = fs::read_to_string(shell.work().join("told.json")).unwrap_or_default();
            if let Ok(told) = serde_json::from_str::<Value>(&text) {
                break told;
            }
            if running.has_ended() || started.elapsed() > START_MAX {
                panic!("it did not start: {:?}", running.wait());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let host = told["address"].as_str().expect("an address").to_owned();
        Self { host, told, running, _shell: shell }
    }

    /// The most memory that it had so far, in KiB (Linux).
    pub(super) fn peak_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.pid())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Ends it by a signal.
    pub(super) fn end(self, signal: &str) -> Finished {
        self.running.signal(signal);
        self.running.wait()
    }
}

fn text(path: PathBuf) -> String {
    path.display().to_string()
}

#[test]
fn it_says_where_it_listens_and_ends_well_when_it_is_told_to() {
    let (shelf, ..) = Shelf::of_three();
    let serving = Serving::start(&[&text(shelf.folder().to_owned()), "-v"]);
    let names = serde_json::json!(["docker.io/library/nginx", "quay.io/team/app", "site"]);
    assert_eq!((&serving.told["repositories"], &serving.told["tags"]), (&names, &serde_json::json!(4)));
    assert_eq!(serving.told["port"].to_string(), serving.host.rsplit_once(':').expect("a port").1);
    let ask = crate::bed::wire::Ask::new("GET", "/v2/library/nginx/manifests/1.27?token=hidden");
    let asked = ask.header("authorization", "Basic aGlkZGVu").send(&serving.host).expect("an answer");
    assert_eq!(asked.status, 200);
    let found = crate::bed::wire::Ask::new("GET", "/v2/_catalog").send(&serving.host).expect("an answer");
    assert_eq!(found.status, 200);
    let finished = serving.end("TERM").expect_code(0);
    for told in ["GET /v2/_catalog 200", "GET /v2/library/nginx/manifests/1.27 200"] {
        assert!(finished.stderr.contains(told), "{}", finished.stderr);
    }
    for hidden in ["hidden", "aGlkZGVu"] {
        assert!(!finished.stderr.contains(hidden), "{}", finished.stderr);
    }
    assert!(!finished.stderr.contains("warning"), "this machine alone needs no TLS: {}", finished.stderr);
}

#[test]
fn a_tar_and_the_parts_of_one_are_served_without_being_unpacked() {
    let (shelf, index, _) = Shelf::of_three();
    let whole = shelf.tar("whole.tar");
    let bytes = fs::read(&whole).expect("it is there");
    let parts = whole.with_file_name("parts.tar");
    for (number, piece) in bytes.chunks(bytes.len() / 3 + 1).enumerate() {
        fs::write(format!("{}.{:03}", parts.display(), number + 1), piece).expect("writable");
    }
    let first = text(parts.with_extension("tar.001"));
    let third = text(parts.with_extension("tar.003"));
    for given in [&[text(whole)][..], &[first, third]] {
        let given: Vec<&str> = given
            .iter()
            .map(String::as_str)
            .chain(["--name", "x/y", "--strip-registry", "--deadline", "1h"])
            .collect();
        let serving = Serving::start(&given);
        assert_eq!(serving.told["repositories"], serde_json::json!(["library/nginx", "team/app", "x/y"]));
        for digest in index.blobs.keys() {
            let target = format!("/v2/library/nginx/blobs/{digest}");
            let reply = crate::bed::wire::Ask::new("GET", &target).send(&serving.host).expect("an answer");
            assert!(crate::bed::digest::matches(digest, &reply.body));
        }
        serving.end("INT").expect_code(0);
    }
}

#[test]
fn what_cannot_be_served_is_told_before_anybody_is_let_in() {
    let (shelf, ..) = Shelf::of_three();
    let (clashing, ..) = Shelf::of_three();
    let clashing = clashing.with(
        &crate::bed::images::one_platform(9, crate::bed::images::Format::Oci),
        &["quay.io/team/app:v1"],
    );
    let program = Program::new();
    program.write("plain", "alice:secret\n");
    program.write("no.pem", "hello\n");
    program.write("bundle.tar.gz", "\u{1f}\u{8b}");
    let folder = text(shelf.folder().to_owned());
    for (arguments, code, said) in [
        (&["nowhere"][..], 1, "nowhere"),
        (&[&folder, "--htpasswd", "plain"], 4, "htpasswd -B"),
        (&[&folder, "--htpasswd", "gone"], 4, "gone"),
        (&[&folder, "--tls-cert", "no.pem", "--tls-key", "no.pem"], 4, "no.pem"),
        (&[&folder, "--tls-cert", "no.pem"], 4, "--tls-key"),
        (&[&folder, "--listen", "5000"], 4, ":5000"),
        (&[&folder, "--listen", "192.0.2.1:5000"], 4, "cannot listen on 192.0.2.1:5000"),
        (&[&folder, "--name", "Not/A/Name"], 4, "lower case"),
        (&["oci:a:tag"], 4, "the whole place"),
        (&[&folder, &text(clashing.folder().to_owned())], 1, "quay.io/team/app:v1"),
        (&["bundle.tar.gz"], 1, "bundle.tar.gz"),
        (&[], 4, "PLACE"),
    ] {
        let mut all = vec!["serve"];
        all.extend(arguments);
        // Nothing listens for long, should it begin to.
        all.extend(["--deadline", "20s"]);
        let finished = program.run(&all).expect_code(code);
        assert!(finished.stderr.contains(said), "{arguments:?}: {}", finished.stderr);
        assert!(!finished.stderr.contains("alice:secret"), "{}", finished.stderr);
        assert_eq!(finished.stdout, "", "{arguments:?}");
    }
}

#[test]
fn everybody_on_the_network_without_tls_is_said_in_a_line_and_the_deadline_is_an_end() {
    let (shelf, ..) = Shelf::of_three();
    let folder = text(shelf.folder().to_owned());
    let program = Program::new();
    let finished = program.run(&["serve", &folder, "--listen", ":0", "--deadline", "1s"]).expect_code(0);
    assert_eq!(finished.stderr.matches("warning: without TLS").count(), 1, "{}", finished.stderr);
    assert!(
        finished.stdout.starts_with("serving 3 repositories with 4 tags at http://"),
        "{}",
        finished.stdout
    );
}
