//! Signs requests to Amazon's services: Signature Version 4, for what we send.

use super::{Keys, add_session, canonical, hex, host, mac, sensitive, stamp, sum};
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;
use std::time::SystemTime;

/// For which service of which region a signature is.
pub(in super::super) struct Scope<'a> {
    pub(in super::super) region: &'a str,
    pub(in super::super) service: &'a str,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// The headers that are signed, where a request has them; in the order of their names.
const SIGNED: [HeaderName; 5] = [CONTENT_TYPE, HOST, DATE, TOKEN, TARGET];

/// Signs a request whose body is in memory. None when it has no host, or a key that fits no header.
///
/// AWS, "Create a signed AWS API request".
pub(in super::super) fn sign(
    request: &mut Request,
    keys: &Keys,
    scope: &Scope<'_>,
    at: SystemTime,
) -> Option<()> {
    let at = stamp(at);
    let host = host(request.url())?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert(DATE, HeaderValue::from_str(&at).ok()?);
    add_session(headers, TOKEN, keys)?;
    let (canonical, signed) = canonical(request, request.url().path(), &SIGNED)?;
    let day = at.get(..8)?;
    let credential_scope = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign = format!("{ALGORITHM}\n{at}\n{credential_scope}\n{}", sum(canonical.as_bytes()));
    let first = format!("AWS4{}", keys.secret.expose_secret());
    let parts = [day, scope.region, scope.service, "aws4_request"];
    let key = parts.iter().fold(first.into_bytes(), |key, part| mac(&key, part.as_bytes()));
    let signature = hex(&mac(&key, to_sign.as_bytes()));
    let value = format!(
        "{ALGORITHM} Credential={}/{credential_scope}, SignedHeaders={signed}, Signature={signature}",
        keys.id
    );
    request.headers_mut().insert(AUTHORIZATION, sensitive(&value)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;
    use std::time::Duration;
    use url::Url;

    /// 2015-08-30T12:36:00Z, the time of all of Amazon's examples.
    const AT: Duration = Duration::from_secs(1_440_938_160);

    fn keys() -> Keys {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into();
        Keys { id: "AKIDEXAMPLE".into(), secret, session: None }
    }

    fn request(method: Method, url: &str) -> Request {
        Request::new(method, Url::parse(url).expect("a URL"))
    }

    fn signature(mut request: Request, keys: &Keys, service: &str) -> String {
        let scope = Scope { region: "us-east-1", service };
        sign(&mut request, keys, &scope, SystemTime::UNIX_EPOCH + AT).expect("signed");
        let value = request.headers()[AUTHORIZATION].clone();
        assert!(value.is_sensitive());
        value.to_str().expect("text").to_owned()
    }

    fn form(mut request: Request, content_type: &str, body: &'static str) -> Request {
        request.headers_mut().insert(CONTENT_TYPE, content_type.parse().expect("a value"));
        *request.body_mut() = Some(body.into());
        request
    }

    /// "Create a signed AWS API request", the example with IAM.
    #[test]
    fn the_example_of_amazons_guide_comes_out_as_it_is_printed() {
        let url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08";
        let mut list =
            form(request(Method::GET, url), "application/x-www-form-urlencoded; charset=utf-8", "");
        let header = signature(list.try_clone().expect("in memory"), &keys(), "iam");
        assert_eq!(
            header,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
        list.headers_mut().insert(HOST, "iam.amazonaws.com".parse().expect("a value"));
        list.headers_mut().insert(DATE, "20150830T123600Z".parse().expect("a value"));
        let (canonical, _) = canonical(&list, "/", &SIGNED).expect("canonical");
        assert_eq!(
            sum(canonical.as_bytes()),
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
        );
    }

    /// The names are those of the suite of examples that Amazon publishes for the algorithm.
    #[test]
    fn the_published_suite_comes_out_as_it_is_printed() {
        let at = |query: &str| request(Method::GET, &format!("https://example.amazonaws.com/{query}"));
        let post = || request(Method::POST, "https://example.amazonaws.com/");
        let table = [
            ("get-vanilla", at(""), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "get-vanilla-query-order-key-case",
                at("?Param2=value2&Param1=value1"),
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            ("post-vanilla", post(), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "post-x-www-form-urlencoded",
                form(post(), "application/x-www-form-urlencoded", "Param1=value1"),
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ];
        for (name, request, expected) in table {
            let header = signature(request, &keys(), "service");
            assert_eq!(header.rsplit('=').next(), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_key_of_the_guide_is_derived_as_it_is_printed() {
        let first = b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec();
        let parts = ["20150830", "us-east-1", "iam", "aws4_request"];
        let key = parts.iter().fold(first, |key, part| mac(&key, part.as_bytes()));
        assert_eq!(hex(&key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }

    #[test]
    fn a_session_and_a_port_are_signed_and_a_signature_differs_with_all_of_it() {
        let session = Keys { session: Some("session".into()), ..keys() };
        let one = |url: &str, keys: &Keys| signature(request(Method::POST, url), keys, "ecr");
        let header = one("http://127.0.0.1:4566/", &session);
        assert!(header.contains("SignedHeaders=host;x-amz-date;x-amz-security-token,"), "{header}");
        let all = [
            header,
            one("http://127.0.0.1:4566/", &keys()),
            one("http://127.0.0.1:4567/", &session),
            one("http://127.0.0.1:4566/?a=b", &session),
        ];
        assert!((1..all.len()).all(|number| !all[..number].contains(&all[number])), "{all:#?}");
        assert!(all.iter().all(|header| !header.contains("wJalr")));
    }
}
