//! Judges signatures of requests to Tencent Cloud: TC3-HMAC-SHA256, computed a second time from what arrived.

use super::cloud::Seen;
use super::signed::{Keys, hex, hmac};
use sha2::{Digest as _, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

/// How far the time of a request may be from that of the cloud, in seconds.
const WINDOW_SECONDS: u64 = 300;

/// Whether a request is signed with these keys for a service, now; an error is the code that the cloud has for what
/// is wrong.
pub fn judge(seen: &Seen, keys: &Keys<'_>, service: &str) -> Result<(), &'static str> {
    let field = |name: &str| {
        let value = seen.header("authorization").strip_prefix("TC3-HMAC-SHA256 ")?;
        value.split(", ").find_map(|part| part.strip_prefix(&format!("{name}=")))
    };
    let (Some(credential), Some(names), Some(signature)) =
        (field("Credential"), field("SignedHeaders"), field("Signature"))
    else {
        return Err("AuthFailure.InvalidAuthorization");
    };
    let Some((id, scope)) = credential.split_once('/') else {
        return Err("AuthFailure.InvalidAuthorization");
    };
    if id != keys.id {
        return Err("AuthFailure.SecretIdNotFound");
    }
    let stamp = seen.header("x-tc-timestamp");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let at: u64 = stamp.parse().map_err(|_| "InvalidParameter")?;
    if now.abs_diff(at) > WINDOW_SECONDS {
        return Err("AuthFailure.SignatureExpire");
    }
    let day = time::OffsetDateTime::from_unix_timestamp(at as i64).expect("a time").date().to_string();
    let signed: Vec<&str> = names.split(';').collect();
    if scope != format!("{day}/{service}/tc3_request")
        || !["content-type", "host"].iter().all(|name| signed.contains(name))
    {
        return Err("AuthFailure.SignatureFailure");
    }
    let headers: String = signed.iter().map(|name| format!("{name}:{}\n", seen.header(name))).collect();
    let body = hex(&Sha256::digest(&seen.body));
    let canonical = format!("{}\n{}\n{}\n{headers}\n{names}\n{body}", seen.method, seen.path, seen.query);
    let to_sign =
        format!("TC3-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut key = format!("TC3{}", keys.secret).into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part.as_bytes());
    }
    match hex(&hmac(&key, to_sign.as_bytes())) == signature {
        true => Ok(()),
        false => Err("AuthFailure.SignatureFailure"),
    }
}
