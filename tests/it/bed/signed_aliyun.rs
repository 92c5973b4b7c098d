//! Judges signatures of requests to Alibaba Cloud: ACS3-HMAC-SHA256, computed a second time from what arrived.

use super::cloud::Seen;
use super::signed::{Keys, hex, hmac};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Whether a request calls a method of a version of a service and is signed with these keys; an error says what
/// is wrong.
pub fn judge(seen: &Seen, keys: &Keys<'_>, version: &str) -> Result<(), String> {
    let value = seen.header("authorization").strip_prefix("ACS3-HMAC-SHA256 ").ok_or("not signed")?;
    let field = |name: &str| value.split(',').find_map(|part| part.strip_prefix(&format!("{name}=")));
    let (Some(id), Some(names), Some(signature)) =
        (field("Credential"), field("SignedHeaders"), field("Signature"))
    else {
        return Err(format!("no signature in {value:?}"));
    };
    if id != keys.id || seen.header("x-acs-version") != version {
        return Err(format!("signed by {id} for {}", seen.header("x-acs-version")));
    }
    let musts = seen.headers.keys().filter(|name| name.starts_with("x-acs-") || *name == "host");
    for must in musts {
        if !names.split(';').any(|name| name == must) {
            return Err(format!("{must} is not signed"));
        }
    }
    for needed in ["x-acs-action", "x-acs-date", "x-acs-signature-nonce"] {
        if seen.header(needed).is_empty() {
            return Err(format!("{needed} is missing"));
        }
    }
    let sum = hex(&Sha256::digest(&seen.body));
    if seen.header("x-acs-content-sha256") != sum {
        return Err("the sum is that of another body".to_owned());
    }
    let headers = names.split(';').fold(String::new(), |mut text, name| {
        writeln!(text, "{name}:{}", seen.header(name)).expect("a string takes all");
        text
    });
    // What a query is sent as is what is signed here, but for the order and the spaces.
    let mut pairs: Vec<&str> = seen.query.split('&').collect();
    pairs.sort_by_key(|pair| pair.split_once('=').map_or(*pair, |(name, _)| name));
    let query = pairs.join("&").replace('+', "%20");
    let canonical = format!("{}\n{}\n{query}\n{headers}\n{names}\n{sum}", seen.method, seen.path);
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    match hex(&hmac(keys.secret.as_bytes(), to_sign.as_bytes())) == signature {
        true => Ok(()),
        false => Err("the signature is another".to_owned()),
    }
}
