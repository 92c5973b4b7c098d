//! A whole docker-registry mirrored to another, judged by skopeo.

use crate::bed::distribution::{Distribution, Served};
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;

/// Repositories beside those that are looked at: a page of docker-registry has 100 unless it is asked for more.
const MANY: usize = 12;

#[test]
fn a_whole_docker_registry_arrives_at_another() {
    let (seed, source, mut target) = (Registry::start(), Distribution::plain(), Distribution::plain());
    let program = Program::new();
    let mut names: Vec<String> = (0..MANY).map(|number| format!("many/app-{number}")).collect();
    names.extend(["team/web", "team/web/api", "top"].map(str::to_owned));
    for (at, name) in names.iter().enumerate() {
        let (format, tags) = if at % 2 == 0 { (Format::Oci, ["1.0"]) } else { (Format::Docker, ["2.0"]) };
        let image =
            if at % 3 == 0 { two_platforms(at as u64, format) } else { one_platform(at as u64, format) };
        seed.seed(&image, name, &tags);
    }
    let hosts = [&seed.host(), source.host(), target.host()];
    let head: String = hosts.iter().map(|host| format!("  {host}: {{ plain_http: true }}\n")).collect();
    let rule =
        |name: &String| format!("- {{ source: {}/{name}, target: {}/{name} }}\n", seed.host(), source.host());
    let rules: String = names.iter().map(rule).collect();
    program.write("seed.yaml", &format!("version: 1\nregistries:\n{head}mirrors:\n{rules}"));
    program.run(&["sync", "--spec", "seed.yaml"]).expect_code(0);

    let estate =
        format!("- source: {}/**\n  target: {}/mirror/{{repository}}\n", source.host(), target.host());
    program.write("crossdock.yaml", &format!("version: 1\nregistries:\n{head}mirrors:\n{estate}"));
    program.run(&["sync"]).expect_code(0);
    let skopeo = Skopeo::new();
    for name in &names {
        let tag = &skopeo.list_tags(&format!("docker://{}/{name}", source.host())).expect("tags")[0];
        let at = |host: &str, path: &str| {
            skopeo.digest(&format!("docker://{host}/{path}{name}:{tag}")).expect("a digest")
        };
        assert_eq!(at(source.host(), ""), at(target.host(), "mirror/"), "{name}:{tag}");
    }
    target.clear_requests();
    program.run(&["sync"]).expect_code(0);
    let is_write = |served: &Served| ["PUT", "POST", "PATCH"].contains(&served.method.as_str());
    let writes: Vec<Served> = target.requests().into_iter().filter(is_write).collect();
    assert!(writes.is_empty(), "{writes:#?}");
}
