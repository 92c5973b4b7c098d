//! All of CCR to an instance of TCR, as image-transfer is told to.

use super::{Bench, CCR, KEYS, PULLER, TCR, there};
use serde_json::json;

/// A few repositories, and the files of image-transfer.
fn bench(bench: Bench) -> Bench {
    bench.seed("team/web", &["1.0", "git-7f3c", "0.9", "latest"]);
    bench.seed("team/api", &["5"]);
    bench.seed("infra/tools/make", &["a", "b", "c"]);
    let (user, password) = PULLER;
    bench
        .program
        .write("security.yaml", &format!("{CCR}:\n  username: \"{user}\"\n  password: {password}\n"));
    bench
        .program
        .write("secret.yaml", &format!("ccr:\n  secretId: {}\n  secretKey: {}\n", KEYS.id, KEYS.secret));
    bench
}

/// The flags of image-transfer, as its documentation has them, and what a test needs beside them.
fn told<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut told = vec![command, "--from", "image-transfer", "--plain-http", CCR, "--plain-http", TCR];
    told.extend([
        "--ccrToTcr=true",
        "--routines=5",
        "--securityFile=./security.yaml",
        "--secretFile=./secret.yaml",
        "--tcrName=tcr-test",
        "--retry=3",
    ]);
    told.extend(more);
    told
}

#[test]
fn s1_11_all_of_ccr_goes_to_tcr_into_namespaces_that_are_made() {
    let bench = bench(Bench::new());
    bench.run(&told("sync", &["--ccrTagNums=2"])).expect_code(0);
    assert_eq!(
        bench.there(),
        ["infra/tools/make:b", "infra/tools/make:c", "team/api:5", "team/web:0.9", "team/web:latest"]
    );
    assert!(bench.there().iter().all(|image| {
        let (repository, tag) = image.rsplit_once(':').expect("a tag");
        bench.tcr.complete(repository, tag)
    }));
    let made: Vec<_> = bench.calls().into_iter().filter(|(method, _)| method == "CreateNamespace").collect();
    let wanted = |namespace: &str| {
        let body = json!({ "NamespaceName": namespace, "RegistryId": "tcr-id-7", "IsPublic": false, "IsAutoScan": false });
        ("CreateNamespace".to_owned(), body)
    };
    let mut expected = vec![wanted("infra"), wanted("team")];
    let mut made = made;
    made.sort_by_key(|(_, body)| body.to_string());
    expected.sort_by_key(|(_, body)| body.to_string());
    assert_eq!(made, expected, "each once");
    let counts = bench.counts();
    let count = |method: &str| counts.get(method).copied().unwrap_or_default();
    assert_eq!((count("DescribeInstances"), count("CreateInstanceToken")), (1, 1), "{counts:?}");
    assert_eq!(
        (count("DescribeRepositoryOwnerPersonal"), count("DescribeImagePersonal")),
        (1, 3),
        "{counts:?}"
    );
    // A second run writes nothing, and makes nothing.
    bench.tcr.clear_requests();
    bench.run(&told("sync", &["--ccrTagNums=2"])).expect_code(0);
    assert!(bench.tcr.requests().writes().is_empty());
    assert_eq!(bench.counts()["CreateNamespace"], 2);
    // Nobody is shown what is another's.
    for seen in bench.cloud.seen() {
        let text = format!("{seen:?}{}", String::from_utf8_lossy(&seen.body));
        assert!(!text.contains(KEYS.secret), "{text}");
    }
}

#[test]
fn s1_11_plan_and_check_write_nothing_and_make_nothing() {
    let bench = bench(Bench::new());
    let plan = bench.run(&told("plan", &["--ccr-tag-nums", "0"]));
    assert_eq!(plan.code, Some(0), "{}{}", plan.stdout, plan.stderr);
    for image in ["team/web:git-7f3c", "team/api:5", "infra/tools/make:a"] {
        assert!(plan.stdout.contains(&format!("{TCR}/{image}")), "{}", plan.stdout);
    }
    assert_ne!(bench.run(&told("check", &[])).code, Some(0));
    assert!(bench.tcr.requests().writes().is_empty());
    let counts = bench.counts();
    assert!(!counts.contains_key("CreateNamespace"), "{counts:?}");
    assert!(
        plan.stderr.contains("note: changed: namespaces are made when an image goes there"),
        "{}",
        plan.stderr
    );
}

#[test]
fn s1_11_what_import_writes_does_the_same() {
    let bench = bench(Bench::new());
    let arguments = told("import", &["--ccrTagNums=1", "-o", "crossdock.yaml"]);
    let imported = bench.program.run(&arguments).expect_code(0);
    let text = bench.program.read("crossdock.yaml");
    assert!(!format!("{text}{}{}", imported.stdout, imported.stderr).contains("canary"), "{text}");
    assert!(text.contains("last_pushed: 1"), "{text}");
    let mut run = bench.program.variable("CCR_CCS_TENCENTYUN_COM_PASSWORD", PULLER.1);
    for host in ["CCR_CCS_TENCENTYUN_COM", "TCR_TEST_TENCENTCLOUDCR_COM"] {
        run = run.variable(&format!("{host}_SECRET_ID"), KEYS.id);
        run = run.variable(&format!("{host}_SECRET_KEY"), KEYS.secret);
    }
    run.run(&["sync"]).expect_code(0);
    let there = there(&bench.tcr);
    assert_eq!(there, ["infra/tools/make:c", "team/api:5", "team/web:latest"]);
}

#[test]
fn keys_and_users_may_come_from_the_environment_and_from_docker() {
    let mut bench = bench(Bench::new().keyed(KEYS.secret));
    use base64::Engine as _;
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", PULLER.0, PULLER.1));
    let docker = json!({ "auths": { CCR: { "auth": auth } } }).to_string();
    bench.program = bench.program.variable("DOCKER_AUTH_CONFIG", &docker);
    let arguments = [
        "sync",
        "--from",
        "image-transfer",
        "--ccr-to-tcr",
        "--tcr-name",
        "tcr-test",
        "--ccr-tag-nums",
        "1",
        "--plain-http",
        CCR,
        "--plain-http",
        TCR,
    ];
    bench.run(&arguments).expect_code(0);
    assert_eq!(bench.there(), ["infra/tools/make:c", "team/api:5", "team/web:latest"]);
}

#[test]
fn an_instance_that_calls_a_missing_namespace_a_matter_of_rights_is_asked_which_it_is() {
    use crate::bed::memory::{Creates, Options, Personality, Refusal};
    const DENIED: Refusal = Refusal::new(403, "DENIED", "requested access to the resource is denied");
    let options = Options::like(Personality::Harbor).but(|traits| {
        traits.creates = Creates::InProjects(DENIED);
        traits.missing = Some(Refusal::new(404, "NOT_FOUND", "artifact not found"));
    });
    let bench = bench(Bench::with(options));
    // What is only called alike is not the one that is missing.
    bench.change(|state| state.namespaces.extend(["team-2".to_owned()]));
    bench.run(&told("sync", &["--ccrTagNums=1"])).expect_code(0);
    assert_eq!(bench.there().len(), 3);
    let counts = bench.counts();
    assert_eq!((counts["DescribeNamespaces"], counts["CreateNamespace"]), (2, 2), "{counts:?}");
}
