//! Google Artifact Registry: by a key, by another's word, by the machine.

use super::{Said, Surroundings, outcome, password, told};
use crate::access::{IdToken, Identity};
use crate::store::registry::credentials::ambient::Route;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use std::process::Command;
use tempfile::NamedTempFile;

pub(super) const HOST: &str = "europe-docker.pkg.dev";
const PROVIDER: &str = "projects/1/locations/global/workloadIdentityPools/ci/providers/github";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Google, as far as a test needs it.
pub(super) fn google() -> Surroundings {
    Surroundings::new(|sent, _| match sent.place.as_str() {
        "https://oauth2.googleapis.com/token" | "https://token.corp/token" => {
            Said::ok(r#"{"access_token":"key-token","expires_in":3599,"token_type":"Bearer"}"#)
        }
        "https://sts.googleapis.com/v1/token" => {
            Said::ok(r#"{"access_token":"federated-token","expires_in":3600}"#)
        }
        "https://issuer.test/token" => Said::ok(r#"{"value":"subject-of-url"}"#),
        place if place.starts_with("https://iamcredentials.googleapis.com/") => {
            Said::ok(r#"{"accessToken":"impersonated-token","expireTime":"2015-08-30T13:36:00Z"}"#)
        }
        place if place.contains("/computeMetadata/") => Said::Answer(
            200,
            vec![("metadata-flavor", "Google".into())],
            r#"{"access_token":"machine-token","expires_in":1800}"#.into(),
        ),
        other => panic!("nobody expects a request to {other}"),
    })
}

fn file(content: &Value) -> (NamedTempFile, String) {
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), content.to_string()).expect("written");
    let path = file.path().to_str().expect("text").to_owned();
    (file, path)
}

/// A key of 2048 bits, PEM, and its public half, DER (PKCS #1).
fn rsa() -> (String, Vec<u8>) {
    let openssl = |arguments: &[&str]| {
        let done = Command::new("openssl").args(arguments).output().expect("openssl is installed");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    let key = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let private = NamedTempFile::new().expect("a file");
    std::fs::write(private.path(), &key).expect("written");
    let path = private.path().to_str().expect("text");
    let public = openssl(&["rsa", "-in", path, "-RSAPublicKey_out", "-outform", "DER"]);
    (String::from_utf8(key).expect("text"), public)
}

fn gar(provider: Option<&str>, service_account: Option<&str>, token: IdToken) -> Identity {
    let text = |given: Option<&str>| given.map(str::to_owned);
    Identity::Gar { provider: text(provider), service_account: text(service_account), token }
}

#[tokio::test]
async fn a_key_signs_an_assertion_that_its_public_half_proves() {
    let (private, public) = rsa();
    let (_file, path) = file(&json!({
        "type": "service_account", "client_email": "mirror@acme.iam.gserviceaccount.com",
        "private_key": private, "private_key_id": "k1", "token_uri": "https://token.corp/token",
    }));
    let google = google();
    let found = google.found(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)], HOST).await;
    assert_eq!(
        outcome(&google, found).await,
        "user oauth2accesstoken, from GAR by the key of the service account \
         mirror@acme.iam.gserviceaccount.com: key-token\nPOST https://token.corp/token"
    );
    let sent = &google.sent()[0];
    assert_eq!(sent.pairs["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (signed, signature) = sent.pairs["assertion"].rsplit_once('.').expect("a signature");
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64");
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(signed.as_bytes(), &decode(signature))
        .expect("the signature is right");
    let (header, claims) = signed.split_once('.').expect("two parts");
    let json = |text: &str| serde_json::from_slice::<Value>(&decode(text)).expect("JSON");
    assert_eq!(json(header), json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }));
    assert_eq!(
        json(claims),
        json!({
            "iss": "mirror@acme.iam.gserviceaccount.com", "scope": SCOPE, "aud": "https://token.corp/token",
            "iat": 1_440_938_160, "exp": 1_440_941_760,
        })
    );
}

#[tokio::test]
async fn a_provider_of_the_spec_takes_the_identity_token() {
    let google = google();
    let token = IdToken { audience: None, token: Some("oidc-token".into()) };
    let chosen = google.chosen(&[], HOST, gar(Some(PROVIDER), None, token)).await;
    assert_eq!(
        outcome(&google, chosen.map(Some)).await,
        "user oauth2accesstoken, from GAR by workload identity, provider …/github: federated-token\n\
         POST https://sts.googleapis.com/v1/token"
    );
    let form = google.sent()[0].pairs.clone();
    let expected = [
        ("audience", format!("//iam.googleapis.com/{PROVIDER}")),
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".to_owned()),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token".to_owned()),
        ("scope", SCOPE.to_owned()),
        ("subject_token", "oidc-token".to_owned()),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt".to_owned()),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value)).into());
}

#[tokio::test]
async fn a_service_account_is_impersonated_by_whoever_we_are() {
    let google = google();
    let token = IdToken { audience: None, token: Some("oidc-token".into()) };
    let email = "mirror@acme.iam.gserviceaccount.com";
    let chosen = google.chosen(&[], HOST, gar(Some(PROVIDER), Some(email), token)).await;
    let said = outcome(&google, chosen.map(Some)).await;
    assert!(said.contains(&format!("provider …/github, as {email}: impersonated-token\n")), "{said}");
    let sent = google.sent();
    assert!(sent[1].place.ends_with(&format!("/serviceAccounts/{email}:generateAccessToken")));
    assert_eq!(sent[1].headers["authorization"], "Bearer federated-token");
    let body: Value = serde_json::from_str(&sent[1].body).expect("JSON");
    assert_eq!(body, json!({ "scope": [SCOPE], "lifetime": "3600s" }));
}

fn external(source: &Value, impersonation: Option<&str>) -> Value {
    json!({
        "type": "external_account", "audience": format!("//iam.googleapis.com/{PROVIDER}"),
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "service_account_impersonation_url": impersonation, "credential_source": source,
    })
}

#[tokio::test]
async fn a_federation_file_takes_its_proof_from_a_file_or_a_url() {
    let (_subject, subject) = file(&json!("subject-of-file"));
    let headers = json!({ "Authorization": "Bearer runner-token" });
    let format = json!({ "type": "json", "subject_token_field_name": "value" });
    let url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a:generateAccessToken";
    for (source, impersonation, subject, password, requests) in [
        (json!({ "file": subject }), None, "\"subject-of-file\"", "federated-token", 1),
        (
            json!({ "url": "https://issuer.test/token", "headers": headers, "format": format }),
            Some(url),
            "subject-of-url",
            "impersonated-token",
            3,
        ),
    ] {
        let (_file, path) = file(&external(&source, impersonation));
        let google = google();
        let found = google.found(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)], HOST).await;
        let said = outcome(&google, found).await;
        assert!(said.contains(&format!("of GOOGLE_APPLICATION_CREDENTIALS: {password}\n")), "{said}");
        let sent = google.sent();
        assert_eq!(sent.len(), requests);
        let exchange = sent.iter().find(|sent| sent.place.contains("sts.")).expect("an exchange");
        assert_eq!(exchange.pairs["subject_token"], subject);
        let elsewhere = sent.iter().filter(|sent| !sent.place.contains("issuer.test"));
        assert!(elsewhere.into_iter().all(|sent| !format!("{sent:?}").contains("runner-token")));
    }
}

