//! Filters on servers: what is asked, whom is trusted, and what ends the fetching.

use super::{digest, fetched, hex, spec, told};
use crate::bed::files::{Files, Reply};
use crossdock::spec::Spec;

const COMPONENT: &[u8] = b"\0asm of a server";

/// A filter `f` at this address, pinned to [`COMPONENT`]; the server is trusted.
fn pinned(files: &Files, url: &str) -> Spec {
    spec(&files.trusted(""), &format!("f: {{ wasm: \"{url}\", sha256: {} }}", hex(COMPONENT)))
}

/// What is said of these replies, and how many requests it took.
fn said(replies: &[Reply]) -> String {
    let files = Files::start();
    files.put("/f.wasm", replies);
    let text = told(&pinned(&files, &files.url("/f.wasm")));
    format!("{}\n  {} requests", text.replace(&files.host(), "files.test"), files.requests().len())
}

#[test]
fn a_file_is_fetched_once_and_its_pin_is_checked() {
    let files = Files::start();
    files.put("/f.wasm?x=1", &[Reply::File(COMPONENT.to_vec())]);
    let fetched = fetched(&pinned(&files, &files.url("/f.wasm?x=1"))).expect("it is there");
    assert_eq!((fetched.digest, fetched.manifest), (digest(COMPONENT), None));
    assert_eq!(files.paths(), ["/f.wasm?x=1"]);
    insta::assert_snapshot!(said(&[Reply::File(b"\0asm, changed".to_vec())]));
}

#[test]
fn a_page_in_the_place_of_the_file_is_refused() {
    insta::assert_snapshot!(said(&[Reply::File(b"<!DOCTYPE html><title>Log in</title>".to_vec())]));
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let files = Files::start();
    let spec = spec("", &format!("f: {{ wasm: \"{}\" }}", files.url("/f.wasm")));
    assert!(told(&spec).contains("TLS refused"), "{}", told(&spec));
    assert!(files.requests().is_empty());
}

#[test]
fn no_credential_is_sent_even_where_there_is_one_and_nothing_is_decompressed() {
    let files = Files::start();
    files.put("/team/f.wasm", &[Reply::File(COMPONENT.to_vec())]);
    let registries = files.trusted(", credentials: { username: alice, password: canary }");
    let declared = format!("f: {{ wasm: \"{}\", sha256: {} }}", files.url("/team/f.wasm"), hex(COMPONENT));
    fetched(&spec(&registries, &declared)).expect("it is there for everybody");
    let requests = files.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    let named = |name: &str| request.headers.iter().find(|(known, _)| known == name).map(|(_, v)| v.as_str());
    assert_eq!(named("authorization"), None);
    assert_eq!(named("cookie"), None);
    assert_eq!(named("accept-encoding"), Some("identity"));
    assert!(!format!("{requests:?}").contains("canary"));
    let gzipped = Reply::With("content-encoding", "gzip", COMPONENT.to_vec());
    insta::assert_snapshot!(said(&[gzipped]));
}

#[test]
fn a_server_that_wants_credentials_gets_none_and_is_asked_once() {
    insta::assert_snapshot!([401, 403, 404].map(|status| said(&[Reply::Status(status)])).join("\n"));
}

#[test]
fn a_redirect_may_lead_to_another_host_and_never_out_of_tls() {
    let (files, other) = {
        let files = Files::start();
        let other = files.another();
        (files, other)
    };
    other.put("/real.wasm", &[Reply::File(COMPONENT.to_vec())]);
    files.put("/f.wasm", &[Reply::Redirect(other.url("/real.wasm"))]);
    fetched(&pinned(&files, &files.url("/f.wasm"))).expect("it is there");
    assert_eq!((files.paths(), other.paths()), (vec!["/f.wasm".to_owned()], vec!["/real.wasm".to_owned()]));

    files.put("/plain.wasm", &[Reply::Redirect(format!("http://{}/real.wasm", other.host()))]);
    files.put("/user.wasm", &[Reply::Redirect(format!("https://u:p@{}/real.wasm", other.host()))]);
    files.put("/round.wasm", &[Reply::Redirect("/round.wasm".to_owned())]);
    let said = |path: &str| {
        let text = told(&pinned(&files, &files.url(path)));
        text.replace(&files.host(), "files.test").replace(&other.host(), "other.test")
    };
    insta::assert_snapshot!(["/plain.wasm", "/user.wasm", "/round.wasm"].map(said).join("\n"));
    assert_eq!(other.paths().len(), 1, "nobody came again");
    assert_eq!(files.paths().iter().filter(|path| *path == "/round.wasm").count(), 11);
}

#[test]
fn what_breaks_off_is_fetched_again() {
    let files = Files::start();
    let whole = Reply::File(COMPONENT.to_vec());
    files.put("/f.wasm", &[Reply::Cut(COMPONENT.to_vec(), 5), Reply::Status(503), whole]);
    fetched(&pinned(&files, &files.url("/f.wasm"))).expect("it is there the third time");
    assert_eq!(files.paths().len(), 3);
}

#[test]
fn a_file_that_is_too_large_or_without_end_is_given_up() {
    insta::assert_snapshot!(
        [Reply::Announced(33 << 20), Reply::Endless].map(|reply| said(&[reply])).join("\n")
    );
}
