//! What stands before a member in blocks of its own: a longer name, a larger size. Pure.

use super::members::Odd;

/// What is said of the member that comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) name: Option<Vec<u8>>,
    pub(super) size_bytes: Option<u64>,
}

/// Keys that say that the content of a member lies in pieces.
const SPARSE: &[u8] = b"GNU.sparse.";

impl Extra {
    /// Takes a record of the form of POSIX pax, "pax Extended Header": `LENGTH KEY=VALUE\n`, where the length
    /// is that of the whole record.
    pub(super) fn read(&mut self, mut records: &[u8]) -> Result<(), Odd> {
        while !records.is_empty() {
            let (record, rest) = first(records).ok_or(Odd::Pax)?;
            records = rest;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or(Odd::Pax)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.named(value)?,
                b"size" => {
                    let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    let first = self.size_bytes.replace(number.ok_or(Odd::Pax)?).is_none();
                    first.then_some(()).ok_or(Odd::Pax)?;
                }
                _ if key.starts_with(SPARSE) => return Err(Odd::Sparse),
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes a name that stands in a block of its own.
    pub(super) fn named(&mut self, name: &[u8]) -> Result<(), Odd> {
        match self.name.replace(name.to_vec()) {
            None => Ok(()),
            Some(_) => Err(Odd::Pax),
        }
    }
}

/// The first record, without its length and its line feed, and what follows it.
fn first(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = records.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    Some((record.get(space + 1..)?.strip_suffix(b"\n")?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(records: &str) -> Result<Extra, Odd> {
        let mut extra = Extra::default();
        extra.read(records.as_bytes()).map(|()| extra)
    }

    #[test]
    fn records_are_parted_by_their_lengths() {
        let extra = read("13 path=a\nb=\n16 comment=x y\n\n12 size=123\n").expect("records");
        assert_eq!(extra, Extra { name: Some(b"a\nb=".to_vec()), size_bytes: Some(123) });
        assert_eq!(read(""), Ok(Extra::default()));
    }

    #[test]
    fn what_is_no_record_or_says_two_things_is_refused() {
        for records in [
            "x",
            "3 a",
            "9 path=a\n",
            "11 path=a\n",
            "10 size=-1\n",
            "0 path=a\n",
            "4 a=b\n",
            "9 size=1\n9 size=2\n",
            "9 path=a\n9 path=b\n",
            "6 path\n",
            "99999999999999999999999 a=b\n",
        ] {
            // `9 path=a\n` has nine bytes, and is one.
            let expected = if records == "9 path=a\n" { Ok(()) } else { Err(Odd::Pax) };
            assert_eq!(read(records).map(drop), expected, "{records:?}");
        }
        assert_eq!(read("22 GNU.sparse.major=1\n").map(drop), Err(Odd::Sparse));
    }
}
