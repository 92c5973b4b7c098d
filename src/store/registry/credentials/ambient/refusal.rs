//! Why a cloud refused: the code in its answer, where it is one that is known. Nothing else of an
//! answer is passed on, because some servers repeat what they were sent.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// What a refusal said.
pub(super) struct Refusal {
    /// A code that is known.
    pub(super) code: Option<String>,
    advice: Option<&'static str>,
}

const TRUST: &str =
    "check that the role trusts the issuer of the identity token, its audience and its subject";
const PERMISSION: &str =
    "give the identity the right to do this; docs/credentials.md lists what each cloud wants";
const EXPIRED: &str = "the credentials in the environment have expired: get new ones";
const CLOCK: &str = "check the clock of this machine, and that the key belongs to the account";
const CREATION: &str = "check `create_repositories` of the registry in the spec";
const AZURE_TRUST: &str = "add a federated credential to the application with the issuer, the subject and the audience of the token";
const AZURE_WHO: &str = "check the ids of the application (client) and of the directory (tenant)";
const AZURE_SECRET: &str = "make a new secret for the application, or use a federated credential";
const KEYS: &str = "check the pair of keys: it must belong to the account, and be switched on";
const PROOF: &str = "check that what proves who we are is trusted there (issuer, audience, subject, conditions), and \
     that it has not expired or been revoked";

/// Codes that are passed on, and what can be done about each.
const KNOWN: &[(&str, &str)] = &[
    // Amazon.
    ("AccessDenied", TRUST),
    ("AccessDeniedException", PERMISSION),
    ("ExpiredToken", EXPIRED),
    ("ExpiredTokenException", EXPIRED),
    ("IDPCommunicationError", TRUST),
    ("IDPRejectedClaim", TRUST),
    ("IncompleteSignature", CLOCK),
    ("InvalidClientTokenId", CLOCK),
    ("InvalidIdentityToken", TRUST),
    ("InvalidSignatureException", CLOCK),
    ("MalformedPolicyDocument", TRUST),
    ("InvalidParameterException", CREATION),
    ("InvalidTagParameterException", CREATION),
    ("KmsException", "check the key under `create_repositories`, and that the identity may use it"),
    ("PackedPolicyTooLarge", TRUST),
    ("RepositoryAlreadyExistsException", CREATION),
    ("RegionDisabledException", "switch the region on for the account"),
    ("RequestExpired", CLOCK),
    ("SignatureDoesNotMatch", CLOCK),
    ("UnrecognizedClientException", CLOCK),
    ("ValidationError", "check the ARN of the role"),
    // OAuth 2, RFC 6749 and RFC 8693.
    ("access_denied", PERMISSION),
    ("invalid_client", PROOF),
    ("invalid_grant", PROOF),
    ("invalid_request", PROOF),
    ("invalid_scope", PERMISSION),
    ("invalid_target", PROOF),
    ("unauthorized_client", PROOF),
    // Google.
    ("INVALID_ARGUMENT", PROOF),
    ("NOT_FOUND", "check the name of the service account"),
    ("PERMISSION_DENIED", "give the identity the role iam.serviceAccountTokenCreator on the service account"),
    ("UNAUTHENTICATED", PROOF),
    // Microsoft.
    ("AADSTS70021", AZURE_TRUST),
    ("AADSTS700016", AZURE_WHO),
    ("AADSTS700211", AZURE_TRUST),
    ("AADSTS700212", AZURE_TRUST),
    ("AADSTS700213", AZURE_TRUST),
    ("AADSTS7000215", AZURE_SECRET),
    ("AADSTS7000222", AZURE_SECRET),
    // Alibaba.
    ("Forbidden.RAM", PERMISSION),
    ("INSTANCE_NOT_EXIST", "the keys may be those of another account"),
    ("InvalidAccessKeyId.Inactive", CLOCK),
    ("InvalidAccessKeyId.NotFound", CLOCK),
    ("InvalidSecurityToken.Expired", EXPIRED),
    ("InvalidTimeStamp.Expired", CLOCK),
    ("NAMESPACE_NOT_EXIST", CREATION),
    ("NoPermission", PERMISSION),
    ("REPO_NOT_EXIST", CREATION),
    ("SignatureNonceUsed", CLOCK),
    ("Throttling.User", "ask less often: `limits` of the registry in the spec"),
    // Huawei: of its gateway, and of SWR.
    ("APIG.0301", CLOCK),
    ("SVCSTG.SWR.4030170", PERMISSION),
    // Tencent.
    ("AuthFailure", KEYS),
    ("AuthFailure.InvalidSecretId", KEYS),
    ("AuthFailure.SecretIdNotFound", KEYS),
    ("AuthFailure.SignatureExpire", "set the clock of this machine: it may differ by five minutes at most"),
    ("AuthFailure.SignatureFailure", KEYS),
    ("AuthFailure.TokenFailure", "the credentials in the environment have expired: get new ones"),
    ("AuthFailure.UnauthorizedOperation", PERMISSION),
    ("FailedOperation", "try again later; if it stays so, ask those who run it"),
    ("FailedOperation.ErrorTcrResourceConflict", CREATION),
    ("InternalError", "try again later; if it stays so, ask those who run it"),
    ("InternalError.ErrConflict", CREATION),
    ("InternalError.ErrorConflict", CREATION),
    ("InternalError.ErrorTcrResourceConflict", CREATION),
    ("InvalidParameter", "check names and regions"),
    ("InvalidParameter.ErrorNameExists", CREATION),
    ("InvalidParameter.ErrNamespaceExist", CREATION),
    ("LimitExceeded", "have the limit of the account or the instance raised"),
    ("RequestLimitExceeded", "it was asked again, later each time: try when nobody else asks so much"),
    ("ResourceNotFound", "check the name, and whose keys these are"),
    ("UnauthorizedOperation", PERMISSION),
];

