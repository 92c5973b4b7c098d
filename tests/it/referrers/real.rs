//! Debian's `docker-registry`, which lists no referrers, and skopeo, which reads what we wrote.

use super::{SYNC, entries, signed_index};
use crate::bed::digest::sha256;
use crate::bed::distribution::Distribution;
use crate::bed::images::artifacts::{cosign_tag, referrers_tag};
use crate::bed::memory::Referrers;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::bed::wire::Ask;

const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";

fn mirror(program: &Program, source: &str, target: &str) {
    let spec = format!(
        "version: 1\nregistries:\n  {source}: {{ plain_http: true }}\n  {target}: {{ plain_http: true }}\n\
         mirrors:\n  - {{ source: {source}/app, target: {target}/app, tags: [\"1\"] }}\n"
    );
    program.write("crossdock.yaml", &spec);
}

#[test]
fn signatures_travel_from_one_docker_registry_to_another_and_skopeo_reads_them() {
    let whole = signed_index(1);
    let memory = whole.start(Referrers::Filtered, "app", "1");
    let (first, mut second, program) = (Distribution::plain(), Distribution::plain(), Program::new());
    mirror(&program, &memory.host(), first.host());
    program.run(&SYNC).expect_code(0);
    mirror(&program, first.host(), second.host());
    program.run(&SYNC).expect_code(0);

    let get = |path: &str| {
        Ask::new("GET", &format!("/v2/app/{path}"))
            .header("accept", ACCEPT)
            .send(second.host())
            .expect("it lives")
    };
    for (digest, manifest) in whole.manifests() {
        assert_eq!(get(&format!("manifests/{digest}")).body, manifest.bytes, "{digest}");
    }
    for digest in whole.blobs().keys() {
        assert_eq!(sha256(&get(&format!("blobs/{digest}")).body), *digest);
    }
    let skopeo = Skopeo::new();
    let at = |tag: &str| format!("docker://{}/app:{tag}", second.host());
    assert_eq!(skopeo.digest(&at("1")), Ok(whole.image.digest()));
    for (tag, digest) in whole.cosign_tags() {
        assert_eq!(skopeo.digest(&at(&tag)), Ok(digest), "{tag}");
    }
    for (subject, index) in whole.fallbacks() {
        let list = skopeo.inspect_raw(&at(&referrers_tag(&subject))).expect("skopeo reads it");
        assert_eq!(entries(&list), entries(&index.root().bytes));
    }
    let tags = skopeo.list_tags(&format!("docker://{}/app", second.host())).expect("skopeo lists them");
    assert_eq!(tags.len(), 1 + whole.cosign_tags().len() + whole.fallbacks().len(), "{tags:?}");
    assert!(tags.contains(&cosign_tag(&whole.image.digest(), "sig")));

    second.clear_requests();
    program.run(&SYNC).expect_code(0);
    let served = second.requests();
    assert!(served.iter().all(|one| matches!(one.method.as_str(), "GET" | "HEAD")), "{served:?}");
    program.run(&["check"]).expect_code(0);
}
