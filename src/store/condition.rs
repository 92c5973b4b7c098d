//! In what condition content is that a store says it has. Values, and the judgement by bytes.

use super::BlobStream;
use crate::failure::{Code, Fallible};
use crate::oci::Descriptor;
use futures::StreamExt as _;

/// How closely a blob is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What the store says of it.
    Word,
    /// Its bytes: at a registry the first one has to come, in a layout all are hashed.
    Bytes,
    /// All of its bytes, hashed.
    Whole,
}

/// What a look at a blob found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It is there, as far as was looked.
    Sound,
    /// The store says that it is not there.
    Absent,
    /// The store shows it, and it is not what it must be; why, in words.
    Damaged(String),
}

/// The condition of a blob whose bytes can be read to their end.
pub(super) async fn of_bytes(opened: Fallible<BlobStream>, blob: &Descriptor) -> Fallible<Condition> {
    let mut pieces = match opened {
        Ok(pieces) => pieces,
        Err(failure) if failure.code == Code::NotFound => return Ok(Condition::Absent),
        Err(failure) if failure.code == Code::Corrupt => return Ok(Condition::Damaged(failure.message)),
        Err(failure) => return Err(failure),
    };
    let (mut hasher, mut bytes) = (blob.digest.hasher(), 0_u64);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => {
                bytes += piece.len() as u64;
                hasher.update(&piece);
            }
            Err(failure) if failure.code == Code::Corrupt => return Ok(Condition::Damaged(failure.message)),
            Err(failure) => return Err(failure),
        }
        if bytes > blob.size_bytes {
            break;
        }
    }
    if bytes != blob.size_bytes {
        let why = format!("it has {bytes} bytes or more instead of {}", blob.size_bytes);
        return Ok(Condition::Damaged(why));
    }
    let digest = hasher.finish();
    Ok(match digest == blob.digest {
        true => Condition::Sound,
        false => Condition::Damaged(format!("its bytes have the digest {digest}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Failure, Operation};
    use crate::oci::{Digest, MediaType};
    use bytes::Bytes;
    use futures::stream;

    async fn condition(pieces: &[&'static str]) -> String {
        let blob = Descriptor::new(MediaType::oci_manifest(), Digest::of(b"abcdef"), 6);
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        match of_bytes(Ok(stream::iter(pieces).boxed()), &blob).await.expect("it can be read") {
            Condition::Damaged(why) => why,
            other => format!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn bytes_are_counted_and_hashed() {
        assert_eq!(condition(&["abc", "", "def"]).await, "Sound");
        assert!(condition(&["abc"]).await.contains("3 bytes"));
        assert!(condition(&["abcdef", "g"]).await.contains("7 bytes"));
        assert!(condition(&["abcdeF"]).await.contains("digest"));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_apart_from_what_is_not_there() {
        let blob = Descriptor::new(MediaType::oci_manifest(), Digest::of(b"x"), 1);
        let failed = |code| Err(Failure::new(code, "r.test/a", Operation::BlobGet, "so"));
        assert_eq!(of_bytes(failed(Code::NotFound), &blob).await, Ok(Condition::Absent));
        assert_eq!(of_bytes(failed(Code::Corrupt), &blob).await, Ok(Condition::Damaged("so".to_owned())));
        assert!(of_bytes(failed(Code::Io), &blob).await.is_err());
    }
}
