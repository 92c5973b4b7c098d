//! Reading a config blob: whole, bounded, and with the digest that it must have.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::Descriptor;
use crate::store::Reader;
use futures::StreamExt as _;

/// Largest config that is read, in bytes. The largest of real images have some hundred KiB.
const CONFIG_BYTES_MAX: u64 = 8 << 20;

/// The bytes of the blob.
///
/// # Errors
/// It is too large, not there, or not what its descriptor says.
pub(super) async fn read(reader: &dyn Reader, blob: &Descriptor) -> Fallible<Vec<u8>> {
    if blob.size_bytes > CONFIG_BYTES_MAX {
        let message = format!("the config {} has more than {} MiB", blob.digest, CONFIG_BYTES_MAX >> 20);
        return Err(failure(reader, Code::LimitExceeded, message));
    }
    let mut pieces = reader.blob(blob, 0).await?;
    let mut bytes = Vec::new();
    let mut hasher = blob.digest.hasher();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        hasher.update(&piece);
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > blob.size_bytes {
            let message = format!("the config {} has more bytes than the manifest says", blob.digest);
            return Err(failure(reader, Code::Corrupt, message));
        }
    }
    if (bytes.len() as u64) < blob.size_bytes {
        let message = format!("only {} of {} bytes of the config came", bytes.len(), blob.size_bytes);
        return Err(failure(reader, Code::Network, message));
    }
    let found = hasher.finish();
    match found == blob.digest {
        true => Ok(bytes),
        false => {
            let message = format!("the config {} has the digest {found} instead", blob.digest);
            Err(failure(reader, Code::Corrupt, message))
        }
    }
}

fn failure(reader: &dyn Reader, code: Code, message: String) -> Box<Failure> {
    Failure::new(code, reader.repository(), Operation::BlobGet, message)
}
