//! Reads the challenges of a 401. The only file that knows the parser; never judges a realm.

use http_auth::{ChallengeRef, parser::ChallengeParser};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use std::fmt;

/// How a registry wants its requests authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// RFC 7617: user name and password on every request.
    Basic,
    /// RFC 6750, with the parameters of the distribution project's token authentication.
    Bearer(Bearer),
}

/// The parameters of a Bearer challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bearer {
    /// The URL of the token server, not looked at yet.
    pub(super) realm: String,
    /// For whom the token is.
    pub(super) service: Option<String>,
    /// What the token must be good for.
    pub(super) scope: Option<String>,
    /// Why a token that was sent did not do.
    pub(super) error: Option<String>,
}

/// Why a 401 cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChallengeError {
    /// Longer than [`CHALLENGES_BYTES_MAX`].
    TooLong,
    /// Neither Bearer nor Basic; these are the schemes that were offered.
    Unsupported(Vec<String>),
    /// A Bearer challenge says twice, or not at all, what it must say once.
    Parameter(&'static str),
    /// Two Bearer challenges name two token servers.
    TwoRealms,
}

/// Bound on all challenges of one answer, in bytes.
pub(super) const CHALLENGES_BYTES_MAX: usize = 64 * 1024;

impl Challenge {
    /// The challenge to answer: Bearer where it is offered, else Basic; none when there is no
    /// `WWW-Authenticate` at all.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, ChallengeError> {
        let values: Vec<&HeaderValue> = headers.get_all(WWW_AUTHENTICATE).iter().collect();
        if values.is_empty() {
            return Ok(None);
        }
        if values.iter().map(|value| value.len()).sum::<usize>() > CHALLENGES_BYTES_MAX {
            return Err(ChallengeError::TooLong);
        }
        let texts: Vec<&str> = values.iter().filter_map(|value| value.to_str().ok()).map(str::trim).collect();
        // What follows a syntax error in a header is not read; what came before it counts.
        let all: Vec<ChallengeRef<'_>> =
            texts.iter().flat_map(|text| ChallengeParser::new(text).map_while(Result::ok)).collect();
        let with =
            |scheme: &str| all.iter().filter(|c| c.scheme.eq_ignore_ascii_case(scheme)).collect::<Vec<_>>();
        if let Some((first, others)) = with("Bearer").split_first() {
            let bearer = Bearer::of(first)?;
            for other in others {
                if Bearer::of(other)?.realm != bearer.realm {
                    return Err(ChallengeError::TwoRealms);
                }
            }
            return Ok(Some(Self::Bearer(bearer)));
        }
        match with("Basic").is_empty() {
            false => Ok(Some(Self::Basic)),
            true => Err(ChallengeError::Unsupported(all.iter().map(|c| c.scheme.to_owned()).collect())),
        }
    }
}

