//! The `producers` sections of a component: which languages and tools made it.

use super::cut::cut;
use std::collections::BTreeSet;

/// Most entries that are told.
const ENTRIES_MAX: usize = 100;
/// Longest name or version that is told, in bytes.
const TEXT_BYTES_MAX: usize = 100;
/// How deep modules may lie in components: what tools make has two or three levels.
const DEPTH_MAX: usize = 8;
/// `\0asm` and the version.
const PREAMBLE_BYTES: usize = 8;
/// The section of free use.
const CUSTOM: u8 = 0;
/// Sections of a component that hold a module, and a component.
const NESTED: [u8; 2] = [1, 4];
/// What a component has after its magic; its other sections have other numbers than a module's.
const COMPONENT: &[u8] = &[13, 0, 1, 0];

/// Field, name and version of every entry in `bytes`, sorted. What cannot be read is left out.
pub(super) fn read(bytes: &[u8]) -> Vec<(String, String, String)> {
    let mut found = BTreeSet::new();
    // A broken section ends the reading: what came before it is told.
    let _ = sections(bytes, 0, &mut found);
    found.into_iter().take(ENTRIES_MAX).collect()
}

type Found = BTreeSet<(String, String, String)>;

fn sections(bytes: &[u8], depth: usize, found: &mut Found) -> Option<()> {
    let is_component = bytes.get(4..PREAMBLE_BYTES)? == COMPONENT;
    let mut rest = bytes.get(PREAMBLE_BYTES..)?;
    while let Some((id, after)) = rest.split_first() {
        rest = after;
        let section = take(&mut rest)?;
        if *id == CUSTOM {
            let mut inside = section;
            if take(&mut inside)? == b"producers" {
                let _ = fields(inside, found);
            }
        } else if is_component && NESTED.contains(id) && depth < DEPTH_MAX {
            let _ = sections(section, depth + 1, found);
        }
    }
    Some(())
}

fn fields(mut bytes: &[u8], found: &mut Found) -> Option<()> {
    for _ in 0..number(&mut bytes)? {
        let field = text(&mut bytes)?;
        for _ in 0..number(&mut bytes)? {
            let entry = (field.clone(), text(&mut bytes)?, text(&mut bytes)?);
            if found.len() < ENTRIES_MAX {
                found.insert(entry);
            }
        }
    }
    Some(())
}

fn text(bytes: &mut &[u8]) -> Option<String> {
    let text = std::str::from_utf8(take(bytes)?).ok()?;
    Some(cut(text.to_owned(), TEXT_BYTES_MAX))
}

/// As many bytes as the number in front of them says.
fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// A number in LEB128, of at most 32 bits.
fn number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u64;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(number).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A custom section `producers` in a module, in a component.
    fn nested(fields: &[u8]) -> Vec<u8> {
        let section = |id: u8, name: &[u8], rest: &[u8]| {
            let mut inside = name.to_vec();
            inside.extend_from_slice(rest);
            let mut section = vec![id, u8::try_from(inside.len()).expect("short")];
            section.extend(inside);
            section
        };
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend(section(CUSTOM, b"\x09producers", fields));
        let mut component = b"\0asm\x0d\0\x01\0".to_vec();
        component.extend(section(CUSTOM, b"\x05other", b"\xff"));
        component.extend(section(1, b"", &module));
        component
    }

    #[test]
    fn who_made_a_component_is_read_from_its_modules() {
        let fields = b"\x01\x08language\x02\x04Rust\x00\x03C11\x011";
        let entry = |name: &str, version: &str| ("language".to_owned(), name.to_owned(), version.to_owned());
        assert_eq!(read(&nested(fields)), [entry("C11", "1"), entry("Rust", "")]);
        // What is broken further on does not take away what was read.
        assert_eq!(read(&nested(&fields[..17])), [entry("Rust", "")]);
        assert_eq!(read(b""), []);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>, fields in proptest::collection::vec(any::<u8>(), 0..100)) {
            read(&bytes);
            read(&nested(&fields));
        }
    }
}
