//! Numbers for people: bytes, durations, plurals. Never for a file that a program reads.

use std::fmt;
use std::time::Duration;

/// Bytes as `512 B`, `1.8 GiB`, `300 MiB`: binary units, at most three digits.
#[derive(Debug, Clone, Copy)]
pub struct Bytes(pub u64);

/// A duration as `0.4 s`, `12.3 s`, `2 m 05 s`, `1 h 02 m`.
#[derive(Debug, Clone, Copy)]
pub struct Elapsed(pub Duration);

/// A number with a noun that gets an `s`: `1 tag`, `2 tags`.
#[derive(Debug, Clone, Copy)]
pub struct Count(pub u64, pub &'static str);

/// A large number as `1,234,567`.
#[derive(Debug, Clone, Copy)]
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let (head, rest) = digits.split_at((digits.len() - 1) % 3 + 1);
        f.write_str(head)?;
        (0..rest.len() / 3).try_for_each(|group| write!(f, ",{}", &rest[group * 3..group * 3 + 3]))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        // Tenths of the unit, rounded; 1023.95 and above belong to the next unit.
        let mut tenths = tenths_of(self.0, 1);
        let mut unit = 1;
        while tenths >= 10_240 && unit < UNITS.len() {
            unit += 1;
            tenths = tenths_of(self.0, unit);
        }
        let name = UNITS[unit - 1];
        match tenths {
            0..1_000 => write!(f, "{}.{} {name}", tenths / 10, tenths % 10),
            _ => write!(f, "{} {name}", (tenths + 5) / 10),
        }
    }
}

fn tenths_of(bytes: u64, unit: usize) -> u64 {
    let size = 1_u128 << (10 * unit);
    u64::try_from((u128::from(bytes) * 10 + size / 2) / size).unwrap_or(u64::MAX)
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0.as_millis() + 50) / 100;
        let seconds = (self.0.as_millis() + 500) / 1_000;
        match tenths {
            0..600 => write!(f, "{}.{} s", tenths / 10, tenths % 10),
            600..36_000 if seconds < 3_600 => write!(f, "{} m {:02} s", seconds / 60, seconds % 60),
            _ => write!(f, "{} h {:02} m", seconds / 3_600, seconds % 3_600 / 60),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, noun) = self;
        write!(f, "{count} {noun}{}", if *count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_at_most_three_digits_and_a_binary_unit() {
        let shown = [
            0,
            1_023,
            1_024,
            1_996,
            102_348,
            102_400,
            314_572_800,
            1_048_575,
            1_932_735_283,
            10 << 40,
            u64::MAX,
        ]
        .map(|bytes| Bytes(bytes).to_string());
        assert_eq!(
            shown,
            [
                "0 B", "1023 B", "1.0 KiB", "1.9 KiB", "99.9 KiB", "100 KiB", "300 MiB", "1.0 MiB",
                "1.8 GiB", "10.0 TiB", "16.0 EiB"
            ]
        );
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let shown =
            [0, 49, 50, 12_345, 59_949, 59_950, 125_000, 3_599_499, 3_599_500, 3_720_000, 360_000_000]
                .map(|ms| Elapsed(Duration::from_millis(ms)).to_string());
        assert_eq!(
            shown,
            [
                "0.0 s",
                "0.0 s",
                "0.1 s",
                "12.3 s",
                "59.9 s",
                "1 m 00 s",
                "2 m 05 s",
                "59 m 59 s",
                "1 h 00 m",
                "1 h 02 m",
                "100 h 00 m"
            ]
        );
    }

    #[test]
    fn large_numbers_are_grouped() {
        let shown = [0, 12, 999, 1_000, 45_678, 1_234_567].map(|number| Grouped(number).to_string());
        assert_eq!(shown, ["0", "12", "999", "1,000", "45,678", "1,234,567"]);
    }

    #[test]
    fn one_has_no_plural() {
        assert_eq!([0, 1, 2].map(|n| Count(n, "tag").to_string()), ["0 tags", "1 tag", "2 tags"]);
    }
}
