//! Reading a config blob: whole, bounded, and with the digest that it must have.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::Descriptor;
use crate::store::Reader;
use crate::store::backoff::wait_before_retry;
use futures::StreamExt as _;

/// Largest config that is read, in bytes. The largest of real images have some hundred KiB.
const CONFIG_BYTES_MAX: u64 = 8 << 20;
/// Where in its range a wait lies: whoever waits here is alone with its blob, and need not be spread.
const JITTER: f64 = 0.5;

/// The bytes of the blob.
///
/// # Errors
/// It is too large, not there, or not what its descriptor says.
pub(super) async fn read(reader: &dyn Reader, blob: &Descriptor) -> Fallible<Vec<u8>> {
    if blob.size_bytes > CONFIG_BYTES_MAX {
        let message = format!("the config {} has more than {} MiB", blob.digest, CONFIG_BYTES_MAX >> 20);
        return Err(failure(reader, Code::LimitExceeded, message));
    }
    let mut attempt = 1;
    loop {
        let failure = match read_once(reader, blob).await {
            Ok(bytes) => return Ok(bytes),
            Err(failure) => failure,
        };
        match wait_before_retry(attempt, &failure.0, JITTER).filter(|_| failure.1 == Again::MayHelp) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(failure.0),
        }
        attempt += 1;
    }
}

/// Whether reading again may help where the failure is one that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// The bytes broke off on their way.
    MayHelp,
    /// The request was made as often as it is worth.
    Exhausted,
}

async fn read_once(reader: &dyn Reader, blob: &Descriptor) -> Result<Vec<u8>, (Box<Failure>, Again)> {
    let mut pieces = reader.blob(blob, 0).await.map_err(|failure| (failure, Again::Exhausted))?;
    let mut bytes = Vec::new();
    let mut hasher = blob.digest.hasher();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|failure| (failure, Again::MayHelp))?;
        hasher.update(&piece);
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > blob.size_bytes {
            let message = format!("the config {} has more bytes than the manifest says", blob.digest);
            return Err((failure(reader, Code::Corrupt, message), Again::Exhausted));
        }
    }
    if (bytes.len() as u64) < blob.size_bytes {
        let message = format!("only {} of {} bytes of the config came", bytes.len(), blob.size_bytes);
        return Err((failure(reader, Code::Network, message), Again::MayHelp));
    }
    let found = hasher.finish();
    match found == blob.digest {
        true => Ok(bytes),
        false => {
            let message = format!("the config {} has the digest {found} instead", blob.digest);
            Err((failure(reader, Code::Corrupt, message), Again::Exhausted))
        }
    }
}

fn failure(reader: &dyn Reader, code: Code, message: String) -> Box<Failure> {
    Failure::new(code, reader.repository(), Operation::BlobGet, message)
}
