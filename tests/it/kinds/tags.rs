//! Lists of tags: pages, and what is on them beside tags.

use super::{Format, Stage, one_platform, table};

#[test]
fn every_tag_is_found_and_nothing_else() {
    insta::assert_snapshot!(table(|personality| {
        let stage =
            Stage::new(personality).pulling("mirror/app", "copy", "{ include: ['*'], exclude: ['dev*'] }");
        let tags = ["1.0", "1.1", "1.2", "2.0", "2.1", "dev-1", "latest"];
        stage.kind.seed(&one_platform(1, Format::Oci), "mirror/app", &tags);
        let run = stage.sync();
        run.expect("exit 0: created 6");
        let arrived: Vec<String> = stage.other.tags("copy").into_keys().collect();
        assert_eq!(arrived, ["1.0", "1.1", "1.2", "2.0", "2.1", "latest"], "{personality:?}");
        format!("{}\n    {}", run.told(), super::tally(&stage.kind))
    }));
}
