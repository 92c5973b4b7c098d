//! Starting uploads: where they go, what is not mounted, and sessions that get lost.

use super::{
    Behaviour, Canned, Mirror, Registry, RequestKind, Rule, Scene, count, large_image, layer_of, on,
    on_answer,
};
use crate::bed::grants::Users;
use crate::bed::images::{Format, Layer, Recipe, one_platform};
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
fn a_registry_that_refuses_mounts_is_remembered() {
    /// More than are begun at once.
    const LAYERS: usize = 200;
    let layers = (0..LAYERS as u64).map(|seed| Layer::files(seed, 500));
    let image = layers.fold(Recipe::new(1), Recipe::layer).build();
    for status in [400, 404, 405, 422] {
        let scene = Scene::of(image.clone());
        scene.target.rule(Rule::on(RequestKind::Mount).answer(status));
        scene.sync().code(0);
        assert!(scene.is_copied());
        assert_eq!(count(&scene.target, RequestKind::UploadStart), LAYERS + 1, "{status}");
        // Those that begin together at first ask; the others know.
        let mounts = count(&scene.target, RequestKind::Mount);
        assert!((1..=128).contains(&mounts), "{status}: {mounts}");
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

/// A registry where each user has rights in the repositories of their own team only.
fn teams() -> Registry {
    let users = Users::new().user("anna", "secret-a").user("bob", "secret-b");
    let users = users.allow("anna", "team-a/*", "pull,push").allow("bob", "team-b/*", "pull,push");
    Options::new().auth(Auth::Bearer(TokenServer::new(users))).start()
}

/// The account of one user for a part of `registry`.
fn account(mirror: Mirror, registry: &Registry, team: &str, user: &str) -> Mirror {
    let variable = format!("PASSWORD_{}", user.to_uppercase());
    let password = format!("secret-{}", team.trim_start_matches("team-"));
    let keys =
        format!("plain_http: true, credentials: {{ username: {user}, password: \"${{{variable}}}\" }}");
    mirror.variable(&variable, &password).setting_of(&format!("{}/{team}", registry.host()), &keys)
}

#[test]
fn a_mount_asks_for_rights_on_both_repositories() {
    let (source, target) = (Registry::start(), teams());
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let mirror = account(Mirror::of(&[&source]), &target, "team-a", "anna");
    mirror.copying(&source, "app", &[(&target, "team-a/x"), (&target, "team-a/y")], "1.0").sync().code(0);
    assert!(target.complete("team-a/x", "1.0") && target.complete("team-a/y", "1.0"));
    let mounts = target.requests().of(RequestKind::Mount);
    assert_eq!(mounts.iter().filter(|mount| mount.status == Some(201)).count(), 3, "{mounts}");
    assert_eq!(count(&target, RequestKind::UploadPut), 3);
    let tokens = target.requests().of(RequestKind::Token);
    let scopes = |token: &Request| -> Vec<String> {
        token.query.iter().filter(|(key, _)| key == "scope").map(|(_, scope)| scope.clone()).collect()
    };
    let both = |own: &str, other: &str| {
        [format!("repository:team-a/{own}:pull,push"), format!("repository:team-a/{other}:pull")]
    };
    let asked = |wanted: [String; 2]| tokens.iter().any(|token| scopes(token) == wanted);
    assert!(asked(both("x", "y")) || asked(both("y", "x")), "{tokens:?}");
}

#[test]
fn a_mount_that_the_account_has_no_rights_for_becomes_an_upload() {
    let (source, target) = (Registry::start(), teams());
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let mirror = account(Mirror::of(&[&source]), &target, "team-a", "anna");
    let mirror = account(mirror, &target, "team-b", "bob");
    mirror.copying(&source, "app", &[(&target, "team-a/x"), (&target, "team-b/y")], "1.0").sync().code(0);
    assert!(target.complete("team-a/x", "1.0") && target.complete("team-b/y", "1.0"));
    assert_eq!(count(&target, RequestKind::UploadPut), 6);
    let (anna, bob) = ("for-anna", "for-bob");
    for request in target.requests().iter() {
        let Some(shown) = request.header("authorization").filter(|shown| shown.starts_with("Bearer")) else {
            continue;
        };
        let user = if request.path.contains("team-a") { anna } else { bob };
        assert!(shown.ends_with(user), "{request}: {shown}");
    }
}
