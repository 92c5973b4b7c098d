//! Answers that are lost, and tokens that run out, while a blob is on its way.

use super::{Behaviour, MIB, Options, RequestKind, SMOOTH, Scene, error};
use crate::bed::grants::Users;
use crate::bed::memory::Registry;
use crate::bed::memory::{Auth, Call, Moment, TokenServer};
use std::sync::{Arc, OnceLock, Weak};

#[test]
fn a_put_whose_answer_was_lost_is_looked_for_and_not_begun_again() {
    for behaviour in [Behaviour::DropAfter, Behaviour::SetHeader("x".to_owned(), "y".to_owned())] {
        let scene = Scene::plain(2 * MIB, Options::new());
        let lost = matches!(behaviour, Behaviour::DropAfter);
        scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).then(behaviour));
        let run = scene.sync();
        let asked = scene.bytes_asked();
        match lost {
            true => {
                assert_eq!(asked, ["PUT 2097152 -", "HEAD sha256 200"]);
                assert_eq!(run.report["items"][0]["blobs"]["present"], 1);
            }
            false => assert_eq!(asked, ["PUT 2097152 201"]),
        }
        let mounts = scene.target.requests().count(RequestKind::Mount);
        assert_eq!(mounts, scene.image.blobs.len(), "one POST a blob");
        assert_eq!(scene.gets(), ["all"]);
    }
}

#[test]
fn an_error_after_the_last_byte_is_no_proof_that_nothing_arrived() {
    let scene = Scene::plain(2 * MIB, Options::new());
    scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).then(error(502, "")));
    scene.sync();
    assert_eq!(scene.bytes_asked(), ["PUT 2097152 502", "HEAD sha256 404", "PUT 2097152 201"]);
}

#[test]
fn a_refusal_after_the_last_byte_is_believed() {
    let scene = Scene::plain(2 * MIB, Options::new());
    scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).then(error(429, "")));
    scene.sync();
    assert_eq!(scene.bytes_asked(), ["PUT 2097152 429", "PUT 2097152 201"]);
}

#[test]
fn a_closing_put_whose_answer_was_lost_is_looked_for() {
    let scene = Scene::chunked();
    scene.target.rule(scene.on_layer(RequestKind::UploadPut).nth(2).then(Behaviour::DropAfter));
    scene.sync();
    let mut expected: Vec<&str> = SMOOTH.into();
    expected.splice(4.., ["PUT 0 -", "HEAD sha256 200"]);
    assert_eq!(scene.bytes_asked(), expected);
}

#[test]
fn a_closing_put_that_meets_an_error_is_made_again_alone() {
    let scene = Scene::chunked();
    scene.target.rule(scene.on_layer(RequestKind::UploadPut).nth(2).answer(500));
    scene.sync();
    let mut expected: Vec<&str> = SMOOTH.into();
    expected.splice(4..4, ["PUT 0 500", "HEAD sha256 404", "GET where 204"]);
    assert_eq!(scene.bytes_asked(), expected);
    assert_eq!(scene.gets(), ["all", "all"], "no byte is wanted again");
}

#[test]
fn a_token_that_runs_out_between_chunks_is_renewed_and_the_session_goes_on() {
    let users = Users::new().user("anna", "secret");
    let users = users.allow("anna", "copy", "pull,push");
    let scene = Scene::chunked_at(Options::new().auth(Auth::Bearer(TokenServer::new(users))));
    let Scene { source, target, image, layer } = scene;
    let target = Arc::new(target);
    let expiring: Arc<OnceLock<Weak<Registry>>> = Arc::default();
    expiring.set(Arc::downgrade(&target)).expect("set once");
    let expire = Call::new(move || {
        if let Some(target) = expiring.get().and_then(Weak::upgrade) {
            target.expire_tokens();
        }
    });
    let rule = super::Rule::on(RequestKind::UploadPatch).nth(2);
    target.rule(rule.then(Behaviour::Call(Moment::Before, expire)));
    let keys = "plain_http: true, credentials: { username: anna, password: \"${PASSWORD}\" }";
    let mirror = super::Mirror::of(&[&source]).setting(&target, keys).variable("PASSWORD", "secret");
    mirror.copying(&source, "app", &[(&target, "copy")], "1.0").sync().code(0);
    assert!(target.complete("copy", "1.0"));
    let mut expected: Vec<String> = SMOOTH.map(str::to_owned).into();
    expected.splice(2..2, ["PATCH 2097152-4194303 401".to_owned(), "GET where 204".to_owned()]);
    let asked = super::shown(&target, &layer);
    let refused = asked.iter().position(|asked| asked.starts_with("PUT 5242880 413")).expect("refused");
    assert_eq!(asked[refused..], expected, "{}", image.digest());
}
