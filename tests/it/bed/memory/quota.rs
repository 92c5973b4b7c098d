//! What a registry counts, tells, and refuses when there was enough of it.

use super::Request;
use super::answer::Answer;
use super::errors::error;
use super::personality::Quota;
use super::request::RequestKind;
use super::server::Shared;
use serde_json::Value;
use std::sync::atomic::Ordering;

/// Seconds after which what was counted is forgotten.
const WINDOW_SECONDS: u32 = 21_600;

/// Counts a request; answers it where nothing is left.
pub(super) fn refusal(shared: &Shared, request: &Request) -> Option<Answer> {
    let counted =
        shared.options.traits.quota == Quota::ManifestGets && request.kind == RequestKind::ManifestGet;
    if !counted || shared.options.quota.is_none() {
        return None;
    }
    let one_less = |left: u32| left.checked_sub(1);
    match shared.quota_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
        Ok(_) => None,
        Err(_) => {
            let message = "You have reached your pull rate limit. You may increase the limit by \
                           authenticating and upgrading: https://www.docker.com/increase-rate-limit";
            Some(tell(shared, error(429, "TOOMANYREQUESTS", message, Value::Null)))
        }
    }
}

/// Says how much is left, with everything about manifests.
pub(super) fn told(shared: &Shared, request: &Request, answer: Answer) -> Answer {
    let told = matches!(request.kind, RequestKind::ManifestGet | RequestKind::ManifestHead);
    let counts = shared.options.traits.quota == Quota::ManifestGets && told;
    if counts { tell(shared, answer) } else { answer }
}

fn tell(shared: &Shared, answer: Answer) -> Answer {
    let Some(most) = shared.options.quota else { return answer };
    let left = shared.quota_left.load(Ordering::SeqCst);
    answer
        .header("ratelimit-limit", format!("{most};w={WINDOW_SECONDS}"))
        .header("ratelimit-remaining", format!("{left};w={WINDOW_SECONDS}"))
        .header("docker-ratelimit-source", "127.0.0.1")
}
