//! Where a request may be sent on to, and whether our credentials may go along.

use crate::failure::{Code, Failure};
use reqwest::{Response, Url, header};

use super::answer::{Asked, without_secrets};

/// Most redirects that one request follows.
pub(super) const REDIRECTS_MAX: u32 = 10;

/// Whether two URLs have one scheme, host and port. Credentials only ever go to the origin of the
/// registry that they are for.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// The URL that a 3xx answer points at.
///
/// # Errors
/// No `Location`, one that is not `http` or `https`, one with a user in it, or one that leaves TLS.
pub(super) fn next_url(asked: &Asked, current: &Url, answer: &Response) -> Result<Url, Box<Failure>> {
    let refuse = |why: &str| Err(asked.failure(Code::Protocol, format!("redirect refused: {why}")));
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let Some(next) = location.and_then(|location| current.join(location).ok()) else {
        return refuse("it names no URL");
    };
    match (current.scheme(), next.scheme()) {
        ("https", "http") => refuse("it leaves TLS"),
        (_, "https" | "http") if next.username().is_empty() && next.password().is_none() => Ok(next),
        (_, "https" | "http") => refuse("its URL holds a user"),
        _ => refuse("it is not http or https"),
    }
}

/// The URL of an upload session, from the `Location` of an answer to `posted`.
///
/// distribution-spec, "Pushing blobs": absolute or relative. Some leave the scheme out, with or
/// without the slashes. Registries behind a proxy that ends TLS name `http` for themselves; our own
/// scheme is kept then. Another host is refused: blobs and credentials stay with the registry that
/// they are for.
pub(super) fn session_url(asked: &Asked, posted: &Url, answer: &Response) -> Result<Url, Box<Failure>> {
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let begins_with_us = |location: &str| {
        let rest = location.strip_prefix(posted.authority());
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let join = |location: &str| match begins_with_us(location) {
        true => posted.join(&format!("//{location}")),
        false => posted.join(location),
    };
    let Some(mut session) = location.and_then(|location| join(location.trim()).ok()) else {
        return Err(asked.failure(Code::Protocol, "the upload was accepted without a usable Location"));
    };
    let user = !session.username().is_empty() || session.password().is_some();
    let same_host = session.host() == posted.host();
    if same_host && session.scheme() == "http" && posted.scheme() == "https" {
        let explicit_port = session.port();
        // Cannot fail between http and https.
        let _ = session.set_scheme("https");
        if explicit_port.is_none() {
            let _ = session.set_port(posted.port());
        }
    }
    if user || !same_origin(&session, posted) {
        let message = format!("the upload was sent to another origin, {}", without_secrets(&session));
        return Err(asked.failure(Code::Protocol, message).hint(
            "if the registry stands behind a proxy, make the proxy pass the Host and X-Forwarded-Proto headers on",
        ));
    }
    Ok(session)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Operation;
    use reqwest::Method;

    fn answered(location: &str) -> Response {
        let answer =
            http::Response::builder().status(202).header("location", location).body("").expect("an answer");
        answer.into()
    }

    fn asked(url: &str) -> (Asked, Url) {
        let url = Url::parse(url).expect("a URL");
        let asked = Asked {
            operation: Operation::UploadStart,
            repository: "r.test/a".into(),
            method: Method::POST,
            url: url.clone(),
            credential: None,
        };
        (asked, url)
    }

    #[test]
    fn a_session_stays_with_its_registry() {
        let (asked, posted) = asked("https://r.test:5000/v2/a/blobs/uploads/?mount=x");
        let session = |location: &str| match session_url(&asked, &posted, &answered(location)) {
            Ok(url) => url.to_string(),
            Err(failure) => format!("{:?}", failure.code),
        };
        assert_eq!(
            session("/v2/a/blobs/uploads/1?_state=s"),
            "https://r.test:5000/v2/a/blobs/uploads/1?_state=s"
        );
        for ours in ["http://r.test:5000/v2/u/1", "//r.test:5000/v2/u/1", "r.test:5000/v2/u/1"] {
            assert_eq!(session(ours), "https://r.test:5000/v2/u/1", "{ours}");
        }
        assert_eq!(session("http://r.test/v2/u/1"), "https://r.test:5000/v2/u/1");
        for elsewhere in [
            "https://evil.test/u",
            "//evil.test/u",
            "https://r.test:5001/u",
            "evil.test:5000/u",
            "https://u:p@r.test:5000/u",
            "ftp://r.test/u",
        ] {
            assert_eq!(session(elsewhere), "Protocol", "{elsewhere}");
        }
    }

    #[test]
    fn a_redirect_never_leaves_tls_nor_carries_a_user() {
        let (asked, current) = asked("https://r.test/v2/a/blobs/x");
        let next =
            |location: &str| next_url(&asked, &current, &answered(location)).map(|url| url.to_string()).ok();
        assert_eq!(next("https://cdn.test/x?sig=1").as_deref(), Some("https://cdn.test/x?sig=1"));
        assert_eq!(next("/other").as_deref(), Some("https://r.test/other"));
        for refused in ["http://cdn.test/x", "file:///etc/passwd", "https://u:p@cdn.test/"] {
            assert_eq!(next(refused), None, "{refused}");
        }
    }
}
