//! Signs requests to the services of clouds, each as its cloud has it. What they have in common is here: a
//! request becomes a text, of which a key makes a sum. Knows no service.

mod aliyun;
mod amazon;
mod huawei;
mod tencent;
#[cfg(test)]
mod vendors;

pub(super) use aliyun::{Call, sign as sign_for_aliyun};
pub(super) use amazon::{Scope, sign as sign_for_amazon};
pub(super) use huawei::{login_key, sign as sign_for_huawei};
pub(super) use tencent::sign as sign_for_tencent;

use reqwest::Request;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt::Write as _;
use std::time::SystemTime;
use time::OffsetDateTime;
use url::Url;

/// Keys of an account: they sign requests, and are never sent.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: SecretString,
    /// With keys that end.
    pub(super) session: Option<SecretString>,
}

/// The canonical request, and the names of its signed headers: those of `signed` that it has. All of the
/// clouds have the same parts in the same order, and differ in which headers they want and how they write a
/// path.
fn canonical(request: &Request, path: &str, signed: &[HeaderName]) -> Option<(String, String)> {
    let mut text = format!("{}\n{path}\n{}\n", request.method(), query(request.url()));
    let mut names = Vec::new();
    for name in signed {
        if let Some(value) = request.headers().get(name) {
            let value: Vec<&str> = value.to_str().ok()?.split_ascii_whitespace().collect();
            let _ = writeln!(text, "{name}:{}", value.join(" "));
            names.push(name.as_str());
        }
    }
    let names = names.join(";");
    let _ = write!(text, "\n{names}\n{}", sum(body(request)?));
    Some((text, names))
}

/// The bytes of the body, which is in memory.
fn body(request: &Request) -> Option<&[u8]> {
    match request.body() {
        Some(body) => body.as_bytes(),
        None => Some(&[]),
    }
}

/// A header that holds what nobody may read in a log.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Adds the token of keys that end. None when it fits no header.
fn add_session(headers: &mut HeaderMap, name: HeaderName, keys: &Keys) -> Option<()> {
    if let Some(token) = &keys.session {
        headers.insert(name, sensitive(token.expose_secret())?);
    }
    Some(())
}

/// The query, encoded as RFC 3986 has it, and sorted: by names first, of which one may be how another begins.
fn query(url: &Url) -> String {
    let mut pairs: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (encode(&name), encode(&value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => drop(write!(encoded, "%{byte:02X}")),
        }
        encoded
    })
}

/// What reqwest sends as `Host`.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// `20150830T123600Z`.
fn stamp(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let (date, time) = (at.date(), at.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second())
}

/// SHA-256, in hexadecimal.
fn sum(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_and_sorted() {
        let url = Url::parse("https://a.test/?b=%20%2F&a=%C3%A9+x&A=~").expect("a URL");
        assert_eq!(query(&url), "A=~&a=%C3%A9%20x&b=%20%2F");
        let url = Url::parse("https://a.test/?a-b=1&a=2").expect("a URL");
        assert_eq!(query(&url), "a=2&a-b=1", "as texts, a dash would come before the sign after a name");
    }
}