impl Refusal {
    /// Looks for a code in the places where the clouds put it.
    pub(super) fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let known = |text: &str| KNOWN.iter().find(|(code, _)| *code == text);
        let found = candidates(headers, body).iter().find_map(|text| known(text));
        Self { code: found.map(|(code, _)| (*code).to_owned()), advice: found.map(|(_, advice)| *advice) }
    }

    /// What can be done about it.
    pub(super) fn advice(&self) -> Option<&'static str> {
        self.advice
    }
}

/// What may be a code, the most telling first.
fn candidates(headers: &HeaderMap, body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    // Amazon's JSON: `x-amzn-errortype: Name:http://…`, and `__type: prefix#Name`.
    if let Some(text) = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()) {
        found.extend(text.split(':').next().map(str::to_owned));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(body) => {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            found.extend(body["__type"].as_str().and_then(|name| name.rsplit('#').next()).map(str::to_owned));
            found.extend(body["error_codes"].as_array().into_iter().flatten().map(|n| format!("AADSTS{n}")));
            found.extend(text(&body["error"]));
            found.extend(text(&body["error"]["status"]));
            found.extend(text(&body["errors"][0]["code"]));
            // Alibaba's, and Huawei's of its gateway and of its services.
            found.extend(text(&body["Code"]));
            found.extend(text(&body["error_code"]));
            found.extend(text(&body["errors"][0]["errorCode"]));
            // Tencent's, of which there are more than anybody knows: what stands before the dot is the kind.
            if let Some(code) = body["Response"]["Error"]["Code"].as_str() {
                found.extend([Some(code), code.split('.').next()].into_iter().flatten().map(str::to_owned));
            }
        }
        // Amazon's XML.
        Err(_) => found.extend(element(&String::from_utf8_lossy(body), "Code").map(str::to_owned)),
    }
    found
}

/// What stands in an element of XML that has no attributes and nothing but text in it.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim()).filter(|text| !text.contains(['<', '>', '&']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> Option<String> {
        Refusal::of(&HeaderMap::new(), body.as_bytes()).code
    }

    #[test]
    fn known_codes_are_found_where_each_cloud_puts_them() {
        for (body, expected) in [
            (r#"{"__type":"com.amazon.coral.service#AccessDeniedException"}"#, "AccessDeniedException"),
            (
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>",
                "AccessDenied",
            ),
            (r#"{"error":"invalid_grant","error_description":"x"}"#, "invalid_grant"),
            (r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#, "PERMISSION_DENIED"),
            (r#"{"error":"invalid_client","error_codes":[700213]}"#, "AADSTS700213"),
            (r#"{"Code":"NAMESPACE_NOT_EXIST","IsSuccess":false}"#, "NAMESPACE_NOT_EXIST"),
            (r#"{"error_msg":"x","error_code":"APIG.0301"}"#, "APIG.0301"),
            (r#"{"errors":[{"errorCode":"SVCSTG.SWR.4030170"}]}"#, "SVCSTG.SWR.4030170"),
            (
                r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":"x"}}}"#,
                "AuthFailure.SignatureExpire",
            ),
            (
                r#"{"Response":{"Error":{"Code":"ResourceNotFound.ErrNew","Message":"x"}}}"#,
                "ResourceNotFound",
            ),
        ] {
            assert_eq!(code(body).as_deref(), Some(expected), "{body}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-errortype", "ExpiredTokenException:http://x".parse().expect("a value"));
        assert_eq!(Refusal::of(&headers, b"").code.as_deref(), Some("ExpiredTokenException"));
    }

    #[test]
    fn what_is_not_known_is_not_passed_on() {
        for body in ["", "CANARY", r#"{"error":"CANARY"}"#, "<Code>CANARY</Code>", r#"{"__type":7}"#] {
            assert_eq!(code(body), None, "{body}");
        }
    }

    #[test]
    fn an_element_is_plain_text() {
        assert_eq!(element("<a><b> x </b></a>", "b"), Some("x"));
        for (xml, name) in [("<b>x", "b"), ("<b><c>x</c></b>", "b"), ("<b>&lt;</b>", "b"), ("", "b")] {
            assert_eq!(element(xml, name), None, "{xml}");
        }
    }
}
