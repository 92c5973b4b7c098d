//! Signs requests to Tencent Cloud: TC3-HMAC-SHA256, for what we send. Knows no service.

use crate::access::CloudKeys;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use ring::hmac;
use secrecy::ExposeSecret;
use std::fmt::Write as _;
use std::time::SystemTime;
use time::OffsetDateTime;

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const TIMESTAMP: HeaderName = HeaderName::from_static("x-tc-timestamp");
const TOKEN: HeaderName = HeaderName::from_static("x-tc-token");
/// The headers that are signed: what the cloud asks for at least, and what its own programs sign.
const SIGNED: &str = "content-type;host";

/// Signs a request whose body is in memory and whose type is said. None when it lacks something of that, or a
/// key fits no header.
///
/// Tencent Cloud API, "Signature v3".
pub(super) fn sign(request: &mut Request, keys: &CloudKeys, service: &str, at: SystemTime) -> Option<()> {
    let at = OffsetDateTime::from(at);
    let seconds = at.unix_timestamp().to_string();
    let url = request.url();
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert(TIMESTAMP, HeaderValue::from_str(&seconds).ok()?);
    if let Some(token) = &keys.token {
        headers.insert(TOKEN, sensitive(token.expose_secret())?);
    }
    let canonical = canonical(request, &host)?;
    let day = format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    let scope = format!("{day}/{service}/tc3_request");
    let to_sign = format!("{ALGORITHM}\n{seconds}\n{scope}\n{}", sum(canonical.as_bytes()));
    let first = format!("TC3{}", keys.secret.expose_secret());
    let parts = [&*day, service, "tc3_request"];
    let key = parts.iter().fold(first.into_bytes(), |key, part| mac(&key, part.as_bytes()));
    let signature = hex(&mac(&key, to_sign.as_bytes()));
    let value =
        format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={SIGNED}, Signature={signature}", keys.id);
    request.headers_mut().insert(AUTHORIZATION, sensitive(&value)?);
    Some(())
}

/// The canonical request. What is sent has no query.
fn canonical(request: &Request, host: &str) -> Option<String> {
    let content_type = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let body = request.body()?.as_bytes()?;
    let path = request.url().path();
    let headers = format!("content-type:{content_type}\nhost:{host}\n");
    Some(format!("{}\n{path}\n\n{headers}\n{SIGNED}\n{}", request.method(), sum(body)))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

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
