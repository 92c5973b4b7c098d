//! What it means that a request got no answer: from the words of an error to a failure.

use super::{Asked, causes};
use crate::failure::{Code, Failure};
use crate::store::registry::clients::FurtherInside;
use crate::store::registry::contact::UNREACHABLE_HINT;

/// Why there was no answer. The layers below hand their errors on in boxes, so that there is nothing to ask
/// but their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// No connection in time.
    TooSlow,
    /// One of both ends does not accept the other's certificate.
    Distrust,
    /// The other end does not speak TLS.
    NotTls,
    /// The proxy wants to know who we are.
    ProxyAuth,
    /// The proxy does not connect us.
    ProxyRefusal,
    /// No such name.
    UnknownHost,
    /// Anything else: refused, reset, closed.
    Broken,
}

/// Words of those who look names up, in small letters, where there is no such name: of glibc, of glibc for
/// names without an address, of musl, and of musl for those. A name server that does not answer is another
/// matter, which passes.
const UNKNOWN_HOST: [&str; 4] = [
    "name or service not known",
    "no address associated with hostname",
    "name does not resolve",
    "name has no usable address",
];

/// What a user can do about a connection with TLS that ends without an answer.
const CLOSED_HINT: &str = "if the registry wants a certificate of ours, name it with tls.client_cert and tls.client_key; \
     otherwise try again";

/// About a proxy that refuses.
const PROXY_HINT: &str = "whoever runs the proxy has to let this host through; \
     or reach it without the proxy, by adding it to NO_PROXY";
/// About a proxy that wants credentials.
pub(in crate::store::registry) const PROXY_AUTH_HINT: &str = "put a user and a password into the URL of the proxy \
     (HTTPS_PROXY=http://user:password@proxy:3128), or add the registry to NO_PROXY";
/// About a name that nobody knows.
const NAME_HINT: &str = "check the name of the registry, and the name servers of this machine";

impl Asked {
    /// What a request that got no answer means.
    pub(in crate::store::registry) fn unanswered(&self, error: &reqwest::Error) -> Box<Failure> {
        if let Some(inside) = FurtherInside::of(error) {
            return inside.failure(self);
        }
        let why = causes(error);
        let cause = match error.is_timeout() {
            true => Cause::TooSlow,
            false => Cause::of(&why),
        };
        match cause {
            Cause::TooSlow => {
                self.failure(Code::Timeout, format!("no connection in time: {why}")).hint(UNREACHABLE_HINT)
            }
            Cause::Distrust => self.failure(Code::Tls, format!("TLS refused: {why}")).hint(
                "name the registry's certificate authority with tls.ca_file, \
                 or our certificate with tls.client_cert and tls.client_key",
            ),
            Cause::NotTls => self.failure(Code::Tls, "the registry does not speak TLS").hint(
                "if that is meant, set plain_http: true for this registry in the spec; \
                       `copy` takes one with --spec",
            ),
            Cause::ProxyAuth => {
                self.failure(Code::Proxy, "the proxy wants credentials (407)").hint(PROXY_AUTH_HINT)
            }
            Cause::ProxyRefusal => {
                self.failure(Code::Network, "the proxy does not connect to this host").hint(PROXY_HINT)
            }
            Cause::UnknownHost => {
                self.failure(Code::UnknownHost, format!("no such host: {why}")).hint(NAME_HINT)
            }
            Cause::Broken => {
                let failure = self.failure(Code::Network, format!("no answer: {why}"));
                match (error.is_connect(), self.url.scheme()) {
                    (true, _) => failure.hint(UNREACHABLE_HINT),
                    // In TLS 1.3 the refusal of a client comes after the handshake, and may be overtaken
                    // by the end of the connection.
                    (false, "https") => failure.hint(CLOSED_HINT),
                    (false, _) => failure,
                }
            }
        }
    }
}

impl Cause {
    fn of(words: &str) -> Self {
        let words = words.to_ascii_lowercase();
        let say = |needle: &str| words.contains(needle);
        if say("proxy authorization required") {
            Self::ProxyAuth
        } else if say("tunnel error: unsuccessful") {
            Self::ProxyRefusal
        } else if UNKNOWN_HOST.iter().any(|needle| say(needle)) {
            Self::UnknownHost
        } else if say("certificate") || say("received fatal alert") {
            Self::Distrust
        } else if say("corrupt message") || say("invalidcontenttype") {
            Self::NotTls
        } else {
            Self::Broken
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_passes_is_told_from_what_may() {
        let lookup = |words: &str| format!("failed to lookup address information: {words}");
        let table = [
            ("invalid peer certificate: UnknownIssuer".to_owned(), Cause::Distrust),
            ("invalid peer certificate: Expired".to_owned(), Cause::Distrust),
            ("received fatal alert: CertificateRequired".to_owned(), Cause::Distrust),
            ("received corrupt message of type InvalidContentType".to_owned(), Cause::NotTls),
            ("tunnel error: proxy authorization required".to_owned(), Cause::ProxyAuth),
            ("tunnel error: unsuccessful".to_owned(), Cause::ProxyRefusal),
            ("tunnel error: unexpected end of file".to_owned(), Cause::Broken),
            (lookup("Name or service not known"), Cause::UnknownHost),
            (lookup("No address associated with hostname"), Cause::UnknownHost),
            (lookup("Name does not resolve"), Cause::UnknownHost),
            (lookup("Temporary failure in name resolution"), Cause::Broken),
            (lookup("Try again"), Cause::Broken),
            ("Connection refused (os error 111)".to_owned(), Cause::Broken),
            ("Connection reset by peer (os error 104)".to_owned(), Cause::Broken),
            ("connection closed before message completed".to_owned(), Cause::Broken),
            ("connection error received: not a result of an error".to_owned(), Cause::Broken),
            (
                "stream error received: refused stream before processing any application logic".to_owned(),
                Cause::Broken,
            ),
        ];
        for (words, cause) in table {
            assert_eq!(Cause::of(&words), cause, "{words}");
        }
    }
}
