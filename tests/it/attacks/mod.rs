//! Attacks, each with its number in docs/threat-model.md: who attacks sees no credential, learns nothing,
//! and gets nothing committed; the run ends, with a code that says what was refused.

mod bodies;
mod credentials;
mod documents;
mod evil;
mod filters;
mod lists;
mod outputs;
mod packages;
mod realms;
mod redirects;
mod secrets;
mod specs;
mod uploads;
mod wire;

use crate::bed::grants::Users;
use crate::bed::images::{Format, Image, one_platform};
use crate::bed::memory::{Auth, Behaviour, Canned, Options, Registry, RequestKind, Rule, TokenServer};
use crate::bed::tally;
use crate::faults::mirror::{Mirror, Run};
use evil::Evil;

/// In every secret of a victim.
const CANARY: &str = "canary5ecret";
/// Attacks that are tried at the same time.
const AT_ONCE: usize = 8;

/// A source and a target that know bob, whose password is the canary.
struct Victim {
    source: Registry,
    target: Registry,
    image: Image,
}

fn bob() -> Users {
    Users::new().user("bob", CANARY).allow("bob", "*", "pull,push")
}

impl Victim {
    /// Both want a password.
    fn new() -> Self {
        let basic = || Options::new().auth(Auth::Basic(bob()));
        Self::of(basic(), basic())
    }

    /// The source has a token server, at `realm` if there is one.
    fn with_tokens(realm: Option<&str>) -> Self {
        let server = TokenServer::new(bob());
        let server = realm.map_or_else(|| server.clone(), |realm| server.clone().realm(realm));
        Self::of(Options::new().auth(Auth::Bearer(server)), Options::new())
    }

    fn of(source: Options, target: Options) -> Self {
        Self::with(source, target, one_platform(1, Format::Oci))
    }

    fn with(source: Options, target: Options, image: Image) -> Self {
        let (source, target) = (source.start(), target.start());
        source.seed(&image, "app", &["1.0"]);
        Self { source, target, image }
    }

    /// Everything of `app` is to be mirrored, so that the list of tags is asked for first, and whoever
    /// wants a password has seen it before anything else.
    fn mirror(&self) -> Mirror {
        let keys = r#"plain_http: true, credentials: { username: bob, password: "${PASSWORD}" }"#;
        Mirror::of(&[&self.source, &self.target])
            .setting(&self.source, keys)
            .setting(&self.target, keys)
            .variable("PASSWORD", CANARY)
            .copying(&self.source, "app", &[(&self.target, "copy")], r#"{ include: ["*"] }"#)
    }

    fn sync(&self) -> Run {
        self.mirror().sync()
    }

    fn assert_copied(&self) {
        assert_eq!(self.target.tag("copy", "1.0"), Some(self.image.digest()));
        assert_eq!(self.target.missing("copy", "1.0"), [""; 0]);
    }

    /// No tag, no manifest, and no byte of a manifest.
    fn assert_nothing_tagged(&self) {
        assert!(self.target.tags("copy").is_empty(), "{:?}", self.target.tags("copy"));
        let puts = self.target.requests().of(RequestKind::ManifestPut);
        assert!(puts.iter().all(|put| put.status != Some(201)), "{puts}");
    }

    /// Nobody tried to take anything away.
    fn assert_nothing_deleted(&self) {
        for registry in [&self.source, &self.target] {
            let deleted = registry.requests().iter().filter(|request| request.method == "DELETE").count();
            assert_eq!(deleted, registry.requests().count(RequestKind::UploadDelete));
        }
    }
}

/// The program said nothing of the secret, wherever it ended.
fn assert_silent(run: &Run) {
    for text in [&run.finished.stdout, &run.finished.stderr, &run.report.to_string()] {
        assert!(!text.contains(CANARY), "{text}");
    }
}

fn on_answer(kind: RequestKind, canned: Canned) -> Rule {
    Rule::on(kind).then(Behaviour::Answer(canned))
}

fn set(name: &str, value: &str) -> Behaviour {
    Behaviour::SetHeader(name.to_owned(), value.to_owned())
}

/// Tries all attacks of a test, some at the same time, and counts them once all were withstood.
fn withstood<T: Send>(attacks: impl IntoIterator<Item = T>, attack: impl Fn(T) + Sync) {
    let mut attacks: Vec<T> = attacks.into_iter().collect();
    let count = attacks.len();
    assert!(count > 0, "a test without an attack shows nothing");
    while !attacks.is_empty() {
        let rest = attacks.split_off(attacks.len().min(AT_ONCE));
        std::thread::scope(|scope| {
            for case in std::mem::replace(&mut attacks, rest) {
                scope.spawn(|| attack(case));
            }
        });
    }
    tally::count("attacks", count);
}

#[test]
fn s44_nothing_is_ever_deleted_at_a_registry() {
    // The registry of the tests fails any test in which content is deleted; here it is seen to.
    let registry = Registry::start();
    registry.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let digest = one_platform(1, Format::Oci).digest();
    for path in [format!("manifests/{digest}"), "manifests/1.0".to_owned(), format!("blobs/{digest}")] {
        let reply = crate::bed::wire::Ask::new("DELETE", &format!("/v2/app/{path}")).send(&registry.host());
        assert_eq!(reply.expect("an answer").status, 405);
    }
    assert_eq!(registry.take_violations().len(), 3);
    // What the source has no more is left where it is.
    let victim = Victim::new();
    victim.source.seed(&one_platform(2, Format::Oci), "app", &["2.0"]);
    victim.sync().code(0);
    victim.source.remove_tag("app", "2.0");
    victim.sync().code(0);
    assert_eq!(victim.target.tags("copy").len(), 2);
    victim.assert_nothing_deleted();
    tally::count("attacks", 4);
}
