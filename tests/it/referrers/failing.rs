//! A referrer that cannot be had, or that a target does not take.

use super::{SYNC, assert_all_there, pair, signed_index};
use crate::bed::images::artifacts::notation;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, Options, Referrers, RequestKind, Rule};

#[test]
fn an_image_whose_signature_cannot_be_had_gets_no_tag_and_the_signature_is_named() {
    let whole = signed_index(1);
    let lost = whole.referrers[0].artifact.clone();
    let blob = lost
        .blobs
        .keys()
        .find(|digest| !whole.image.blobs.contains_key(*digest) && lost.blobs[*digest].size_bytes > 2);
    let pair = pair(&whole, Referrers::Filtered, Referrers::Absent);
    pair.source.remove_blob(blob.expect("an envelope"));
    pair.source.seed(&one_platform(9, Format::Oci), "app", &["2"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1\", \"2\"] }");
    let (finished, report) = pair.report(&SYNC);
    assert_ne!(finished.code, Some(0));
    let error = &report["items"][0]["error"];
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains(&lost.digest()) && message.contains(&whole.image.digest()), "{message}");
    assert_eq!(pair.target.tag("app", "1"), None, "a mirror that drops signatures is worse than none");
    assert!(pair.target.complete("app", "2"), "others are not held up");
    // What is whole again arrives.
    pair.source.seed(&lost, "app", &[]);
    pair.forget();
    pair.run(&SYNC).expect_code(0);
    pair.target.remove_tag("app", "2");
    assert_all_there(&pair.target, &whole, Referrers::Absent);
}

#[test]
fn a_target_that_takes_no_signatures_fails_alone() {
    let whole = signed_index(2);
    let pair = pair(&whole, Referrers::Filtered, Referrers::Absent);
    let other = Options::new().start();
    let refused = whole.referrers[0].artifact.digest();
    let canned = Canned::new(415).error("MANIFEST_INVALID", "manifest invalid");
    other.rule(Rule::on(RequestKind::ManifestPut).path(&refused).then(Behaviour::Answer(canned)));
    let host = other.host();
    pair.registries(
        &format!(
            "SOURCE: {{ plain_http: true }}\nTARGET: {{ plain_http: true }}\n{host}: {{ plain_http: true }}"
        ),
        &format!("- {{ source: SOURCE/app, target: [TARGET/app, {host}/app], tags: [\"1\"] }}"),
    );
    let finished = pair.run(&SYNC);
    assert_ne!(finished.code, Some(0));
    assert!(finished.stdout.contains(&format!("the referrer {refused}")), "{}", finished.stdout);
    assert_eq!(other.tag("app", "1"), None);
    assert_all_there(&pair.target, &whole, Referrers::Absent);
    assert_eq!(notation(whole.image.root(), 1).digest(), refused);
}
