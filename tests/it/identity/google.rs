//! Google Artifact Registry: the key of a service account, proved by another program.

use super::mirror::Mirror;
use crate::bed::cloud::{Said, Seen};
use crate::bed::grants::Users;
use crate::bed::memory::{Auth, Locations, Options, TokenServer};
use crate::bed::tools;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::process::Command;

const HOST: &str = "europe-docker.pkg.dev";

fn google(seen: &Seen) -> Option<Said> {
    let answer = json!({ "access_token": "canary-access", "expires_in": 3599, "token_type": "Bearer" });
    (seen.path == "/google").then(|| (200, answer.to_string()))
}

fn openssl(arguments: &[&str]) -> String {
    let done = Command::new(tools::find("openssl", "openssl")).args(arguments).output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

#[test]
fn a_key_of_a_service_account_becomes_a_token_and_its_signature_holds() {
    let users =
        Users::new().user("oauth2accesstoken", "canary-access").allow("oauth2accesstoken", "*", "pull,push");
    let server = TokenServer::new(users).realm(&format!("http://{HOST}/token"));
    let target = Options::new().auth(Auth::Bearer(server)).locations(Locations::Relative);
    let mirror = Mirror::to(target, google);
    let key = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let private = mirror.program.write_home("private.pem", &key);
    let private = private.to_str().expect("text");
    let uri = format!("{}/google", mirror.cloud.url());
    let file = json!({
        "type": "service_account", "client_email": "mirror@acme.iam.gserviceaccount.com",
        "private_key_id": "k1", "private_key": key, "token_uri": uri,
    });
    let file = mirror.program.write_home("key.json", &file.to_string());
    let mirror = mirror.variable("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().expect("text"));

    let run = mirror.sync(HOST, Some("identity: gar")).code(0);
    assert!(mirror.target.complete("team/app", "1.0"));
    let source = "GAR by the key of the service account mirror@acme.iam.gserviceaccount.com";
    assert_eq!(run.credential(HOST), ("oauth2accesstoken".to_owned(), source.to_owned()));
    run.assert_silent(&["canary", "PRIVATE KEY", &key[100..140]]);
    assert_eq!(mirror.hosts(), ["CLOUD".to_owned(), HOST.to_owned()].into());

    let asked = mirror.cloud.at("/google");
    assert_eq!(asked.len(), 1);
    let assertion = asked[0].parameter("assertion").expect("an assertion");
    let (signed, signature) = assertion.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let at = |name: &str| mirror.program.home().join(name).to_str().expect("text").to_owned();
    std::fs::write(at("signed"), signed).expect("written");
    std::fs::write(at("signature"), signature).expect("written");
    openssl(&["pkey", "-in", private, "-pubout", "-out", &at("public.pem")]);
    let (public, proof, text) = (at("public.pem"), at("signature"), at("signed"));
    let verified = openssl(&["dgst", "-sha256", "-verify", &public, "-signature", &proof, &text]);
    assert_eq!(verified.trim(), "Verified OK");
    let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).expect("claims")).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["aud"], json!(uri));
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
}
