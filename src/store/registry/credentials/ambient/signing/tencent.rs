//! Signs calls of Tencent Cloud's services: TC3-HMAC-SHA256, the third version of its signatures.

use super::{Keys, add_session, body, hex, host, mac, sensitive, sum};
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;
use std::time::SystemTime;
use time::OffsetDateTime;

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const TIMESTAMP: HeaderName = HeaderName::from_static("x-tc-timestamp");
const TOKEN: HeaderName = HeaderName::from_static("x-tc-token");
/// The headers that are signed: what the cloud asks for at least, and what its own programs sign.
const SIGNED: &str = "content-type;host";

/// Signs a request whose body is in memory, whose type is said, and which has no query. None when it lacks some
/// of that, or a key fits no header.
///
/// Tencent Cloud API, "Signature v3".
pub(in super::super) fn sign(
    request: &mut Request,
    keys: &Keys,
    service: &str,
    at: SystemTime,
) -> Option<()> {
    let at = OffsetDateTime::from(at);
    let seconds = at.unix_timestamp().to_string();
    let host = host(request.url())?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert(TIMESTAMP, HeaderValue::from_str(&seconds).ok()?);
    add_session(headers, TOKEN, keys)?;
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let (method, path) = (request.method(), request.url().path());
    let headers = format!("content-type:{kind}\nhost:{host}\n");
    let canonical = format!("{method}\n{path}\n\n{headers}\n{SIGNED}\n{}", sum(body(request)?));
    let day = format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    let scope = format!("{day}/{service}/tc3_request");
    let to_sign = format!("{ALGORITHM}\n{seconds}\n{scope}\n{}", sum(canonical.as_bytes()));
    let first = format!("TC3{}", keys.secret.expose_secret());
    let key = [&*day, service, "tc3_request"]
        .iter()
        .fold(first.into_bytes(), |key, part| mac(&key, part.as_bytes()));
    let signature = hex(&mac(&key, to_sign.as_bytes()));
    let value =
        format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={SIGNED}, Signature={signature}", keys.id);
    request.headers_mut().insert(AUTHORIZATION, sensitive(&value)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn signed(kind: Option<&'static str>, id: &str) -> Option<String> {
        let url = "https://cvm.tencentcloudapi.com/".parse().expect("a URL");
        let mut request = Request::new(reqwest::Method::POST, url);
        if let Some(kind) = kind {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let body =
            r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        *request.body_mut() = Some(body.into());
        let keys = Keys { id: id.into(), secret: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE".into(), session: None };
        sign(&mut request, &keys, "cvm", SystemTime::UNIX_EPOCH + Duration::from_secs(1_551_113_065))?;
        let value = &request.headers()[AUTHORIZATION];
        assert!(value.is_sensitive());
        Some(value.to_str().expect("text").to_owned())
    }

    #[test]
    fn a_call_is_signed_for_its_day_its_service_and_its_body() {
        let header = signed(Some("application/json; charset=utf-8"), "AKID").expect("signed");
        let (scope, signature) = header.rsplit_once('=').expect("a signature");
        assert_eq!(
            scope,
            "TC3-HMAC-SHA256 Credential=AKID/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature"
        );
        assert_eq!(signature.len(), 64);
        assert_ne!(Some(header), signed(Some("application/json"), "AKID"));
    }

    #[test]
    fn what_lacks_something_is_not_signed() {
        assert_eq!(signed(None, "AKID"), None);
        assert_eq!(signed(Some("application/json"), "AK\nID"), None);
    }
}
