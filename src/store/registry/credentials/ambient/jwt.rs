//! JSON Web Tokens: signs those that we make (RFC 7515, RS256), and reads for whom others are. Never
//! judges whether one is valid: that is for those who they are shown to.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// Most characters of an audience that are shown.
const SHOWN_CHARS_MAX: usize = 200;

/// Signs `claims` with an RSA key, PEM (PKCS #8), as RS256. The error completes the phrase "the key …".
pub(super) fn sign(
    claims: &Value,
    key_pem: &SecretString,
    key_id: Option<&str>,
) -> Result<SecretString, &'static str> {
    let der = der(key_pem.expose_secret()).ok_or("is not PEM")?;
    let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| "is not an RSA key in PKCS #8")?;
    let mut header = json!({ "alg": "RS256", "typ": "JWT" });
    if let Some(key_id) = key_id {
        header["kid"] = json!(key_id);
    }
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| "could not sign")?;
    Ok(SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}

/// For whom a token is, where it says so.
pub(super) fn audience(token: &SecretString) -> Option<Vec<String>> {
    let claims = token.expose_secret().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    match &claims["aud"] {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => Some(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()),
        _ => None,
    }
}

/// Audiences, for people.
pub(super) fn shown(audiences: &[String]) -> String {
    let all: Vec<String> = audiences.iter().map(|one| format!("{one:?}")).collect();
    all.join(", ").chars().take(SHOWN_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> SecretString {
        SecretString::from(format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn an_audience_is_one_or_several() {
        assert_eq!(audience(&token(r#"{"aud":"a"}"#)), Some(vec!["a".to_owned()]));
        assert_eq!(audience(&token(r#"{"aud":["a","b"]}"#)), Some(vec!["a".to_owned(), "b".to_owned()]));
        for other in [token("{}"), token("7"), token(r#"{"aud":7}"#), "opaque".into(), "a.!.c".into()] {
            assert_eq!(audience(&other), None);
        }
        assert_eq!(shown(&["a\n".to_owned(), "b".to_owned()]), r#""a\n", "b""#);
    }

    #[test]
    fn what_is_no_key_is_told_and_not_shown() {
        for (key, why) in [
            ("CANARY", "is not PEM"),
            ("-----BEGIN PRIVATE KEY-----\nCANARY!\n-----END PRIVATE KEY-----", "is not PEM"),
            (
                "-----BEGIN PRIVATE KEY-----\nQ0FOQVJZ\n-----END PRIVATE KEY-----",
                "is not an RSA key in PKCS #8",
            ),
        ] {
            assert_eq!(sign(&json!({}), &key.into(), None).err(), Some(why));
        }
    }
}
