//! Azure Container Registry: a token of the directory, and what the registry gives for it.

use super::{Said, Surroundings, outcome, told};
use crate::access::{IdToken, Identity};
use crate::store::registry::credentials::ambient::Route;

pub(super) const HOST: &str = "mine.azurecr.io";
const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "0000-tenant");
const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "1111-client");
const USER: &str = "user 00000000-0000-0000-0000-000000000000";

/// Azure, as far as a test needs it.
pub(super) fn azure() -> Surroundings {
    Surroundings::new(|sent, _| match sent.place.as_str() {
        place if place.ends_with("/oauth2/exchange") => Said::ok(r#"{"refresh_token":"acr-refresh"}"#),
        _ => Said::ok(r#"{"access_token":"aad-token","expires_in":"3599"}"#),
    })
}

fn acr(tenant: Option<&str>, client: Option<&str>, token: IdToken) -> Identity {
    let text = |given: Option<&str>| given.map(str::to_owned);
    Identity::Acr { tenant: text(tenant), client: text(client), token }
}

#[tokio::test]
async fn a_federated_token_becomes_the_registrys_password() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "federated-token").expect("written");
    let path = file.path().to_str().expect("text");
    let azure = azure();
    let found = azure.found(&[TENANT, CLIENT, ("AZURE_FEDERATED_TOKEN_FILE", path)], HOST).await;
    assert_eq!(
        outcome(&azure, found).await,
        format!(
            "{USER}, from ACR by federated identity, application 1111-client: acr-refresh\n\
             POST https://login.microsoftonline.com/0000-tenant/oauth2/v2.0/token\n\
             POST https://mine.azurecr.io/oauth2/exchange"
        )
    );
    let sent = azure.sent();
    let expected = [
        ("client_assertion", "federated-token"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_id", "1111-client"),
        ("grant_type", "client_credentials"),
        ("scope", "https://containerregistry.azure.net/.default"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    assert_eq!(sent[0].pairs, expected.map(owned).into());
    let expected = [("access_token", "aad-token"), ("grant_type", "access_token"), ("service", HOST)];
    assert_eq!(sent[1].pairs, expected.map(owned).into());
}

#[tokio::test]
async fn a_secret_of_the_environment_and_the_words_of_the_spec_do_as_well() {
    let secret = [TENANT, CLIENT, ("AZURE_CLIENT_SECRET", "app-secret"), ("CROSSDOCK_ID_TOKEN", "oidc")];
    let azure_one = azure();
    let found = azure_one.found(&secret, HOST).await;
    assert!(outcome(&azure_one, found).await.contains("by the secret of the application 1111-client: acr"));
    assert_eq!(azure_one.sent()[0].pairs["client_secret"], "app-secret");
    let azure_two = azure();
    let token = IdToken { audience: None, token: Some("spec-token".into()) };
    let chosen = azure_two.chosen(&secret, HOST, acr(Some("t"), Some("c"), token)).await;
    assert!(
        outcome(&azure_two, chosen.map(Some)).await.contains("by federated identity, application c: acr")
    );
    let sent = &azure_two.sent()[0];
    assert_eq!(sent.pairs["client_assertion"], "spec-token");
    assert!(sent.place.contains("/t/oauth2/"));
}

#[tokio::test]
async fn github_is_asked_for_the_audience_that_azure_wants() {
    let variables = [
        TENANT,
        CLIENT,
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://vstoken.test/token?x=y"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner-token"),
    ];
    let azure = Surroundings::new(|sent, _| match sent.place.as_str() {
        "https://vstoken.test/token" => Said::ok(r#"{"value":"oidc"}"#),
        place if place.ends_with("/oauth2/exchange") => Said::ok(r#"{"refresh_token":"r"}"#),
        _ => Said::ok(r#"{"access_token":"aad-token"}"#),
    });
    let found = azure.found(&variables, HOST).await;
    outcome(&azure, found).await;
    let sent = azure.sent();
    assert_eq!(sent[0].pairs["audience"], "api://AzureADTokenExchange");
    assert_eq!(sent[1].pairs["client_assertion"], "oidc");
}

#[tokio::test]
async fn each_cloud_has_its_own_directory_and_the_environment_may_name_another() {
    let secret = [TENANT, CLIENT, ("AZURE_CLIENT_SECRET", "s"), ("AZURE_AUTHORITY_HOST", "login.corp")];
    for (host, count, place) in [
        ("mine.azurecr.cn", 3, "https://login.chinacloudapi.cn/"),
        ("mine.azurecr.us", 3, "https://login.microsoftonline.us/"),
        (HOST, 4, "https://login.corp/"),
    ] {
        let azure = azure();
        let found = azure.found(&secret[..count], host).await;
        outcome(&azure, found).await;
        assert!(azure.sent()[0].place.starts_with(place), "{:?}", azure.places());
        assert_eq!(azure.sent()[1].place, format!("https://{host}/oauth2/exchange"));
    }
}

#[tokio::test]
async fn the_identity_of_the_machine_is_asked_where_it_is_named_and_else_last() {
    let beside =
        [("IDENTITY_ENDPOINT", "http://127.0.0.1:42356/msi/token"), ("IDENTITY_HEADER", "header-secret")];
    for (variables, route, place) in [
        (vec![], Route::Probe, "http://169.254.169.254/metadata/identity/oauth2/token"),
        (beside.to_vec(), Route::Machine, "http://127.0.0.1:42356/msi/token"),
        ([beside.as_slice(), &[CLIENT]].concat(), Route::Machine, "http://127.0.0.1:42356/msi/token"),
    ] {
        let azure = azure();
        let found = azure.found(&variables, HOST).await;
        assert!(
            outcome(&azure, found).await.starts_with(&format!("{USER}, from ACR by managed identity: acr"))
        );
        let sent = &azure.sent()[0];
        assert_eq!((sent.route, sent.place.as_str()), (route, place));
        assert_eq!(sent.pairs["resource"], "https://containerregistry.azure.net");
        assert_eq!(sent.pairs.contains_key("client_id"), variables.len() == 3);
        match variables.is_empty() {
            true => assert_eq!(sent.headers["metadata"], "true"),
            false => assert_eq!(sent.headers["x-identity-header"], "header-secret"),
        }
    }
}

#[tokio::test]
async fn each_refusal_is_told_with_what_to_do() {
    let aad = r#"{"error":"invalid_client","error_description":"CANARY","error_codes":[700213]}"#;
    let mut lines = Vec::new();
    for (what, directory, exchange) in [
        ("no federated credential", Said::status(401, aad), Said::Silence),
        (
            "the registry is another tenant's",
            Said::ok(r#"{"access_token":"t"}"#),
            Said::status(401, "CANARY"),
        ),
        ("nonsense", Said::ok("CANARY"), Said::Silence),
    ] {
        let azure = Surroundings::new(move |sent, _| match sent.place.ends_with("/exchange") {
            true => exchange.clone(),
            false => directory.clone(),
        });
        let token = IdToken { audience: None, token: Some("opaque".into()) };
        let chosen = azure.chosen(&[], HOST, acr(Some("t"), Some("c"), token)).await;
        lines.push(format!("{what}\n  {}", outcome(&azure, chosen.map(Some)).await));
    }
    let half = azure().chosen(&[], HOST, acr(Some("t"), None, IdToken::default())).await;
    lines.push(format!("half of it\n  {}", told(&half.expect_err("half"))));
    let lines = lines.join("\n");
    assert!(!lines.contains("CANARY"), "{lines}");
    insta::assert_snapshot!(lines);
}
