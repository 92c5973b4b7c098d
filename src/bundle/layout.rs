//! Where everything lies in the tar of a bundle: known from its contents before the first blob is there.

use super::tar::{BLOCK_BYTES, END_BYTES, header, header_bytes, padding};
use crate::oci::Digest;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fmt;

/// The text of `oci-layout`. OCI image-spec, image-layout.md, "oci-layout file".
const VERSION: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// What a bundle is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The bytes of `index.json`.
    pub index: Vec<u8>,
    /// Manifests, and the document of what is left out.
    pub documents: BTreeMap<Digest, Bytes>,
    /// Configs, with their lengths in bytes.
    pub configs: BTreeMap<Digest, u64>,
    /// All other blobs, with their lengths in bytes.
    pub layers: BTreeMap<Digest, u64>,
}

/// What a member is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberName {
    /// `oci-layout`.
    Version,
    /// `index.json`.
    Index,
    /// `blobs/ALGORITHM/HEX`.
    Blob(Digest),
}

/// A member of the tar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is called.
    pub name: MemberName,
    /// Where its header begins.
    pub header_at: u64,
    /// Where its first byte lies.
    pub at: u64,
    /// Its length in bytes.
    pub size_bytes: u64,
}

/// Where everything lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The members, one after another.
    pub members: Vec<Member>,
    /// The length of the tar in bytes.
    pub total_bytes: u64,
}

/// Why there is no layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutError {
    /// The lengths that manifests tell come to more than fits into 64 bits.
    TooLarge,
}

impl Contents {
    /// The names and lengths of all members, in order: what tells of the others comes first.
    fn members(&self) -> impl Iterator<Item = (MemberName, u64)> {
        let blob = |(digest, size_bytes): (&Digest, u64)| (MemberName::Blob(digest.clone()), size_bytes);
        let fixed = [(MemberName::Version, VERSION.len()), (MemberName::Index, self.index.len())];
        let documents = self.documents.iter().map(|(digest, bytes)| (digest, bytes.len() as u64));
        let blobs = self.configs.iter().chain(&self.layers).map(|(digest, size_bytes)| (digest, *size_bytes));
        let fixed = fixed.into_iter().map(|(name, bytes)| (name, bytes as u64));
        fixed.chain(documents.chain(blobs).map(blob))
    }

    /// The bytes of a member that is no blob to be fetched.
    pub fn at_hand(&self, name: &MemberName) -> Option<&[u8]> {
        match name {
            MemberName::Version => Some(VERSION),
            MemberName::Index => Some(&self.index),
            MemberName::Blob(digest) => self.documents.get(digest).map(|bytes| &bytes[..]),
        }
    }

    /// Where everything lies.
    ///
    /// # Errors
    /// It is more than a file can have.
    pub fn layout(&self) -> Result<Layout, LayoutError> {
        let mut members = Vec::new();
        let mut end: u64 = 0;
        for (name, size_bytes) in self.members() {
            let header_at = end;
            let at = header_at + header_bytes(&name.to_string(), size_bytes);
            // A block less than the greatest number, so that nothing below can overflow.
            let room = (u64::MAX >> 1).checked_sub(at).and_then(|room| room.checked_sub(2 * BLOCK_BYTES));
            if room.is_none_or(|room| room < size_bytes) {
                return Err(LayoutError::TooLarge);
            }
            end = at + size_bytes + padding(size_bytes);
            members.push(Member { name, header_at, at, size_bytes });
        }
        Ok(Layout { members, total_bytes: end + END_BYTES })
    }
}

impl Member {
    /// The bytes of its header.
    pub fn header(&self) -> Vec<u8> {
        header(&self.name.to_string(), self.size_bytes)
    }

    /// Where its last byte is followed by what fills up the block, and how many bytes that has.
    pub fn filling(&self) -> (u64, u64) {
        (self.at + self.size_bytes, padding(self.size_bytes))
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("oci-layout"),
            Self::Index => f.write_str("index.json"),
            Self::Blob(digest) => write!(f, "blobs/{}/{}", digest.algorithm(), digest.hex()),
        }
    }
}

