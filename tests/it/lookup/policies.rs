//! `require`, other forms of an image, saved plans and `copy`.

use super::{Scene, empty, expected, image, lines, root, two};
use crate::bed::images::Whole;
use crate::bed::images::artifacts::{NOTATION, SIMPLE_SIGNING, SPDX, cosign_signature, notation};
use crate::bed::memory::{Options, Referrers};

#[test]
fn an_image_without_what_is_required_is_refused_whatever_the_target_has() {
    let image = image(1);
    let whole = Whole::new(image.clone()).attach(notation(root(&image), 1)).beside(
        &image.digest(),
        "sig",
        cosign_signature(root(&image), &[1]),
    );
    for api in [Referrers::Filtered, Referrers::Absent] {
        for (require, referrers, passes) in [
            (NOTATION, "all", true),
            (SIMPLE_SIGNING, "all", true),
            ("application/vnd.dev.cosign.artifact.sig.v1+json", "none", true),
            (SPDX, "all", false),
            (SPDX, "none", false),
        ] {
            let keys = format!("tags: ['1'], require: [{require}], referrers: {referrers}");
            for is_there in [false, true] {
                let scene = Scene::new(whole.start(api, "app", "1"), empty()).rule(&keys);
                if is_there {
                    scene.target.seed(&image, "m/app", &["1"]);
                }
                let plan = scene.plan();
                let target = &plan["entries"][0]["targets"][0];
                let refused = target["drift"] == "refused";
                assert_eq!(refused, !passes, "{api:?} {keys} {is_there}: {target}");
                if refused {
                    assert_eq!(target["reason"], "require");
                    assert!(target["because"].as_str().expect("words").contains(SPDX), "{target}");
                    scene.run(&["sync"]).expect_code(6);
                    assert!(scene.target.requests().writes().is_empty());
                }
            }
        }
    }
}

#[test]
fn what_speaks_about_a_child_only_does_not_pass_for_the_image() {
    let index = two(1);
    let child = index.children()[0].clone();
    let whole = Whole::new(index).attach(notation(&child, 1));
    let scene = Scene::new(whole.start(Referrers::Filtered, "app", "1"), empty());
    let scene = scene.rule(&format!("tags: ['1'], require: [{NOTATION}]"));
    assert_eq!(scene.plan()["entries"][0]["targets"][0]["reason"], "require");
}

#[test]
fn what_speaks_about_an_image_that_gets_another_digest_stays_behind_and_is_counted() {
    for api in [Referrers::Filtered, Referrers::Absent] {
        let index = two(1);
        let [kept, dropped] = [0, 1].map(|at| index.children()[at].clone());
        let whole = Whole::new(index.clone())
            .attach(notation(root(&index), 1))
            .attach(notation(root(&index), 2))
            .attach(notation(&kept, 3))
            .attach(notation(&dropped, 4));
        let keys = "tags: ['1'], platforms: [linux/amd64]";
        let scene = Scene::new(whole.start(api, "app", "1"), empty()).rule(keys);
        let plan = scene.plan();
        let entry = &plan["entries"][0];
        let found = lines(&entry["referrers"]);
        assert_eq!(found.len(), 1, "of the child that is mirrored: {found:?}");
        assert!(found.iter().all(|[subject, _, _]| *subject == kept.digest), "{api:?} {found:?}");
        assert_eq!(entry["source"]["made"]["leftBehind"], 2);
        let shown = scene.run(&["plan", "--report", "json=report.json"]).expect_code(0);
        assert!(shown.stdout.contains("2 referrers left behind"), "{}", shown.stdout);
        let report: serde_json::Value =
            serde_json::from_str(&scene.program.read("report.json")).expect("the report is JSON");
        assert_eq!(report["items"][0]["referrers"]["leftBehind"], 2);
        // Byte for byte, only parts of it: those of the root go with it.
        let sparse = scene.again(&format!("{keys}, index: sparse"));
        let sparse = lines(&sparse.plan()["entries"][0]["referrers"]);
        assert_eq!(sparse.len(), 3, "{sparse:?}");
        // The child in the place of the index.
        let single = scene.again(&format!("{keys}, index: single"));
        let plan = single.plan();
        assert_eq!(lines(&plan["entries"][0]["referrers"]), found);
        assert_eq!(plan["entries"][0]["source"]["made"]["leftBehind"], 2);
    }
}

#[test]
fn a_saved_plan_looks_again_at_what_a_target_lacks() {
    let image = image(1);
    let whole = Whole::new(image.clone()).attach(notation(root(&image), 1));
    let target = Options::new().referrers(Referrers::Filtered).start();
    target.seed(&image, "m/app", &["1"]);
    let scene = Scene::new(whole.start(Referrers::Filtered, "app", "1"), target);
    assert_eq!(scene.plan()["entries"][0]["targets"][0]["drift"], "incomplete");
    // Somebody brings it meanwhile.
    whole.seed(&scene.target, "m/app", &["1"], Referrers::Filtered);
    scene.run(&["apply", "plan.json"]).expect_code(0);
    assert!(scene.target.requests().writes().is_empty(), "{}", scene.target.requests());
    assert_eq!(scene.asked(), ["ManifestHead 1", "ManifestHead 1, ReferrersGet 1"]);
    // The source moves: what speaks about the image of before is not brought.
    scene.source.seed(&super::image(2), "app", &["1"]);
    let applied = scene.run(&["apply", "plan.json"]).expect_code(6);
    assert!(applied.stdout.contains("has moved"), "{}", applied.stdout);
}

#[test]
fn a_copy_brings_what_speaks_about_its_image_unless_it_is_told_not_to() {
    let image = image(1);
    let whole = Whole::signed(image.clone());
    let copied = |flags: &[&str]| {
        let scene = Scene::new(whole.start(Referrers::Filtered, "app", "1"), empty());
        let [from, to] = [format!("{}/app:1", scene.source.host()), format!("{}/app", scene.target.host())];
        scene.run(&["lint"]).expect_code(0);
        let arguments = ["copy", "--spec", "crossdock.yaml", &from, &to, "--report", "json=report.json"];
        scene.program.run(&[&arguments[..], flags].concat()).expect_code(0);
        let report: serde_json::Value =
            serde_json::from_str(&scene.program.read("report.json")).expect("the report is JSON");
        report["items"][0]["referrers"]["found"].clone()
    };
    assert_eq!(copied(&[]), expected(&whole).len());
    assert_eq!(copied(&["--referrers", "none"]), serde_json::Value::Null);
    assert_eq!(copied(&["--referrers", NOTATION, "--referrers", SPDX]), 3);
    let scene = Scene::new(empty(), empty());
    scene.program.run(&["copy", "a.test/a:1", "b.test/b", "--referrers", "nonsense"]).expect_code(4);
}
