//! A plan that has one of everything, for tests.

use super::{Collisions, Cost, Drift, Dropped, Entry, FilterFacts, FilterRequests, Gate, Pin, Plan};
use super::{RefusalReason, Rename, RenamedBy, SpecFacts, TargetEntry, Unresolved};
use crate::failure::{Code, Failure, HttpFacts, Operation, Side};
use crate::oci::{CosignTag, Digest, Link, MediaType, Reference, Referrer};

/// A reference that is one.
pub(crate) fn reference(text: &str) -> Reference {
    text.parse().expect("a reference")
}

/// A digest that depends on `seed` only.
pub(crate) fn digest(seed: &str) -> Digest {
    Digest::of(seed.as_bytes())
}

/// A spec with a filter.
pub(crate) fn spec() -> SpecFacts {
    SpecFacts {
        path: "crossdock.yaml".to_owned(),
        digest: digest("spec"),
        filters: vec![FilterFacts { name: "calver".to_owned(), digest: digest("filter") }],
    }
}

/// An entry of `mirror` with its targets.
pub(crate) fn entry(mirror: &str, line: u32, source: &str, targets: &[(&str, Drift)]) -> Entry {
    let targets = targets
        .iter()
        .map(|(target, drift)| TargetEntry {
            reference: reference(target),
            drift: drift.clone(),
            lacks: Vec::new(),
        })
        .collect();
    Entry {
        mirror: mirror.to_owned(),
        spec_line: Some(line),
        source: reference(source),
        pin: Some(Pin { digest: digest(source), media_type: MediaType::oci_index(), origin: None }),
        rename: None,
        referrers: None,
        targets,
    }
}

/// A registry that does not let us in.
pub(crate) fn denied() -> Failure {
    let mut failure = Failure::new(
        Code::Denied,
        "ghcr.io/acme/api",
        Operation::TagList,
        "the credential may not read this repository",
    );
    failure.http = Some(HttpFacts {
        method: "GET".to_owned(),
        url: "https://ghcr.io/v2/acme/api/tags/list".to_owned(),
        status: Some(403),
        registry_code: Some("DENIED".to_owned()),
    });
    failure.credential = Some("user bob, from the docker config".to_owned());
    *failure.on(Side::Source).hint("give the account `read:packages`")
}

/// One of everything.
pub(crate) fn plan() -> Plan {
    let stale = Drift::Stale { found: digest("old") };
    let exists = Drift::Refused { found: Some(digest("theirs")), reason: RefusalReason::Exists };
    let [one, other] = ["ghcr.io/acme/web:1", "ghcr.io/acme/web:v1"].map(reference);
    let target = reference("localhost:5000/mirror/web:1");
    let collisions = Collisions::among([(&one, [&target]), (&other, [&target])]);
    let collides =
        Drift::Refused { found: None, reason: collisions.refusal(&other, &target).expect("they collide") };
    let mut renamed = entry(
        "grafana",
        14,
        "grafana/grafana:v10.4.1",
        &[
            ("localhost:5000/mirror/grafana:10.4.1", Drift::Absent),
            ("oci:offline/grafana:10.4.1", stale.clone()),
        ],
    );
    let tag = |text: &str| text.parse().expect("a tag");
    renamed.rename = Some(Rename { by: RenamedBy::Pattern, from: tag("v10.4.1"), to: tag("10.4.1") });
    let mut fanned =
        entry("web", 30, "ghcr.io/acme/web:3.1", &[("localhost:5000/mirror/web:3", Drift::Absent)]);
    let by = RenamedBy::Filter { name: "calver".to_owned() };
    fanned.rename = Some(Rename { by, from: tag("3.1"), to: tag("3") });
    let mut kept = entry(
        "grafana",
        14,
        "grafana/grafana:9.0.0",
        &[("localhost:5000/mirror/grafana:9.0.0", Drift::Current { found: None })],
    );
    kept.pin = None;
    let source = "ghcr.io/acme/worker:2";
    let incomplete = Drift::Incomplete { found: digest(source) };
    let mut signed = entry("worker", 40, source, &[("localhost:5000/mirror/worker:2", incomplete)]);
    signed.referrers = Some(referrers());
    signed.targets[0].lacks = referrers();
    let too_large = RefusalReason::Gate { gate: Gate::MaxSize, why: "it has 3 GiB, not 2 GiB".to_owned() };
    let too_large = Drift::Refused { found: None, reason: too_large };
    let entries = vec![
        signed,
        entry("worker", 40, "ghcr.io/acme/worker:1", &[("localhost:5000/mirror/worker:1", too_large)]),
        entry("alpine", 8, "alpine:3.20", &[("localhost:5000/mirror/alpine:3.20", Drift::Absent)]),
        entry("alpine", 8, "alpine:latest", &[("localhost:5000/mirror/alpine:latest", exists)]),
        renamed,
        kept,
        fanned,
        entry("web", 30, "ghcr.io/acme/web:v1", &[("localhost:5000/mirror/web:1", collides)]),
    ];
    Plan::new(entries, unresolved())
        .with_filtered(dropped(), FilterRequests { heads: 7, manifests: 3, configs: 2 })
        .with_referrer_requests(9)
        .with_cost(Cost { bytes_max: 1_932_735_283, blobs: 12, manifests: 5 })
}

