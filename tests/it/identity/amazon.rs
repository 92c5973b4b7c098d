//! Amazon ECR: the word of a CI system, keys beside a container, and signatures that hold.

use super::mirror::{Mirror, basic};
use crate::bed::cloud::{Said, Seen};
use crate::bed::signed::{Keys, judge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ROLE: &str = "arn:aws:iam::123456789012:role/mirror";
const KEYS: Keys<'_> = Keys { id: "ASIABED", secret: "canary-key" };
const PASSWORD: &str = "canary-ecr-password";

/// GitHub's issuer, STS, the agent of a container, and the service of ECR, each as strict as it is.
fn amazon(seen: &Seen) -> Option<Said> {
    let refused = |why: String| {
        Some((400, json!({ "__type": "InvalidSignatureException", "message": why }).to_string()))
    };
    match seen.path.as_str() {
        "/oidc" => {
            let right = seen.header("authorization") == "Bearer canary-runner";
            let audience = seen.parameter("audience").unwrap_or_default();
            Some(if right {
                (200, json!({ "value": format!("canary-oidc-for-{audience}") }).to_string())
            } else {
                (401, String::new())
            })
        }
        "/sts" => {
            let parameter = |name: &str| seen.parameter(name).unwrap_or_default();
            if parameter("WebIdentityToken") != "canary-oidc-for-sts.amazonaws.com" {
                return Some((
                    400,
                    "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>"
                        .to_owned(),
                ));
            }
            let right = parameter("RoleArn") == ROLE && parameter("Action") == "AssumeRoleWithWebIdentity";
            Some(if right { (200, credentials()) } else { (403, String::new()) })
        }
        "/agent" => Some((
            200,
            json!({ "AccessKeyId": KEYS.id, "SecretAccessKey": KEYS.secret, "Token": "canary-session" })
                .to_string(),
        )),
        "/ecr" => match judge(seen, &KEYS, "eu-west-1/ecr") {
            Err(why) => refused(why),
            Ok(()) if seen.header("x-amz-security-token") != "canary-session" => {
                refused("no session".to_owned())
            }
            Ok(()) => {
                let token = STANDARD.encode(format!("AWS:{PASSWORD}"));
                Some((200, json!({ "authorizationData": [{ "authorizationToken": token }] }).to_string()))
            }
        },
        _ => None,
    }
}

fn credentials() -> String {
    format!(
        "<R><Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>canary-session</SessionToken></Credentials></R>",
        KEYS.id, KEYS.secret
    )
}

fn mirror() -> Mirror {
    Mirror::to(basic("AWS", PASSWORD), amazon).variable("AWS_ENDPOINT_URL_ECR", "CLOUD/ecr")
}

fn on_github(mirror: Mirror) -> Mirror {
    mirror
        .variable("AWS_ENDPOINT_URL_STS", "CLOUD/sts")
        .variable("GITHUB_ACTIONS", "true")
        .variable("ACTIONS_ID_TOKEN_REQUEST_URL", "CLOUD/oidc?api-version=2.0")
        .variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-runner")
}

const SECRETS: [&str; 2] = ["canary", "QVdTOmNhbmFyeS"];

#[test]
fn a_workflow_mirrors_into_ecr_by_nothing_but_a_role() {
    let mirror = on_github(mirror());
    let run = mirror.sync(HOST, Some(&format!("identity: ecr, role: \"{ROLE}\""))).code(0);
    assert!(mirror.target.complete("team/app", "1.0"));
    assert_eq!(run.credential(HOST), ("AWS".to_owned(), "ECR by web identity, role …/mirror".to_owned()));
    run.assert_silent(&SECRETS);
    assert_eq!(mirror.hosts(), ["CLOUD".to_owned(), HOST.to_owned()].into());
    for (path, count) in [("/oidc", 1), ("/sts", 1), ("/ecr", 1)] {
        assert_eq!(mirror.cloud.at(path).len(), count, "{path}");
    }
    // And they are counted as what was asked for the sake of this registry.
    assert_eq!(run.report["requests"]["byOperation"]["token"], 3);
    let of_target = mirror.target.requests().len() as u64;
    assert_eq!(run.requests(HOST), of_target + 3);
    // Each proof goes to those who it is for, and no further.
    mirror.assert_only_at("canary-runner", "CLOUD");
    mirror.assert_only_at("canary-oidc", "CLOUD");
    mirror.assert_only_at("canary-session", "CLOUD");
    mirror.assert_only_at("QVdTOmNhbmFyeS", HOST);
    assert!(mirror.cloud.seen().iter().all(|seen| !seen.body.windows(10).any(|part| part == b"canary-key")));
}

#[test]
fn a_pipeline_names_the_role_in_an_input_and_nothing_in_the_spec() {
    let entry = format!("identity: ecr, role: \"{ROLE}\"");
    let (mirror, run) = on_github(mirror()).pipeline(HOST, &entry);
    let run = run.code(0);
    assert!(mirror.target.complete("team/app", "1.0"));
    assert_eq!(run.credential(HOST), ("AWS".to_owned(), "ECR by web identity, role …/mirror".to_owned()));
    let (masks, rest): (Vec<&str>, Vec<&str>) =
        run.said.lines().partition(|line| line.starts_with("::add-mask::"));
    assert!(masks.iter().any(|mask| mask.contains(PASSWORD)), "{masks:?}");
    let leaks: Vec<&&str> = rest.iter().filter(|line| line.contains("canary")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    // An input that is no such thing is refused before anybody is asked.
    let (mirror, run) = on_github(self::mirror()).pipeline(HOST, "identity: ecr, role: mirror");
    let run = run.code(4);
    assert!(run.said.contains("`role` is not the ARN of a role"), "{}", run.said);
    assert!(mirror.cloud.seen().is_empty());
}

#[test]
fn a_token_for_another_audience_is_refused_and_both_are_named() {
    let mirror = on_github(mirror());
    let run =
        mirror.sync(HOST, Some(&format!("identity: ecr, role: \"{ROLE}\", audience: elsewhere"))).code(5);
    let error = run.error();
    assert!(error.contains("did not let us take on the role") && error.contains("its audience"), "{error}");
    assert_eq!(run.report["requests"]["byOperation"]["token"], 2, "the CI system and STS");
    assert_eq!(run.requests(HOST), 2 + mirror.target.requests().len() as u64);
    assert_eq!(mirror.cloud.at("/oidc")[0].parameter("audience").as_deref(), Some("elsewhere"));
    assert!(mirror.cloud.at("/ecr").is_empty());
    assert!(mirror.target.requests().writes().is_empty());
    run.assert_silent(&SECRETS);
}

#[test]
fn a_workflow_without_the_permission_is_told_which() {
    let mirror = mirror().variable("GITHUB_ACTIONS", "true");
    let run = mirror.sync(HOST, Some(&format!("identity: ecr, role: \"{ROLE}\""))).code(5);
    assert!(run.error().contains("permissions: id-token: write"), "{}", run.error());
    assert!(mirror.target.requests().is_empty());
}

#[test]
fn what_lies_beside_the_program_is_asked_by_no_proxy() {
    let mirror = mirror().variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "CLOUD/agent");
    let run = mirror.sync(HOST, Some("identity: ecr")).code(0);
    assert_eq!(run.credential(HOST).1, "ECR by container credentials");
    assert!(!mirror.cloud.at("/agent")[0].by_proxy, "it went through the proxy");
    assert!(mirror.cloud.at("/ecr")[0].by_proxy, "it did not go through the proxy");
    run.assert_silent(&SECRETS);
}

#[test]
fn keys_that_are_wrong_are_told_apart_and_not_shown() {
    let mirror = mirror()
        .variable("AWS_ACCESS_KEY_ID", KEYS.id)
        .variable("AWS_SECRET_ACCESS_KEY", "canary-wrong")
        .variable("AWS_SESSION_TOKEN", "canary-session");
    let run = mirror.sync(HOST, Some("identity: ecr")).code(5);
    assert!(run.error().contains("Amazon ECR did not give a password"), "{}", run.error());
    assert!(run.error().contains("check the clock"), "{}", run.error());
    run.assert_silent(&SECRETS);
    assert_eq!(mirror.cloud.at("/ecr").len(), 1, "a refusal is final");
}
