//! Tags of one manifest that wait at the same time go into a registry together, where it takes that.

use super::{attested, line, made, rule, synced};
use crate::bed::images::Image;
use crate::bed::memory::{Behaviour, Call, Gate, Moment, Options, Personality, RequestKind, Rule, Tagging};
use crate::commands::pair::Pair;
use std::sync::atomic::{AtomicUsize, Ordering};

const TAGS: [&str; 5] = ["1", "1.2", "1.2.3", "latest", "stable"];
const REGISTRIES: &str = "SOURCE: { plain_http: true }\nTARGET: { plain_http: true, profile: zot }";

/// A source with five tags of one image, and a target that takes tags like this. Its blobs are only taken when
/// all tags have been looked at, so that all wait for the one that brings them.
fn scene(tagging: Tagging, keys: &str) -> (Pair, Image) {
    scene_of(&TAGS, tagging, keys)
}

/// The same with these tags.
fn scene_of(tags: &[&str], tagging: Tagging, keys: &str) -> (Pair, Image) {
    let options = Options::like(Personality::Zot).but(|traits| traits.tagging = tagging);
    let pair = Pair::with(Options::new(), options);
    let image = made("linux/amd64", 1, None);
    pair.source.seed(&image, "app", tags);
    pair.target.create("mirror/app");
    let (gate, looks) = (Gate::closed(), AtomicUsize::new(0));
    pair.target.rule(Rule::on(RequestKind::Mount).then(Behaviour::Hold(gate.clone())));
    let all = tags.len();
    let look = move || {
        if looks.fetch_add(1, Ordering::SeqCst) + 1 == all {
            let gate = gate.clone();
            // What was answered last is on its way, and its tag has to find its place.
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(200));
                gate.open();
            });
        }
    };
    let look = Behaviour::Call(Moment::Committed, Call::new(look));
    pair.target.rule(Rule::on(RequestKind::ManifestHead).then(look));
    let spelled = format!("tags: ['{}']\n{keys}", tags.join("', '"));
    pair.registries(REGISTRIES, &rule(&spelled));
    (pair, image)
}

fn created() -> String {
    TAGS.map(|tag| format!("{tag} created")).join(", ")
}

/// The tags beside the digest in each PUT of a manifest, and those in its path.
fn puts(pair: &Pair) -> Vec<(usize, bool)> {
    let requests = pair.target.requests().of(RequestKind::ManifestPut);
    let beside = |query: &[(String, String)]| query.iter().filter(|(key, _)| key == "tag").count();
    requests.iter().map(|put| (beside(&put.query), put.path.contains("sha256:"))).collect()
}

#[test]
fn five_tags_of_one_image_cost_one_put() {
    let (pair, image) = scene(Tagging::Taken { most: 10 }, "");
    assert_eq!(line(&synced(&pair, 0)), created());
    assert_eq!(puts(&pair), [(5, true)], "{}", pair.target.requests());
    assert!(TAGS.iter().all(|tag| pair.target.tag("mirror/app", tag) == Some(image.digest())));
    assert!(pair.target.complete("mirror/app", "stable"));
    pair.target.clear_rules();
    assert_eq!(line(&synced(&pair, 0)), created().replace("created", "current"));
    assert_eq!(pair.target.requests().writes().len(), 0);
}

