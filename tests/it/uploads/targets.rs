//! Several targets: one whose chunks break holds up nobody, and is brought the rest on its own.

use super::{Behaviour, MIB, Options, RequestKind, Rule, Scene, shown};
use crate::bed::memory::{Cuts, Registry};
use crate::faults::mirror::Mirror;

#[test]
fn a_target_that_breaks_is_brought_the_rest_and_the_others_notice_nothing() {
    let scene = Scene::plain(17 * MIB, Options::new().cuts(Cuts::Forgotten));
    let good = [Registry::start(), Registry::start()];
    let cut = Behaviour::CutRequest(100_000);
    scene.target.rule(Rule::on(RequestKind::UploadPatch).nth(2).then(cut));
    let mirror = Mirror::of(&[&scene.source, &good[0], &good[1]]);
    let mirror = mirror.setting(&scene.target, "plain_http: true, profile: acr");
    let targets = [(&good[0], "copy"), (&scene.target, "copy"), (&good[1], "copy")];
    mirror.copying(&scene.source, "app", &targets, "1.0").sync().code(0);
    for target in [&good[0], &good[1], &scene.target] {
        assert!(target.complete("copy", "1.0"));
    }
    for target in &good {
        assert_eq!(shown(target, &scene.layer), ["PUT 17825792 201"]);
    }
    let expected = [
        "PATCH 0-16777215 202",
        "PATCH 16777216-17825791 -",
        "GET where 204",
        "PATCH 16777216-17825791 202",
        "PUT 0 201",
    ];
    assert_eq!(shown(&scene.target, &scene.layer), expected);
    let gets = scene.gets();
    assert_eq!((gets.len(), gets[0].as_str()), (2, "all"));
    assert_eq!(gets[1], format!("bytes={}-{}", 16 * MIB, 17 * MIB - 1));
}

#[test]
fn two_targets_that_break_at_different_bytes_go_on_each_from_its_own() {
    let scene = Scene::plain(40 * MIB, Options::new().cuts(Cuts::Forgotten));
    let other = Options::new().cuts(Cuts::Forgotten).start();
    let cut = |nth| Rule::on(RequestKind::UploadPatch).nth(nth).then(Behaviour::CutRequest(100_000));
    scene.target.rule(cut(2));
    other.rule(cut(3));
    let keys = "plain_http: true, profile: acr";
    let mirror = Mirror::of(&[&scene.source]).setting(&scene.target, keys).setting(&other, keys);
    let targets = [(&scene.target, "copy"), (&other, "copy")];
    mirror.copying(&scene.source, "app", &targets, "1.0").sync().code(0);
    for (target, start) in [(&scene.target, 16 * MIB), (&other, 32 * MIB)] {
        assert!(target.complete("copy", "1.0"));
        let asked = shown(target, &scene.layer);
        let whole = [0, 16 * MIB, 32 * MIB].map(|at| format!("PATCH {at}-"));
        for patch in whole {
            let times = asked.iter().filter(|asked| asked.starts_with(&patch)).count();
            assert_eq!(times, if patch == format!("PATCH {start}-") { 2 } else { 1 }, "{asked:?}");
        }
    }
    let starts: Vec<String> = scene.gets();
    let end = 40 * MIB - 1;
    assert_eq!(starts[0], "all");
    let mut rest = starts[1..].to_vec();
    rest.sort();
    assert_eq!(rest, [format!("bytes={}-{end}", 16 * MIB), format!("bytes={}-{end}", 32 * MIB)]);
}
