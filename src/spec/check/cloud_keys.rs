//! Keys of the account of a cloud: for whose registry they are, and whether they are whole.

use super::credentials::warn_of_literal;
use crate::access::CloudKeys;
use crate::oci::{Home, Registry, TencentHost};
use crate::spec::Code;
use crate::spec::shape::{CloudKeysShape, Given, Reading, Text};
use crate::spec::substitute::Origin;

/// The keys that are written for `registry`; none is a registry that could not be read.
pub(super) fn check(
    given: &Given<CloudKeysShape>,
    registry: Option<&Registry>,
    reading: &mut Reading<'_>,
) -> Option<CloudKeys> {
    let CloudKeysShape { id, secret, token, region } = &given.value;
    for (name, secret) in [("secret", secret), ("token", token)] {
        if let Some(secret) = secret.value().filter(|secret| secret.text.origin == Origin::Literal) {
            warn_of_literal(name, secret.text.span, reading);
        }
    }
    if let Some(registry) = registry.filter(|registry| !matches!(registry.home(), Some(Home::Tencent(_)))) {
        let message = format!("`{registry}` is no registry that keys of a cloud are for");
        let help = "they are for `ccr.ccs.tencentyun.com` and its kin, and for `NAME.tencentcloudcr.com`";
        reading.problem(Code::BadCredentials, given.key, message, Some(help));
        return None;
    }
    let region = match region.value() {
        Some(text) if !TencentHost::is_region(&text.value) => {
            let message = format!("{} is not a region", text.shown());
            reading.problem(Code::BadCredentials, text.span, message, Some("write it as in `ap-guangzhou`"));
            return None;
        }
        region => region.map(|text| text.value.clone()),
    };
    let (id, secret) = (id.value()?, &secret.value()?.text);
    let halves: [(&str, &Text); 2] = [("id", id), ("secret", secret)];
    // As where nobody wrote any: pipelines of forks get no secrets.
    if halves.iter().all(|(_, text)| text.value.is_empty() && text.origin == Origin::Environment) {
        return None;
    }
    // The id stands in a header; the secret is no part of any request.
    let is_id = !id.value.is_empty() && id.value.bytes().all(|b| b.is_ascii_graphic());
    let wrong = [("id", id, is_id), ("secret", secret, !secret.value.is_empty())];
    if let Some((name, text, _)) = wrong.into_iter().find(|(_, _, fits)| !fits) {
        let message = format!("`{name}` is empty, or has characters that no key has");
        reading.problem(Code::BadCredentials, text.span, message, Some("is its variable set?"));
        return None;
    }
    let token = token.value().map(|token| token.text.value.clone()).filter(|token| !token.is_empty());
    Some(CloudKeys {
        id: id.value.clone(),
        secret: secret.value.clone().into(),
        token: token.map(Into::into),
        region,
    })
}
