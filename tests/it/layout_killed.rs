//! A writer of a layout that is killed leaves a layout that is whole, with every tag that it said
//! it had written.

use crate::layout_images::{assert_whole, at, described, index, put_image, texts};
use crossdock::store::layout::{ReadLayout, WriteLayout};
use crossdock::store::{ReadPlace, WritePlace};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Tells a second copy of this program to be the writer, and where.
const LAYOUT: &str = "CROSSDOCK_TEST_LAYOUT_TO_WRITE";
const TAGS: usize = 16;

#[tokio::test]
async fn the_writer_that_is_killed() {
    // Run as a test of its own, there is nothing to do.
    let Some(directory) = std::env::var_os(LAYOUT) else { return };
    write(Path::new(&directory), |tag| println!("\nwritten {tag}")).await;
}

async fn write(directory: &Path, mut told: impl FnMut(&str)) {
    let layout = WriteLayout::open(directory).await.expect("opens");
    let writer = layout.writer(None);
    for number in 0..TAGS {
        let (tag, layer) = (format!("t{number}"), vec![b'a' + number as u8; 200_000]);
        let children = [
            described(&put_image(&writer, None, "amd64", &layer).await, "amd64"),
            described(&put_image(&writer, None, "arm64", &layer[1..]).await, "arm64"),
        ];
        writer.put_manifest(&at(&tag), &index(&children)).await.expect("complete");
        told(&tag);
    }
}

/// Starts the writer, kills it some time after its `kill_after`-th tag, and says what it had told.
fn write_and_kill(directory: &Path, kill_after: usize) -> BTreeSet<String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "layout_killed::the_writer_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(LAYOUT, directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let mut told = BTreeSet::new();
    for line in lines {
        told.extend(line.strip_prefix("written ").map(str::to_owned));
        if told.len() == kill_after {
            // Not always at the same step.
            std::thread::sleep(Duration::from_micros(331 * kill_after as u64));
            child.kill().expect("running");
        }
    }
    child.wait().expect("ends");
    told
}

fn drafts(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory.join(".crossdock"))
        .map(|entries| entries.flatten().map(|e| e.path()).collect());
    entries.unwrap_or_default()
}

#[tokio::test]
async fn a_killed_writer_leaves_a_whole_layout_and_every_tag_that_it_told() {
    let mut left = 0;
    for kill_after in 0..TAGS {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path().join("mirror");
        let told = write_and_kill(&root, kill_after);
        left += drafts(&root).len();
        // Killed before the first tag, it may not even have begun.
        if kill_after > 0 {
            assert_whole(&root);
            let layout = ReadLayout::open(&root).await.expect("a layout");
            let found = texts(layout.reader(None).tags().await.expect("tags"));
            assert!(found.is_superset(&told), "{found:?} lacks some of {told:?}");
        }
        // Run again, it ends as if it had not been killed, and nothing of the dead one is left.
        write(&root, |_| ()).await;
        assert_whole(&root);
        let layout = ReadLayout::open(&root).await.expect("a layout");
        assert_eq!(texts(layout.reader(None).tags().await.expect("tags")).len(), TAGS);
        assert_eq!(drafts(&root), [] as [PathBuf; 0]);
    }
    assert!(left > 0, "no kill came while something was unfinished, so nothing was shown");
}
