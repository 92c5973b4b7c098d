//! Where blobs are that a registry does not hand out itself: another origin, with addresses that are
//! signed, and no patience for other credentials.

use super::Request;
use super::answer::Answer;
use super::blobs;
use super::errors::page_not_found;
use super::server::Shared;

/// What stands in an address that the registry made.
const SIGNATURE: &str = "made-by-the-registry";

/// The address of a blob at the storage.
pub(super) fn url(shared: &Shared, digest: &str) -> String {
    format!("http://{}/storage/{digest}?signature={SIGNATURE}", shared.storage)
}

/// `GET /storage/…`.
pub(super) fn read(shared: &Shared, request: &Request, digest: &str) -> Answer {
    if request.header("authorization").is_some() {
        let message =
            "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>";
        return Answer::bytes(400, message).header("content-type", "application/xml");
    }
    if request.query("signature") != Some(SIGNATURE) {
        return Answer::bytes(403, "<Error><Code>AccessDenied</Code></Error>");
    }
    let blob = shared.contents().blobs.get(digest).cloned();
    blob.map_or_else(page_not_found, |blob| blobs::bytes(request, digest, blob))
}
