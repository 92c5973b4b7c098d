//! What one file says, in every form that docker and podman write.

use super::home::{Home, auths};

async fn found(file: &str, repository: &str) -> String {
    Home::new()
        .file(".docker/config.json", file)
        .found(repository)
        .await
        .replace(", from ~/.docker/config.json", "")
}

#[tokio::test]
async fn every_form_of_an_entry_is_understood() {
    let entry = |members: &str| format!(r#"{{"auths":{{"ghcr.io":{members}}},"HttpHeaders":{{"X":"y"}}}}"#);
    for (file, expected) in [
        (auths("ghcr.io", "bob:secret"), "user bob: secret"),
        (auths("ghcr.io", "bob:with:colons:"), "user bob: with:colons:"),
        (auths("ghcr.io", "bob:secret\0\0"), "user bob: secret"),
        (auths("ghcr.io", "bob:pässwörd"), "user bob: pässwörd"),
        (auths("ghcr.io", "bob:"), "user bob: "),
        // Without padding, and with a line end.
        (entry(r#"{"auth":"Ym9iOmE"}"#), "user bob: a"),
        (entry(r#"{"auth":" Ym9iOmE=\n"}"#), "user bob: a"),
        (entry(r#"{"username":"bob","password":"secret","email":"x"}"#), "user bob: secret"),
        (entry(r#"{"username":"no","password":"no","auth":"Ym9iOmE="}"#), "user bob: a"),
        (entry(r#"{"auth":"Ym9iOg==","identitytoken":"idt"}"#), "an identity token: idt"),
        (entry(r#"{"auth":"PHRva2VuPjppZHQ="}"#), "an identity token: idt"),
        (entry(r#"{"identitytoken":"idt","registrytoken":"rt"}"#), "a registry token: rt"),
        (entry("{}"), "nothing"),
        (entry("null"), "nothing"),
        (entry(r#"{"auth":""}"#), "nothing"),
        (entry(r#"{"email":"x","username":"bob"}"#), "nothing"),
        (entry(r#"{"password":"only"}"#), "nothing"),
        ("{}".to_owned(), "nothing"),
        (String::new(), "nothing"),
        (r#"{"auths":null,"credHelpers":null,"credsStore":null}"#.to_owned(), "nothing"),
    ] {
        assert_eq!(found(&file, "ghcr.io/a/b").await, expected, "{file}");
    }
}

#[tokio::test]
async fn an_entry_is_for_its_host_and_path() {
    for (key, repository, expected) in [
        ("ghcr.io", "ghcr.io/a/b", "user bob: s"),
        ("https://ghcr.io/v2/", "ghcr.io/a/b", "user bob: s"),
        ("ghcr.io/a", "ghcr.io/a/b", "user bob: s"),
        ("ghcr.io/b", "ghcr.io/a/b", "nothing"),
        ("localhost:5000", "localhost:5000/a", "user bob: s"),
        ("localhost:5000", "localhost:5001/a", "nothing"),
        ("localhost", "localhost:5000/a", "nothing"),
        ("https://index.docker.io/v1/", "docker.io/library/alpine", "user bob: s"),
        ("docker.io", "docker.io/library/alpine", "user bob: s"),
        ("registry-1.docker.io", "index.docker.io/library/alpine", "user bob: s"),
        ("docker.io/library", "docker.io/grafana/grafana", "nothing"),
        ("ghcr.io", "docker.io/library/alpine", "nothing"),
    ] {
        assert_eq!(found(&auths(key, "bob:s"), repository).await, expected, "{key} {repository}");
    }
}

#[tokio::test]
async fn the_longest_path_is_chosen_and_placeholders_do_not_count() {
    let file = r#"{"auths":{
        "ghcr.io":{"username":"all","password":"1"},
        "ghcr.io/team":{"username":"team","password":"2"},
        "ghcr.io/team/app":{}
    }}"#;
    assert_eq!(found(file, "ghcr.io/team/app").await, "user team: 2");
    assert_eq!(found(file, "ghcr.io/other").await, "user all: 1");
    assert_eq!(found(file, "ghcr.io/teams").await, "user all: 1");
}
