//! Signs calls of Alibaba Cloud's services: ACS3-HMAC-SHA256, the third version of its signatures.

use super::{Keys, add_session, body, canonical, hex, host, mac, sensitive, sum};
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;
use std::time::SystemTime;
use time::OffsetDateTime;

/// Which method of which version of a service is called.
pub(in super::super) struct Call<'a> {
    pub(in super::super) method: &'a str,
    pub(in super::super) version: &'a str,
    /// What no other call has: the service takes each once.
    pub(in super::super) nonce: &'a str,
}

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
const METHOD: HeaderName = HeaderName::from_static("x-acs-action");
const SUM: HeaderName = HeaderName::from_static("x-acs-content-sha256");
const DATE: HeaderName = HeaderName::from_static("x-acs-date");
const TOKEN: HeaderName = HeaderName::from_static("x-acs-security-token");
const NONCE: HeaderName = HeaderName::from_static("x-acs-signature-nonce");
const VERSION: HeaderName = HeaderName::from_static("x-acs-version");
/// The headers that are signed, where a request has them; in the order of their names.
const SIGNED: [HeaderName; 8] = [CONTENT_TYPE, HOST, METHOD, SUM, DATE, TOKEN, NONCE, VERSION];

/// Signs a request whose body is in memory. None when it has no host, or a key that fits no header.
///
/// Alibaba Cloud SDK, "V3 request body and signature mechanism".
pub(in super::super) fn sign(
    request: &mut Request,
    keys: &Keys,
    call: &Call<'_>,
    at: SystemTime,
) -> Option<()> {
    let sum_of_body = sum(body(request)?);
    let host = host(request.url())?;
    let headers = request.headers_mut();
    let plain = [
        (HOST, host.as_str()),
        (METHOD, call.method),
        (SUM, &sum_of_body),
        (DATE, &stamp(at)),
        (NONCE, call.nonce),
        (VERSION, call.version),
    ];
    for (name, value) in plain {
        headers.insert(name, HeaderValue::from_str(value).ok()?);
    }
    add_session(headers, TOKEN, keys)?;
    let (canonical, signed) = canonical(request, request.url().path(), &SIGNED)?;
    let to_sign = format!("{ALGORITHM}\n{}", sum(canonical.as_bytes()));
    let signature = hex(&mac(keys.secret.expose_secret().as_bytes(), to_sign.as_bytes()));
    let value = format!("{ALGORITHM} Credential={},SignedHeaders={signed},Signature={signature}", keys.id);
    request.headers_mut().insert(AUTHORIZATION, sensitive(&value)?);
    Some(())
}

/// `2023-10-26T10:22:32Z`.
fn stamp(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let (date, time) = (at.date(), at.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;
    use std::time::Duration;
    use url::Url;

    /// The example of the guide, which is of another service.
    #[test]
    fn the_example_of_the_guide_comes_out_as_it_is_printed() {
        let url = "https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd\
                   &RegionId=cn-shanghai";
        let mut request = Request::new(Method::POST, Url::parse(url).expect("a URL"));
        let keys = Keys { id: "YourAccessKeyId".into(), secret: "YourAccessKeySecret".into(), session: None };
        let call =
            Call { method: "RunInstances", version: "2014-05-26", nonce: "3156853299f313e23d1673dc12e1703d" };
        // 2023-10-26T10:22:32Z
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_698_315_752);
        sign(&mut request, &keys, &call, at).expect("signed");
        assert_eq!(
            request.headers()[AUTHORIZATION],
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
             x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }
}
