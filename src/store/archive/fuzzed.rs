//! What holds for the headers of a tar, whatever the bytes are.

use super::members::{MemberKind, read};
use crate::bundle::BLOCK_BYTES;
use std::collections::HashSet;

/// What is read lies within the file, in its order, without overlapping, under names that lead nowhere else
/// and are there once; and another reader of tars sees the same files with the same bytes.
pub fn archive(bytes: &[u8]) -> bool {
    let mut file = bytes;
    let (members, end_at) = match read(&mut file) {
        Ok(read) => read,
        Err(odd) => {
            assert!(!odd.to_string().is_empty());
            return false;
        }
    };
    let mut at = 0;
    let mut names = HashSet::new();
    for member in &members {
        assert!(member.header_at >= at && member.content_at >= member.header_at + BLOCK_BYTES, "{member:?}");
        at = member.content_at + member.size_bytes;
        assert!(at <= end_at && end_at < bytes.len() as u64, "{member:?}");
        assert!(!member.name.starts_with('/') && !member.name.split('/').any(|part| part == ".."));
        assert!(member.kind == MemberKind::Directory || names.insert(&member.name), "{member:?}");
        assert!(member.kind == MemberKind::File || member.size_bytes == 0, "{member:?}");
    }
    let ours: Vec<(u64, u64)> = members
        .iter()
        .filter(|member| member.kind == MemberKind::File)
        .map(|member| (member.content_at, member.size_bytes))
        .collect();
    let mut theirs = Vec::new();
    let mut other = tar::Archive::new(bytes);
    for entry in other.entries().expect("the beginning").map_while(Result::ok) {
        if matches!(entry.header().entry_type(), tar::EntryType::Regular | tar::EntryType::Continuous) {
            theirs.push((entry.raw_file_position(), entry.size()));
        }
    }
    assert_eq!(ours, theirs, "two readers differ");
    true
}
