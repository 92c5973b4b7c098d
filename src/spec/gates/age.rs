//! Ages as people write them: `7d`, `36h`, `1w 12h`.

use std::fmt;
use std::str::FromStr;

/// How long ago; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    seconds: i64,
}

/// Why a text is no age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeError {
    /// It is no number with a unit, or several of them.
    Malformed,
    /// A number has no unit.
    NoUnit,
    /// It is no time at all.
    Nothing,
    /// It is more than [`AGE_SECONDS_MAX`].
    TooLong,
}

/// The longest age, in seconds: 100 years, which is older than any image.
pub const AGE_SECONDS_MAX: i64 = 100 * 365 * DAY;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

const UNITS: [(char, i64); 4] = [('w', WEEK), ('d', DAY), ('h', HOUR), ('m', MINUTE)];

impl Age {
    /// How many seconds.
    pub fn seconds(self) -> i64 {
        self.seconds
    }
}

impl FromStr for Age {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(AgeError::Malformed);
        }
        let mut seconds = 0_i64;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, behind) = rest.split_at(digits);
            let behind = behind.trim_start();
            if number.is_empty() {
                return Err(AgeError::Malformed);
            }
            let Some(unit) = behind.chars().next() else { return Err(AgeError::NoUnit) };
            let (_, unit_seconds) =
                UNITS.iter().find(|(name, _)| *name == unit).ok_or(AgeError::Malformed)?;
            // Numbers that do not fit are too long anyway.
            let more = number.parse::<i64>().ok().and_then(|number| number.checked_mul(*unit_seconds));
            seconds = more.and_then(|more| seconds.checked_add(more)).ok_or(AgeError::TooLong)?;
            rest = behind[unit.len_utf8()..].trim_start();
        }
        match seconds {
            0 => Err(AgeError::Nothing),
            seconds if seconds > AGE_SECONDS_MAX => Err(AgeError::TooLong),
            seconds => Ok(Self { seconds }),
        }
    }
}

/// In the largest units: `1w 12h`.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.seconds;
        let mut first = true;
        for (name, unit) in UNITS {
            if left >= unit {
                write!(f, "{}{}{name}", if first { "" } else { " " }, left / unit)?;
                left %= unit;
                first = false;
            }
        }
        Ok(())
    }
}

impl fmt::Display for AgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is no number with one of the units `m`, `h`, `d` and `w`",
            Self::NoUnit => "a unit is missing",
            Self::Nothing => "it is no time at all",
            Self::TooLong => "it is more than 100 years",
        })
    }
}

impl std::error::Error for AgeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_people_write_them() {
        for (text, seconds, shown) in [
            ("1m", 60, "1m"),
            ("90m", 5400, "1h 30m"),
            ("36h", 129_600, "1d 12h"),
            ("7d", 604_800, "1w"),
            ("7 d", 604_800, "1w"),
            ("2w", 1_209_600, "2w"),
            ("1w12h", 648_000, "1w 12h"),
            (" 1w 2d 3h 4m ", 788_640, "1w 2d 3h 4m"),
            ("0d 5m", 300, "5m"),
        ] {
            let age: Age = text.parse().expect(text);
            assert_eq!((age.seconds(), age.to_string().as_str()), (seconds, shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_age_says_why() {
        for (text, why) in [
            ("", AgeError::Malformed),
            ("d", AgeError::Malformed),
            ("-7d", AgeError::Malformed),
            ("1.5d", AgeError::Malformed),
            ("7s", AgeError::Malformed),
            ("7days", AgeError::Malformed),
            ("1M", AgeError::Malformed),
            ("7d, 1h", AgeError::Malformed),
            ("7", AgeError::NoUnit),
            ("1d 7", AgeError::NoUnit),
            ("0d", AgeError::Nothing),
            ("36501d", AgeError::TooLong),
            ("99999999999999999999d", AgeError::TooLong),
            ("9223372036854775807m", AgeError::TooLong),
        ] {
            assert_eq!(text.parse::<Age>(), Err(why), "{text}");
        }
        assert_eq!("36500d".parse::<Age>().map(Age::seconds), Ok(AGE_SECONDS_MAX));
    }
}
