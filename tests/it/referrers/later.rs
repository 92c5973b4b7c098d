//! A signature that is made after its image was mirrored.

use super::{SYNC, assert_all_there, pair, signed_index};
use crate::bed::images::artifacts::{cosign_signature, cosign_tag, notation, referrers_tag};
use crate::bed::images::{Found, Referrer};
use crate::bed::memory::{Referrers, RequestKind};
use serde_json::json;

#[test]
fn a_signature_that_comes_later_moves_alone() {
    for (source, target) in
        [(Referrers::Filtered, Referrers::Absent), (Referrers::Absent, Referrers::Filtered)]
    {
        let mut whole = signed_index(1);
        let pair = pair(&whole, source, target);
        pair.run(&SYNC).expect_code(0);
        let root = whole.image.root().clone();
        // Notation signs once more, and cosign adds a layer to what is under its tag.
        let late = notation(&root, 90);
        let grown = cosign_signature(&root, &[1, 2, 91]);
        whole = whole.attach(late.clone());
        let old = whole
            .referrers
            .iter_mut()
            .find(|one| (one.found, &one.subject) == (Found::ByTag("sig"), &root.digest));
        *old.expect("it is signed") =
            Referrer { artifact: grown.clone(), subject: root.digest.clone(), found: Found::ByTag("sig") };
        whole.seed(&pair.source, "app", &["1"], source);
        pair.forget();

        let (finished, report) = pair.report(&["check"]);
        finished.expect_code(2);
        assert_eq!(report["items"][0]["drift"], "incomplete");
        let (finished, report) = pair.report(&SYNC);
        finished.expect_code(0);
        let item = &report["items"][0];
        assert_eq!(item["outcome"], "updated");
        assert_eq!(item["referrers"]["copied"], 2, "{item}");
        assert_eq!(item["target"]["digestAfter"], json!(root.digest));
        let mut wanted = vec![late.digest(), cosign_tag(&root.digest, "sig")];
        wanted.extend((target == Referrers::Absent).then(|| referrers_tag(&root.digest)));
        wanted.sort();
        let puts = pair.target.requests().of(RequestKind::ManifestPut);
        let mut put: Vec<String> =
            puts.iter().map(|put| put.path.trim_start_matches("/v2/app/manifests/").to_owned()).collect();
        put.sort();
        assert_eq!(put, wanted, "only what is new, and where it is found");
        // The envelope of the one and the config of the other: all else was there.
        assert_eq!(pair.target.requests().count(RequestKind::UploadPut), 2, "{}", pair.target.requests());
        assert_all_there(&pair.target, &whole, target);
        pair.forget();
        pair.run(&SYNC).expect_code(0);
        assert!(pair.target.requests().writes().is_empty());
    }
}
