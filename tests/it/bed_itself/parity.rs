//! The memory registry answers as docker-registry does: the same requests, the same answers.

use crate::bed::digest::sha256;
use crate::bed::distribution::Distribution;
use crate::bed::images::{Blob, Format, Image, one_platform, two_platforms};
use crate::bed::memory::{Children, Options};
use crate::bed::wire::{Ask, Reply};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

/// What must be the same of an answer: status, code of the error, and the headers that clients read.
fn facts(reply: &Reply, host: &str) -> String {
    let mut facts = format!("{}", reply.status);
    if reply.status >= 400 && reply.body.starts_with(b"{") {
        facts += &format!(" {}", reply.json()["errors"][0]["code"]);
    }
    for name in ["docker-content-digest", "range", "content-range", "content-type", "etag"] {
        if let Some(value) = reply.header(name) {
            facts += &format!(" {name}={value}");
        }
    }
    if let Some(location) = reply.header("location") {
        let location = location.replace(host, "HOST");
        let shape = location.split("/uploads/").next().expect("a first part");
        facts += &format!(" location={shape} query={}", location.contains('?'));
    }
    facts
}

/// Speaks with one registry and notes its answers.
struct Talk {
    host: String,
    notes: Vec<String>,
}

impl Talk {
    fn ask(&mut self, ask: &Ask) -> Reply {
        let reply = ask.send(&self.host).expect("an answer");
        self.notes.push(format!("{ask:?}: {}", facts(&reply, &self.host)).replace(&self.host, "HOST"));
        reply
    }

    fn get(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        let with = |ask: Ask, (name, value): &(&str, &str)| ask.header(name, value);
        self.ask(&headers.iter().fold(Ask::new(method, target), with))
    }

    /// Begins an upload; the path and query of where it goes on.
    fn begin(&mut self, query: &str) -> String {
        let reply = self.get("POST", &format!("/v2/team/app/blobs/uploads/{query}"), &[]);
        self.next(&reply)
    }

    fn next(&self, reply: &Reply) -> String {
        let location = reply.header("location").expect("a location");
        location.trim_start_matches("http://").trim_start_matches(&self.host).to_owned()
    }

    /// Goes on with an upload: its path is another in each registry, so it is not noted.
    fn send(&mut self, method: &str, target: &str, body: &[u8]) -> Reply {
        let reply = Ask::new(method, target).body(body).send(&self.host);
        let reply = reply.unwrap_or_else(|ended| panic!("{ended:?} after {:#?}", self.notes));
        self.notes.push(format!("{method} an upload: {}", facts(&reply, &self.host)));
        reply
    }

    fn put_manifest(&mut self, at: &str, media_type: &str, body: &[u8]) {
        let target = format!("/v2/team/app/manifests/{at}");
        self.ask(&Ask::new("PUT", &target).header("content-type", media_type).body(body));
    }

    fn push(&mut self, image: &Image, tag: &str) {
        for blob in image.blobs.values() {
            let upload = self.begin("");
            let bytes = blob.piece(0, blob.size_bytes).expect("held");
            self.send("PUT", &format!("{upload}&digest={}", blob.digest), &bytes);
        }
        for manifest in image.children() {
            self.put_manifest(&manifest.digest, &manifest.media_type, &manifest.bytes);
        }
        self.put_manifest(tag, &image.root().media_type, &image.root().bytes);
    }
}

/// The whole talk: every operation, and every mistake that a client makes.
fn talk(host: &str) -> Vec<String> {
    let mut talk = Talk { host: host.to_owned(), notes: Vec::new() };
    let (image, index) = (one_platform(1, Format::Oci), two_platforms(2, Format::Oci));
    let bytes = b"0123456789";
    let digest = sha256(bytes);
    for target in ["/v2/", "/v2/UP/tags/list", "/v2/team/app/tags/list", "/v2/team/app/manifests/none"] {
        talk.get("GET", target, &[("accept", OCI)]);
    }
    talk.put_manifest("early", OCI, &image.root().bytes);

    let upload = talk.begin("");
    let patched = talk.send("PATCH", &upload, &bytes[..4]);
    let upload = talk.next(&patched);
    let told = talk.send("GET", &upload, b"");
    let upload = talk.next(&told);
    talk.send("PUT", &format!("{upload}&digest={}", Blob::new("other").digest), &bytes[4..]);
    let upload = talk.begin("");
    talk.send("PUT", &format!("{upload}&digest={digest}"), bytes);
    // Without bytes: docker-registry would not read them, and its answer could be lost in the reset.
    talk.send("PUT", &format!("{upload}&digest={digest}"), b"");
    let upload = talk.begin("");
    talk.send("DELETE", &upload, b"");

    let path = format!("/v2/team/app/blobs/{digest}");
    talk.get("HEAD", &path, &[]);
    talk.get("GET", &path, &[]);
    talk.get("GET", &path, &[("range", "bytes=2-5")]);
    talk.get("GET", &path, &[("range", "bytes=7-")]);
    talk.get("GET", &path, &[("range", "bytes=99-")]);
    talk.get("GET", "/v2/team/app/blobs/sha256:00", &[]);
    talk.get("GET", &format!("/v2/other/blobs/{digest}"), &[]);
    talk.get("POST", &format!("/v2/other/blobs/uploads/?mount={digest}&from=team/app"), &[]);
    talk.get("POST", &format!("/v2/other/blobs/uploads/?mount={digest}&from=nowhere"), &[]);
    talk.get("POST", &format!("/v2/team/app/blobs/uploads/?mount={digest}&from=team/app"), &[]);
    talk.get("POST", &format!("/v2/third/blobs/uploads/?mount={digest}"), &[]);

    talk.push(&image, "1.0");
    talk.push(&index, "2.0");
    talk.push(&two_platforms(3, Format::Docker), "3.0");
    talk.put_manifest(&digest, OCI, &image.root().bytes);
    talk.put_manifest("mixed", &index.root().media_type, &image.root().bytes);
    talk.put_manifest("broken", OCI, b"{");
    for tag in ["1.0", "2.0"] {
        let target = format!("/v2/team/app/manifests/{tag}");
        talk.get("GET", &target, &[]);
        talk.get("GET", &target, &[("accept", "*/*")]);
        talk.get("GET", &target, &[("accept", "text/plain"), ("accept", &format!("a/b, {OCI}"))]);
        talk.get("HEAD", &target, &[("accept", &index.root().media_type)]);
        let etag = format!("\"{}\"", image.digest());
        talk.get("GET", &target, &[("accept", OCI), ("if-none-match", &etag)]);
    }
    talk.get("GET", &format!("/v2/team/app/manifests/{}", image.digest()), &[("accept", OCI)]);
    talk.get("GET", "/v2/team/app/tags/list?n=1", &[]);
    talk.get("GET", &format!("/v2/team/app/referrers/{digest}"), &[]);
    talk.get("DELETE", &format!("/v2/team/app/manifests/{}", image.digest()), &[]);
    talk.notes
}

#[test]
fn both_registries_answer_the_same() {
    let memory = Options::new().children(Children::Refused).start();
    let real = Distribution::plain();
    let (ours, theirs) = (talk(&memory.host()), talk(real.host()));
    assert_eq!(ours.len(), theirs.len());
    let differing: Vec<_> = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(memory.complete("team/app", "2.0"));
    assert_eq!(memory.take_violations().len(), 1, "the last request would delete content");
}
