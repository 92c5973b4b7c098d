//! Manifests that lie: about their bytes, about what they are, and about how much there is.

use super::{Canned, RequestKind, Rule, Victim, assert_silent, on_answer, set, withstood};
use crate::bed::images::{Format, Image, Manifest, one_platform, two_platforms};
use crate::bed::memory::{Options, Referrers};
use crate::faults::mirror::Mirror;
use bytes::Bytes;
use serde_json::{Value, json};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

fn open(image: Image) -> Victim {
    Victim::with(Options::new(), Options::new(), image)
}

/// The image with another root.
fn rooted(mut image: Image, root: Manifest) -> Image {
    image.manifests.push(root);
    image
}

#[test]
fn s10_what_a_header_says_of_a_digest_is_not_believed() {
    let other = one_platform(99, Format::Oci);
    let text = String::from_utf8(other.root().bytes.to_vec()).expect("JSON is text");
    // What the answer says that its digest is; none is nothing.
    let asked = two_platforms(1, Format::Oci);
    let child = asked.children()[0].digest.clone();
    let rows = [asked.digest(), child]
        .into_iter()
        .flat_map(|of| [Some(of.clone()), Some(other.digest()), None].map(|header| (of.clone(), header)));
    withstood(rows, |(of, header)| {
        let victim = open(asked.clone());
        let mut canned = Canned::new(200).header("content-type", &other.root().media_type).body(&text);
        if let Some(header) = &header {
            canned = canned.header("docker-content-digest", header);
        }
        victim.source.rule(on_answer(RequestKind::ManifestGet, canned).path(&of));
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), "corrupt", "{header:?}");
        assert!(run.error("message").contains(&other.digest()), "{}", run.error("message"));
        victim.assert_nothing_tagged();
        assert!(victim.target.manifest("copy", &other.digest()).is_none());
    });
}

/// Documents that two readers take for two things, each under the media type that it is served with.
fn ambiguous() -> Vec<(&'static str, Image)> {
    let image = one_platform(1, Format::Oci);
    let document = image.root().document();
    let made = |media_type: &'static str, change: &dyn Fn(&mut Value)| {
        let mut document = document.clone();
        change(&mut document);
        rooted(image.clone(), Manifest::new(media_type, &document))
    };
    let raw = |text: String| {
        let mut manifest = Manifest::new(IMAGE, &json!({}));
        manifest.digest = crate::bed::digest::sha256(text.as_bytes());
        manifest.bytes = Bytes::from(text);
        rooted(image.clone(), manifest)
    };
    let twice = document.to_string().replacen('{', "{\"layers\":[],", 1);
    let index = json!([{ "mediaType": IMAGE, "digest": image.digest(), "size": 1 }]);
    let wrong_child = {
        let mut child = image.root().clone();
        child.media_type = "application/vnd.docker.distribution.manifest.v2+json".to_owned();
        let mut listed = child.descriptor();
        listed["mediaType"] = json!(INDEX);
        rooted(image.clone(), Manifest::new(INDEX, &json!({ "schemaVersion": 2, "manifests": [listed] })))
    };
    vec![
        ("an image with manifests", made(IMAGE, &|doc| doc["manifests"] = index.clone())),
        (
            "an index with layers",
            made(INDEX, &|doc| {
                doc["mediaType"] = json!(INDEX);
                doc["manifests"] = index.clone();
            }),
        ),
        ("no manifests, and yet the key", made(IMAGE, &|doc| doc["manifests"] = json!([]))),
        (
            "schema 1 with manifests",
            made(IMAGE, &|doc| {
                doc["fsLayers"] = json!([]);
                doc["manifests"] = index.clone();
            }),
        ),
        ("another name for itself", made(IMAGE, &|doc| doc["mediaType"] = json!(INDEX))),
        ("a key in two spellings", made(IMAGE, &|doc| doc["Layers"] = json!([]))),
        ("a descriptor in two spellings", made(IMAGE, &|doc| doc["config"]["Digest"] = json!("x"))),
        ("a long s", made(IMAGE, &|doc| doc["layer\u{17f}"] = json!([]))),
        ("a key twice", raw(twice)),
        ("a child of another kind than its index says", wrong_child),
    ]
}

