//! Woodpecker and Drone: the image is a plugin. No arguments, the settings are variables.

use super::Registries;
use crate::bed::container::{Container, Entry, Image};

#[test]
fn settings_alone_make_the_image_a_plugin_also_without_a_shell() {
    for image in [Image::Full, Image::Bare] {
        let registries = Registries::new();
        let container = Container::of(image)
            .directory("/woodpecker/src", 0, 0)
            .work("/woodpecker/src")
            .variable("CI", "woodpecker")
            .variable("CI_WORKSPACE", "/woodpecker/src")
            .variable("PLUGIN_COMMAND", "sync")
            .variable("PLUGIN_SPEC", "images.yaml")
            .variable("PLUGIN_REPORT_DIR", "reports");
        container.write("/woodpecker/src/images.yaml", &registries.spec());
        container.start(Entry::Image(&[])).wait().expect_code(0);
        registries.assert_mirrored();
        assert!(container.read("/woodpecker/src/reports/report.json").contains("\"woodpecker\""));
    }
}
