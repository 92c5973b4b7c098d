//! Sources and targets that cannot say who speaks about an image.

use super::{Scene, empty, image, root};
use crate::bed::images::Whole;
use crate::bed::images::artifacts::{cosign_signature, notation, referrers_tag};
use crate::bed::memory::Behaviour::Answer;
use crate::bed::memory::{Canned, Options, Referrers, RequestKind, Rule};
use serde_json::Value;

fn signed() -> Whole {
    let image = image(1);
    let signature = notation(root(&image), 1);
    Whole::new(image).attach(signature)
}

/// Lists referrers like this.
fn answering(scene: &Scene, answer: Canned) {
    scene.source.rule(Rule::on(RequestKind::ReferrersGet).then(Answer(answer)));
}

/// The code of the failure of the one item, and that nothing was written.
fn failed(scene: &Scene) -> String {
    scene.run(&["sync", "--report", "json=report.json"]);
    assert!(scene.target.requests().writes().is_empty(), "{}", scene.target.requests());
    let report: Value = serde_json::from_str(&scene.program.read("report.json")).expect("the report is JSON");
    report["items"][0]["error"]["code"].as_str().expect("a code").to_owned()
}

#[test]
fn a_source_that_cannot_be_asked_is_a_failure_and_not_an_image_without_signatures() {
    let index = "application/vnd.oci.image.index.v1+json";
    for (answer, code) in [
        (Canned::new(500), "server_error"),
        (Canned::new(429), "throttled"),
        (Canned::new(401), "unauthenticated"),
        (Canned::new(403).error("DENIED", "no"), "denied"),
        (Canned::new(200).header("content-type", index).body("no JSON"), "protocol"),
        (Canned::new(200).header("content-type", index).body("{}"), "protocol"),
        (
            Canned::new(200).header("content-type", index).body(r#"{"manifests":[{"digest":"x"}]}"#),
            "protocol",
        ),
    ] {
        let scene = Scene::new(signed().start(Referrers::Filtered, "app", "1"), empty());
        let told = format!("{answer:?}");
        answering(&scene, answer);
        assert_eq!(failed(&scene), code, "{told}");
    }
}

#[test]
fn a_registry_says_in_many_ways_that_it_has_no_lists_and_its_tags_are_read() {
    for answer in [
        Canned::new(404).body("404 page not found"),
        Canned::new(404).error("METHOD_UNKNOWN", "no"),
        Canned::new(404).error("NAME_UNKNOWN", "it means the method"),
        Canned::new(405).error("UNSUPPORTED", "no"),
        Canned::new(400).error("UNSUPPORTED", "no"),
        Canned::new(501),
        Canned::new(200).header("content-type", "text/html").body("<html>Welcome</html>"),
    ] {
        let scene = Scene::new(signed().start(Referrers::Absent, "app", "1"), empty());
        let told = format!("{answer:?}");
        answering(&scene, answer);
        assert_eq!(scene.found(), super::expected(&signed()), "{told}");
        let asked = super::count(&scene.source, RequestKind::ReferrersGet);
        // What is said of a name says nothing of the registry: the signature is asked about, too.
        assert_eq!(asked, if told.contains("NAME_UNKNOWN") { 2 } else { 1 }, "{told}");
    }
}

#[test]
fn a_failure_that_passes_is_asked_again() {
    let scene = Scene::new(signed().start(Referrers::Filtered, "app", "1"), empty());
    let rule = Rule::on(RequestKind::ReferrersGet).first(1).then(Answer(Canned::new(503)));
    scene.source.rule(rule);
    assert_eq!(scene.found(), super::expected(&signed()));
}

#[test]
fn more_than_the_limit_is_a_failure_and_never_cut() {
    let image = image(1);
    let subject = root(&image).clone();
    let entry = |number: usize| {
        let digest = crate::bed::digest::sha256(&number.to_le_bytes());
        serde_json::json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 7 })
    };
    let index = |entries: usize| {
        let entries: Vec<Value> = (0..entries).map(entry).collect();
        let media_type = "application/vnd.oci.image.index.v1+json";
        let document =
            serde_json::json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries });
        crate::bed::images::Manifest::new(media_type, &document)
    };
    // In a list, and under a tag.
    let scene = Scene::new(Options::new().referrers(Referrers::Filtered).start(), empty());
    scene.source.seed(&image, "app", &["1"]);
    let body = String::from_utf8(index(1001).bytes.to_vec()).expect("JSON");
    answering(&scene, Canned::new(200).header("content-type", "application/json").body(&body));
    assert_eq!(failed(&scene), "limit_exceeded");
    let scene = Scene::new(empty(), empty());
    scene.source.seed(&image, "app", &["1"]);
    let listed = crate::bed::images::Image { manifests: vec![index(1001)], blobs: Default::default() };
    scene.source.seed(&listed, "app", &[&referrers_tag(&subject.digest)]);
    assert_eq!(failed(&scene), "limit_exceeded");
}

