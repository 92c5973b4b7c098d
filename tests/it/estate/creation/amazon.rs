//! Repositories of Amazon ECR, and of its public gallery.

use super::{Bench, PASSWORD};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::memory::{Personality, Registry};
use crate::bed::signed::{Keys, judge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const KEYS: Keys<'_> = Keys { id: "ASIABED", secret: "canary-key" };

const VARIABLES: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", KEYS.id), ("AWS_SECRET_ACCESS_KEY", KEYS.secret)];

/// The service of ECR: `makes` says what it answers to what would make a repository.
fn ecr(makes: fn(&str, &Registry) -> Answer) -> Bench {
    let service = move |seen: &Seen, target: &Registry| {
        if seen.path != "/ecr" {
            return None;
        }
        if let Err(why) = judge(seen, &KEYS, "eu-west-1/ecr") {
            return Some(Answer::new(
                400,
                json!({ "__type": "InvalidSignatureException", "m": why }).to_string(),
            ));
        }
        let body: Value = serde_json::from_slice(&seen.body).ok()?;
        let name = body["repositoryName"].as_str().unwrap_or_default();
        Some(match seen.header("x-amz-target").rsplit('.').next()? {
            "GetAuthorizationToken" => {
                let token = STANDARD.encode(format!("AWS:{PASSWORD}"));
                Answer::new(
                    200,
                    json!({ "authorizationData": [{ "authorizationToken": token }] }).to_string(),
                )
            }
            "CreateRepository" => makes(name, target),
            "PutLifecyclePolicy" | "SetRepositoryPolicy" => Answer::new(200, "{}"),
            _ => Answer::new(400, "{}"),
        })
    };
    let bench = Bench::of(Personality::Ecr, ECR, ["AWS", PASSWORD, "*"], service);
    bench.variables(&[("AWS_ENDPOINT_URL_ECR", "CLOUD/ecr")]).variables(&VARIABLES)
}

const ECR_KEYS: &str = "credentials: { identity: ecr }, create_repositories: { immutable: true, scan: true, kms_key: \
                        'arn:aws:kms:eu-west-1:1:key/k', labels: { team: web }, lifecycle: '{\"rules\":[]}', policy: '{\"Statement\":[]}' }";

#[test]
fn repositories_of_ecr_are_made_once_with_all_that_they_shall_have() {
    let bench = ecr(|name, target| {
        target.create(name);
        Answer::new(200, json!({ "repository": {} }).to_string())
    });
    bench.target.create("team/other");
    bench.sync(ECR_KEYS, ["team/app", "team/other"]).expect_code(0);
    for (name, tag) in [("team/app", "1.0"), ("team/app", "1.1"), ("team/other", "1.0")] {
        assert!(bench.target.complete(name, tag), "{name}:{tag}");
    }
    let asked = bench.asked("/ecr");
    let methods: Vec<&str> = asked.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(
        methods,
        ["CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy"],
        "once, and only for app"
    );
    assert_eq!(
        asked[0].1,
        json!({
            "repositoryName": "team/app", "registryId": "123456789012", "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": { "scanOnPush": true }, "tags": [{ "Key": "team", "Value": "web" }],
            "encryptionConfiguration": { "encryptionType": "KMS", "kmsKey": "arn:aws:kms:eu-west-1:1:key/k" },
        })
    );
    assert_eq!(asked[1].1["lifecyclePolicyText"], "{\"rules\":[]}");
    // What is there is never made, nor changed.
    bench.sync(ECR_KEYS, ["team/app", "team/other"]).expect_code(0);
    assert_eq!(bench.asked("/ecr").len(), 3);
}

#[test]
fn somebody_else_who_was_quicker_is_as_good() {
    let bench = ecr(|name, target| {
        target.create(name);
        Answer::new(
            400,
            json!({ "__type": "RepositoryAlreadyExistsException", "message": "there" }).to_string(),
        )
    });
    let keys = "credentials: { identity: ecr }, create_repositories: true";
    bench.sync(keys, ["team/app", "team/other"]).expect_code(0);
    assert!(bench.target.complete("team/app", "1.1") && bench.target.complete("team/other", "1.0"));
    assert_eq!(bench.asked("/ecr").len(), 2);
}

#[test]
fn a_right_that_is_missing_is_named_and_asked_for_once() {
    let bench = ecr(|_, _| {
        Answer::new(400, json!({ "__type": "AccessDeniedException", "message": "canary" }).to_string())
    });
    let keys = "credentials: { identity: ecr }, create_repositories: true";
    let finished = bench.sync(keys, ["team/app", "team/other"]);
    assert_ne!(finished.code, Some(0));
    let errors = bench.errors();
    assert!(
        errors
            .iter()
            .any(|error| error["hint"].as_str().is_some_and(|hint| hint.contains("`ecr:CreateRepository`"))),
        "{errors:#?}"
    );
    assert_eq!(bench.asked("/ecr").len(), 2, "for all images of a repository, one question");
    assert!(bench.target.requests().writes().iter().all(|request| request.method == "POST"));
}

#[test]
fn without_the_key_nothing_is_made() {
    let bench = ecr(|_, _| Answer::new(500, "{}"));
    let finished = bench.sync("credentials: { identity: ecr }", ["team/app", "team/other"]);
    assert_ne!(finished.code, Some(0));
    assert!(
        bench.errors().iter().all(|error| error["code"] == "repository_missing"),
        "{:#?}",
        bench.errors()
    );
    assert!(bench.asked("/ecr").is_empty());
}

#[test]
fn trying_what_would_be_made_makes_nothing() {
    let bench = ecr(|_, _| Answer::new(500, "{}"));
    bench.target.create("team/other");
    bench.sync(ECR_KEYS, ["team/app", "team/other"]).expect_code(3);
    let before = bench.asked("/ecr").len();
    let tried = bench.program.run(&["doctor"]).expect_code(0);
    for line in
        ["push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app  absent", "/team/other  writable"]
    {
        assert!(tried.stdout.contains(line), "{}", tried.stdout);
    }
    assert_eq!(bench.asked("/ecr").len(), before, "nobody is asked to make anything");
}

#[test]
fn a_key_that_may_not_be_used_is_told_by_what_it_is() {
    let bench =
        ecr(|_, _| Answer::new(400, json!({ "__type": "KmsException", "kmsError": "canary" }).to_string()));
    let finished = bench.sync(ECR_KEYS, ["team/app", "team/other"]);
    assert_eq!(finished.code, Some(5), "{}", finished.stdout);
    assert!(bench.hints().contains("check the key under `create_repositories`"), "{}", bench.hints());
    let methods: Vec<String> = bench.asked("/ecr").into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, ["CreateRepository", "CreateRepository"], "once for each name, and nothing after it");
}

