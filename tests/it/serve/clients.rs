//! Clients that are not the test: skopeo, our own, and a registry that pulls through.

use super::program::Serving;
use super::{Served, Shelf};
use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, Whole, artifact, one_platform, two_platforms};
use crate::bed::memory::Referrers;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::bed::wire::Ask;

#[test]
fn skopeo_lists_inspects_and_copies() {
    let (shelf, index, _) = Shelf::of_three();
    let (served, skopeo) = (Served::of(&shelf), Skopeo::new());
    let repository = format!("docker://{}/docker.io/library/nginx", served.host);
    assert_eq!(skopeo.list_tags(&repository), Ok(vec!["1.27".to_owned(), "latest".to_owned()]));
    assert_eq!(skopeo.inspect_raw(&format!("{repository}:1.27")), Ok(index.root().bytes.to_vec()));
    let folder = tempfile::tempdir().expect("a folder");
    let target = format!("oci:{}:x", folder.path().join("out").display());
    skopeo.copy_all(&format!("{repository}@{}", index.digest()), &target).expect("it is copied");
    let pushed = skopeo.copy_all(&target, &format!("{repository}:new")).expect_err("nothing is written");
    assert!(pushed.contains("can only be pulled from"), "{pushed}");
}

/// All there is, with signatures, into a registry: what a site does with what was carried in.
#[test]
fn our_own_client_syncs_everything_into_a_registry_and_the_second_time_nothing() {
    let (shelf, index, _) = Shelf::of_three();
    let signature = artifact(&index, "a/signature", 1);
    let shelf = shelf.with(&signature, &[]);
    let served = Served::of(&shelf);
    let (registry, program) = (Distribution::plain(), Program::new());
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}: {{ plain_http: true }}\n\
         defaults: {{ referrers: all }}\nmirrors:\n\
         - {{ source: {0}/**, target: \"{1}/site/{{repository}}\", tags: [\"*\"] }}\n",
            served.host,
            registry.host()
        ),
    );
    let said = program.run(&["sync", "--report", "json=report.json"]);
    let skopeo = Skopeo::new();
    let host = registry.host();
    let image = format!("docker://{host}/site/docker.io/library/nginx");
    assert_eq!(
        skopeo.digest(&format!("{image}:1.27")),
        Ok(index.digest()),
        "{}\n{}",
        said.stdout,
        said.stderr
    );
    said.expect_code(0);
    assert_eq!(skopeo.digest(&format!("{image}@{}", signature.digest())), Ok(signature.digest()));
    program.run(&["check"]).expect_code(0);
    let copied = format!("{host}/copied:nightly");
    let image = format!("{}/site:nightly", served.host);
    program.run(&["copy", "--spec", "crossdock.yaml", &image, &copied]).expect_code(0);
}

/// A registry that fetches what it lacks, as sites put one in front.
#[test]
fn a_docker_registry_pulls_through() {
    let image = one_platform(1, Format::Docker);
    let shelf = Shelf::new("site").with(&image, &["docker.io/library/nginx:1.27"]);
    let served = Served::of(&shelf);
    let proxy = Distribution::pulling_through(&format!("http://{}", served.host));
    let (skopeo, folder) = (Skopeo::new(), tempfile::tempdir().expect("a folder"));
    let source = format!("docker://{}/library/nginx:1.27", proxy.host());
    skopeo.copy_all(&source, &format!("dir:{}", folder.path().join("out").display())).expect("it is copied");
    assert_eq!(skopeo.digest(&source), Ok(image.digest()));
    for digest in image.blobs.keys() {
        let target = format!("/v2/library/nginx/blobs/{digest}");
        let reply = Ask::new("GET", &target).send(proxy.host()).expect("an answer");
        assert!(crate::bed::digest::matches(digest, &reply.body), "{digest}");
    }
}

/// The bundle of a signed image, in parts, compared with where it came from: every manifest, blob and referrer.
#[test]
fn what_was_bundled_is_served_down_to_its_signatures() {
    let whole = Whole::signed(two_platforms(1, Format::Oci));
    let (source, program) = (whole.start(Referrers::Filtered, "team/app", "1.0"), Program::new());
    let spec = |served: &str| {
        let plain = |host: &str| format!("  {host}: {{ plain_http: true }}\n");
        format!(
            "version: 1\nregistries:\n{}{}mirrors:\n- {{ source: {}/team/app, target: {served}/team/app, tags: [\"1.0\"] }}\n",
            plain(&source.host()),
            plain(served),
            source.host()
        )
    };
    program.write("crossdock.yaml", &spec("far.invalid:5000"));
    program
        .run(&["bundle", "create", "-o", "site.tar", "--split", "8KiB", "--progress", "none"])
        .expect_code(0);
    let bundle = program.work().join("site.tar").display().to_string();
    let serving = Serving::start(&[&bundle]);
    program.write("crossdock.yaml", &spec(&serving.host));
    let verify = ["verify", "--depth", "bytes", "--progress", "none"];
    program.run(&verify).expect_code(0);
    let listed = Ask::new("GET", &format!("/v2/team/app/referrers/{}", whole.image.digest()));
    let listed = listed.send(&serving.host).expect("an answer").json();
    assert!(!listed["manifests"].as_array().expect("a list").is_empty(), "{listed}");
    serving.end("TERM").expect_code(0);
}
