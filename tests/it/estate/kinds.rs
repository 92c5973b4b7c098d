//! Registries that list their repositories by an API of their own, each as strict as it is.

use super::{Estate, json, number};
use crate::bed::cloud::{Answer, Seen};
use serde_json::{Value, json as value};

/// `alice` with this password, as Basic has it.
const ALICE: &str = "Basic YWxpY2U6Y2FuYXJ5LXB3";
const KEYS: &str = ", credentials: { username: alice, password: \"${PASSWORD}\" }";

fn estate(rule: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static) -> Estate {
    let mut estate = Estate::of(rule);
    estate.program = estate.program.variable("PASSWORD", "canary-pw");
    estate
}

fn refused() -> Option<Answer> {
    Some(Answer::new(401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized"}]}"#))
}

/// A part of a list: the page that is asked for.
fn part(all: &[Value], page: usize, length: usize) -> Vec<Value> {
    all.iter().skip((page - 1) * length).take(length).cloned().collect()
}

#[test]
fn a_project_of_harbor_is_read_page_by_page_as_the_user() {
    let all: Vec<Value> = (0..250).map(|n| value!({ "id": n, "name": format!("team/app-{n:03}") })).collect();
    let estate = estate(move |seen| {
        if seen.host != "harbor.corp" || seen.path != "/api/v2.0/projects/team/repositories" {
            return Some(Answer::new(404, "{}"));
        }
        if seen.header("authorization") != ALICE {
            return refused();
        }
        let (page, length) = (number(seen, "page")?, number(seen, "page_size")?);
        assert!(length <= 100, "Harbor gives no more");
        Some(json(&Value::Array(part(&all, page, length))).header("x-total-count", all.len().to_string()))
    });
    let keys = format!("{KEYS}, profile: harbor");
    estate.spec(&["harbor.corp"], &keys, "source: harbor.corp/team/**\n  target: r.corp/m/{repository}");
    let rules = estate.rules();
    assert_eq!(rules.len(), 250);
    assert_eq!(rules[249], "harbor.corp/team/app-249 -> r.corp/m/app-249");
    assert_eq!(estate.asked("harbor.corp").len(), 3, "{:?}", estate.asked("harbor.corp"));
    estate.assert_only_at("YWxpY2U6", &["harbor.corp"]);
    // The same as nobody is refused, and that is no empty project.
    estate.spec(
        &["harbor.corp"],
        ", profile: harbor",
        "source: harbor.corp/team/**\n  target: r.corp/m/{repository}",
    );
    assert_eq!(estate.error()["code"], "unauthenticated");
}

#[test]
fn a_namespace_of_docker_hub_is_read_from_its_website_with_a_token_of_its_own() {
    let estate = estate(|seen| {
        if seen.host != "hub.docker.com" {
            return Some(Answer::new(500, "nobody else is asked"));
        }
        match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", "/v2/auth/token") => {
                let body: Value = serde_json::from_slice(&seen.body).ok()?;
                assert_eq!(seen.header("authorization"), "");
                let right = body == value!({ "identifier": "alice", "secret": "canary-pw" });
                if right { Some(json(&value!({ "access_token": "canary-jwt" }))) } else { refused() }
            }
            ("GET", "/v2/namespaces/acme/repositories") => {
                if seen.header("authorization") != "Bearer canary-jwt" {
                    return refused();
                }
                let page = number(seen, "page")?;
                let next = "https://hub.docker.com/v2/namespaces/acme/repositories?page=2&page_size=100";
                Some(json(&value!({
                    "count": 3,
                    "next": if page == 1 { Value::from(next) } else { Value::Null },
                    "results": if page == 1 { value!([{ "name": "web" }, { "name": "db" }]) } else { value!([{ "name": "x" }]) },
                })))
            }
            _ => Some(Answer::new(404, "{}")),
        }
    });
    estate.spec(&["docker.io", "hub.docker.com"], KEYS, "source: acme/*\n  target: r.corp/{repository}");
    let expected = [
        "docker.io/acme/db -> r.corp/db",
        "docker.io/acme/web -> r.corp/web",
        "docker.io/acme/x -> r.corp/x",
    ];
    assert_eq!(estate.rules(), expected);
    assert_eq!(estate.asked("hub.docker.com").len(), 3);
    estate.assert_only_at("canary", &["hub.docker.com"]);
    let report = estate.program.read("report.json");
    assert!(!report.contains("canary") && report.contains("\"catalog\": 3"), "{report}");
}

