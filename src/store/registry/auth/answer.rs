//! Reads the answer of a token server. Never keeps it, and never shows what is in it.

use reqwest::header::HeaderValue;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A token, as the server gave it.
pub(super) struct Answer {
    /// `Bearer TOKEN`, marked as sensitive.
    pub(super) header: HeaderValue,
    /// The token itself.
    pub(super) token: SecretString,
    /// How long it may be used; zero means for the requests that wait for it now, and no other.
    pub(super) life: Duration,
    /// What to ask with from now on.
    pub(super) refresh: Option<SecretString>,
}

/// Why an answer is not one. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerError {
    /// Not a JSON object of the right shape.
    Malformed,
    /// Neither `token` nor `access_token`, or an empty one.
    NoToken,
    /// The token has characters that a header cannot have.
    BadToken,
}

/// The life of a token whose server does not say, from the distribution project's token
/// authentication: "defaults to 60 seconds".
const LIFE_DEFAULT: Duration = Duration::from_secs(60);
/// No token is used longer than this, whatever its server says.
pub(super) const LIFE_MAX: Duration = Duration::from_secs(60 * 60);

/// The members that count. `issued_at`, and what is inside the token, do not: they tell the time
/// of another clock.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    refresh_token: Option<Value>,
}

impl Answer {
    /// Reads a body.
    pub(super) fn read(body: &[u8]) -> Result<Self, AnswerError> {
        let Body { token, access_token, expires_in, refresh_token } =
            serde_json::from_slice(body).map_err(|_| AnswerError::Malformed)?;
        let given = |text: &String| !text.is_empty();
        let token = token.filter(given).or(access_token.filter(given)).ok_or(AnswerError::NoToken)?;
        let mut header =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| AnswerError::BadToken)?;
        header.set_sensitive(true);
        let refresh = match refresh_token {
            Some(Value::String(text)) if !text.is_empty() => Some(SecretString::from(text)),
            _ => None,
        };
        Ok(Self { header, token: token.into(), life: life(expires_in.as_ref()), refresh })
    }
}

/// Seconds as a number or, from careless servers, as a text; what is neither counts as missing.
fn life(expires_in: Option<&Value>) -> Duration {
    let seconds = match expires_in {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse::<f64>().ok().filter(|seconds| seconds.is_finite()),
        _ => None,
    };
    match seconds {
        None => LIFE_DEFAULT,
        Some(seconds) => Duration::from_secs_f64(seconds.clamp(0.0, LIFE_MAX.as_secs_f64())),
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the answer of the token server is not the JSON that it should be",
            Self::NoToken => "the token server answered without a token",
            Self::BadToken => "the token server answered with a token that no header can carry",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn life_of(expires_in: &str) -> Duration {
        let body = format!(r#"{{"token":"t","issued_at":"1970-01-01T00:00:00Z","expires_in":{expires_in}}}"#);
        Answer::read(body.as_bytes()).map(|answer| answer.life).expect("an answer")
    }

    #[test]
    fn the_life_of_a_token_is_what_the_server_says_within_reason() {
        let seconds = Duration::from_secs;
        for (text, life) in [
            ("300", seconds(300)),
            ("\"300\"", seconds(300)),
            ("1.5", Duration::from_millis(1500)),
            ("0", seconds(0)),
            ("-1", seconds(0)),
            ("9223372036854775808", LIFE_MAX),
            ("1e308", LIFE_MAX),
            ("null", LIFE_DEFAULT),
            ("\"soon\"", LIFE_DEFAULT),
            ("\"NaN\"", LIFE_DEFAULT),
            ("{}", LIFE_DEFAULT),
        ] {
            assert_eq!(life_of(text), life, "{text}");
        }
        assert_eq!(Answer::read(br#"{"access_token":"t"}"#).map(|a| a.life).ok(), Some(LIFE_DEFAULT));
    }

    #[test]
    fn either_name_of_the_token_will_do() {
        let header = |body: &str| Answer::read(body.as_bytes()).map(|answer| answer.header);
        let bearer = Ok(HeaderValue::from_static("Bearer t"));
        assert_eq!(header(r#"{"token":"t"}"#), bearer);
        assert_eq!(header(r#"{"access_token":"t"}"#), bearer);
        assert_eq!(header(r#"{"token":"","access_token":"t"}"#), bearer);
        assert_eq!(header(r#"{"token":"t","access_token":"u"}"#), bearer);
        assert!(header(r#"{"token":"t"}"#).is_ok_and(|value| value.is_sensitive()));
    }

    #[test]
    fn what_is_no_answer_says_so_without_its_content() {
        for (body, why) in [
            ("", AnswerError::Malformed),
            ("<html>", AnswerError::Malformed),
            ("7", AnswerError::Malformed),
            (r#"{"token":7}"#, AnswerError::Malformed),
            ("{}", AnswerError::NoToken),
            (r#"{"token":null}"#, AnswerError::NoToken),
            (r#"{"token":"a\nb"}"#, AnswerError::BadToken),
        ] {
            assert_eq!(Answer::read(body.as_bytes()).err(), Some(why), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_panic(body in ".{0,200}") {
            let _ = Answer::read(body.as_bytes());
        }

        #[test]
        fn no_life_is_longer_than_the_limit(number in any::<f64>()) {
            prop_assume!(number.is_finite());
            let life = life_of(&format!("{number:e}"));
            prop_assert!(life <= LIFE_MAX);
        }
    }
}