impl Bearer {
    fn of(challenge: &ChallengeRef<'_>) -> Result<Self, ChallengeError> {
        let once = |name: &'static str| {
            let mut values = challenge.params.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            let value = values.next().map(|(_, value)| value.to_unescaped()).filter(|text| !text.is_empty());
            match values.next() {
                Some(_) => Err(ChallengeError::Parameter(name)),
                None => Ok(value),
            }
        };
        Ok(Self {
            realm: once("realm")?.ok_or(ChallengeError::Parameter("realm"))?,
            service: once("service")?,
            scope: once("scope")?,
            error: once("error")?,
        })
    }
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "its challenge is longer than {CHALLENGES_BYTES_MAX} bytes"),
            Self::Unsupported(schemes) if schemes.is_empty() => f.write_str("its challenge cannot be read"),
            Self::Unsupported(schemes) => {
                let schemes: Vec<String> =
                    schemes.iter().take(5).map(|s| s.chars().take(40).collect()).collect();
                write!(f, "it wants {}; only Bearer and Basic are supported", schemes.join(" or "))
            }
            Self::Parameter(name) => write!(f, "its Bearer challenge must say `{name}` once"),
            Self::TwoRealms => f.write_str("its challenges name two different token servers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(values: &[&str]) -> Result<Option<Challenge>, ChallengeError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).expect("a header value"));
        }
        Challenge::of(&headers)
    }

    fn realm(values: &[&str]) -> String {
        match parsed(values) {
            Ok(Some(Challenge::Bearer(bearer))) => bearer.realm,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn bearer_is_preferred_wherever_it_stands() {
        let bearer = r#"Bearer realm="https://a/t",service="s",scope="repository:a,b:pull,push""#;
        for values in [
            vec![bearer],
            vec!["Basic realm=\"x\"", bearer],
            vec![bearer, "Basic realm=\"x\""],
            vec![r#"Basic realm="a, Bearer b", bEARER realm="https://a/t""#],
            vec![r#"Digest realm="d", nonce="n", Basic realm="b", Bearer realm="https://a/t""#],
            vec![bearer, bearer],
        ] {
            assert_eq!(realm(&values), "https://a/t", "{values:?}");
        }
        assert_eq!(parsed(&["BASIC realm=\"Sonatype\""]), Ok(Some(Challenge::Basic)));
        assert_eq!(parsed(&["Basic"]), Ok(Some(Challenge::Basic)));
        assert_eq!(parsed(&[]), Ok(None));
    }

    #[test]
    fn commas_and_quotes_inside_a_value_stay_inside() {
        let challenge = parsed(&[
            r#"Bearer realm="https://a/t?x=1,2",service="a \"b\"",scope="repository:x:pull,push",error="insufficient_scope""#,
        ]);
        let Ok(Some(Challenge::Bearer(bearer))) = challenge else { panic!("{challenge:?}") };
        assert_eq!(bearer.realm, "https://a/t?x=1,2");
        assert_eq!(bearer.service.as_deref(), Some("a \"b\""));
        assert_eq!(bearer.scope.as_deref(), Some("repository:x:pull,push"));
        assert_eq!(bearer.error.as_deref(), Some("insufficient_scope"));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        let refused = |values: &[&str]| parsed(values).expect_err("refused").to_string();
        let huge = format!("Bearer realm=\"{}\"", "x".repeat(CHALLENGES_BYTES_MAX));
        insta::assert_snapshot!(
            [
                refused(&[r#"Bearer realm="https://a",realm="https://b""#]),
                refused(&[r#"Bearer realm="https://a""#, r#"Bearer realm="https://b""#]),
                refused(&[r#"Bearer service="s""#]),
                refused(&[r#"Bearer realm="",service="s""#]),
                refused(&["Negotiate, NTLM"]),
                refused(&["Bearer realm=https://unquoted/"]),
                refused(&["=,=\"\\"]),
                refused(&[&huge]),
            ]
            .join("\n"),
            @r"
        its Bearer challenge must say `realm` once
        its challenges name two different token servers
        its Bearer challenge must say `realm` once
        its Bearer challenge must say `realm` once
        it wants Negotiate or NTLM; only Bearer and Basic are supported
        its challenge cannot be read
        its challenge cannot be read
        its challenge is longer than 65536 bytes
        "
        );
    }

    proptest! {
        #[test]
        fn no_header_makes_the_parser_panic(values in prop::collection::vec("[ -~]{0,80}", 0..4)) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let _ = parsed(&values);
        }

        #[test]
        fn nothing_near_a_challenge_makes_the_parser_panic(
            parts in prop::collection::vec(
                prop::sample::select(vec!["Bearer", "Basic", " ", ",", "realm", "=", "\"", "\\", "x", "\t", "scope"]),
                0..30,
            )
        ) {
            let _ = parsed(&[&parts.concat()]);
        }

        #[test]
        fn no_byte_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.append(WWW_AUTHENTICATE, value);
                let _ = Challenge::of(&headers);
            }
        }
    }
}
