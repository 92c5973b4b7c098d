//! What others have at the target, what registries take for something else, and lists that lie.

use super::{APP, SYNC, assert_all_there, pair, signed_image};
use crate::bed::images::artifacts::{
    attached_sbom, cosign_signature, cosign_tag, fallback_index, notation, referrers_tag,
};
use crate::bed::images::{Format, Whole, one_platform, two_platforms};
use crate::bed::memory::{
    Behaviour, Call, DigestTags, Moment, Options, Referrers, Registry, RequestKind, Rule,
};
use crate::commands::pair::Pair;
use std::sync::Arc;

#[test]
fn what_others_listed_at_the_target_stays_as_it_is() {
    let whole = signed_image(1);
    let root = whole.image.root();
    let theirs = attached_sbom(root, 77);
    let list = fallback_index(&[&theirs]);
    let pair = pair(&whole, Referrers::Filtered, Referrers::Absent);
    let tag = referrers_tag(&root.digest);
    pair.target.seed(&theirs, "app", &[]);
    pair.target.seed(&list, "app", &[&tag]);
    pair.run(&SYNC).expect_code(0);
    let merged = pair.target.manifest("app", &tag).expect("a list").bytes;
    let text = String::from_utf8_lossy(&merged).into_owned();
    let before = String::from_utf8_lossy(&list.root().bytes).into_owned();
    let kept = before.trim_end_matches(|end: char| "]}".contains(end) || end.is_whitespace());
    assert!(text.starts_with(kept), "{text}");
    assert_all_there(&pair.target, &whole.attach(theirs), Referrers::Absent);
}

#[test]
fn signatures_that_only_the_target_has_are_never_written_over() {
    let image = one_platform(1, Format::Oci);
    let root = image.root().clone();
    let tag = cosign_tag(&root.digest, "sig");
    let whole = Whole::new(image).beside(&root.digest, "sig", cosign_signature(&root, &[1, 2]));
    let theirs = cosign_signature(&root, &[1, 99]);
    let pair = pair(&whole, Referrers::Absent, Referrers::Absent);
    pair.target.seed(&theirs, "app", &[&tag]);
    let finished = pair.run(&SYNC).expect_code(6);
    assert!(finished.stdout.contains(&tag), "{}", finished.stdout);
    assert_eq!(pair.target.tag("app", &tag), Some(theirs.digest()));
    assert_eq!(pair.target.tag("app", "1"), None);
    assert!(pair.target.requests().writes().is_empty());
    // What has nothing of its own may grow.
    pair.target.seed(&cosign_signature(&root, &[2]), "app", &[&tag]);
    pair.forget();
    pair.run(&SYNC).expect_code(0);
    assert_all_there(&pair.target, &whole, Referrers::Absent);
}

#[test]
fn a_signature_that_somebody_makes_at_the_target_meanwhile_is_seen_before_it_is_lost() {
    let image = one_platform(1, Format::Oci);
    let root = image.root().clone();
    let (tag, theirs) = (cosign_tag(&root.digest, "sig"), cosign_signature(&root, &[99]));
    let whole = Whole::new(image).beside(&root.digest, "sig", cosign_signature(&root, &[1]));
    let pair = pair(&whole, Referrers::Absent, Referrers::Absent);
    let target = Arc::new(Options::new().start());
    pair.registries(
        &format!("SOURCE: {{ plain_http: true }}\n{}: {{ plain_http: true }}", target.host()),
        &format!("- {{ source: SOURCE/app, target: {}/app, tags: [\"1\"] }}", target.host()),
    );
    let (registry, signature, name) = (Arc::clone(&target), theirs.clone(), tag.clone());
    let sign = Call::new(move || registry.seed(&signature, "app", &[&name]));
    pair.source.rule(Rule::on(RequestKind::BlobGet).first(1).then(Behaviour::Call(Moment::Before, sign)));
    let finished = pair.run(&SYNC).expect_code(6);
    assert!(finished.stdout.contains("would be lost"), "{}", finished.stdout);
    assert_eq!(target.tag("app", &tag), Some(theirs.digest()));
    assert_eq!(target.tag("app", "1"), None);
}

#[test]
fn where_the_tag_of_a_list_is_the_image_itself_nothing_is_written_over_and_it_is_said() {
    let whole = Whole::new(two_platforms(1, Format::Oci));
    let whole = whole.clone().attach(notation(whole.image.root(), 1));
    let gitlab = Options::new().digest_tags(DigestTags::Manifest);
    let pair = Pair::with(Options::new().referrers(Referrers::Filtered), gitlab);
    whole.seed(&pair.source, "app", &["1"], Referrers::Filtered);
    pair.mirrors(APP);
    let (finished, report) = pair.report(&SYNC);
    finished.expect_code(1);
    let error = &report["items"][0]["error"];
    assert_eq!(error["code"], "unsupported_manifest");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("the target cannot list them"), "{message}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("referrers: none")), "{error}");
    assert_eq!(pair.target.tags("app").len(), 0, "neither the image nor its digest");
    // As it says: without them, and what cosign has under tags of its own.
    let root = whole.image.root();
    let signed = Whole::new(whole.image.clone()).beside(&root.digest, "sig", cosign_signature(root, &[1]));
    signed.seed(&pair.source, "app", &["1"], Referrers::Filtered);
    pair.mirrors(
        "- { source: SOURCE/app, target: TARGET/app, tags: [\"1\"], \
         referrers: [application/vnd.dev.cosign.artifact.sig.v1+json] }",
    );
    pair.forget();
    pair.run(&SYNC).expect_code(0);
    assert_eq!(pair.target.tags("app").len(), 2);
}

/// A source whose list under a tag names this artifact as a referrer of the image.
fn lying(whole: &Whole, artifact: &crate::bed::images::Image) -> Registry {
    let source = Options::new().start();
    whole.seed(&source, "app", &["1"], Referrers::Absent);
    source.seed(artifact, "app", &[]);
    source.seed(&fallback_index(&[artifact]), "app", &[&referrers_tag(&whole.image.digest())]);
    source
}

#[test]
fn what_a_list_claims_and_the_manifest_does_not_say_is_not_mirrored() {
    let (image, other) = (one_platform(1, Format::Oci), one_platform(2, Format::Oci));
    let whole = Whole::new(image);
    for artifact in [notation(other.root(), 1), other.clone()] {
        let source = lying(&whole, &artifact);
        let target = Options::new().start();
        let pair = Pair::new();
        pair.registries(
            &format!("{}: {{ plain_http: true }}\n{}: {{ plain_http: true }}", source.host(), target.host()),
            &format!("- {{ source: {}/app, target: {}/app, tags: [\"1\"] }}", source.host(), target.host()),
        );
        let (finished, report) = pair.report(&SYNC);
        assert_ne!(finished.code, Some(0));
        let error = &report["items"][0]["error"];
        assert_eq!(error["code"], "corrupt", "{error}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(&artifact.digest()) && message.contains("does not name"), "{message}");
        assert_eq!(target.tags("app").len(), 0);
        assert!(target.manifest("app", &artifact.digest()).is_none());
    }
}
