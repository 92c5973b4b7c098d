//! What holds for challenges, whatever the bytes are.

use super::challenge::{CHALLENGES_BYTES_MAX, Challenge, ChallengeError};
use crate::store::registry::fuzzed::values;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

/// Longest text about a challenge that cannot be met, in bytes: five schemes of forty characters, and words.
const ERROR_BYTES_MAX: usize = 400;

/// `WWW-Authenticate`, a line each: what was read is read again from how the standard would write it, twice
/// says no more than once, and an error is short and has nothing in it that drives a terminal.
pub fn challenge(bytes: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    for value in values(bytes) {
        headers.append(WWW_AUTHENTICATE, value);
    }
    let length: usize = headers.values().map(HeaderValue::len).sum();
    match Challenge::of(&headers) {
        Ok(None) => {
            assert!(headers.is_empty());
            false
        }
        Ok(Some(challenge)) => {
            assert!(length <= CHALLENGES_BYTES_MAX);
            if let Challenge::Bearer(bearer) = &challenge {
                assert!(!bearer.realm.is_empty());
            }
            let once = written(&challenge);
            let mut twice = once.clone();
            twice.extend(once.clone().into_iter().filter_map(|(name, value)| Some((name?, value))));
            assert_eq!(Challenge::of(&once), Ok(Some(challenge.clone())), "{once:?}");
            assert_eq!(Challenge::of(&twice), Ok(Some(challenge)));
            true
        }
        Err(why) => {
            assert_eq!(why == ChallengeError::TooLong, length > CHALLENGES_BYTES_MAX);
            let why = why.to_string();
            assert!(why.len() <= ERROR_BYTES_MAX && !why.contains(char::is_control), "{why:?}");
            false
        }
    }
}

/// The challenge as RFC 9110 §11.6.1 writes it, with every value quoted.
fn written(challenge: &Challenge) -> HeaderMap {
    let text = match challenge {
        Challenge::Basic => "Basic realm=\"r\"".to_owned(),
        Challenge::Bearer(bearer) => {
            let parameters = [
                ("realm", Some(&bearer.realm)),
                ("service", bearer.service.as_ref()),
                ("scope", bearer.scope.as_ref()),
                ("error", bearer.error.as_ref()),
            ];
            let quoted = |(name, value): (&str, Option<&String>)| {
                Some(format!("{name}=\"{}\"", value?.replace('\\', "\\\\").replace('"', "\\\"")))
            };
            format!("Bearer {}", parameters.into_iter().filter_map(quoted).collect::<Vec<_>>().join(","))
        }
    };
    HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::from_str(&text).expect("it came in a header"))])
}
