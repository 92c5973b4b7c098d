//! Judges signatures of requests to Amazon: Signature Version 4, computed a second time from what
//! arrived.

use super::cloud::Seen;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;

/// A pair of keys.
pub struct Keys<'a> {
    /// The public half.
    pub id: &'a str,
    /// The secret half.
    pub secret: &'a str,
}

/// Whether a request is signed with these keys for `region/service`; an error says what is wrong.
pub fn judge(seen: &Seen, keys: &Keys<'_>, place: &str) -> Result<(), String> {
    let field = |name: &str| {
        let value = seen.header("authorization").strip_prefix("AWS4-HMAC-SHA256 ")?;
        value.split(", ").find_map(|part| part.strip_prefix(&format!("{name}=")))
    };
    let (Some(credential), Some(names), Some(signature)) =
        (field("Credential"), field("SignedHeaders"), field("Signature"))
    else {
        return Err(format!("no signature in {:?}", seen.header("authorization")));
    };
    let (id, scope) = credential.split_once('/').ok_or("no scope")?;
    let (day, rest) = scope.split_once('/').ok_or("no day")?;
    if id != keys.id || rest != format!("{place}/aws4_request") {
        return Err(format!("signed by {id} for {rest}"));
    }
    let date = seen.header("x-amz-date");
    if !date.starts_with(day) || !names.split(';').any(|name| name == "host") {
        return Err(format!("the day {day} is not {date}, or the host is not signed"));
    }
    for must in seen.headers.keys().filter(|name| name.starts_with("x-amz-")) {
        if !names.split(';').any(|name| name == must) {
            return Err(format!("{must} is not signed"));
        }
    }
    let headers = names.split(';').fold(String::new(), |mut text, name| {
        writeln!(text, "{name}:{}", seen.header(name)).expect("a string takes all");
        text
    });
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{}",
        seen.method,
        seen.path,
        seen.query,
        hex(&Sha256::digest(&seen.body))
    );
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut key = format!("AWS4{}", keys.secret).into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part.as_bytes());
    }
    match hex(&hmac(&key, to_sign.as_bytes())) == signature {
        true => Ok(()),
        false => Err("the signature is another".to_owned()),
    }
}

/// RFC 2104.
pub(super) fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; BLOCK_BYTES];
    block[..key.len().min(BLOCK_BYTES)].copy_from_slice(&key[..key.len().min(BLOCK_BYTES)]);
    if key.len() > BLOCK_BYTES {
        block = [0; BLOCK_BYTES];
        block[..32].copy_from_slice(&Sha256::digest(key));
    }
    let padded = |pad: u8, rest: &[u8]| {
        let mut input: Vec<u8> = block.iter().map(|byte| byte ^ pad).collect();
        input.extend_from_slice(rest);
        Sha256::digest(input).to_vec()
    };
    padded(0x5c, &padded(0x36, text))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
