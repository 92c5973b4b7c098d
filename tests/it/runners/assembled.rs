//! The Dockerfile, built by buildah without a daemon and without the internet: from a base that is made
//! here, and from a program that lies ready, as in a release.

use crate::bed::container::privileged;
use crate::bed::skopeo::Skopeo;
use crate::bed::tools;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The architecture of this machine, as images name it.
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
/// What the image is built from, which is in no registry.
const BUILDER: &str = "localhost/crossdock-builder:1";

/// A place for buildah, and the files that the Dockerfile is built with.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        tools::find("buildah", "buildah");
        let bench = Self { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["Dockerfile", ".ci/image-files", ".ci/image-root"] {
            bench.put(name, &root.join(name));
        }
        let program = bench.path("program");
        fs::write(&program, "#!/bin/sh\necho this is the program\n").expect("the folder is ours");
        bench.put(&format!("dist/{ARCHITECTURE}/crossdock"), &program);
        bench.put(&format!("dist/{ARCHITECTURE}/busybox"), &tools::find("busybox", "busybox-static"));
        bench.put("dist/ca-certificates.crt", &program);
        bench.make_builder();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file into what is built.
    fn put(&self, name: &str, file: &Path) {
        let place = self.path("sources").join(name);
        fs::create_dir_all(place.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::copy(file, place).unwrap_or_else(|why| panic!("{name}: {why}"));
    }

    fn buildah(&self, arguments: &[&str]) -> String {
        let mut command = privileged("buildah");
        command.arg("--root").arg(self.path("store")).arg("--runroot").arg(self.path("run"));
        command.args(["--storage-driver", "vfs"]).args(arguments).current_dir(self.path("sources"));
        let said = tools::run(&mut command).unwrap_or_else(|why| panic!("{why}"));
        String::from_utf8(said).expect("a text")
    }

    /// What builds: a shell and little else, which is what the full image has beside the program.
    fn make_builder(&self) {
        let sources = self.path("sources");
        let ready = |name: &str| sources.join("dist").join(name);
        let script = sources.join(".ci/image-root");
        let mut command = Command::new(script);
        command
            .arg(ready(&format!("{ARCHITECTURE}/crossdock")))
            .arg(ready(&format!("{ARCHITECTURE}/busybox")));
        tools::run(command.arg(ready("ca-certificates.crt")).arg(self.path("roots"))).expect("laid out");
        let container = self.buildah(&["from", "scratch"]).trim().to_owned();
        let shell = self.path("roots/shell").display().to_string();
        self.buildah(&["copy", "--quiet", &container, &shell, "/"]);
        self.buildah(&["commit", "--quiet", "--rm", &container, BUILDER]);
    }

    /// Builds one of the images into a layout, and returns its config.
    fn build(&self, target: &str) -> Value {
        let builder = format!("BUILDER={BUILDER}");
        let name = format!("localhost/crossdock:{target}");
        let built = ["bud", "--quiet", "--isolation", "chroot", "--pull-never", "--target", target];
        let facts = ["--build-arg", &builder, "--build-arg", "VERSION=1.2.3", "--build-arg", "REVISION=abc"];
        self.buildah(&[built.as_slice(), &facts, &["--tag", &name, "."]].concat());
        let layout = self.path("layout").display().to_string();
        self.buildah(&["push", "--quiet", &name, &format!("oci:{layout}:{target}")]);
        let owner = format!("{}:{}", number("-u"), number("-g"));
        tools::run(privileged("chown").args(["-R", &owner, &layout])).expect("it can be given");
        let manifest = Skopeo::new().inspect_raw(&format!("oci:{layout}:{target}")).expect("a layout");
        let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
        let digest = manifest["config"]["digest"].as_str().expect("a digest").replace(':', "/");
        let config = fs::read(self.path("layout/blobs").join(digest)).expect("the layout is whole");
        serde_json::from_slice(&config).expect("JSON")
    }

    /// The files of one of the images, as `mode path`.
    fn files(&self, target: &str) -> Vec<String> {
        let container = self.buildah(&["from", "--pull-never", &format!("localhost/crossdock:{target}")]);
        let place = self.buildah(&["mount", container.trim()]);
        let mut find = privileged("find");
        find.args([place.trim(), "-mindepth", "1", "-printf", "%m %P\n"]);
        let text = String::from_utf8(tools::run(&mut find).expect("it is mounted")).expect("a text");
        text.lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What root made, only root can clear away.
        let _ = privileged("rm").arg("-rf").arg("--one-file-system").arg(self.folder.path()).status();
    }
}

fn number(option: &str) -> String {
    let said = tools::run(Command::new("id").arg(option)).expect("id is always there");
    String::from_utf8_lossy(&said).trim().to_owned()
}

#[test]
fn both_images_are_assembled_from_what_lies_ready() {
    let bench = Bench::new();
    for target in ["bare", "full"] {
        let config = bench.build(target);
        let facts = &config["config"];
        assert_eq!(facts["Entrypoint"], json!(["/usr/bin/crossdock"]), "{target}");
        assert!(["User", "Cmd", "WorkingDir"].iter().all(|key| is_unset(&facts[*key])), "{target}: {facts}");
        let label = |name: &str| facts["Labels"][format!("org.opencontainers.image.{name}")].clone();
        assert_eq!((label("version"), label("revision")), (json!("1.2.3"), json!("abc")), "{target}");
        assert_eq!(label("source"), "https://github.com/crossdock-dev/crossdock");
        assert_eq!(label("licenses"), "Apache-2.0");
        assert_eq!(config["architecture"], ARCHITECTURE);
        let layers = config["rootfs"]["diff_ids"].as_array().expect("layers").len();
        assert_eq!(layers, if target == "bare" { 1 } else { 2 }, "the program is in one layer, once");
        let files = bench.files(target);
        let has = |line: &str| files.iter().any(|found| found == line);
        let expected = ["755 usr/bin/crossdock", "1777 tmp", "644 etc/ssl/certs/ca-certificates.crt"];
        assert!(expected.iter().all(|line| has(line)), "{target}: {files:?}");
        assert_eq!(has("777 bin/sh") && has("755 bin/busybox"), target == "full", "{files:?}");
    }
}

fn is_unset(value: &Value) -> bool {
    value.is_null() || value == "" || value == "/" || value == &json!([])
}
