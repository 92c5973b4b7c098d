//! A canary in every place that can hold a secret, and every word that is written searched for it.

use super::evil::reply;
use super::{Auth, Behaviour, Canned, Evil, RequestKind, Rule, TokenServer, withstood};
use crate::bed::certificates::Certificates;
use crate::bed::grants::Users;
use crate::bed::images::{self, one_platform};
use crate::bed::memory::{Credentials, Locations, Options};
use crate::bed::program::files_below;
use crate::ci::pipeline::{GITHUB, Pipeline};
use crate::commands::pair::Pair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock::report::Format;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

/// In every secret, whatever else it has.
const CANARY: &str = "canary5ecret";
/// A rule that reads from one registry, and writes to the other.
const RULE: &str = "- { source: SOURCE/app, target: TARGET/app, tags: \"*\" }";

/// A pipeline with a secret in it, and what may hold the secret: what we wrote ourselves.
struct Scene {
    pipeline: Pipeline,
    /// Files, by the end of their path.
    ours: Vec<&'static str>,
    /// Held until the runs are over.
    _more: Vec<Box<dyn std::any::Any + Send>>,
}

fn users() -> Users {
    Users::new().user("alice", CANARY).allow("alice", "*", "pull,push")
}

fn bearer(server: TokenServer) -> Options {
    Options::new().auth(Auth::Bearer(server))
}

impl Scene {
    fn new(source: Options, target: Options) -> Self {
        let pair = Pair::with(source, target);
        pair.source.seed(&one_platform(1, images::Format::Oci), "app", &["1.0"]);
        let mut pipeline = Pipeline::around(pair, &GITHUB);
        pipeline.set("INPUT_LOG-LEVEL", "trace");
        pipeline.set("INPUT_DEADLINE", "2s");
        pipeline.pair.mirrors(RULE);
        Self { pipeline, ours: vec!["crossdock.yaml"], _more: Vec::new() }
    }

    /// The source is spoken to with these keys.
    fn source(self, keys: &str) -> Self {
        let registries = format!("SOURCE: {{ plain_http: true, {keys} }}\nTARGET: {{ plain_http: true }}");
        self.pipeline.pair.registries(&registries, RULE);
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.pipeline.set(name, value);
        self
    }

    fn home(mut self, name: &'static str, text: &str) -> Self {
        let text = self.pipeline.pair.placed(text);
        self.pipeline.pair.program.write_home(name, &text);
        self.ours.push(name);
        self
    }

    fn holding(mut self, thing: impl std::any::Any + Send) -> Self {
        self._more.push(Box::new(thing));
        self
    }

    /// Everything that is written anywhere while the program runs as loudly as it can.
    fn said(&self) -> String {
        let program = &self.pipeline.pair.program;
        let flags: Vec<String> =
            Format::ALL.iter().map(|format| format!("--report={0}=r.{0}", format.name())).collect();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let mut said = String::new();
        for arguments in [
            ["ci"].as_slice(),
            &[["sync", "-vv", "--deadline", "2s"].as_slice(), &flags].concat(),
            &["sync", "-vv", "--progress", "json", "--deadline", "2s"],
            &["plan", "-vv", "-o", "plan.json", "--deadline", "2s"],
            &["explain", "-vv"],
            &["lint", "-vv"],
        ] {
            let finished = program.run(arguments);
            // What a CI is told to hide is told to the CI.
            let lines = finished.stdout.lines().filter(|line| !line.starts_with("::add-mask::"));
            said.extend(lines.map(|line| format!("{line}\n")));
            said.push_str(&finished.stderr);
        }
        let top = program.work().parent().expect("a folder").to_owned();
        for file in files_below(&top) {
            if !self.ours.iter().any(|ours| file.ends_with(ours)) {
                said.push_str(&file);
                said.push_str(&String::from_utf8_lossy(&std::fs::read(top.join(&file)).expect("a file")));
            }
        }
        said
    }

    /// Tokens that the registries gave, beside the canary and its forms.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![CANARY.to_owned()];
        for user in ["alice", "proxy", "<token>", "oauth2accesstoken", "AWS"] {
            secrets.push(STANDARD.encode(format!("{user}:{CANARY}")));
        }
        for registry in [&self.pipeline.pair.source, &self.pipeline.pair.target] {
            for request in registry.requests().iter() {
                if let crate::bed::memory::Authorization::Bearer(token) = request.authorization() {
                    secrets.push(token);
                }
            }
        }
        secrets
    }
}

/// Each place with a secret in it.
fn scenes() -> Vec<(&'static str, Scene)> {
    [passwords(), others(), answers()].into_iter().flatten().collect()
}