const GALLERY: &str = "public.ecr.aws";

/// The service of the public gallery, in its one region.
fn gallery(seen: &Seen, target: &Registry) -> Option<Answer> {
    if seen.path != "/gallery" {
        return None;
    }
    if let Err(why) = judge(seen, &KEYS, "us-east-1/ecr-public") {
        let refusal = json!({ "__type": "InvalidSignatureException", "message": why });
        return Some(Answer::new(400, refusal.to_string()));
    }
    let body: Value = serde_json::from_slice(&seen.body).ok()?;
    Some(match seen.header("x-amz-target").strip_prefix("SpencerFrontendService.")? {
        "GetAuthorizationToken" => {
            let token = STANDARD.encode(format!("AWS:{PASSWORD}"));
            let answer = json!({ "authorizationData": { "authorizationToken": token } });
            Answer::new(200, answer.to_string())
        }
        "CreateRepository" => {
            target.create(&format!("acme/{}", body["repositoryName"].as_str()?));
            Answer::new(200, json!({ "repository": {} }).to_string())
        }
        "SetRepositoryPolicy" => Answer::new(200, "{}"),
        _ => Answer::new(400, "{}"),
    })
}

#[test]
fn repositories_of_the_public_gallery_are_made_under_the_alias_of_the_account() {
    let bench = Bench::of(Personality::EcrPublic, GALLERY, ["AWS", PASSWORD, "*"], gallery);
    let bench = bench.variables(&[("AWS_ENDPOINT_URL_ECR_PUBLIC", "CLOUD/gallery")]).variables(&VARIABLES);
    let keys = "credentials: { identity: ecr }, create_repositories: { labels: { team: web }, catalog: '{\"aboutText\":\"mirrored\"}', policy: '{\"Statement\":[]}' }";
    let places = ["acme/app", "acme/tools/other"];
    assert!(bench.sync(keys, places).code == Some(0));
    bench.assert_complete(places);
    let mut asked = bench.asked("/gallery");
    asked.sort_by_key(|(method, body)| (body["repositoryName"].to_string(), method.clone()));
    let tags = json!([{ "Key": "team", "Value": "web" }]);
    let shown = json!({ "aboutText": "mirrored" });
    let policy = "{\"Statement\":[]}";
    let expected = [
        ("CreateRepository", json!({ "repositoryName": "app", "tags": tags, "catalogData": shown })),
        ("SetRepositoryPolicy", json!({ "repositoryName": "app", "policyText": policy })),
        ("CreateRepository", json!({ "repositoryName": "tools/other", "tags": tags, "catalogData": shown })),
        ("SetRepositoryPolicy", json!({ "repositoryName": "tools/other", "policyText": policy })),
    ];
    assert_eq!(asked, expected.map(|(method, body)| (method.to_owned(), body)));
    bench.sync(keys, places).expect_code(0);
    assert_eq!(bench.asked("/gallery").len(), 4, "what is there is not made again");
}
