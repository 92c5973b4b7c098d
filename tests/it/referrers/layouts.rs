//! Layouts: whatever speaks about an image is found by tags there.

use super::{SYNC, assert_all_there, pair, signed_index};
use crate::bed::images::artifacts::{cosign_tag, referrers_tag};
use crate::bed::memory::Referrers;
use crate::bed::skopeo::Skopeo;

const HOP: &str = "
- { name: down, source: SOURCE/app, target: 'oci:./copy', tags: [\"1\"] }
";
const BACK: &str = "
- { name: up, source: 'oci:./copy', target: TARGET/app, tags: [\"1\"] }
";

#[test]
fn what_went_into_a_layout_comes_out_again_and_others_can_read_it() {
    let whole = signed_index(1);
    for api in [Referrers::Absent, Referrers::Filtered] {
        let pair = pair(&whole, api, api);
        pair.mirrors(HOP);
        pair.run(&SYNC).expect_code(0);
        let layout = pair.program.work().join("copy");
        let before = std::fs::read(layout.join("index.json")).expect("a layout");
        pair.run(&SYNC).expect_code(0);
        assert_eq!(std::fs::read(layout.join("index.json")).expect("a layout"), before);
        pair.mirrors(BACK);
        pair.run(&SYNC).expect_code(0);
        assert_all_there(&pair.target, &whole, api);
        if api == Referrers::Absent {
            let root = whole.image.digest();
            let at = |tag: String| format!("oci:{}:{tag}", layout.display());
            let skopeo = Skopeo::new();
            let signature = skopeo.digest(&at(cosign_tag(&root, "sig"))).expect("skopeo reads it");
            assert_eq!(Some(&signature), whole.cosign_tags().get(&cosign_tag(&root, "sig")));
            let list = skopeo.inspect_raw(&at(referrers_tag(&root))).expect("skopeo reads it");
            let (_, wanted) =
                whole.fallbacks().into_iter().find(|(subject, _)| *subject == root).expect("it is signed");
            assert_eq!(super::entries(&list), super::entries(&wanted.root().bytes));
        }
    }
}

#[test]
fn a_layout_that_others_wrote_is_a_source_with_signatures() {
    let whole = signed_index(2);
    let pair = pair(&whole, Referrers::Absent, Referrers::Absent);
    whole.write_layout(&pair.program.work().join("copy"), "1");
    pair.mirrors(BACK);
    pair.run(&SYNC).expect_code(0);
    assert_all_there(&pair.target, &whole, Referrers::Absent);
}
