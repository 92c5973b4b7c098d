//! The headers of a tar: ustar, with an extended header where a name or a length has no room in it. POSIX
//! pax, "ustar Interchange Format" and "pax Header Block".

/// Everything in a tar begins at a multiple of this, in bytes.
pub const BLOCK_BYTES: u64 = 512;
/// What ends a tar: two empty blocks.
pub const END_BYTES: u64 = 2 * BLOCK_BYTES;

/// Longest name that the header has room for, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Largest length that the header has room for: eleven octal digits.
const SIZE_BYTES_MAX: u64 = (1 << 33) - 1;
/// The name of extended headers; nobody unpacks them.
const EXTENDED: &str = "pax";

/// How many bytes fill up the last block of a member.
pub fn padding(size_bytes: u64) -> u64 {
    size_bytes.next_multiple_of(BLOCK_BYTES) - size_bytes
}

/// How many bytes the header of a member has: one block, or three.
pub fn header_bytes(name: &str, size_bytes: u64) -> u64 {
    match records(name, size_bytes).is_empty() {
        true => BLOCK_BYTES,
        false => 3 * BLOCK_BYTES,
    }
}

/// Longest header that is written here, in bytes.
pub const HEADER_BYTES_MAX: u64 = 3 * BLOCK_BYTES;

/// The name and the length that a header tells which was written here; none of any other. `bytes` begin with
/// it.
pub fn own_header(bytes: &[u8]) -> Option<(String, u64)> {
    let block = BLOCK_BYTES as usize;
    let (extension, plain) = match bytes.get(156)? {
        b'x' => (bytes.get(block..2 * block)?, bytes.get(2 * block..3 * block)?),
        _ => (&[][..], bytes.get(..block)?),
    };
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8(bytes[..end].to_vec()).ok()
    };
    let (mut name, size) = (text(&plain[..NAME_BYTES_MAX])?, text(&plain[124..136])?);
    let mut size_bytes = u64::from_str_radix(&size, 8).ok()?;
    for record in text(extension)?.lines() {
        match record.split_once(' ')?.1.split_once('=')? {
            ("path", value) => name = value.to_owned(),
            ("size", value) => size_bytes = value.parse().ok()?,
            _ => return None,
        }
    }
    // The sum and all else are right where the same comes out again.
    bytes.starts_with(&header(&name, size_bytes)).then_some((name, size_bytes))
}

/// The header of a plain file; the same bytes for the same file, whoever writes it and whenever.
pub fn header(name: &str, size_bytes: u64) -> Vec<u8> {
    let records = records(name, size_bytes);
    let mut bytes = Vec::new();
    if !records.is_empty() {
        bytes.extend(block(EXTENDED, records.len() as u64, b'x'));
        bytes.extend(records.as_bytes());
        bytes.resize(2 * BLOCK_BYTES as usize, 0);
    }
    let cut: String = name.chars().take(NAME_BYTES_MAX).collect();
    let size_bytes = if size_bytes > SIZE_BYTES_MAX { 0 } else { size_bytes };
    bytes.extend(block(&cut, size_bytes, b'0'));
    bytes
}

/// What the header has no room for, as records of an extended header. Names of bundles are short enough for
/// all of them to fit into one block.
fn records(name: &str, size_bytes: u64) -> String {
    let mut records = String::new();
    if name.len() > NAME_BYTES_MAX {
        records.push_str(&record("path", name));
    }
    if size_bytes > SIZE_BYTES_MAX {
        records.push_str(&record("size", &size_bytes.to_string()));
    }
    records
}

/// `LENGTH KEY=VALUE`, where the length is that of all of it.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

fn block(name: &str, size_bytes: u64, kind: u8) -> [u8; BLOCK_BYTES as usize] {
    let mut block = [0; BLOCK_BYTES as usize];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size_bytes:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    // The sum is made with spaces in its own place.
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn another_reader_reads_the_same_names_and_lengths() {
        let long = format!("blobs/sha512/{}", "ab".repeat(64));
        for (name, content) in [("oci-layout", "{}"), ("blobs/sha256/ab", ""), (long.as_str(), "12345")] {
            let size = content.len() as u64;
            let mut bytes = header(name, size);
            assert_eq!(bytes.len() as u64, header_bytes(name, size));
            bytes.extend(content.as_bytes());
            bytes.resize(bytes.len() + padding(size) as usize + END_BYTES as usize, 0);
            let mut archive = tar::Archive::new(bytes.as_slice());
            let mut entries = archive.entries().expect("a tar");
            let mut entry = entries.next().expect("a member").expect("readable");
            assert_eq!(entry.path().expect("a path").to_string_lossy(), name);
            assert_eq!(entry.header().entry_type(), tar::EntryType::Regular);
            let header = entry.header();
            let numbers = [header.mode().map(u64::from), header.mtime(), header.uid(), header.gid()];
            assert_eq!(numbers.map(|number| number.expect("a number")), [0o644, 0, 0, 0]);
            let mut read = String::new();
            entry.read_to_string(&mut read).expect("readable");
            assert_eq!(read, content);
            assert!(entries.next().is_none());
        }
    }

    #[test]
    fn a_length_beyond_eight_gibibytes_is_told_in_an_extended_header() {
        let size = 8 << 30;
        let bytes = header("blobs/sha256/ab", size);
        assert_eq!(bytes.len() as u64, 3 * BLOCK_BYTES);
        assert_eq!(&bytes[512..512 + 19], b"19 size=8589934592\n");
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entry = archive.entries().expect("a tar").next().expect("a member").expect("readable");
        assert_eq!(entry.size(), size);
        assert_eq!(header("blobs/sha256/ab", size - 1).len() as u64, BLOCK_BYTES);
    }

    #[test]
    fn what_was_written_here_is_known_again_and_nothing_else() {
        let long = format!("blobs/sha512/{}", "ab".repeat(64));
        for (name, size) in [("index.json", 0), ("blobs/sha256/ab", 8 << 30), (long.as_str(), 9 << 30)] {
            let mut bytes = header(name, size);
            bytes.push(7);
            assert_eq!(own_header(&bytes), Some((name.to_owned(), size)));
            for at in 0..bytes.len() - 1 {
                let mut wrong = bytes.clone();
                wrong[at] ^= 1;
                assert_ne!(own_header(&wrong), Some((name.to_owned(), size)), "byte {at} of {name}");
                assert_eq!(own_header(&bytes[..at]), None);
            }
        }
        assert_eq!(own_header(&[0; 1536]), None);
    }

    #[test]
    fn the_length_of_a_record_counts_itself() {
        for (value, length) in [(1, 9), (2, 11), (90, 99), (91, 101), (92, 102)] {
            let record = record("path", &"a".repeat(value));
            assert_eq!(record.len(), length);
            assert!(record.starts_with(&format!("{length} path=")), "{record}");
        }
    }
}
