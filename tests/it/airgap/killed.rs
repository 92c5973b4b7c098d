//! A push that was killed goes on where it stopped.

use super::{PUSH, Scene};
use crate::bed::memory::{Behaviour, Moment, RequestKind, Rule};
use crate::bed::program::Victim;
use crate::bed::tally;

#[test]
fn a_push_that_was_killed_ends_as_one_that_was_not_and_brings_no_blob_again() {
    let undisturbed = Scene::new();
    undisturbed.create(&[]);
    undisturbed.run(&PUSH).expect_code(0);
    let holdings = undisturbed.target.holdings();
    let kinds =
        [RequestKind::Mount, RequestKind::UploadPut, RequestKind::ManifestPut, RequestKind::ManifestPut];
    for (number, kind) in kinds.into_iter().enumerate() {
        let scene = Scene::new();
        scene.create(&[]);
        let victim = Victim::default();
        let rule = Rule::on(kind).nth(number as u64 + 1).kills(&victim, Moment::Before).then(Behaviour::Drop);
        let tally = scene.target.rule(rule);
        let words: Vec<&str> = PUSH.iter().copied().chain(["--progress", "none"]).collect();
        let running = scene.program.spawn(&words);
        running.is(&victim);
        assert_eq!((running.wait().signal, tally.acted()), (Some(9), 1), "{kind:?}: it never came to that");
        while !scene.target.is_alone() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        scene.target.assert_clean();
        let killed = scene.target.holdings();
        scene.target.clear_rules();
        scene.target.clear_requests();
        scene.run(&PUSH).expect_code(0);
        let now = scene.target.holdings();
        assert_eq!(now.keys().collect::<Vec<_>>(), holdings.keys().collect::<Vec<_>>(), "{kind:?}");
        for put in scene.target.requests().of(RequestKind::UploadPut).iter() {
            let digest = put.query("digest").unwrap_or_default();
            let was_there = killed
                .iter()
                .any(|(name, held)| put.path.contains(name.as_str()) && held.blobs.contains(digest));
            assert!(!was_there, "{kind:?}: {put} brought what was there");
        }
        super::assert_signed(&scene.target, "mirror/app", "1.0");
        scene.target.clear_requests();
        scene.run(&PUSH).expect_code(0);
        assert!(scene.target.requests().writes().is_empty(), "{}", scene.target.requests());
    }
    tally::count("kills survived", 4);
}
