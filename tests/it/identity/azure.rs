//! Azure Container Registry: a federated token, the directory, and the exchange at the registry.

use super::mirror::{Mirror, basic};
use crate::bed::cloud::{Said, Seen};
use serde_json::json;

const HOST: &str = "acme.azurecr.io";
const USER: &str = "00000000-0000-0000-0000-000000000000";

fn azure(seen: &Seen) -> Option<Said> {
    let parameter = |name: &str| seen.parameter(name).unwrap_or_default();
    match seen.path.as_str() {
        "/acme-tenant/oauth2/v2.0/token" => {
            let right = parameter("client_assertion") == "canary-federated"
                && parameter("client_id") == "mirror-app"
                && parameter("scope") == "https://containerregistry.azure.net/.default";
            Some(match right {
                true => (200, json!({ "access_token": "canary-directory" }).to_string()),
                false => (401, json!({ "error": "invalid_client", "error_codes": [700213] }).to_string()),
            })
        }
        "/oauth2/exchange" => {
            let right = parameter("access_token") == "canary-directory" && parameter("service") == HOST;
            let answer = json!({ "refresh_token": "canary-refresh" });
            Some(if right { (200, answer.to_string()) } else { (401, String::new()) })
        }
        _ => None,
    }
}

fn mirror(token: &str) -> Mirror {
    let mirror = Mirror::to(basic(USER, "canary-refresh"), azure);
    let file = mirror.program.write_home("token", token);
    mirror
        .variable("AZURE_AUTHORITY_HOST", "CLOUD")
        .variable("AZURE_TENANT_ID", "acme-tenant")
        .variable("AZURE_CLIENT_ID", "mirror-app")
        .variable("AZURE_FEDERATED_TOKEN_FILE", file.to_str().expect("text"))
}

#[test]
fn a_federated_token_opens_the_registry() {
    let mirror = mirror("canary-federated\n");
    let run = mirror.sync(HOST, Some("identity: acr")).code(0);
    assert!(mirror.target.complete("team/app", "1.0"));
    let source = "ACR by federated identity, application mirror-app";
    assert_eq!(run.credential(HOST), (USER.to_owned(), source.to_owned()));
    run.assert_silent(&["canary"]);
    assert_eq!(mirror.hosts(), ["CLOUD".to_owned(), HOST.to_owned()].into());
    mirror.assert_only_at("canary-federated", "CLOUD");
    assert_eq!(mirror.cloud.at("/oauth2/exchange").len(), 1);
}

#[test]
fn a_token_that_the_directory_does_not_trust_ends_the_run_with_advice() {
    let mirror = mirror("canary-other");
    let run = mirror.sync(HOST, Some("identity: acr")).code(5);
    assert!(run.error().contains("add a federated credential"), "{}", run.error());
    assert!(run.report["items"][0]["error"]["http"]["registryCode"] == "AADSTS700213");
    run.assert_silent(&["canary"]);
    assert!(mirror.cloud.at("/oauth2/exchange").is_empty());
}
