//! Debian's `docker-registry` behind a proxy that cuts every body: ranges as a real registry answers
//! them.

use super::{MIB, image, layer_of};
use crate::bed::distribution::Distribution;
use crate::bed::memory::{Behaviour, Registry, RequestKind, Rule};
use crate::bed::program::Program;
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;

#[test]
fn a_real_registry_behind_a_line_that_breaks_is_mirrored_byte_for_byte() {
    let (image, skopeo, program) = (image(5 * MIB), Skopeo::new(), Program::new());
    let (memory, source, target) = (Registry::start(), Distribution::plain(), Distribution::plain());
    memory.seed(&image, "app", &["1.0"]);
    let docker = |host: &str, repository: &str| format!("docker://{host}/{repository}:1.0");
    skopeo.copy_all(&docker(&memory.host(), "app"), &docker(source.host(), "app")).expect("loaded");
    let proxy = Proxy::before(source.host());
    proxy.rule(Rule::any().then(Behaviour::CutResponse(MIB + 1)));
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}: {{ plain_http: true }}\n\
             mirrors:\n- {{ source: {0}/app, target: {1}/copy, tags: [\"1.0\"] }}\n",
            proxy.host(),
            target.host()
        ),
    );
    program.run(&["sync", "--deadline", "120s"]).expect_code(0);
    let layer = layer_of(&image);
    let gets = proxy.requests().of(RequestKind::BlobGet);
    let gets: Vec<_> = gets.iter().filter(|get| get.path.ends_with(&layer)).collect();
    let ranges: Vec<_> = gets.iter().map(|get| get.header("range").unwrap_or_default()).collect();
    let last = 5 * MIB - 1;
    let rests = (1..5).map(|number| format!("bytes={}-{last}", number * (MIB + 1)));
    assert_eq!(ranges, std::iter::once(String::new()).chain(rests).collect::<Vec<_>>());
    assert!(gets[1..].iter().all(|get| get.status == Some(206)));
    // Reads every blob and checks every digest.
    let folder = tempfile::tempdir().expect("a folder");
    let layout = format!("oci:{}:1.0", folder.path().display());
    skopeo.copy_all(&docker(target.host(), "copy"), &layout).expect("whole");
    assert_eq!(skopeo.digest(&docker(target.host(), "copy")).expect("there"), image.digest());
}
