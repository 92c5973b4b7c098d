//! A writer of a registry's data that is killed leaves data in which every tag is whole, with every tag that
//! it said it had written.

use crate::bed::program::files_below;
use crate::layout_images::{at, described, index, put_image, texts};
use crossdock::oci::Digest;
use crossdock::store::registry_data::{ReadRegistryData, WriteRegistryData};
use crossdock::store::{ReadPlace, WritePlace};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Tells a second copy of this program to be the writer, and where.
const DATA: &str = "CROSSDOCK_TEST_REGISTRY_DATA_TO_WRITE";
const TAGS: usize = 6;
const V2: &str = "docker/registry/v2";

#[tokio::test]
async fn the_writer_that_is_killed() {
    // Run as a test of its own, there is nothing to do.
    let Some(directory) = std::env::var_os(DATA) else { return };
    write(Path::new(&directory), |tag| println!("\nwritten {tag}")).await;
}

/// Writes each tag twice, so that it is new once and moved once.
async fn write(directory: &Path, mut told: impl FnMut(&str)) {
    let data = WriteRegistryData::open(directory).await.expect("opens");
    let writer = data.writer(Some("team/app".parse().expect("a name")));
    for number in 0..TAGS {
        let tag = format!("t{number}");
        for byte in [b'a', b'A'] {
            let layer = vec![byte + number as u8; 50_000];
            let children = [
                described(&put_image(&writer, None, "amd64", &layer).await, "amd64"),
                described(&put_image(&writer, None, "arm64", &layer[1..]).await, "arm64"),
            ];
            writer.put_manifest(&at(&tag), &index(&children)).await.expect("complete");
        }
        told(&tag);
    }
}

/// Starts the writer, kills it some time after its `kill_after`-th tag, and says what it had told.
fn write_and_kill(directory: &Path, kill_after: usize) -> BTreeSet<String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "places::registry_data_killed::the_writer_that_is_killed", "--nocapture"])
        .arg("--test-threads=1")
        .env(DATA, directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let mut told = BTreeSet::new();
    for line in lines {
        told.extend(line.strip_prefix("written ").map(str::to_owned));
        if told.len() == kill_after {
            // Not always at the same place.
            std::thread::sleep(Duration::from_micros(1733 * kill_after as u64));
            child.kill().expect("running");
        }
    }
    child.wait().expect("ends");
    told
}

/// Checks, without our reader, that each link leads to content that has the digest in it, and that each tag
/// that a registry would list names something.
fn assert_whole(directory: &Path) {
    let v2 = directory.join(V2);
    let digest_in = |path: &Path| -> Digest {
        let text = fs::read_to_string(path).expect("a link that is there is whole");
        text.parse().unwrap_or_else(|_| panic!("{}: {text:?}", path.display()))
    };
    for file in files_below(&v2.join("repositories")) {
        let digest = digest_in(&v2.join("repositories").join(&file));
        let data = v2.join("blobs/sha256").join(&digest.hex()[..2]).join(digest.hex()).join("data");
        let bytes = fs::read(&data).unwrap_or_else(|why| panic!("{file}: {}: {why}", data.display()));
        assert!(digest.matches(&bytes), "{file}");
    }
    let manifests = v2.join("repositories/team/app/_manifests");
    for tag in fs::read_dir(manifests.join("tags")).into_iter().flatten().flatten() {
        let current = digest_in(&tag.path().join("current/link"));
        let link = |top: &Path| top.join("sha256").join(current.hex()).join("link");
        assert!(link(&manifests.join("revisions")).exists() && link(&tag.path().join("index")).exists());
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_data_and_every_tag_that_it_told() {
    let mut left = 0;
    let name = || Some("team/app".parse().expect("a name"));
    for kill_after in 0..TAGS {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path();
        let told = write_and_kill(root, kill_after);
        left += usize::from(root.join(V2).join(".crossdock").exists());
        // Killed before the first tag, it may not even have begun.
        if kill_after > 0 {
            assert_whole(root);
            let data = ReadRegistryData::open(root).await.expect("data");
            let found = texts(data.reader(name()).tags().await.expect("tags"));
            assert!(found.is_superset(&told), "{found:?} lacks some of {told:?}");
        }
        // Run again, it ends as if it had not been killed, and nothing of the dead one is left.
        write(root, |_| ()).await;
        assert_whole(root);
        let data = ReadRegistryData::open(root).await.expect("data");
        assert_eq!(texts(data.reader(name()).tags().await.expect("tags")).len(), TAGS);
        assert!(!root.join(V2).join(".crossdock").exists());
    }
    assert!(left > 0, "no kill came while something was unfinished, so nothing was shown");
}
