//! Sizes as people write them: `500 MB`, `2GiB`, `1.5 GiB`, `1048576`.

use std::fmt;
use std::str::FromStr;

/// A number of bytes; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    bytes: u64,
}

/// Why a text is no size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeError {
    /// It does not begin with a number.
    NoNumber,
    /// What follows the number is no unit.
    Unit,
    /// It is less than a byte.
    Nothing,
    /// It is more than fits into 64 bits, or has more than [`DIGITS_MAX`] digits.
    TooLarge,
}

/// The units, in lower case, with their bytes.
const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("b", 1),
    ("kb", 1000),
    ("kib", 1 << 10),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
    ("tb", 1_000_000_000_000),
    ("tib", 1 << 40),
];

/// Most digits on each side of the point: more than any size has, and few enough to reckon with.
const DIGITS_MAX: usize = 18;

impl Size {
    /// How many bytes.
    pub fn bytes(self) -> u64 {
        self.bytes
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
        let (number, unit) = text.split_at(text.find(|c| !is_of_number(c)).unwrap_or(text.len()));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return Err(SizeError::NoNumber);
        }
        let unit = unit.trim_start_matches(' ').to_ascii_lowercase();
        let (_, unit_bytes) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(SizeError::Unit)?;
        if whole.len() > DIGITS_MAX || fraction.len() > DIGITS_MAX {
            return Err(SizeError::TooLarge);
        }
        let parse = |digits: &str| digits.parse::<u128>().map_err(|_| SizeError::NoNumber);
        let scale = 10_u128.pow(fraction.len() as u32);
        // What is left of a byte does not count.
        let bytes = (parse(whole)? * scale + parse(fraction)?) * u128::from(*unit_bytes) / scale;
        match u64::try_from(bytes) {
            Ok(0) => Err(SizeError::Nothing),
            Ok(bytes) => Ok(Self { bytes }),
            Err(_) => Err(SizeError::TooLarge),
        }
    }
}

/// In the largest unit that it is some of: `2 GiB`, `500 MB`, `1234 bytes`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SPELLED: [(&str, u64); 8] = [
            ("TiB", 1 << 40),
            ("TB", 1_000_000_000_000),
            ("GiB", 1 << 30),
            ("GB", 1_000_000_000),
            ("MiB", 1 << 20),
            ("MB", 1_000_000),
            ("KiB", 1 << 10),
            ("KB", 1000),
        ];
        match SPELLED.iter().find(|(_, unit)| self.bytes.is_multiple_of(*unit)) {
            Some((name, unit)) => write!(f, "{} {name}", self.bytes / unit),
            None => write!(f, "{} bytes", self.bytes),
        }
    }
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNumber => "it does not begin with a number",
            Self::Unit => "it has a unit that does not exist here",
            Self::Nothing => "it is less than a byte",
            Self::TooLarge => "it is too large",
        })
    }
}

impl std::error::Error for SizeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes, shown) in [
            ("1", 1, "1 bytes"),
            ("1234", 1234, "1234 bytes"),
            ("1000", 1000, "1 KB"),
            ("12b", 12, "12 bytes"),
            ("500MB", 500_000_000, "500 MB"),
            ("500 mb", 500_000_000, "500 MB"),
            ("2GiB", 2 << 30, "2 GiB"),
            ("2  gib", 2 << 30, "2 GiB"),
            ("1.5GiB", 3 << 29, "1536 MiB"),
            ("0.0015 KB", 1, "1 bytes"),
            ("3TB", 3_000_000_000_000, "3 TB"),
            ("1.25 TiB", 5 << 38, "1280 GiB"),
            ("64KiB", 65_536, "64 KiB"),
            ("2kb", 2000, "2 KB"),
            ("7MiB", 7 << 20, "7 MiB"),
        ] {
            let size: Size = text.parse().expect(text);
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_says_why() {
        for (text, why) in [
            ("", SizeError::NoNumber),
            ("GiB", SizeError::NoNumber),
            ("-1GB", SizeError::NoNumber),
            ("1.GB", SizeError::NoNumber),
            (".5GB", SizeError::NoNumber),
            ("1.2.3GB", SizeError::NoNumber),
            ("2G", SizeError::Unit),
            ("2Gi", SizeError::Unit),
            ("2 GiBs", SizeError::Unit),
            ("1,5GB", SizeError::Unit),
            ("1e9", SizeError::Unit),
            ("0", SizeError::Nothing),
            ("0.0001KB", SizeError::Nothing),
            ("16777216TiB", SizeError::TooLarge),
            ("1000000000000000000000", SizeError::TooLarge),
        ] {
            assert_eq!(text.parse::<Size>(), Err(why), "{text}");
        }
        let most = "16777215TiB".parse::<Size>().expect("it fits");
        assert_eq!(most.bytes(), 16_777_215 << 40);
    }
}
