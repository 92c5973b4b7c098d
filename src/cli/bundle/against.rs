//! Inventories that a delta is made against: read, and told by their digests.

use crate::bundle::{INVENTORY_BYTES_MAX, Inventory};
use crate::cli::early::Early;
use crate::oci::Digest;
use std::path::{Path, PathBuf};

/// Reads inventories, each with the digest of its file.
pub(super) fn inventories(paths: &[PathBuf]) -> Result<Vec<(Digest, Inventory)>, Early> {
    paths.iter().map(|path| inventory(path)).collect()
}

fn inventory(path: &Path) -> Result<(Digest, Inventory), Early> {
    let refuse = |why: &str| {
        Early::Invalid(format!(
            "the inventory {} cannot be read: {why}; `crossdock inventory` writes one",
            path.display()
        ))
    };
    let length = std::fs::metadata(path).map_err(|why| refuse(&why.to_string()))?.len();
    if length > INVENTORY_BYTES_MAX {
        return Err(refuse(&format!("it is larger than {INVENTORY_BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(|why| refuse(&why.to_string()))?;
    let inventory = Inventory::read(&bytes).map_err(|why| refuse(&why))?;
    Ok((Digest::of(&bytes), inventory))
}