#[test]
fn s12_a_document_that_means_two_things_is_mirrored_as_none() {
    withstood(ambiguous(), |(what, image)| {
        let victim = open(image);
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), "corrupt", "{what}: {}", run.error("message"));
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s13_a_digest_that_comes_as_two_kinds_is_refused() {
    let docker = "application/vnd.docker.distribution.manifest.v2+json";
    // Between the look and the copy, and between one list and the next.
    withstood([RequestKind::ManifestGet, RequestKind::ManifestHead], |kind| {
        let victim = open(one_platform(1, Format::Oci));
        victim.source.rule(Rule::on(kind).first(1).then(set("content-type", docker)));
        assert_eq!(victim.sync().code(1).outcome(), "corrupt", "{kind:?}");
        victim.assert_nothing_tagged();
    });
    // Between a saved plan and the day on which it is carried out.
    withstood([docker, INDEX, "application/json"], |other| {
        let victim = open(one_platform(1, Format::Oci));
        let mirror = victim.mirror();
        mirror.run("plan");
        mirror.program.run(&["plan", "-o", "plan.json"]);
        victim.source.rule(Rule::on(RequestKind::ManifestGet).then(set("content-type", other)));
        victim.source.rule(Rule::on(RequestKind::ManifestHead).then(set("content-type", other)));
        let finished = mirror.program.run(&["apply", "plan.json"]);
        assert_ne!(finished.code, Some(0), "{other}: {}", finished.stdout);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s14_a_digest_that_is_none_leads_to_no_request_and_no_file() {
    let hex = |count: usize| "a".repeat(count);
    let digests = [
        "sha256:../../../../etc/passwd".to_owned(),
        format!("sha256:{}/../../x", hex(55)),
        format!("sha256:{}", hex(64).to_uppercase()),
        format!("sha256:{}", hex(63)),
        format!("sha256:{}", hex(65)),
        format!("sha512:{}", hex(64)),
        "md5:d41d8cd98f00b204e9800998ecf8427e".to_owned(),
        "sha256:".to_owned(),
        String::new(),
        "%2e%2e%2f".to_owned(),
        format!("sha256:{}\n", hex(64)),
        "x".repeat(1 << 20),
    ];
    withstood(digests, |digest| {
        let mut document = one_platform(1, Format::Oci).root().document();
        document["layers"][0]["digest"] = json!(digest);
        let image = rooted(one_platform(1, Format::Oci), Manifest::new(IMAGE, &document));
        let victim = open(image);
        let rule = format!(
            "source: {0}/app, target: [{1}/copy, 'oci:out'], tags: ['1.0']",
            victim.source.host(),
            victim.target.host()
        );
        let run = Mirror::of(&[&victim.source, &victim.target]).rule(&rule).sync().code(1);
        assert_eq!(run.outcomes(), ["corrupt", "corrupt"], "{digest:.80}");
        assert_eq!(victim.source.requests().count(RequestKind::BlobGet), 0);
        assert!(victim.target.requests().writes().is_empty());
        assert!(run.finished.stderr.len() + run.finished.stdout.len() < 50 << 10, "it is not repeated");
    });
}

#[test]
fn s17_what_an_image_speaks_about_is_not_followed() {
    let image = one_platform(1, Format::Oci);
    let absent = json!({ "mediaType": IMAGE, "digest": format!("sha256:{}", "b".repeat(64)), "size": 9 });
    let mut about_nobody = image.root().document();
    about_nobody["subject"] = absent;
    let about_nobody = rooted(image.clone(), Manifest::new(IMAGE, &about_nobody));
    // Each speaks about the one before: as long as somebody likes.
    let mut chain = image.clone();
    for _ in 0..20 {
        let mut document = image.root().document();
        document["subject"] = chain.root().descriptor();
        let next = Manifest::new(IMAGE, &document);
        chain = rooted(chain, next);
    }
    withstood([about_nobody, chain], |image| {
        let victim = open(image);
        victim.sync().code(0);
        assert_eq!(victim.target.tag("copy", "1.0"), Some(victim.image.digest()));
        let asked = victim.source.requests();
        // Whether the registry lists who speaks about it is asked once.
        assert_eq!((asked.count(RequestKind::ManifestGet), asked.count(RequestKind::ReferrersGet)), (1, 1));
    });
}

#[test]
fn s17_who_speaks_about_an_image_is_followed_to_a_limit() {
    let image = one_platform(1, Format::Oci);
    let speaking = |about: &Manifest, seed: usize| {
        let mut document = image.root().document();
        document["subject"] = about.descriptor();
        document["annotations"] = json!({ "seed": seed.to_string() });
        Manifest::new(IMAGE, &document)
    };
    // One about the other for ever, and more than anybody has about one.
    let mut chain = image.clone();
    for _ in 0..20 {
        let next = speaking(chain.root(), 0);
        chain.manifests.push(next);
    }
    let mut crowd = image.clone();
    crowd.manifests.extend((0..1001).map(|seed| speaking(image.root(), seed)));
    withstood([(chain, 9), (crowd, 1)], |(crowd, asked)| {
        let lists = Options::new().referrers(Referrers::Filtered);
        let victim = Victim::with(lists, Options::new(), image.clone());
        victim.source.seed(&crowd, "app", &[]);
        let run = victim.sync();
        assert_eq!(run.outcome(), "limit_exceeded");
        assert_eq!(victim.source.requests().count(RequestKind::ReferrersGet), asked);
        assert!(victim.target.requests().writes().is_empty());
    });
}

/// An index with these entries.
fn index(entries: Vec<Value>) -> Manifest {
    Manifest::new(INDEX, &json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries }))
}

/// An index that names the same manifest so many times; another `seed` is another index.
fn naming(manifest: &Manifest, count: usize, seed: usize) -> Manifest {
    let entries = vec![manifest.descriptor(); count];
    let annotations = json!({ "seed": seed.to_string() });
    Manifest::new(
        INDEX,
        &json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries, "annotations": annotations }),
    )
}

