//! Who is asked at all: last, only for the registries that it is about, and once.

use super::amazon::amazon;
use super::{Said, Surroundings, password};
use crate::access::{Credentials, RegistrySettings};
use crate::store::registry::credentials::ambient::Route;
use crate::store::registry::credentials::{Environment, Keychain};

const ALL: [&str; 3] = [super::amazon::HOST, super::google::HOST, super::azure::HOST];

/// Variables of every cloud at once.
fn everything() -> Vec<(&'static str, &'static str)> {
    let mut variables = super::amazon::KEYS.to_vec();
    variables.extend([
        ("GCE_METADATA_HOST", "127.0.0.1:1"),
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_TOKEN", "gh-token"),
    ]);
    variables.extend(super::aliyun::KEYS);
    variables.extend(super::huawei::KEYS);
    variables
}

#[tokio::test]
async fn registries_of_nobody_cost_no_request_and_get_nothing() {
    let nobody = Surroundings::new(|sent, _| panic!("nobody expects a request to {}", sent.place));
    for registry in ["docker.io", "quay.io", "localhost:5000", "registry.gitlab.com", "mcr.microsoft.com"] {
        assert_eq!(nobody.found(&everything(), registry).await, Ok(None), "{registry}");
        assert_eq!(nobody.found(&[], registry).await, Ok(None), "{registry}");
    }
}

#[tokio::test]
async fn a_cloud_is_asked_for_its_own_registries_only() {
    let own = [
        (ALL[0], vec!["api.ecr.eu-west-1.amazonaws.com"]),
        (ALL[1], vec!["127.0.0.1:1"]),
        (ALL[2], vec!["login.microsoftonline.com", "mine.azurecr.io"]),
        (super::aliyun::HOST, vec!["cr.cn-hangzhou.aliyuncs.com", "cr.cn-hangzhou.aliyuncs.com"]),
        (super::huawei::HOST, vec![]),
    ];
    for (registry, hosts) in own {
        let surroundings = Surroundings::new(|sent, _| match sent.place.as_str() {
            place if place.contains("/exchange") => Said::ok(r#"{"refresh_token":"r"}"#),
            place if place.contains("aliyuncs") && sent.headers["x-acs-action"] == "ListInstance" => {
                Said::ok(r#"{"Instances":[{"InstanceId":"cri-1","InstanceName":"acme"}]}"#)
            }
            place if place.contains("aliyuncs") => {
                Said::ok(r#"{"TempUsername":"cr_temp_user","AuthorizationToken":"p"}"#)
            }
            place if place.contains("amazonaws") => super::amazon::password_of_ecr("p"),
            _ => Said::Answer(
                200,
                vec![("metadata-flavor", "Google".into())],
                r#"{"access_token":"t","expires_in":60}"#.into(),
            ),
        });
        let found = surroundings.found(&everything(), registry).await.expect("found").expect("a credential");
        assert!(surroundings.sent().is_empty(), "nobody is asked before it is needed");
        password(&found).await.expect("a password");
        let asked: Vec<String> = surroundings.sent().iter().map(|sent| sent.place.clone()).collect();
        assert_eq!(asked.len(), hosts.len());
        for (place, host) in asked.iter().zip(hosts) {
            assert_eq!(place.split('/').nth(2), Some(host), "{asked:?}");
        }
    }
}

#[tokio::test]
async fn a_machine_without_an_identity_is_asked_once_and_is_anonymous() {
    for registry in ALL {
        for said in [Said::Silence, Said::status(404, "")] {
            let silent = Surroundings::new(move |_, _| said.clone());
            let ambient = silent.ambient(Environment::default());
            let registry = registry.parse().expect("a registry");
            for _ in 0..3 {
                assert_eq!(ambient.found(&registry, &RegistrySettings::default()).await, Ok(None));
            }
            assert_eq!(silent.sent().len(), 1, "{registry}");
            assert_eq!(silent.sent()[0].route, Route::Probe);
        }
    }
}

#[tokio::test]
async fn a_cloud_that_is_silent_is_not_asked_for_its_other_registries() {
    let silent = Surroundings::new(|_, _| Said::Silence);
    let ambient = silent.ambient(Environment::default());
    for registry in [ALL[1], "gcr.io", "eu.gcr.io", "us-docker.pkg.dev", ALL[2]] {
        let registry = registry.parse().expect("a registry");
        assert_eq!(ambient.found(&registry, &RegistrySettings::default()).await, Ok(None));
    }
    assert_eq!(silent.sent().len(), 2, "one for each cloud");
}

#[tokio::test]
async fn what_somebody_said_goes_before_what_surrounds_us() {
    let docker = r#"{"auths":{"HOST":{"username":"docker","password":"d"}}}"#.replace("HOST", ALL[0]);
    let variables = super::amazon::KEYS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let with_docker = [variables.as_slice(), &[("DOCKER_AUTH_CONFIG".to_owned(), docker)]].concat();
    let password_of_spec = Credentials::Password { username: "spec".into(), password: "s".into() };
    for (variables, credentials, expected) in [
        (with_docker.clone(), Some(password_of_spec), Some("user spec, from the spec: s")),
        (with_docker.clone(), None, Some("user docker, from $DOCKER_AUTH_CONFIG: d")),
        (
            variables.to_vec(),
            None,
            Some("user AWS, from ECR by access keys from the environment: ecr-password"),
        ),
        (variables.to_vec(), Some(Credentials::Anonymous), None),
    ] {
        let amazon = amazon();
        let environment = Environment::of(variables);
        let keychain = Keychain::new(environment.clone(), amazon.ambient(environment));
        let settings = RegistrySettings { credentials, ..RegistrySettings::default() };
        let (registry, path) = (ALL[0].parse().expect("a registry"), "a".parse().expect("a path"));
        let found = keychain.lookup(&registry, &path, &settings).await.expect("no failure");
        let shown = match &found {
            Some(credential) => Some(password(credential).await.expect("a password")),
            None => None,
        };
        assert_eq!(shown.as_deref(), expected);
    }
}
