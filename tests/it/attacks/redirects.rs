//! Redirects: where they lead, and what goes along.

use super::evil::reply;
use super::{
    CANARY, Canned, Evil, Options, RequestKind, Rule, Victim, assert_silent, bob, on_answer, set, withstood,
};
use crate::bed::images::{Blob, Image, Layer, Manifest, Recipe};
use crate::bed::memory::{Auth, Authorization, Behaviour};
use serde_json::json;
use std::io::Write as _;

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];
const READS: [RequestKind; 4] =
    [RequestKind::TagList, RequestKind::ManifestHead, RequestKind::ManifestGet, RequestKind::BlobGet];
const WRITES: [RequestKind; 5] = [
    RequestKind::Mount,
    RequestKind::UploadStart,
    RequestKind::UploadPatch,
    RequestKind::UploadPut,
    RequestKind::ManifestPut,
];

/// Each status for each kind of request.
fn rows(kinds: &[RequestKind]) -> Vec<(u16, RequestKind)> {
    STATUSES.iter().flat_map(|status| kinds.iter().map(move |kind| (*status, *kind))).collect()
}

/// A victim whose target gets its layer in the way that needs requests of this kind.
pub(super) fn victim_of(kind: RequestKind) -> Victim {
    let image = Recipe::new(7).layer(Layer::synthetic(7, 5 << 20)).build();
    let basic = || Options::new().auth(Auth::Basic(bob()));
    match kind {
        RequestKind::UploadStart => {
            let victim = Victim::new();
            victim.target.rule(Rule::on(RequestKind::Mount).answer(405));
            victim
        }
        RequestKind::UploadPatch => {
            let layer =
                image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone();
            let victim = Victim::with(basic(), basic(), image);
            let too_large = Rule::on(RequestKind::UploadPut).path(layer.trim_start_matches("sha256:"));
            victim.target.rule(too_large.first(1).answer(413));
            victim
        }
        _ => Victim::new(),
    }
}

