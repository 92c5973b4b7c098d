//! The sums of the parts of a bundle, in the format of `sha256sum`.

use crate::oci::Digest;

/// The text of the file: one line for each part. `sha256sum -c` reads it in the folder of the parts.
pub fn write_sums<'a>(sums: impl IntoIterator<Item = (&'a str, &'a Digest)>) -> String {
    sums.into_iter().map(|(name, digest)| format!("{}  {name}\n", digest.hex())).collect()
}

/// Reads such a text: names with their sums, in order.
///
/// # Errors
/// A line is no sum of a file in the same folder.
pub fn read_sums(text: &str) -> Result<Vec<(String, Digest)>, String> {
    let line = |(number, line): (usize, &str)| {
        let refuse = || format!("line {} is not a SHA-256 sum and a name", number + 1);
        let (hex, name) = line.split_once(' ').ok_or_else(refuse)?;
        // ` name` was read as text, and `*name` as it is: the same where we are.
        let name = name.strip_prefix([' ', '*']).ok_or_else(refuse)?;
        let digest = format!("sha256:{hex}").parse().map_err(|_| refuse())?;
        match name.is_empty() || name.contains('/') {
            true => Err(refuse()),
            false => Ok((name.to_owned(), digest)),
        }
    };
    text.lines().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let text = write_sums([("site.tar.001", &one), ("a b.tar.002", &two)]);
        assert_eq!(text, format!("{}  site.tar.001\n{}  a b.tar.002\n", one.hex(), two.hex()));
        let sums = [("site.tar.001".to_owned(), one.clone()), ("a b.tar.002".to_owned(), two)];
        assert_eq!(read_sums(&text).as_deref(), Ok(&sums[..]));
        assert!(read_sums(&text.replace("  s", " *s")).is_ok());
        for wrong in ["x  a", &format!("{} a", one.hex()), &format!("{}  ../a", one.hex()), "\n"] {
            assert!(read_sums(wrong).is_err(), "{wrong}");
        }
    }
}
