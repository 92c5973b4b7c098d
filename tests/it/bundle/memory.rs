//! However large a layer is, little of it is in memory: when it is fetched, and when it is found.

use super::*;

/// Bytes of the layer: more than a run may have in memory.
const LARGE_BYTES: u64 = 96 << 20;
/// The most memory that a run may have, in KiB.
const PEAK_KIB_MAX: u64 = 64 * 1024;

#[test]
fn a_layer_larger_than_the_memory_of_a_run_is_bundled_and_found_again() {
    let scene = Scene::with("tags: ['1.0'], referrers: none");
    scene.source.seed(&Recipe::new(1).layer(Layer::synthetic(1, LARGE_BYTES)).build(), SOURCE, &["1.0"]);
    let measured = |arguments: &[&str]| {
        let (finished, peak_kib) = scene.program.run_measured(&[&CREATE[..], arguments].concat());
        finished.expect_code(0);
        assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
    };
    measured(&["--split", "40MB"]);
    let length = |part: &str| scene.program.work().join(part).metadata().expect("it is there").len();
    assert_eq!((length("site.tar.001"), length("site.tar.002")), (40_000_000, 40_000_000));
    // As if it had been killed before its parts got their names.
    for part in ["site.tar.001", "site.tar.002", "site.tar.003"] {
        let path = scene.program.work().join(part);
        std::fs::rename(&path, path.with_extension(format!("{}.partial", &part[9..]))).expect("it is ours");
    }
    scene.source.clear_requests();
    measured(&["--split", "40MB"]);
    assert_eq!(scene.fetched(), [""; 0]);
}