#[test]
fn packages_of_github_are_those_of_an_organisation_or_else_of_a_user() {
    let estate = estate(|seen| {
        if seen.host != "api.github.com" {
            return Some(Answer::new(500, "nobody else is asked"));
        }
        if seen.header("authorization") != "Bearer canary-pw" {
            return refused();
        }
        assert_eq!(seen.parameter("package_type").as_deref(), Some("container"));
        match (seen.path.as_str(), number(seen, "page")?) {
            ("/users/acme/packages", 1) => {
                let link =
                    r#"<https://api.github.com/user/7/packages?package_type=container&page=2>; rel="next""#;
                Some(json(&value!([{ "name": "web" }, { "name": "web/cache" }])).header("link", link))
            }
            ("/users/acme/packages", 2) => Some(json(&value!([{ "name": "db" }]))),
            _ => Some(Answer::new(404, r#"{"message":"Not Found"}"#)),
        }
    });
    let rule =
        "source: ghcr.io/acme/**\n  target: r.corp/{repository}\n  repositories: { exclude: [\"**/cache\"] }";
    estate.spec(&["ghcr.io", "api.github.com"], KEYS, rule);
    assert_eq!(estate.rules(), ["ghcr.io/acme/db -> r.corp/db", "ghcr.io/acme/web -> r.corp/web"]);
    let paths = estate.asked("api.github.com");
    assert!(paths[0].starts_with("/orgs/acme/packages?") && paths.len() == 3, "{paths:?}");
    estate.assert_only_at("canary", &["api.github.com"]);
    // Nobody is told anything, so nobody is asked.
    estate.spec(&["ghcr.io", "api.github.com"], "", rule);
    assert_eq!(estate.error()["code"], "credential_unavailable");
    assert_eq!(estate.asked("api.github.com").len(), 3);
}

/// A GitLab with the group `acme`, and the project `acme/web` in it.
fn gitlab(seen: &Seen) -> Option<Answer> {
    match (seen.host.as_str(), seen.path.as_str()) {
        ("registry.gitlab.corp", "/v2/") => {
            let challenge = r#"Bearer realm="http://gitlab.corp/jwt/auth",service="container_registry""#;
            Some(Answer::new(401, "{}").header("www-authenticate", challenge))
        }
        ("gitlab.corp", _) if seen.header("authorization") != "Bearer canary-pw" => refused(),
        ("gitlab.corp", "/api/v4/groups/acme/registry/repositories") => {
            let page = number(seen, "page")?;
            let item = |path: &str| value!([{ "id": 1, "name": "", "path": path, "location": "x" }]);
            let (items, next) = match page {
                1 => (item("acme/web"), "2"),
                _ => (item("acme/web/api"), ""),
            };
            Some(json(&items).header("x-next-page", next).header("x-total", "2"))
        }
        ("gitlab.corp", "/api/v4/projects/acme%2Fweb/registry/repositories") => {
            let items =
                value!([{ "path": "acme/web" }, { "path": "acme/web/api" }, { "path": "acme/web/sub/ui" }]);
            Some(json(&items).header("x-next-page", "").header("x-total", "3"))
        }
        _ => Some(Answer::new(404, r#"{"message":"404 Not found"}"#)),
    }
}

#[test]
fn a_group_or_project_of_gitlab_is_asked_for_where_its_token_server_is() {
    let estate = estate(gitlab);
    let hosts = ["registry.gitlab.corp", "gitlab.corp"];
    let keys = format!("{KEYS}, profile: gitlab");
    let spec = |source: &str| {
        let rule = format!("source: registry.gitlab.corp/{source}\n  target: r.corp/m/{{repository}}");
        estate.spec(&hosts, &keys, &rule);
    };
    spec("acme/**");
    let (web, api) = ("registry.gitlab.corp/acme/web", "registry.gitlab.corp/acme/web/api");
    assert_eq!(estate.rules(), [format!("{web} -> r.corp/m/web"), format!("{api} -> r.corp/m/web/api")]);
    // What stands below a project has no list of its own: that of the project is read.
    spec("acme/web/sub/*");
    assert_eq!(estate.rules(), ["registry.gitlab.corp/acme/web/sub/ui -> r.corp/m/ui"]);
    spec("*");
    assert!(estate.error()["hint"].as_str().expect("a hint").contains("registry.gitlab.corp/NAMESPACE/**"));
    spec("nobody/**");
    assert_eq!(estate.error()["code"], "not_found");
    estate.assert_only_at("canary", &["gitlab.corp"]);
}

/// A Quay with an API for everybody and for tokens, and a catalog for robots.
fn quay(seen: &Seen) -> Option<Answer> {
    match seen.path.as_str() {
        "/api/v1/repository" => {
            let names = match seen.header("authorization") {
                "" => value!([{ "namespace": "acme", "name": "open" }]),
                "Bearer canary-pw" => value!([{ "namespace": "acme", "name": "secret" }]),
                _ => return refused(),
            };
            assert_eq!(seen.parameter("namespace").as_deref(), Some("acme"));
            Some(match seen.parameter("next_page") {
                None => json(&value!({ "repositories": names, "next_page": "g=&A" })),
                Some(token) if token == "g=&A" => {
                    json(&value!({ "repositories": [{ "namespace": "acme", "name": "web" }] }))
                }
                Some(_) => Answer::new(400, "{}"),
            })
        }
        "/v2/_catalog" => match seen.header("authorization") {
            ALICE => Some(json(&value!({ "repositories": ["acme/robot", "other/x"] }))),
            _ => Some(Answer::new(401, "{}").header("www-authenticate", "Basic realm=\"q\"")),
        },
        _ => Some(Answer::new(404, "{}")),
    }
}

#[test]
fn quay_tells_everybody_robots_and_tokens_what_each_may_see() {
    let estate = estate(quay);
    let listed = |keys: &str| {
        estate.spec(&["quay.io"], keys, "source: quay.io/acme/**\n  target: r.corp/{repository}");
        let rules = estate.rules();
        rules.iter().filter_map(|rule| Some(rule.split_once(" -> r.corp/")?.1.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(listed(""), ["open", "web"]);
    assert_eq!(listed(KEYS), ["robot"]);
    let token = ", credentials: { username: $oauthtoken, password: \"${PASSWORD}\" }";
    assert_eq!(listed(token), ["secret", "web"]);
}

#[test]
fn a_login_that_is_refused_shows_no_password_whatever_the_answer_repeats() {
    let estate = estate(|seen| {
        let said = String::from_utf8_lossy(&seen.body).into_owned();
        let error = value!({ "errors": [{ "code": "canary-pw", "message": said }], "message": said });
        Some(Answer::new(401, error.to_string()))
    });
    estate.spec(&["docker.io", "hub.docker.com"], KEYS, "source: acme/*\n  target: r.corp/{repository}");
    let error = estate.error();
    assert_eq!(error["code"], "unauthenticated", "{error:#}");
    assert_eq!(estate.asked("hub.docker.com"), ["/v2/auth/token"]);
    let finished = estate.explain().expect_code(5);
    assert!(!format!("{error} {} {}", finished.stdout, finished.stderr).contains("canary"), "{error:#}");
}

#[test]
fn a_token_server_elsewhere_is_no_gitlab_that_sees_the_credential() {
    let estate = estate(|_| {
        let challenge = r#"Bearer realm="http://evil.test/jwt/auth",service="container_registry""#;
        Some(Answer::new(401, "{}").header("www-authenticate", challenge))
    });
    let keys = format!("{KEYS}, profile: gitlab");
    let rule = "source: registry.gitlab.corp/acme/**\n  target: r.corp/{repository}";
    estate.spec(&["registry.gitlab.corp", "evil.test"], &keys, rule);
    let error = estate.error();
    assert_eq!(error["code"], "protocol", "{error:#}");
    assert!(error["hint"].as_str().expect("a hint").contains("realm_hosts"), "{error:#}");
    assert_eq!(estate.asked("evil.test"), [""; 0]);
}