#[test]
fn s01_a_read_that_is_redirected_carries_no_credentials_to_another_origin() {
    withstood(rows(&READS), |(status, kind)| {
        let (victim, evil) = (victim_of(kind), Evil::start());
        let canned = Canned::new(status).header("location", &format!("{}/v2/app/x", evil.url()));
        // The first list is where the password is asked for.
        let rule = on_answer(kind, canned);
        let rule = if kind == RequestKind::TagList { rule.nth(2) } else { rule };
        let tally = victim.source.rule(rule);
        let run = victim.sync();
        assert_ne!(run.finished.code, Some(0), "{kind:?} {status}");
        assert!(tally.acted() > 0, "{kind:?} {status}");
        assert!(!evil.heard().is_empty(), "what is read is followed: {kind:?} {status}");
        evil.assert_learnt_nothing();
        assert_silent(&run);
        let shown = victim.source.requests();
        let shown = shown.iter().filter(|request| request.authorization() != Authorization::Absent).count();
        assert!(shown > 0, "the registry itself saw the password: {kind:?} {status}");
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s01_a_write_that_is_redirected_goes_nowhere() {
    withstood(rows(&WRITES), |(status, kind)| {
        let (victim, evil) = (victim_of(kind), Evil::start());
        let canned = Canned::new(status).header("location", &format!("{}/v2/copy/x", evil.url()));
        let tally = victim.target.rule(on_answer(kind, canned));
        let run = victim.sync().code(1);
        assert!(tally.acted() > 0, "{kind:?} {status}: {}", victim.target.requests());
        assert_eq!(run.outcome(), "protocol", "{kind:?} {status}");
        evil.assert_unasked();
        assert_silent(&run);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s02_another_port_is_another_origin_and_tls_is_not_left() {
    // The address of the registry itself, with another port.
    withstood(READS, |kind| {
        let victim = victim_of(kind);
        let neighbour = Evil::at("127.0.0.1", |_, stream| stream.write_all(&reply(404, &[], "")));
        let canned = Canned::new(307).header("location", &format!("{}/v2/app/x", neighbour.url()));
        let rule = on_answer(kind, canned);
        victim.source.rule(if kind == RequestKind::TagList { rule.nth(2) } else { rule });
        assert_ne!(victim.sync().finished.code, Some(0));
        assert!(!neighbour.heard().is_empty());
        neighbour.assert_learnt_nothing();
    });
}

#[test]
fn s03_credentials_are_never_taken_up_again_after_another_origin() {
    withstood(STATUSES, |status| {
        let victim = Victim::new();
        let home = victim.source.url();
        let evil = Evil::answering(move |heard, stream| {
            let back = format!("{home}/back{}", heard.target());
            stream.write_all(&reply(status, &[("location", &back)], ""))
        });
        victim.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::RedirectTo(evil.url())));
        // Once back, on and on: away and back again.
        let again = Canned::new(status).header("location", "/back/again");
        victim.source.rule(Rule::any().path("^/back/v2/").then(Behaviour::Answer(again)));
        victim.sync().code(5);
        evil.assert_learnt_nothing();
        let requests = victim.source.requests();
        let back: Vec<_> = requests.iter().filter(|request| request.path.starts_with("/back/")).collect();
        assert!(back.len() >= 2, "{requests}");
        for request in back {
            assert_eq!(request.authorization(), Authorization::Absent, "{request}");
        }
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s04_what_is_no_place_for_a_request_is_refused() {
    let locations = [
        "file:///etc/passwd",
        "ftp://127.0.0.2/x",
        "data:application/json,{}",
        "javascript:alert(1)",
        "unix:/var/run/docker.sock",
        "gopher://127.0.0.2/x",
        "http://bob:canary5ecret@127.0.0.2/x",
        "http://@:80/",
        "http://",
        "http://[",
        "http://127.0.0.2:99999/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://2852039166/",
    ];
    withstood(locations, |location| {
        let victim = Victim::new();
        let tally = victim
            .source
            .rule(on_answer(RequestKind::ManifestGet, Canned::new(302).header("location", location)));
        let run = victim.sync().code(1);
        assert_eq!((tally.acted(), run.outcome().as_str()), (1, "protocol"), "{location}");
        assert_silent(&run);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s04_a_redirect_to_itself_ends_after_ten() {
    withstood(READS, |kind| {
        let victim = victim_of(kind);
        let rule = Rule::on(kind).then(Behaviour::RedirectTo(victim.source.url()));
        let tally = victim.source.rule(rule);
        let run = victim.sync().code(1);
        // The first request of each blob, and ten more.
        assert!(tally.acted() > 0 && tally.acted().is_multiple_of(11), "{kind:?}: {}", tally.acted());
        assert_eq!(run.outcome(), "protocol", "{kind:?}");
    });
}

/// An image whose layer lies elsewhere, by its own words.
fn with_urls(url: &str, media_type: &str, is_there: bool) -> Image {
    let mut image = Recipe::new(5).layer(Layer::files(5, 2000)).build();
    let mut document = image.root().document();
    let foreign = Blob::new("foreign bytes");
    document["layers"].as_array_mut().expect("layers").push(json!({
        "mediaType": media_type, "digest": foreign.digest, "size": foreign.size_bytes, "urls": [url],
    }));
    image.manifests = vec![Manifest::new(&image.root().media_type, &document)];
    if is_there {
        image.blobs.insert(foreign.digest.clone(), foreign);
    }
    image
}

#[test]
fn s05_the_urls_of_a_layer_are_never_asked() {
    let foreign = [
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
    ];
    let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
    // What may not be distributed stays where it is; any other layer is the registry's, or is missing.
    let rows = [(foreign[0], false, 0), (foreign[1], false, 0), (layer, false, 1), (layer, true, 0)];
    withstood(rows, |(media_type, is_there, code)| {
        let internal = Evil::start();
        let image = with_urls(&format!("{}/layer.tar", internal.url()), media_type, is_there);
        let basic = || Options::new().auth(Auth::Basic(bob()));
        let victim = Victim::with(basic(), basic(), image);
        let run = victim.sync().code(code);
        internal.assert_unasked();
        match code {
            0 => {
                let stored = victim.target.manifest("copy", "1.0").expect("a manifest");
                assert_eq!(stored.bytes, victim.image.root().bytes, "byte for byte, with its urls");
            }
            _ => {
                assert_eq!(run.outcome(), "not_found");
                victim.assert_nothing_tagged();
            }
        }
    });
}

#[test]
fn s41_no_cookie_is_kept() {
    let (victim, evil) = (Victim::new(), Evil::start());
    let cookie = format!("session={CANARY}; Path=/");
    victim.source.rule(Rule::on(RequestKind::TagList).then(set("set-cookie", &cookie)));
    victim.source.rule(Rule::on(RequestKind::BlobGet).nth(2).then(Behaviour::RedirectTo(evil.url())));
    victim.source.rule(Rule::any().then(set("set-cookie", &cookie)));
    victim.target.rule(Rule::any().then(set("set-cookie", &cookie)));
    withstood([&victim], |victim| {
        assert_ne!(victim.sync().finished.code, Some(0));
        for registry in [&victim.source, &victim.target] {
            assert!(registry.requests().len() > 2);
            assert!(registry.requests().iter().all(|request| request.header("cookie").is_none()));
        }
        evil.assert_learnt_nothing();
    });
}