#[test]
fn more_tags_than_every_registry_takes_at_once_are_parted() {
    let tags: Vec<String> = (0..12).map(|number| format!("1.{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let (pair, image) = scene_of(&tags, Tagging::Taken { most: 10 }, "");
    synced(&pair, 0);
    assert_eq!(puts(&pair), [(10, true), (2, true)], "{}", pair.target.requests());
    assert!(tags.iter().all(|tag| pair.target.tag("mirror/app", tag) == Some(image.digest())));
}

#[test]
fn tags_that_the_answer_does_not_name_are_written_by_themselves() {
    let (pair, _) = scene(Tagging::Some(2), "");
    assert_eq!(line(&synced(&pair, 0)), created());
    let puts = puts(&pair);
    assert_eq!(puts[0], (5, true));
    assert_eq!(pair.target.tags("mirror/app").len(), 5);
    assert!(pair.target.requests().count(RequestKind::ManifestPut) <= 4, "{}", pair.target.requests());
}

#[test]
fn a_registry_that_does_not_know_the_parameter_or_refuses_it_is_asked_once() {
    for tagging in [Tagging::Ignored, Tagging::Refused] {
        let (pair, image) = scene(tagging, "");
        // And another image with as many tags.
        let other = made("linux/amd64", 2, None);
        pair.source.seed(&other, "app", &["2", "2.1", "2.1.0", "edge"]);
        let more = rule("name: more\ntags: ['2', '2.1', '2.1.0', edge]");
        let first = rule(&format!("tags: ['{}']", TAGS.join("', '")));
        pair.registries(REGISTRIES, &format!("{first}{more}"));
        synced(&pair, 0);
        let puts = puts(&pair);
        assert_eq!(puts.iter().filter(|(beside, _)| *beside > 0).count(), 1, "{tagging:?} {puts:?}");
        assert_eq!(puts.len(), 1 + TAGS.len() + 4, "{tagging:?} {puts:?}");
        assert_eq!(pair.target.tag("mirror/app", "stable"), Some(image.digest()));
        assert_eq!(pair.target.tag("mirror/app", "edge"), Some(other.digest()));
    }
}

#[test]
fn a_registry_of_which_nothing_is_known_is_never_asked() {
    let (pair, _) = scene(Tagging::Taken { most: 10 }, "");
    let spelled = rule(&format!("tags: ['{}']", TAGS.join("', '")));
    pair.mirrors(&spelled);
    synced(&pair, 0);
    assert_eq!(puts(&pair), [(0, false); 5]);
}

#[test]
fn a_protected_tag_is_refused_alone_and_the_others_are_written() {
    let (pair, image) = scene(Tagging::Taken { most: 10 }, "");
    let other = made("linux/amd64", 2, None);
    pair.target.seed(&other, "mirror/app", &["1.2"]);
    pair.target.protect("mirror/app", "1.2");
    // Nobody may write it: that is all that went wrong.
    let told = synced(&pair, 5);
    assert_eq!(told["1.2"], "failed denied");
    for tag in TAGS.iter().filter(|tag| **tag != "1.2") {
        assert_eq!(pair.target.tag("mirror/app", tag), Some(image.digest()), "{tag}");
    }
    assert_eq!(pair.target.tag("mirror/app", "1.2"), Some(other.digest()));
}

#[test]
fn a_tag_that_somebody_else_wrote_meanwhile_is_left_out_where_the_policy_keeps() {
    let (pair, image) = scene(Tagging::Taken { most: 10 }, "on_existing: fail");
    let theirs = made("linux/amd64", 2, None);
    // When the first blob arrives, all tags were looked at once.
    let gate = Gate::closed();
    pair.target.rule(Rule::on(RequestKind::UploadPut).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&["sync", "--report", "json=report.json"]);
    gate.wait_for(1);
    pair.target.seed(&theirs, "mirror/app", &["latest"]);
    gate.open();
    running.wait().expect_code(6);
    let told = super::outcomes(&pair.read_report());
    assert_eq!(told["latest"], "refused target_moved");
    assert_eq!(pair.target.tag("mirror/app", "latest"), Some(theirs.digest()));
    for tag in TAGS.iter().filter(|tag| **tag != "latest") {
        assert_eq!(pair.target.tag("mirror/app", tag), Some(image.digest()), "{tag}");
    }
    let puts = puts(&pair);
    assert_eq!(puts, [(4, true)], "{}", pair.target.requests());
}

#[test]
fn an_index_is_tagged_once_after_all_that_it_reaches() {
    let (pair, _) = scene(Tagging::Taken { most: 10 }, "");
    let index = attested(&[made("linux/amd64", 3, None), made("linux/arm64", 4, None)]);
    pair.source.seed(&index, "app", &TAGS);
    assert_eq!(line(&synced(&pair, 0)), created());
    let puts = puts(&pair);
    assert_eq!(puts.iter().filter(|(beside, _)| *beside == 5).count(), 1, "{puts:?}");
    assert_eq!((puts.len(), puts[3]), (4, (5, true)), "the last: {puts:?}");
    pair.target.assert_clean();
}
