//! Signs calls of Huawei Cloud's services: SDK-HMAC-SHA256. And makes the password that SWR takes for keys.

use super::{Keys, add_session, canonical, hex, host, mac, sensitive, stamp, sum};
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::SystemTime;

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const PROJECT: HeaderName = HeaderName::from_static("x-project-id");
const TOKEN: HeaderName = HeaderName::from_static("x-security-token");
/// The headers that are signed, where a request has them; in the order of their names.
const SIGNED: [HeaderName; 5] = [CONTENT_TYPE, HOST, PROJECT, DATE, TOKEN];

/// Signs a request whose body is JSON in memory, or none. None when it has no host, or a key that fits no
/// header.
///
/// Huawei Cloud, "API Request Signing Guide".
pub(in super::super) fn sign(request: &mut Request, keys: &Keys, at: SystemTime) -> Option<()> {
    let at = stamp(at);
    let host = host(request.url())?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert(DATE, HeaderValue::from_str(&at).ok()?);
    add_session(headers, TOKEN, keys)?;
    // In the text that is signed, and only there, a path ends in a slash.
    let path = format!("{}/", request.url().path().trim_end_matches('/'));
    let (canonical, signed) = canonical(request, &path, &SIGNED)?;
    let to_sign = format!("{ALGORITHM}\n{at}\n{}", sum(canonical.as_bytes()));
    let signature = hex(&mac(keys.secret.expose_secret().as_bytes(), to_sign.as_bytes()));
    let value = format!("{ALGORITHM} Access={}, SignedHeaders={signed}, Signature={signature}", keys.id);
    request.headers_mut().insert(AUTHORIZATION, sensitive(&value)?);
    Some(())
}

/// The password of the user `REGION@KEY`, for as long as the key is one.
///
/// SWR user guide, "Obtaining a long-term valid login command": `printf "$AK" | openssl dgst -binary -sha256
/// -hmac "$SK"`, in hexadecimal.
pub(in super::super) fn login_key(keys: &Keys) -> SecretString {
    hex(&mac(keys.secret.expose_secret().as_bytes(), keys.id.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What openssl says: `printf 'QTWAOYTTINDUT2QVKYUC' | openssl dgst -sha256 -hmac 'MFyfvK41ba…'`.
    #[test]
    fn the_login_key_is_what_the_guide_has_people_compute() {
        let secret = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc".into();
        let keys = Keys { id: "QTWAOYTTINDUT2QVKYUC".into(), secret, session: None };
        assert_eq!(
            login_key(&keys).expose_secret(),
            "89aca1198a970e4360203d71cdaa80cfc13ecd55ee84409719e88162d139ef34"
        );
    }
}
