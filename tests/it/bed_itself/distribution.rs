//! docker-registry in each of its five set-ups serves skopeo, and refuses whom it should.

use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::images::{Format, Image, two_platforms};
use crate::bed::skopeo::Skopeo;
use crate::bed::token::TokenAuthority;
use crate::bed::wire::Ask;
use tempfile::TempDir;

/// An image, and its layout on disk in skopeo's words.
fn layout() -> (Image, TempDir, String) {
    let (image, folder) = (two_platforms(1, Format::Oci), tempfile::tempdir().expect("a folder"));
    image.write_layout(folder.path(), "1.0");
    let reference = format!("oci:{}:1.0", folder.path().display());
    (image, folder, reference)
}

fn users() -> Users {
    Users::new().user("alice", "s3cret").allow("alice", "team/*", "pull,push").allow_all("public", "pull")
}

fn reference(registry: &Distribution) -> String {
    format!("docker://{}/team/app:1.0", registry.host())
}

#[test]
fn plain_it_keeps_images_over_a_restart_and_logs_requests() {
    let ((image, _folder, source), mut registry) = (layout(), Distribution::plain());
    assert_eq!(registry.requests(), []);
    let skopeo = Skopeo::new();
    skopeo.copy_all(&source, &reference(&registry)).expect("copied");
    let writes = registry.requests().iter().filter(|served| served.is_write()).count();
    assert!(writes > image.blobs.len(), "{writes}");
    registry.restart();
    registry.clear_requests();
    assert_eq!(skopeo.digest(&reference(&registry)), Ok(image.digest()));
    assert_eq!(skopeo.list_tags(&reference(&registry).replace(":1.0", "")), Ok(vec!["1.0".to_owned()]));
    let lines: Vec<String> = registry.requests().iter().map(ToString::to_string).collect();
    assert!(lines.contains(&"GET /v2/team/app/manifests/1.0 200".to_owned()), "{lines:?}");
    assert!(registry.storage().join("docker/registry/v2/blobs").is_dir());
    assert!(registry.words().contains("listening on"));
}

#[test]
fn with_passwords_it_wants_tls_and_the_right_password() {
    let ((image, _folder, source), registry) = (layout(), Distribution::with_passwords(&users()));
    let trust = registry.certificates().trust();
    let alice = Skopeo::new().certificates(&trust).credentials("alice", "s3cret");
    alice.copy_all(&source, &reference(&registry)).expect("copied");
    assert_eq!(alice.digest(&reference(&registry)), Ok(image.digest()));
    let open = Distribution::plain();
    alice.copy_all_to(&reference(&registry), &Skopeo::new(), &reference(&open)).expect("copied");
    assert_eq!(Skopeo::new().digest(&reference(&open)), Ok(image.digest()));
    let wrong = Skopeo::new().certificates(&trust).credentials("alice", "wrong");
    let error = wrong.digest(&reference(&registry)).expect_err("kept out");
    assert!(error.contains("unauthorized"), "{error}");
    let stranger = tempfile::tempdir().expect("a folder");
    let distrustful = Skopeo::new().certificates(stranger.path()).credentials("alice", "s3cret");
    let error = distrustful.digest(&reference(&registry)).expect_err("not trusted");
    assert!(error.contains("x509"), "{error}");
}

#[test]
fn with_tokens_it_believes_the_token_server() {
    let ((image, _folder, source), authority) = (layout(), TokenAuthority::start(users()));
    let registry = Distribution::with_tokens(&authority);
    let alice = Skopeo::new().credentials("alice", "s3cret");
    alice.copy_all(&source, &reference(&registry)).expect("copied");
    assert_eq!(alice.digest(&reference(&registry)), Ok(image.digest()));
    let asked = authority.requests();
    assert!(asked.iter().any(|request| request.scopes == ["repository:team/app:pull,push"]), "{asked:?}");
    assert!(asked.iter().all(|request| request.user.as_deref() == Some("alice") && request.status == 200));

    Skopeo::new().digest(&reference(&registry)).expect_err("nobody may pull from there");
    let wrong = Skopeo::new().credentials("alice", "wrong").digest(&reference(&registry));
    wrong.expect_err("not the password");
    assert_eq!(authority.requests().last().map(|request| request.status), Some(401));
    authority.outdate(1);
    alice.digest(&reference(&registry)).expect_err("the token is outdated");
    authority.expires_in_s(60);
    assert_eq!(alice.digest(&reference(&registry)), Ok(image.digest()));
}

#[test]
fn a_token_server_knows_what_it_is_for() {
    let authority = TokenAuthority::start(users());
    let host = authority.realm().replace("http://", "").replace("/token", "");
    let status = |method: &str, target: &str| Ask::new(method, target).send(&host).expect("an answer").status;
    assert_eq!(status("GET", "/token?service=another"), 400);
    assert_eq!(status("POST", "/token?service=docker-registry"), 405);
    assert_eq!(status("GET", "/token?service=docker-registry"), 200);
}

#[test]
fn with_client_certificates_it_speaks_to_nobody_else() {
    let ((image, _folder, source), registry) = (layout(), Distribution::with_client_certificates());
    let known = Skopeo::new().certificates(&registry.certificates().client());
    known.copy_all(&source, &reference(&registry)).expect("copied");
    assert_eq!(known.digest(&reference(&registry)), Ok(image.digest()));
    let unknown = Skopeo::new().certificates(&registry.certificates().trust());
    let error = unknown.digest(&reference(&registry)).expect_err("kept out");
    assert!(error.contains("certificate"), "{error}");
}

#[test]
fn read_only_it_serves_what_it_has_and_takes_nothing() {
    let ((image, _folder, source), registry) = (layout(), Distribution::plain());
    Skopeo::new().copy_all(&source, &reference(&registry)).expect("copied");
    let registry = registry.into_read_only();
    assert_eq!(Skopeo::new().digest(&reference(&registry)), Ok(image.digest()));
    let post = Ask::new("POST", "/v2/team/app/blobs/uploads/").send(registry.host());
    assert_eq!(post.expect("an answer").status, 405);
}
