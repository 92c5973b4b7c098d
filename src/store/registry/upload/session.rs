//! The session of an upload at the registry: where the next request goes, and how far it came.

use crate::failure::{Fallible, Operation};
use crate::oci::Digest;
use crate::store::registry::account::Account;
use crate::store::registry::answer::Asked;
use crate::store::registry::auth::Scopes;
use crate::store::registry::exchange::{Answer, Call};
use crate::store::registry::redirect::session_url;
use crate::store::registry::throttle::Lane;
use reqwest::header::{HeaderMap, LOCATION, RANGE};
use reqwest::{Method, Response, StatusCode, Url};

/// An upload that the registry knows.
#[derive(Debug)]
pub(super) struct Session {
    /// The newest `Location`: registries keep the state of the upload in it, and an old one can
    /// destroy the session.
    url: Url,
    /// `OCI-Chunk-Min-Length`, in bytes.
    pub(super) chunk_bytes_min: u64,
}

impl Session {
    /// The session that the answer to a POST at `posted` began.
    ///
    /// # Errors
    /// No usable `Location`.
    pub(super) fn begun(posted: &Url, answer: &Answer) -> Fallible<Self> {
        let url = session_url(&answer.asked, posted, &answer.response)?;
        let wanted = text(answer.response.headers(), "oci-chunk-min-length");
        Ok(Self { url, chunk_bytes_min: wanted.and_then(|text| text.parse().ok()).unwrap_or(0) })
    }

    /// Where the next PATCH goes.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Where the PUT goes. The digest is added to the query that is there, which holds the session's
    /// state (distribution-spec, "POST then PUT").
    pub(super) fn closing_url(&self, digest: &Digest) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("digest", digest.as_str());
        url
    }

    /// Follows the `Location` of an answer, where there is one.
    pub(super) fn moved(&mut self, asked: &Asked, answer: &Response) -> Fallible<()> {
        if answer.headers().contains_key(LOCATION) {
            self.url = session_url(asked, &self.url, answer)?;
        }
        Ok(())
    }

    /// Takes the upload back, if we may: distribution wants the right to delete for it, which those who
    /// push rarely have, and no other credential is asked for. What a refusal leaves, registries clear
    /// away by themselves.
    ///
    /// distribution-spec, "Cancel a blob upload": DELETE of the session's URL.
    pub(super) async fn cancel(&self, account: &Account, scopes: &Scopes) {
        let call = Call::new(Operation::UploadStart, Method::DELETE, self.url.clone());
        let asking = async {
            let authorization = account.authority.header(scopes).await?;
            let turn = account.host.throttle.turn(Lane::of(call.operation)).await;
            account.follow(&call, authorization.as_ref(), turn).await
        };
        match asking.await {
            Ok(answer) => {
                let status = answer.response.status().as_u16();
                tracing::debug!(status, "gave an upload back");
            }
            Err(failure) => tracing::debug!(%failure, "an upload could not be given back"),
        }
    }

    /// Asks from which byte on the registry wants more, when it acknowledged `kept` and was sent
    /// `sent`; none when the session cannot be gone on with.
    ///
    /// distribution-spec, "Pushing a blob in chunks": GET of the session's URL answers 204 and `Range`.
    pub(super) async fn wanted_from(
        &mut self,
        account: &Account,
        scopes: &Scopes,
        kept: u64,
        sent: u64,
    ) -> Fallible<Option<u64>> {
        let mut call = Call::new(Operation::UploadStart, Method::GET, self.url.clone());
        call.expected = &[
            StatusCode::BAD_REQUEST,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::GONE,
            StatusCode::RANGE_NOT_SATISFIABLE,
            StatusCode::NOT_IMPLEMENTED,
        ];
        let Answer { response, asked, turn: _turn, .. } = account.answer(&call, scopes).await?;
        match response.status() {
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::RANGE_NOT_SATISFIABLE => Ok(None),
            status if status.is_success() => {
                self.moved(&asked, &response)?;
                Ok(wanted_from(kept, sent, text(response.headers(), RANGE.as_str())))
            }
            // It cannot be asked: what it acknowledged, it has.
            _ => Ok(Some(kept)),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The byte to go on with, by the `Range` of an answer, which is `0-` and the last byte that is there.
///
/// Registries tell less than they acknowledged (ECR stays at the first chunk): then what they
/// acknowledged counts. None where one tells more than it was sent, since those bytes are not ours.
pub(super) fn wanted_from(kept: u64, sent: u64, range: Option<&str>) -> Option<u64> {
    let last = range.and_then(|range| {
        let range = range.trim_start_matches("bytes").trim_start_matches(['=', ' ']);
        range.strip_prefix("0-")?.parse::<u64>().ok()
    });
    match last {
        // Distribution says `0-0` of nothing.
        None | Some(0) => Some(kept),
        Some(last) if last >= sent => None,
        Some(last) => Some(kept.max(last + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_between_what_was_acknowledged_and_what_was_sent() {
        let from = |range| wanted_from(100, 200, range);
        assert_eq!(from(Some("0-99")), Some(100));
        assert_eq!(from(Some("0-149")), Some(150), "a part of the chunk that broke was kept");
        assert_eq!(from(Some("0-199")), Some(200), "all of it, and the answer was lost");
        assert_eq!(from(Some("bytes=0-149")), Some(150));
        assert_eq!(from(Some("bytes 0-149")), Some(150));
        for stale in [Some("0-49"), Some("0-0"), Some(""), Some("5-9"), Some("0-x"), None] {
            assert_eq!(from(stale), Some(100), "{stale:?}");
        }
        for foreign in ["0-200", "0-18446744073709551615"] {
            assert_eq!(from(Some(foreign)), None, "{foreign}");
        }
        assert_eq!(wanted_from(0, 0, Some("0-0")), Some(0));
    }
}
