//! The filters that `make filters` builds. A missing one fails the test and says what to run.

use std::path::{Path, PathBuf};

/// The component of the filter `name`, such as `newest-minors`.
pub(crate) fn filter(name: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/filters").join(format!("{name}.wasm"));
    assert!(file.is_file(), "there is no {}: run `make filters` first", file.display());
    file
}
