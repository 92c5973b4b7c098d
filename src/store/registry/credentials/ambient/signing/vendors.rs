//! Signatures beside those of the clouds' own programs: `vendors.py` signs the same requests with them, all in
//! one process.

use super::{Call, Keys, Scope, sign_for_aliyun, sign_for_amazon, sign_for_huawei, sign_for_tencent};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use reqwest::{Method, Request};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// 2026-02-03T04:05:06Z, where each part has a zero that could be lost.
const AT: Duration = Duration::from_secs(1_770_091_506);

/// Times at which a day ends or has a zero: signatures of Tencent's are for a day. The first second, the last of a
/// leap day, the first of a year, now, and the last before the year 2100.
const DAYS: [u64; 5] = [0, 1_709_251_199, 1_767_225_600, 1_770_091_506, 4_102_444_799];

/// Requests that a signature could get wrong: each is signed for each cloud, with keys that end and with keys
/// that do not.
fn requests() -> Vec<Request> {
    let mut table = Vec::new();
    for (method, url, kind, body) in [
        (Method::GET, "https://api.test/", "", ""),
        (Method::GET, "https://api.test/v2/manage/repos?limit=100&offset=0&namespace=team", "", ""),
        (Method::GET, "https://api.test/v2/manage/repos/?b=2&a=1&C=3&a-b=4&a.b=5&a_b=6", "", ""),
        (
            Method::GET,
            "https://api.test/?b=%20%2F%2B%3D%26~-._&a=%C3%A9%E9%95%9C&empty=&z=%2A%27%28%29%21",
            "",
            "",
        ),
        (Method::POST, "http://127.0.0.1:4566/", "application/x-amz-json-1.1", r#"{"repositoryName":"a/b"}"#),
        (
            Method::POST,
            "https://api.test/v2/manage/namespaces",
            "application/json",
            r#"{"namespace":"镜像 é"}"#,
        ),
        (Method::POST, "https://api.test/?InstanceId=cri-1&RepoName=a%2Fb", "", ""),
        (Method::DELETE, "https://api.test:8443/v2/a/b-c_d.e", "application/json", "{}"),
    ] {
        let mut request = Request::new(method, url.parse().expect("a URL"));
        if !kind.is_empty() {
            request.headers_mut().insert(CONTENT_TYPE, kind.parse().expect("a value"));
        }
        if !body.is_empty() {
            *request.body_mut() = Some(body.into());
        }
        table.push(request);
    }
    table
}

/// How a cloud signs, and what its program has to know beside the request.
type Sign = fn(&mut Request, &Keys, SystemTime) -> Option<()>;

const CLOUDS: [(&str, Sign); 3] = [
    ("amazon", |request, keys, at| {
        sign_for_amazon(request, keys, &Scope { region: "eu-west-1", service: "ecr" }, at)
    }),
    ("aliyun", |request, keys, at| {
        let call = Call { method: "CreateRepository", version: "2018-12-01", nonce: "0f1e2d3c" };
        sign_for_aliyun(request, keys, &call, at)
    }),
    ("huawei", |request, keys, at| {
        request.headers_mut().insert("x-project-id", "0a1b2c".parse().ok()?);
        sign_for_huawei(request, keys, at)
    }),
];

/// What `vendors.py` is given for a request that was signed, and the signature that it shall find.
fn case(cloud: &str, request: &Request, keys: &Keys) -> (Value, String) {
    let text = |name: &HeaderName| request.headers()[name].to_str().expect("text").to_owned();
    let names = request.headers().keys().filter(|name| **name != AUTHORIZATION);
    let headers: BTreeMap<&str, String> = names.map(|name| (name.as_str(), text(name))).collect();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    let case = json!({
        "cloud": cloud, "method": request.method().as_str(), "url": request.url().as_str(), "headers": headers,
        "body": String::from_utf8_lossy(body), "id": keys.id, "secret": keys.secret.expose_secret(),
        "service": "ecr", "region": "eu-west-1",
    });
    (case, text(&AUTHORIZATION))
}

/// What Tencent's program sends, which writes JSON its own way: bodies as it writes them, to places that it may be
/// told of.
fn calls_of_tencent() -> Vec<Request> {
    let places = [
        "https://tcr.tencentcloudapi.com/",
        "https://tcr.intl.tencentcloudapi.com/",
        "http://127.0.0.1:4566/",
    ];
    let bodies = [
        "{}",
        r#"{"TokenType": "temp", "RegistryId": "tcr-1"}"#,
        r#"{"Offset": 100, "Limit": 100}"#,
        r#"{"Filters": [{"Name": "RegistryName", "Values": ["tcr-test"]}], "AllRegion": true, "Region": null}"#,
        r#"{"Namespace": "\u955c\u50cf \u00e9 \" \\ / + = & ~", "IsPublic": false, "Size": 1.5}"#,
    ];
    let mut table = Vec::new();
    for (place, body) in places.iter().flat_map(|place| bodies.iter().map(move |body| (place, body))) {
        let mut request = Request::new(Method::POST, place.parse().expect("a URL"));
        request.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a value"));
        request.headers_mut().insert("x-tc-action", "DescribeInstances".parse().expect("a value"));
        *request.body_mut() = Some((*body).into());
        table.push(request);
    }
    table
}

/// What the clouds' programs make of it.
fn signed_by_vendors(cases: &[Value]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/sdks/bin/python");
    assert!(python.is_file(), "the clouds' own programs are missing: run .ci/sdks, which `make test` does");
    let program = root.join(file!()).with_extension("py");
    let mut child = Command::new(python)
        .args(["-I", "-B"])
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python runs");
    let input = serde_json::to_vec(cases).expect("JSON");
    child.stdin.take().expect("it has a stdin").write_all(&input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{:?}: see above, or run .ci/sdks again", output.status);
    serde_json::from_slice(&output.stdout).expect("signatures")
}

#[test]
fn every_request_is_signed_as_the_clouds_own_programs_sign_it() {
    let (mut cases, mut expected) = (Vec::new(), Vec::new());
    let mut note = |cloud: &str, request: &Request, keys: &Keys| {
        let (case, signature) = case(cloud, request, keys);
        cases.push(case);
        expected.push(signature);
    };
    for session in [None, Some("a session/+=".into())] {
        let keys = Keys { id: "AKIDEXAMPLE".into(), secret: "secret/+=%".into(), session };
        for (cloud, sign) in CLOUDS {
            for mut request in requests() {
                sign(&mut request, &keys, SystemTime::UNIX_EPOCH + AT).expect("signed");
                note(cloud, &request, &keys);
            }
        }
        for (at, mut call) in
            DAYS.iter().flat_map(|at| calls_of_tencent().into_iter().map(move |call| (at, call)))
        {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(*at);
            sign_for_tencent(&mut call, &keys, "ecr", at).expect("signed");
            note("tencent", &call, &keys);
        }
    }
    let found = signed_by_vendors(&cases);
    assert_eq!(found.len(), 48 + 150);
    for ((case, found), expected) in cases.iter().zip(&found).zip(&expected) {
        assert_eq!(found, expected, "{case:#}");
    }
}