/// A signature of an image with its bill of materials.
fn referrers() -> Vec<Referrer> {
    let subject = digest("ghcr.io/acme/worker:2");
    let media_type = MediaType::oci_manifest();
    let artifact_type = "application/spdx+json".parse().ok();
    let sbom = Referrer {
        subject: subject.clone(),
        digest: digest("sbom"),
        media_type: media_type.clone(),
        artifact_type,
        link: Link::Subject,
    };
    let link = Link::Tag(CosignTag::Signature);
    vec![sbom, Referrer { subject, digest: digest("sig"), media_type, artifact_type: None, link }]
}

/// Three tags that a filter left out.
pub(crate) fn dropped() -> Vec<Dropped> {
    let one = |tag: &str, reason: Option<&str>| Dropped {
        mirror: "web".to_owned(),
        spec_line: Some(30),
        source: reference(&format!("ghcr.io/acme/web:{tag}")),
        filter: "calver".to_owned(),
        reason: reason.map(str::to_owned),
    };
    vec![one("0", None), one("0.1", Some("superseded")), one("0.2", Some("superseded"))]
}

fn unresolved() -> Vec<Unresolved> {
    let timeout = Failure::new(
        Code::Timeout,
        "localhost:5000/mirror/web",
        Operation::ManifestHead,
        "nothing came for 30 s",
    );
    let mut timeout = timeout.on(Side::Target);
    timeout.retry_after = Some(std::time::Duration::from_millis(1_500));
    vec![
        Unresolved {
            mirror: "api".to_owned(),
            spec_line: Some(22),
            source: reference("ghcr.io/acme/api"),
            target: None,
            failure: denied(),
        },
        Unresolved {
            mirror: "web".to_owned(),
            spec_line: Some(30),
            source: reference("ghcr.io/acme/web:2"),
            target: Some(reference("localhost:5000/mirror/web:2")),
            failure: *timeout,
        },
    ]
}

/// The properties of a JSON Schema that have no description, as pointers.
pub(crate) fn undescribed(schema: &serde_json::Value) -> Vec<String> {
    fn visit(at: &str, value: &serde_json::Value, found: &mut Vec<String>) {
        let serde_json::Value::Object(map) = value else { return };
        for (key, value) in map {
            let below = format!("{at}/{key}");
            if at.ends_with("/properties") && value.get("description").is_none() {
                found.push(below.clone());
            }
            visit(&below, value, found);
        }
    }
    let mut found = Vec::new();
    visit("", schema, &mut found);
    found
}
