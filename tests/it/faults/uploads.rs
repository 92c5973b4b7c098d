//! Starting uploads: where they go, what is not mounted, and sessions that get lost.

use super::{
    Behaviour, Canned, Mirror, Registry, RequestKind, Rule, Scene, count, large_image, layer_of, on,
    on_answer,
};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Locations, Options, Request, TokenServer};

fn with(header: &str, value: &str) -> Behaviour {
    Behaviour::SetHeader(header.to_owned(), value.to_owned())
}

#[test]
fn an_upload_goes_where_its_location_says_in_every_form() {
    for locations in [Locations::Absolute, Locations::Relative, Locations::Bare] {
        let mut scene = Scene::new();
        scene.target = Options::new().locations(locations).start();
        scene.sync().code(0);
        assert!(scene.is_copied(), "{locations:?}");
        for put in scene.target.requests().of(RequestKind::UploadPut).iter() {
            let kept = put.query("_state").is_some();
            assert_eq!(kept, locations != Locations::Bare, "{put:?}");
        }
    }
}

#[test]
fn a_location_on_another_host_gets_neither_bytes_nor_credentials() {
    let elsewhere = Registry::start();
    let host = elsewhere.host();
    let port = host.rsplit(':').next().expect("a port");
    for location in [
        format!("http://{host}/v2/copy/blobs/uploads/1"),
        format!("//{host}/v2/copy/blobs/uploads/1"),
        format!("http://localhost:{port}/v2/copy/blobs/uploads/1"),
        format!("https://{host}/v2/copy/blobs/uploads/1"),
        "ftp://127.0.0.1/x".to_owned(),
        "http://[".to_owned(),
    ] {
        let scene = Scene::new();
        scene.target.rule(on(RequestKind::Mount, with("location", &location)));
        let run = scene.sync().code(1);
        assert_eq!(run.outcome(), "protocol", "{location}");
        assert!(elsewhere.requests().is_empty(), "{location}");
        assert_eq!(count(&scene.target, RequestKind::UploadPut), 0);
        assert_eq!(count(&scene.source, RequestKind::BlobGet), 0);
    }
}

#[test]
fn a_location_with_a_user_in_it_is_refused() {
    let scene = Scene::new();
    let location = format!("http://user:canary@{}/v2/copy/blobs/uploads/1", scene.target.host());
    scene.target.rule(on(RequestKind::Mount, with("location", &location)));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "protocol");
    assert!(!run.finished.stderr.contains("canary") && !run.report.to_string().contains("canary"));
}

#[test]
fn an_upload_without_a_location_is_refused() {
    let scene = Scene::new();
    scene.target.rule(on(RequestKind::Mount, Behaviour::OmitHeader("location".to_owned())));
    assert_eq!(scene.sync().code(1).outcome(), "protocol");
}

#[test]
fn a_session_that_was_lost_is_begun_anew() {
    let lost = [
        Canned::new(404).error("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"),
        Canned::new(404).error("BLOB_UPLOAD_INVALID", "blob upload invalid"),
        Canned::new(400).error("BLOB_UPLOAD_INVALID", "blob upload invalid"),
        Canned::new(416),
    ];
    for canned in lost {
        let scene = Scene::of(large_image(21));
        let layer = layer_of(&scene.image);
        let rule =
            on_answer(RequestKind::UploadPut, canned.clone()).path(layer.trim_start_matches("sha256:"));
        scene.target.rule(rule.first(1));
        scene.sync().code(0);
        assert!(scene.is_copied());
        let puts = scene.target.requests().of(RequestKind::UploadPut);
        let paths: Vec<&str> = puts
            .iter()
            .filter(|put| put.query("digest") == Some(&layer))
            .map(|put| put.path.as_str())
            .collect();
        assert_eq!(paths.len(), 2, "{canned:?}");
        assert_ne!(paths[0], paths[1], "the second PUT has a session of its own");
    }
}