#[test]
fn signatures_of_signatures_end_at_a_depth() {
    let deep = |depth: usize| {
        let image = image(1);
        let mut whole = Whole::new(image.clone());
        let mut subject = root(&image).clone();
        for _ in 0..depth {
            let signature = notation(&subject, 1);
            subject = signature.root().clone();
            whole = whole.attach(signature);
        }
        whole
    };
    let scene = Scene::new(deep(8).start(Referrers::Filtered, "app", "1"), empty());
    assert_eq!(scene.found(), super::expected(&deep(8)));
    let scene = Scene::new(deep(9).start(Referrers::Filtered, "app", "1"), empty());
    assert_eq!(failed(&scene), "limit_exceeded");
}

#[test]
fn a_target_that_cannot_be_asked_fails_alone() {
    let whole = signed();
    let target = Options::new().referrers(Referrers::Filtered).start();
    target.seed(&whole.image, "m/app", &["1"]);
    target.rule(Rule::on(RequestKind::ReferrersGet).then(Answer(Canned::new(500))));
    let scene = Scene::new(whole.start(Referrers::Filtered, "app", "1"), target);
    assert_eq!(failed(&scene), "server_error");
    let report: Value = serde_json::from_str(&scene.program.read("report.json")).expect("the report is JSON");
    assert_eq!(report["items"][0]["target"]["reference"], format!("{}/m/app:1", scene.target.host()));
}

#[test]
fn who_asks_first_asks_for_all() {
    let source = Options::new().latency(std::time::Duration::from_millis(20)).start();
    for number in 0..31 {
        source.seed(&image(number), "app", &[&format!("1.{number}")]);
    }
    let scene = Scene::new(source, empty()).rule("tags: ['1.*']");
    scene.run(&["check"]).expect_code(2);
    assert_eq!(super::count(&scene.source, RequestKind::ReferrersGet), 1);
    // A failure teaches nothing: each asks, and each fails.
    let scene = Scene::new(Options::new().start(), empty()).rule("tags: ['1', '2', '3']");
    for number in 1..4 {
        scene.source.seed(&image(number), "app", &[&number.to_string()]);
    }
    answering(&scene, Canned::new(403).error("DENIED", "no"));
    scene.run(&["check"]);
    assert_eq!(super::count(&scene.source, RequestKind::ReferrersGet), 3);
}

#[test]
fn a_list_of_the_target_that_cannot_be_read_is_not_written_over() {
    let whole = signed();
    let scene = Scene::new(whole.start(Referrers::Absent, "app", "1"), empty());
    scene.target.seed(&whole.image, "m/app", &["1"]);
    let odd = cosign_signature(root(&whole.image), &[1]);
    scene.target.seed(&odd, "m/app", &[&referrers_tag(&whole.image.digest())]);
    // It is no list: what the source has is lacking, and writing tells what is there.
    let plan = scene.plan();
    assert_eq!(plan["entries"][0]["targets"][0]["drift"], "incomplete");
}