impl std::str::FromStr for MemberName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "oci-layout" => return Ok(Self::Version),
            "index.json" => return Ok(Self::Index),
            _ => {}
        }
        let (algorithm, hex) = text.strip_prefix("blobs/").and_then(|rest| rest.split_once('/')).ok_or(())?;
        format!("{algorithm}:{hex}").parse().map(Self::Blob).map_err(drop)
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its manifests tell of more bytes than any file can have")
    }
}

impl std::error::Error for LayoutError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn contents() -> (Contents, BTreeMap<Digest, Vec<u8>>) {
        let mut contents = Contents { index: b"{}".to_vec(), ..Contents::default() };
        let mut blobs = BTreeMap::new();
        for size in [0_usize, 1, 511, 512, 513, 5000] {
            let bytes = vec![size as u8; size];
            let sized: (Digest, u64) = (Digest::of(&bytes), size as u64);
            match size {
                1 => contents.documents.extend([(sized.0, bytes.into())]),
                511 | 512 => {
                    contents.configs.extend([sized.clone()]);
                    blobs.insert(sized.0, bytes);
                }
                _ => {
                    contents.layers.extend([sized.clone()]);
                    blobs.insert(sized.0, bytes);
                }
            }
        }
        (contents, blobs)
    }

    #[test]
    fn another_reader_finds_every_member_where_it_was_put() {
        let (contents, blobs) = contents();
        let layout = contents.layout().expect("small");
        let mut tar = vec![0_u8; layout.total_bytes as usize];
        let mut put =
            |at: u64, bytes: &[u8]| tar[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        for member in &layout.members {
            put(member.header_at, &member.header());
            let MemberName::Blob(digest) = &member.name else {
                put(member.at, contents.at_hand(&member.name).expect("at hand"));
                continue;
            };
            put(member.at, contents.at_hand(&member.name).unwrap_or_else(|| &blobs[digest]));
        }
        let mut archive = tar::Archive::new(tar.as_slice());
        let mut names = Vec::new();
        for entry in archive.entries().expect("a tar") {
            let mut entry = entry.expect("a member");
            let name: MemberName = entry.path().expect("a path").to_string_lossy().parse().expect("ours");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("readable");
            if let MemberName::Blob(digest) = &name {
                assert!(digest.matches(&bytes), "{name}");
            }
            names.push(name);
        }
        let expected: Vec<MemberName> = layout.members.iter().map(|member| member.name.clone()).collect();
        assert_eq!(names, expected);
        assert_eq!(names[..2], [MemberName::Version, MemberName::Index]);
        assert_eq!(names.len(), 8);
    }

    #[test]
    fn members_lie_one_after_another_and_each_at_a_block() {
        let layout = contents().0.layout().expect("small");
        let mut end = 0;
        for member in &layout.members {
            assert_eq!(member.header_at, end);
            assert_eq!(member.at % BLOCK_BYTES, 0);
            let (filling, bytes) = member.filling();
            end = filling + bytes;
        }
        assert_eq!(layout.total_bytes, end + END_BYTES);
    }

    #[test]
    fn lengths_that_no_file_can_have_are_refused() {
        let sizes = [u64::MAX, u64::MAX >> 1, (u64::MAX >> 1) - 100];
        for size in sizes {
            let layers = BTreeMap::from([(Digest::of(b"a"), size)]);
            let contents = Contents { layers, ..Contents::default() };
            assert_eq!(contents.layout(), Err(LayoutError::TooLarge), "{size}");
        }
        let layers = BTreeMap::from([(Digest::of(b"a"), 1 << 61), (Digest::of(b"b"), 1 << 62)]);
        assert!(Contents { layers: layers.clone(), ..Contents::default() }.layout().is_ok());
        let more = layers.into_iter().chain([(Digest::of(b"c"), 1 << 62)]).collect();
        assert_eq!(Contents { layers: more, ..Contents::default() }.layout(), Err(LayoutError::TooLarge));
    }
}