#[tokio::test]
async fn the_metadata_server_is_asked_where_it_is_named_and_else_last() {
    for (variables, route, place) in [
        (vec![], Route::Probe, "GET http://169.254.169.254/"),
        (vec![("GCE_METADATA_HOST", "127.0.0.1:8080")], Route::Machine, "GET http://127.0.0.1:8080/"),
        (
            vec![("GCE_METADATA_HOST", "metadata.google.internal")],
            Route::Machine,
            "GET http://169.254.169.254/",
        ),
    ] {
        let google = google();
        let found = google.found(&variables, HOST).await;
        let path = "computeMetadata/v1/instance/service-accounts/default/token";
        let expected =
            format!("user oauth2accesstoken, from GAR by the metadata server: machine-token\n{place}{path}");
        assert_eq!(outcome(&google, found).await, expected);
        let sent = &google.sent()[0];
        assert_eq!((sent.route, sent.headers["metadata-flavor"].as_str()), (route, "Google"));
    }
    let stranger = [("GCE_METADATA_HOST", "metadata.evil.test")];
    let found = google().found(&stranger, HOST).await.expect("found").expect("a credential");
    assert!(password(&found).await.expect_err("refused").message.contains("is without TLS"));
    // Somebody else answers at that address.
    let portal = Surroundings::new(|_, _| Said::ok(r#"{"access_token":"x","expires_in":60}"#));
    assert_eq!(portal.found(&[], HOST).await, Ok(None));
}

#[tokio::test]
async fn a_file_that_does_not_do_is_told_and_not_quoted() {
    let key = |uri: &str| json!({ "type": "service_account", "client_email": "a@b", "private_key": "CANARY", "token_uri": uri });
    let mut broken = external(&json!({ "environment_id": "aws1" }), None);
    let mut lines = Vec::new();
    for (what, content) in [
        ("another type", json!({ "type": "authorized_user", "refresh_token": "CANARY" })),
        ("no type", json!({ "CANARY": "CANARY" })),
        (
            "not Google's form",
            json!({ "type": "service_account", "client_email": 7, "private_key": "CANARY" }),
        ),
        ("a broken key", key("https://oauth2.googleapis.com/token")),
        ("a token_uri without TLS", key("http://evil.test/token")),
        ("the environment of another cloud", broken.clone()),
        ("a token_url without TLS", {
            broken["token_url"] = json!("http://evil.test/");
            broken
        }),
    ] {
        let (_file, path) = file(&content);
        let google = google();
        let found = google.found(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)], HOST).await;
        lines.push(format!("{what}\n  {}", outcome(&google, found).await));
        assert!(google.sent().is_empty());
    }
    let missing = google().found(&[("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")], HOST).await;
    lines.push(format!("a missing file\n  {}", told(&missing.expect_err("it is missing"))));
    let lines = lines.join("\n");
    assert!(!lines.contains("CANARY"), "{lines}");
    insta::assert_snapshot!(lines);
}
