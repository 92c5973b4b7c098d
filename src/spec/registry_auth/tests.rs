//! Entries as people write them, and that no message repeats them.

use super::*;
use crate::access::Identity;

fn env(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "from the environment".to_owned())
}

fn shown(text: &str) -> String {
    match registry_auth(text, &env) {
        Ok(auth) => {
            let one = |(scope, credentials): (&Scope, &Credentials)| match credentials {
                Credentials::Password { username, password } => {
                    format!("{scope} {username}:{}", password.expose_secret())
                }
                Credentials::IdentityToken(token) => format!("{scope} token {}", token.expose_secret()),
                Credentials::Helper(name) => format!("{scope} helper {name}"),
                Credentials::Anonymous => format!("{scope} nobody"),
                Credentials::Identity(identity) => format!("{scope} {identity:?}"),
            };
            auth.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Err(why) => format!("wrong: {}", why.join("; ")),
    }
}

#[test]
fn every_way_to_write_an_entry_is_read() {
    assert_eq!(shown("- { registry: ghcr.io, username: bob, password: p }"), "ghcr.io bob:p");
    assert_eq!(shown("registry: ghcr.io/team\nusername: bob\npassword: 1.10\n"), "ghcr.io/team bob:1.10");
    assert_eq!(shown(r#"[{"registry":"quay.io","username":"b","password":"p"}]"#), "quay.io b:p");
    assert_eq!(shown("- { username: bob, password: p }"), "docker.io bob:p");
    assert_eq!(
        shown("- { registry: 'https://index.docker.io/v1/', identity_token: t }"),
        "docker.io token t"
    );
    assert_eq!(
        shown("- { registry: a.test, helper: docker-credential-ecr-login }"),
        "a.test helper ecr-login"
    );
    assert_eq!(shown("- { registry: a.test, anonymous: true }"), "a.test nobody");
    assert_eq!(shown("- { username: bob, password: \"${TOKEN}\" }"), "docker.io bob:from the environment");
    assert_eq!(shown("- { username: bob, password: 'a${TOKEN}' }"), "docker.io bob:a${TOKEN}");
}

#[test]
fn an_identity_is_read_with_its_parts_and_its_token_is_a_secret() {
    const ECR: &str = "registry: 123456789012.dkr.ecr.eu-west-1.amazonaws.com, identity: ecr";
    let role = "role: \"arn:aws:iam::123456789012:role/mirror\"";
    let auth = registry_auth(&format!("- {{ {ECR}, {role}, audience: a, id_token: \"${{TOKEN}}\" }}"), &env);
    let auth = auth.expect("good");
    assert_eq!(auth.secrets(), ["from the environment"]);
    let found: Vec<&Credentials> = auth.iter().map(|(_, credentials)| credentials).collect();
    let [Credentials::Identity(Identity::Ecr { role: Some(role), token })] = found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(role, "arn:aws:iam::123456789012:role/mirror");
    assert_eq!(token.audience.as_deref(), Some("a"));
    assert_eq!(shown("- { registry: ghcr.io, identity: github }"), "ghcr.io GitHub");
    let wrong = |keys: &str| shown(&format!("- {{ {keys} }}")).replace("wrong: entry 1: ", "");
    let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com: ";
    let of_ecr = |keys: &str| wrong(&format!("{ECR}, {keys}")).replace(host, "");
    assert_eq!(of_ecr("role: x"), "`role` is not the ARN of a role: write `arn:aws:iam::ACCOUNT:role/NAME`");
    assert_eq!(of_ecr("tenant: x"), "`tenant` does not go with `identity: ecr`");
    assert_eq!(of_ecr("username: bob, password: p"), "these are two kinds of credentials; keep one");
    assert_eq!(wrong("registry: ghcr.io, role: x"), "ghcr.io: `role` needs `identity` beside it");
    assert_eq!(
        wrong("registry: ghcr.io, identity: ECR"),
        "ghcr.io: `identity` is one of `ecr`, `gar`, `acr`, `github`, `aliyun`, `swr`, `tcr`"
    );
    assert_eq!(wrong("registry: a.test, identity: acr"), "a.test: `identity: acr` is for `NAME.azurecr.io`");
}

#[test]
fn what_is_wrong_is_told_without_what_was_written() {
    for text in [
        "CANARY",
        "",
        "- CANARY",
        "- { registry: ghcr.io, username: bob, pasword: CANARY }",
        "- { registry: ghcr.io, CANARY }",
        "- { registry: ghcr.io, username: bob, password: *CANARY }",
        "- { registry: ghcr.io, username: bob, password: !CANARY x }",
        "- { registry: ghcr.io, username: bob, password: \"CANARY }",
        "- { registry: ghcr.io, password: CANARY }",
        "- { registry: ghcr.io, username: bob, password: '' }",
        "- { registry: ghcr.io, username: '', password: '' }",
        "- { registry: ghcr.io, username: bob, password: CANARY, anonymous: true }",
        "- { registry: ghcr.io, username: bob, password: [CANARY] }",
        "- { registry: 'CANARY CANARY', username: bob, password: p }",
        "- { username: bob, password: \"${CANARY}\" }",
        "- { registry: ghcr.io, identity: CANARY }",
        "- { registry: mine.azurecr.io, identity: acr, tenant: CANARY/ }",
        "- { registry: mine.azurecr.io, identity: acr, role: CANARY }",
        "- { username: a, password: CANARY }\n- { registry: docker.io, username: a, password: CANARY }",
    ] {
        let told = shown(text);
        assert!(told.starts_with("wrong: ") && !told.contains("CANARY"), "{text}\n{told}");
    }
    let slip = shown("- { registry: a.test, username: a, password: b }\n- { username: bob, pasword: x }");
    assert_eq!(slip, "wrong: entry 2: there is an unknown key; did you mean `password`?");
}

#[test]
fn secrets_are_handed_out_to_be_hidden() {
    let auth =
        registry_auth("[{username: a, password: secret}, {registry: b.test, identity_token: t}]", &env);
    assert_eq!(auth.expect("good").secrets(), ["t", "secret"]);
}