#[test]
fn a_registry_that_refuses_mounts_is_asked_once_and_remembered() {
    for status in [400, 404, 405, 422] {
        let scene = Scene::of(one_platform(1, Format::Oci));
        scene.target.rule(Rule::on(RequestKind::Mount).answer(status));
        let mirror = scene.mirror().limits(&scene.target, "concurrent_requests: 1");
        mirror.sync().code(0);
        assert!(scene.is_copied());
        assert_eq!(count(&scene.target, RequestKind::UploadStart), 3, "{status}");
        // Blobs of one image begin together; later images know.
        let mounts = count(&scene.target, RequestKind::Mount);
        assert!((1..=3).contains(&mounts), "{mounts}");
        scene.source.seed(&one_platform(2, Format::Oci), "app", &["2.0"]);
        let mirror = mirror.copying(&scene.source, "app", &[(&scene.target, "more")], "2.0");
        scene.target.clear_requests();
        mirror.sync().code(0);
        assert!(scene.target.complete("more", "2.0"));
    }
}

#[test]
fn a_registry_that_refuses_mounts_is_not_sent_what_it_has() {
    let scene = Scene::of(large_image(22));
    scene.target.rule(Rule::on(RequestKind::Mount).answer(405));
    scene.sync().code(0);
    scene.target.remove_tag("copy", "1.0");
    scene.target.clear_requests();
    scene.source.clear_requests();
    let run = scene.sync().code(0);
    assert_eq!(run.report["items"][0]["blobs"]["present"], 2);
    assert_eq!(count(&scene.target, RequestKind::UploadStart), 0, "{}", scene.target.requests());
    assert_eq!(count(&scene.source, RequestKind::BlobGet), 0);
    // A HEAD that is refused is no reason to fail.
    scene.target.remove_tag("copy", "1.0");
    scene.target.rule(Rule::on(RequestKind::BlobHead).answer(405));
    scene.sync().code(0);
    assert!(scene.is_copied());
}

#[test]
fn a_mount_that_becomes_an_upload_costs_no_request_more() {
    let scene = Scene::new();
    scene.sync().code(0);
    let requests = scene.target.requests();
    for digest in scene.image.blobs.keys() {
        let of_it = |request: &&Request| {
            request.query("mount") == Some(digest) || request.query("digest") == Some(digest)
        };
        let kinds: Vec<RequestKind> = requests.iter().filter(of_it).map(|request| request.kind).collect();
        assert_eq!(kinds, [RequestKind::Mount, RequestKind::UploadPut]);
    }
    assert_eq!(requests.count(RequestKind::UploadStart), 0);
}

#[test]
fn every_success_that_registries_answer_a_put_with_is_one() {
    for status in ["200", "202", "204"] {
        let scene = Scene::new();
        let status: u16 = status.parse().expect("a number");
        let tally = scene.target.rule(Rule::on(RequestKind::ManifestPut).answer(status));
        assert_eq!(scene.sync().code(0).outcome(), "created", "{status}");
        assert_eq!(tally.acted(), 1);
        let scene = Scene {
            target: Options::new().children(crate::bed::memory::Children::Unchecked).start(),
            ..Scene::new()
        };
        let tally = scene.target.rule(Rule::on(RequestKind::UploadPut).answer(status));
        scene.sync().code(0);
        assert_eq!(tally.acted() as usize, scene.image.blobs.len(), "{status}");
    }
}

#[test]
fn a_mount_asks_for_rights_on_both_repositories_and_does_without_where_there_are_none() {
    for may_pull_other in [true, false] {
        let mut users = Users::new().user("bob", "secret").allow("bob", "team/*", "pull,push");
        // The first repository takes pushes, but does not let its blobs be mounted from elsewhere.
        users = match may_pull_other {
            true => users.allow("bob", "other/a", "pull,push"),
            false => users.allow("bob", "other/a", "push"),
        };
        let _ = &users;
        let (source, target) =
            (Registry::start(), Options::new().auth(Auth::Bearer(TokenServer::new(users))).start());
        source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
        let mirror = Mirror::of(&[&source, &target])
            .variable("PASSWORD", "secret")
            .setting(&target, r#"plain_http: true, credentials: { username: bob, password: "${PASSWORD}" }"#)
            .copying(&source, "app", &[(&target, "team/a"), (&target, "team/b")], "1.0");
        mirror.sync().code(0);
        assert!(target.complete("team/a", "1.0") && target.complete("team/b", "1.0"));
        let mounts = target.requests().of(RequestKind::Mount);
        let mounted = mounts.iter().filter(|mount| mount.status == Some(201)).count();
        assert_eq!(mounted, 3, "{mounts}");
    }
}
