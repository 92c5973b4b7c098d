//! Against Debian's `docker-registry`: chunks and streams arrive as they were, and skopeo reads them.

use super::MIB;
use crate::bed::distribution::Distribution;
use crate::bed::images::{Image, Layer, Recipe};
use crate::bed::memory::{Behaviour, Canned, Registry, RequestKind, Rule};
use crate::bed::program::Program;
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;

fn image() -> Image {
    let layers = Recipe::new(1).layer(Layer::synthetic(1, 40 * MIB)).layer(Layer::files(2, 3000));
    layers.layer(Layer::synthetic(3, 17 * MIB)).build()
}

/// Copies the image to what stands behind `proxy`, with these keys, and lets skopeo judge.
fn copy(proxy: &Proxy, target: &Distribution, keys: &str) {
    let (source, image) = (Registry::start(), image());
    source.seed(&image, "app", &["1.0"]);
    let program = Program::new();
    let spec = format!(
        "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n  {}: {{ plain_http: true{keys} }}\n\
         mirrors: [{{ source: {}/app, target: {}/copy, tags: [\"1.0\"] }}]\n",
        source.host(),
        proxy.host(),
        source.host(),
        proxy.host(),
    );
    program.write("crossdock.yaml", &spec);
    program.run(&["sync"]).expect_code(0);
    let reference = format!("docker://{}/copy:1.0", target.host());
    let skopeo = Skopeo::new();
    assert_eq!(skopeo.inspect_raw(&reference).expect("there"), image.root().bytes);
    let folder = tempfile::tempdir().expect("a folder");
    skopeo
        .copy_all(&reference, &format!("oci:{}:1.0", folder.path().display()))
        .expect("every digest is right");
}

#[test]
fn chunks_arrive_as_they_were() {
    let target = Distribution::plain();
    let proxy = Proxy::before(target.host());
    copy(&proxy, &target, ", profile: acr");
    let patches = proxy.requests().of(RequestKind::UploadPatch);
    assert_eq!(patches.len(), 3 + 2, "{patches}");
    assert!(patches.iter().all(|patch| patch.status == Some(202)), "{patches}");
    let puts = proxy.requests().of(RequestKind::UploadPut);
    assert_eq!(puts.iter().filter(|put| put.body_bytes == 0).count(), 2, "{puts}");
}

#[test]
fn a_stream_arrives_as_it_was() {
    let target = Distribution::plain();
    let proxy = Proxy::before(target.host());
    // As old Artifactory: no blob comes with the PUT.
    let refusal = Canned::new(404).error("BLOB_UNKNOWN", "refused by the proxy");
    let puts = Rule::on(RequestKind::UploadPut).header("content-length", "^[1-9]");
    proxy.rule(puts.then(Behaviour::Answer(refusal)));
    copy(&proxy, &target, "");
    let patches = proxy.requests().of(RequestKind::UploadPatch);
    assert_eq!(patches.len(), image().blobs.len(), "{patches}");
    assert!(patches.iter().all(|patch| patch.header("content-range").is_none()));
    let puts = proxy.requests().of(RequestKind::UploadPut);
    let empty = puts.iter().filter(|put| put.status == Some(201));
    assert!(empty.clone().all(|put| put.body_bytes == 0), "{puts}");
    assert_eq!(empty.count(), image().blobs.len(), "{puts}");
}

#[test]
fn an_upload_goes_on_in_its_session() {
    let target = Distribution::plain();
    let proxy = Proxy::before(target.host());
    proxy.rule(Rule::on(RequestKind::UploadPatch).nth(3).answer(500));
    copy(&proxy, &target, ", profile: acr");
    let requests = proxy.requests();
    let patches = requests.of(RequestKind::UploadPatch);
    assert_eq!(patches.len(), 3 + 2 + 1, "{patches}");
    assert_eq!(
        requests.of(RequestKind::UploadStatus).iter().map(|asked| asked.status).next(),
        Some(Some(204))
    );
    assert_eq!(requests.count(RequestKind::Mount), image().blobs.len(), "one session a blob");
}
