//! Filters that somebody else wrote: what they may use, and what takes their place.

use super::withstood;
use crate::bed::component::keeps_all;
use crate::bed::digest::sha256;
use crate::bed::filters::filter as guest;
use crate::bed::images::{Format, one_platform};
use crate::commands::pair::Pair;

/// A rule with the filter `f`, which is the file `f.wasm` with these keys.
fn pair(bytes: &[u8], keys: &str) -> Pair {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1"]);
    std::fs::write(pair.program.work().join("f.wasm"), bytes).expect("it can be written");
    let text = format!(
        "version: 1\nregistries:\n  SOURCE: {{ plain_http: true }}\n  TARGET: {{ plain_http: true }}\n\
         filters:\n  f: {{ wasm: f.wasm{keys} }}\n\
         mirrors:\n  - {{ source: SOURCE/app, target: TARGET/m/app, filter: f }}\n"
    );
    pair.program.write("crossdock.yaml", &pair.placed(&text));
    pair
}

#[test]
fn s33_a_hostile_filter_fails_its_repository_and_nothing_is_mirrored() {
    let hostile = std::fs::read(guest("hostile")).expect("it is built");
    let deeds = [
        ("loop", "it ran too long"),
        ("memory", "MiB of memory"),
        ("network", "which no filter gets"),
        ("path-upwards", "it renames the image to the repository"),
    ];
    withstood(deeds, |(deed, said)| {
        let pair = pair(&hostile, &format!(", config: {{ deed: {deed}, at: '1.1' }}"));
        let (finished, report) = pair.report(&["sync", "--deadline", "60s"]);
        assert_ne!(finished.code, Some(0), "{deed}");
        let errors = report["items"].to_string();
        assert!(errors.contains("\"filter\"") && errors.contains(said), "{deed}: {errors}");
        assert!(pair.target.requests().writes().is_empty(), "{deed}");
    });
}

#[test]
fn s34_another_filter_than_the_pinned_one_is_not_run() {
    let (ours, theirs) = (keeps_all("ours"), keeps_all("theirs"));
    let pin = |bytes: &[u8]| format!(", sha256: {}", sha256(bytes).trim_start_matches("sha256:"));
    withstood([theirs.clone(), b"\0asm".to_vec(), Vec::new(), ours[..ours.len() - 1].to_vec()], |found| {
        let pair = pair(&found, &pin(&ours));
        for command in ["sync", "lint"] {
            pair.run(&[command]).expect_code(4);
        }
        assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
    });
    pair(&ours, &pin(&ours)).run(&["sync"]).expect_code(0);
    // What a link leads to has to be what its pin says, too; what is no file is not waited for.
    for made in ["f-link", "f-pipe"] {
        let pair = pair(&ours, &pin(&ours));
        let path = pair.program.work().join("f.wasm");
        std::fs::remove_file(&path).expect("ours");
        match made {
            "f-link" => {
                let away = pair.program.home().join("theirs.wasm");
                std::fs::write(&away, &theirs).expect("ours");
                std::os::unix::fs::symlink(&away, &path).expect("a link can be made");
            }
            _ => {
                let pipe = std::process::Command::new("mkfifo").arg(&path).status();
                assert!(pipe.expect("mkfifo is always there").success());
            }
        }
        pair.run(&["sync", "--deadline", "20s"]).expect_code(4);
        assert!(pair.source.requests().is_empty(), "{made}");
    }
}
