//! Judges signatures of requests to Huawei Cloud: SDK-HMAC-SHA256, computed a second time from what arrived; and
//! the password of SWR, which is one more.

use super::cloud::Seen;
use super::signed::{Keys, hex, hmac};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Whether a request is signed with these keys; an error says what is wrong.
pub fn judge(seen: &Seen, keys: &Keys<'_>) -> Result<(), String> {
    let value = seen.header("authorization").strip_prefix("SDK-HMAC-SHA256 ").ok_or("not signed")?;
    let field = |name: &str| value.split(", ").find_map(|part| part.strip_prefix(&format!("{name}=")));
    let (Some(id), Some(names), Some(signature)) =
        (field("Access"), field("SignedHeaders"), field("Signature"))
    else {
        return Err(format!("no signature in {value:?}"));
    };
    if id != keys.id {
        return Err(format!("signed by {id}"));
    }
    for must in ["host", "x-sdk-date"] {
        if !names.split(';').any(|name| name == must) {
            return Err(format!("{must} is not signed"));
        }
    }
    let headers = names.split(';').fold(String::new(), |mut text, name| {
        writeln!(text, "{name}:{}", seen.header(name)).expect("a string takes all");
        text
    });
    let mut pairs: Vec<&str> = seen.query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_by_key(|pair| pair.split_once('=').map_or(*pair, |(name, _)| name));
    let path = format!("{}/", seen.path.trim_end_matches('/'));
    let sum = hex(&Sha256::digest(&seen.body));
    let canonical = format!("{}\n{path}\n{}\n{headers}\n{names}\n{sum}", seen.method, pairs.join("&"));
    let date = seen.header("x-sdk-date");
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    match hex(&hmac(keys.secret.as_bytes(), to_sign.as_bytes())) == signature {
        true => Ok(()),
        false => Err("the signature is another".to_owned()),
    }
}

/// The password of the user `REGION@KEY`.
pub fn login_key(keys: &Keys<'_>) -> String {
    hex(&hmac(keys.secret.as_bytes(), keys.id.as_bytes()))
}
