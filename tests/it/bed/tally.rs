//! What the tests show, in numbers: `make test` prints one line for each group.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

/// Notes that `count` more of `group` were seen to be well: kills survived, faults, attacks. Called when
/// they were asserted, never before.
pub fn count(group: &str, count: usize) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tally");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join(group)).expect("it opens");
    // One write of a few bytes at the end of a file: tests that run side by side lose none.
    file.write_all(format!("{count}\n").as_bytes()).expect("it can be written");
}