#[test]
fn s18_a_bomb_of_indexes_does_not_go_off() {
    let image = one_platform(1, Format::Oci);
    let wide = rooted(image.clone(), naming(image.root(), 20_001, 0));
    // Each of the seven may be, and a registry takes it; together they name more than an image may.
    let mut bomb = image.clone();
    bomb.manifests.extend((0..7).map(|seed| naming(image.root(), 14_300, seed)));
    let root = index(bomb.manifests[1..].iter().map(Manifest::descriptor).collect());
    let bomb = rooted(bomb, root);
    let deep = (0..12).fold(image.clone(), |image, _| {
        let above = index(vec![image.root().descriptor()]);
        rooted(image, above)
    });
    // Every level names the one below twenty times: 20 to the seventh power, to those who count paths.
    let folded = (0..7).fold(image, |image, _| {
        let above = index(vec![image.root().descriptor(); 20]);
        rooted(image, above)
    });
    withstood([("wide", wide, 1), ("bomb", bomb, 1), ("deep", deep, 1), ("folded", folded, 0)], |case| {
        let (name, image, code) = case;
        let victim = open(image);
        let run = victim.sync().code(code);
        let gets = victim.source.requests().count(RequestKind::ManifestGet);
        match code {
            0 => assert_eq!(gets, 8, "each once"),
            _ => {
                assert_eq!(run.outcome(), "limit_exceeded", "{name}: {}", run.error("message"));
                assert!(gets <= 10, "{name}: {gets}");
                // What is below the root and no bomb by itself may be there by then.
                assert!(victim.target.tags("copy").is_empty(), "{name}");
            }
        }
        assert_silent(&run);
    });
}
