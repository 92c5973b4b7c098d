//! However large a layer is and however it is sent, little of it is in memory.

use super::{MIB, Options, RequestKind, Scene, error};
use crate::bed::memory::{Requests, Storage};

/// The most memory that a run may have, in KiB.
const PEAK_KIB_MAX: u64 = 64 * 1024;

/// Sends a layer of `bytes` in each way.
fn send(bytes: u64) {
    // The noise before the digest of a layer costs more than the run: one image for all.
    let source = Scene::plain(bytes, Options::new());
    for (keys, strategy) in [("", "PUT"), (", profile: acr", "chunks"), ("", "stream")] {
        let target = Options::new().storage(Storage::Hashed).start();
        if strategy == "stream" {
            let put = source.on_layer(RequestKind::UploadPut).first(1);
            target.rule(put.then(error(404, "BLOB_UNKNOWN")));
        }
        let spec = format!(
            "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n  {}: {{ plain_http: true{keys} }}\n\
             mirrors: [{{ source: {}/app, target: {}/copy, tags: [\"1.0\"] }}]\n",
            source.source.host(),
            target.host(),
            source.source.host(),
            target.host(),
        );
        let program = crate::bed::program::Program::new();
        program.write("crossdock.yaml", &spec);
        let (finished, peak_kib) = program.run_measured(&["sync"]);
        finished.expect_code(0);
        assert_eq!(target.missing("copy", "1.0"), [""; 0], "{strategy}");
        let requests = target.requests();
        assert!(is_sent(&requests, bytes, strategy), "{strategy}\n{requests}");
        assert!(peak_kib < PEAK_KIB_MAX, "{strategy}: {peak_kib} KiB");
        println!("{strategy}: {peak_kib} KiB");
    }
}

/// Whether the layer went the way that is measured here.
fn is_sent(requests: &Requests, bytes: u64, strategy: &str) -> bool {
    let (patches, puts) = (requests.of(RequestKind::UploadPatch), requests.of(RequestKind::UploadPut));
    let whole = |requests: &Requests| requests.iter().any(|request| request.body_bytes == bytes);
    match strategy {
        "PUT" => whole(&puts),
        "chunks" => patches.len() as u64 == bytes.div_ceil(16 * MIB),
        _ => whole(&patches),
    }
}

#[test]
fn a_layer_of_256_mib_passes_in_each_way_through_little_memory() {
    send(256 * MIB);
}

#[test]
#[ignore = "a minute of hashing; the test above shows the same with less"]
fn a_layer_of_5_gib_passes_in_each_way_through_little_memory() {
    send(5 * 1024 * MIB);
}
