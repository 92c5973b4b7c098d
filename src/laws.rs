//! How the tests of all rooms check laws: for hundreds of values that nobody chose, and more where
//! `PROPTEST_CASES` asks for more. In tests only.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

/// For how many values a law is checked: 256, or what `PROPTEST_CASES` says.
pub(crate) fn cases() -> u32 {
    Config::default().cases
}

/// Checks a law for values of `strategy`. Fails with the smallest value that breaks it; such a value
/// becomes a test with a name.
pub(crate) fn hold<S: Strategy>(strategy: S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { failure_persistence: None, ..Config::default() };
    match TestRunner::new(config).run(&strategy, law) {
        Ok(()) => count("properties", 1),
        Err(TestError::Fail(why, value)) => panic!("{why}\nfor {value:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// Longer than anything that a law lets pass, on a clock that jumps to whatever is waited for.
const FOR_EVER: Duration = Duration::from_secs(24 * 3600);

/// What comes of `work`, on a clock that stands still while anybody can go on; none where somebody waits for
/// ever.
pub(crate) fn ends<T>(work: impl Future<Output = T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async { tokio::time::timeout(FOR_EVER, work).await.ok() })
}

/// Notes that `count` more of `group` were seen to be well, where `make test` looks for it. Called when they
/// were asserted, never before.
pub(crate) fn count(group: &str, count: usize) {
    // The tests of the library are at `target/debug/deps/NAME`.
    let program = std::env::current_exe().expect("the path of the tests");
    let folder = program.ancestors().nth(3).unwrap_or(Path::new("target")).join("tmp/tally");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join(group)).expect("it opens");
    // One write of a few bytes at the end of a file: tests that run side by side lose none.
    file.write_all(format!("{count}\n").as_bytes()).expect("it can be written");
}