/// Where a password or a token can be given.
fn passwords() -> Vec<(&'static str, Scene)> {
    let in_spec = r#"credentials: { username: alice, password: "${SECRET}" }"#;
    let tokens = || bearer(TokenServer::new(users()));
    let auth = STANDARD.encode(format!("alice:{CANARY}"));
    let docker = format!(r#"{{"auths":{{"SOURCE":{{"auth":"{auth}"}}}}}}"#);
    let entry = |key: &str| format!(r#"{{"auths":{{"SOURCE":{{"{key}":"{CANARY}"}}}}}}"#);
    vec![
        ("a password by way of the spec", {
            Scene::new(tokens(), Options::new()).source(in_spec).variable("SECRET", CANARY)
        }),
        ("a password in the spec itself", {
            Scene::new(tokens(), Options::new()).source(&in_spec.replace("${SECRET}", CANARY))
        }),
        ("a password that is wrong", {
            let other = Users::new().user("alice", "another");
            Scene::new(bearer(TokenServer::new(other)), Options::new())
                .source(in_spec)
                .variable("SECRET", CANARY)
        }),
        ("docker's file", Scene::new(tokens(), Options::new()).home(".docker/config.json", &docker)),
        ("docker's file, broken", {
            Scene::new(tokens(), Options::new()).home(".docker/config.json", &docker[..docker.len() - 3])
        }),
        ("docker's variable", {
            let scene = Scene::new(tokens(), Options::new());
            let text = scene.pipeline.pair.placed(&docker);
            scene.variable("DOCKER_AUTH_CONFIG", &text)
        }),
        ("an identity token in docker's file", {
            let server = TokenServer::new(users()).identity_token("alice", CANARY);
            Scene::new(bearer(server), Options::new()).home(".docker/config.json", &entry("identitytoken"))
        }),
        ("an identity token in the spec", {
            let server = TokenServer::new(users()).identity_token("alice", CANARY);
            Scene::new(bearer(server), Options::new())
                .source("credentials: { identity_token: \"${SECRET}\" }")
                .variable("SECRET", CANARY)
        }),
        ("a registry token in docker's file", {
            // A token that it never handed out.
            let options = tokens().credentials(Credentials::Any);
            Scene::new(options, Options::new()).home(".docker/config.json", &entry("registrytoken"))
        }),
        ("the input of a pipeline", {
            let text = format!("- {{ registry: SOURCE, username: alice, password: {CANARY} }}");
            let scene = Scene::new(tokens(), Options::new());
            let text = scene.pipeline.pair.placed(&text);
            scene.variable("INPUT_REGISTRY-AUTH", &text)
        }),
        ("the input of a pipeline, broken", {
            Scene::new(tokens(), Options::new())
                .variable("INPUT_REGISTRY-AUTH", &format!("{{ {CANARY}: [ }}"))
        }),
    ]
}

/// Who else has a secret, or makes one.
fn others() -> Vec<(&'static str, Scene)> {
    vec![
        ("a credential program", program(0)),
        ("a credential program that fails", program(1)),
        ("the answers of a token server", token_answers()),
        ("the password of a proxy", {
            let proxy = Evil::start();
            Scene::new(Options::new(), Options::new())
                .variable("http_proxy", &format!("http://proxy:{CANARY}@{}", proxy.host()))
                .holding(proxy)
        }),
        ("the password of a proxy that is no URL", {
            Scene::new(Options::new(), Options::new())
                .variable("http_proxy", &format!("http://proxy:{CANARY}@["))
                .variable("HTTPS_PROXY", &format!("{CANARY}://proxy:{CANARY}@x:y"))
        }),
        ("the key of our certificate", certificate(false)),
        ("a key that is none", certificate(true)),
    ]
}

/// What a registry says that is one, or repeats it.
fn answers() -> Vec<(&'static str, Scene)> {
    let in_spec = r#"credentials: { username: alice, password: "${SECRET}" }"#;
    vec![
        ("the query of a redirect", {
            let scene = Scene::new(Options::new(), Options::new());
            let location =
                format!("{}/gone?X-Amz-Signature={CANARY}#{CANARY}", scene.pipeline.pair.source.url());
            let redirect = Behaviour::Answer(Canned::new(307).header("location", &location));
            scene.pipeline.pair.source.rule(Rule::on(RequestKind::BlobGet).then(redirect));
            scene
        }),
        ("the state of an upload", {
            let scene = Scene::new(Options::new(), Options::new().locations(Locations::Absolute));
            let pair = &scene.pipeline.pair;
            let location = format!("{}/v2/app/blobs/uploads/1?_state={CANARY}", pair.target.url());
            pair.target.rule(Rule::on(RequestKind::Mount).then(super::set("location", &location)));
            scene
        }),
        ("the page of a list", {
            let scene = Scene::new(Options::new(), Options::new());
            let link = format!("</v2/app/tags/list?last={CANARY}>; rel=next");
            let rule = Rule::on(RequestKind::TagList).path("list$").then(super::set("link", &link));
            scene.pipeline.pair.source.rule(rule);
            scene.pipeline.pair.source.rule(Rule::on(RequestKind::TagList).path("last=").answer(400));
            scene
        }),
        ("a registry that repeats what it was shown", {
            let scene = Scene::new(Options::new().auth(Auth::Basic(users())), Options::new());
            let shown = STANDARD.encode(format!("alice:{CANARY}"));
            let refusal = Canned::new(400).error(&shown, &format!("{CANARY} of alice ({shown}) is no good"));
            // After the list, for which the password was asked.
            let rule = Rule::on(RequestKind::ManifestGet).then(Behaviour::Answer(refusal));
            scene.pipeline.pair.source.rule(rule);
            scene.source(in_spec).variable("SECRET", CANARY)
        }),
        ("the surroundings", surroundings()),
    ]
}

/// A credential program that tells a secret, twice, and ends like this.
fn program(exit: u8) -> Scene {
    let scene = Scene::new(bearer(TokenServer::new(users())), Options::new());
    let script = format!(
        "#!/bin/sh\necho \"the secret is {CANARY}\" >&2\n\
         echo '{{\"Username\":\"alice\",\"Secret\":\"{CANARY}\"}}'\nexit {exit}\n"
    );
    let scene = scene.home("bin/docker-credential-canary", &script);
    let home = scene.pipeline.pair.program.home();
    let path = home.join("bin/docker-credential-canary");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let search = format!("{}:/usr/bin:/bin", home.join("bin").display());
    scene.home(".docker/config.json", "{\"credsStore\":\"canary\"}").variable("PATH", &search)
}

/// A token server whose answers have secrets in all their members, good or bad.
fn token_answers() -> Scene {
    let body = format!(
        r#"{{"token":"{CANARY}","access_token":"{CANARY}","refresh_token":"{CANARY}","error":"{CANARY}"}}"#
    );
    let server = Evil::at("127.0.0.1", move |_, stream| stream.write_all(&reply(200, &[], &body)));
    let tokens =
        TokenServer::new(Users::new().user("alice", "known")).realm(&format!("{}/token", server.url()));
    Scene::new(bearer(tokens), Options::new())
        .source(r#"credentials: { username: alice, password: "known" }"#)
        .holding(server)
}

/// A client certificate whose key is a secret; or is one, and nothing else.
fn certificate(broken: bool) -> Scene {
    let made = Certificates::new();
    let read = |name: &str| std::fs::read_to_string(made.file(name)).expect("it was made");
    let key = read("client/client.key");
    let text =
        if broken { format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n") } else { format!("{CANARY}\n{key}") };
    let scene = Scene::new(Options::new(), Options::new());
    let pair = &scene.pipeline.pair;
    pair.program.write("me.pem", &read("client/client.cert"));
    pair.program.write("me.key", &text);
    pair.registries(
        "SOURCE: { tls: { client_cert: me.pem, client_key: me.key } }\nTARGET: { plain_http: true }",
        RULE,
    );
    let mut scene = scene;
    scene.ours.extend(["me.key", "me.pem"]);
    scene
}

/// Who the surroundings say that we are: to registries that are not asked here, and where they are, to
/// a registry that is nobody's.
fn surroundings() -> Scene {
    let names = [
        "GITHUB_TOKEN",
        "INPUT_GITHUB-TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AZURE_CLIENT_SECRET",
        "IDENTITY_HEADER",
        "CI_REGISTRY_PASSWORD",
        "CI_JOB_TOKEN",
        "CROSSDOCK_ID_TOKEN",
        "CIRCLE_OIDC_TOKEN_V2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ];
    let scene = names
        .into_iter()
        .fold(Scene::new(Options::new(), Options::new()), |scene, name| scene.variable(name, CANARY));
    let scene = scene.variable("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").variable("AWS_REGION", "eu-west-1");
    let scene = scene.variable("CI_REGISTRY", "SOURCE").variable("CI_REGISTRY_USER", "alice");
    let rules = format!(
        "{RULE}\n- {{ source: 1.dkr.ecr.eu-west-1.amazonaws.com/x, target: 'oci:out', tags: ['1'] }}\n\
         - {{ source: ghcr.io/x/y, target: 'oci:out', tags: ['1'] }}"
    );
    // No cloud is reached: all of it goes to a proxy that has nothing.
    let proxy = Evil::start();
    let scene = scene.variable("https_proxy", &proxy.url()).variable("no_proxy", "127.0.0.1").holding(proxy);
    scene.pipeline.pair.mirrors(&rules);
    scene
}

#[test]
fn s25_a_canary_in_every_slot_is_in_no_output() {
    withstood(scenes(), |(name, scene)| {
        let said = scene.said();
        assert!(said.len() > 1000, "{name}: something was said");
        for secret in scene.secrets() {
            let at = said.find(&secret);
            let around = at.map(|at| {
                let (from, to) =
                    (said.floor_char_boundary(at.saturating_sub(300)), said.ceil_char_boundary(at + 100));
                &said[from..to]
            });
            assert_eq!(around, None, "{name}: {secret}");
        }
    });
}

#[test]
fn a_canary_that_is_left_behind_would_be_found() {
    let scene = Scene::new(Options::new(), Options::new());
    scene.pipeline.pair.program.write("left-behind.txt", CANARY);
    assert!(scene.said().contains(CANARY));
}
