//! The whole way: two networks with no route between them, a `docker-registry` in each, and only files carried
//! over. `skopeo` says what arrived.

use super::{signed, version};
use crate::bed::container::privileged;
use crate::bed::digest::sha256;
use crate::bed::tools;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// A network of its own with a registry in it, for as long as a script runs: `$crossdock` and `$skopeo` are the
/// programs, and nothing but the registry is to be reached.
const SET_UP: &str = r#"
busybox ifconfig lo 127.0.0.1 up
[ "$(grep -c : /proc/net/dev)" = 1 ]
[ -z "$(busybox ip route)" ]
docker-registry serve registry.yml >registry.log 2>&1 &
for turn in $(seq 100); do
    grep -q 'listening on' registry.log && break
    sleep 0.1
done
"#;

/// One side of the gap. Its registry is the only one in its network.
struct Side {
    folder: TempDir,
    host: &'static str,
}

impl Side {
    fn new(host: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let side = Self { folder, host };
        let config = json!({
            "version": 0.1,
            "log": { "level": "info" },
            "storage": { "filesystem": { "rootdirectory": side.path("storage") } },
            "http": { "addr": host, "secret": "not-a-secret" },
        });
        fs::write(side.path("registry.yml"), config.to_string()).expect("writable");
        side
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A spec for both sides: from the one registry to the other.
    fn spec(&self, tags: &str) {
        let text = format!(
            "version: 1\nregistries:\n  {OPEN}: {{ plain_http: true }}\n  {CLOSED}: {{ plain_http: true }}\n\
             mirrors:\n  - {{ source: {OPEN}/team/app, target: {CLOSED}/mirror/app, tags: [\"1.0\"] }}\n  \
             - {{ source: {OPEN}/team/tool, target: {CLOSED}/mirror/tool, tags: [{tags}] }}\n"
        );
        fs::write(self.path("crossdock.yaml"), text).expect("writable");
    }

    /// Runs a script in the network of this side, and returns what it printed.
    fn run(&self, script: &str) -> String {
        let _ = fs::remove_file(self.path("registry.log"));
        let owner = "chown -R \"$(stat -c %u:%g .)\" .";
        let script = format!("{SET_UP}\n{script}\n{owner}\n").replace("$host", self.host);
        let mut command = privileged("unshare");
        command.args(["--net", "--pid", "--mount-proc", "--fork", "--kill-child"]);
        command.args(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]);
        command.arg(format!("HOME={}", self.folder.path().display()));
        command.arg(format!("crossdock={}", env!("CARGO_BIN_EXE_crossdock")));
        command.arg(format!("skopeo={} --insecure-policy", tools::find("skopeo", "skopeo").display()));
        command.args(["sh", "-ec", &script]).current_dir(self.folder.path()).stdin(Stdio::null());
        let printed = tools::run(&mut command).unwrap_or_else(|why| {
            let log = fs::read_to_string(self.path("registry.log")).unwrap_or_default();
            panic!("{}: {why}\n{log}", self.host)
        });
        String::from_utf8(printed).expect("text")
    }

    /// What its registry has under a tag, as skopeo reads it.
    fn digests(&self, references: &[&str]) -> Vec<String> {
        let inspect = |reference: &&str| {
            format!(
                "$skopeo inspect --raw --tls-verify=false docker://$host/{reference} | sha256sum | cut -d' ' -f1"
            )
        };
        let script: Vec<String> = references.iter().map(inspect).collect();
        self.run(&script.join("\n")).lines().map(|hex| format!("sha256:{hex}")).collect()
    }
}

const OPEN: &str = "127.0.0.1:5001";
const CLOSED: &str = "127.0.0.1:5002";

fn carry(from: &Side, to: &Side, name: &str) -> u64 {
    for entry in fs::read_dir(from.folder.path()).expect("readable").flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with(name) {
            fs::copy(entry.path(), to.path(&file)).expect("carried over");
        }
    }
    size(&to.path(name))
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[test]
fn images_and_their_signatures_cross_a_gap_and_then_only_what_is_new() {
    tools::find("docker-registry", "docker-registry");
    let (open, closed) = (Side::new(OPEN), Side::new(CLOSED));
    open.spec("v*");
    closed.spec("v*");
    let whole = signed();
    whole.write_layout(&open.path("app"), "1.0");
    version(1).write_layout(&open.path("tool"), "v1");
    version(2).write_layout(&open.path("tool2"), "v2");
    open.run(
        "$crossdock copy -q --spec crossdock.yaml oci:app:1.0 $host/team/app:1.0 >/dev/null\n\
         $crossdock copy -q --spec crossdock.yaml oci:tool:v1 $host/team/tool:v1 >/dev/null\n\
         $crossdock bundle create -q -o site.tar --split 100KiB >/dev/null",
    );
    carry(&open, &closed, "site.tar");
    closed.run(
        "sha256sum --quiet -c site.tar.sha256\n\
         $crossdock bundle verify site.tar.001\n\
         $crossdock bundle push -q site.tar.* --as-bundled --spec crossdock.yaml >/dev/null\n\
         $crossdock inventory -q $host/mirror/app $host/mirror/tool --spec crossdock.yaml -o inventory.json >/dev/null",
    );
    let cosign: Vec<String> = whole.cosign_tags().keys().map(|tag| format!("mirror/app:{tag}")).collect();
    let fallbacks = whole.fallbacks();
    let lists: Vec<String> =
        fallbacks.iter().map(|(subject, _)| format!("mirror/app:{}", subject.replace(':', "-"))).collect();
    let named = ["mirror/app:1.0".to_owned(), "mirror/tool:v1".to_owned()];
    let all: Vec<&str> = named.iter().chain(&cosign).chain(&lists).map(String::as_str).collect();
    let arrived = closed.digests(&all);
    let mut expected = vec![whole.image.digest(), version(1).digest()];
    expected.extend(whole.cosign_tags().into_values());
    assert_eq!(arrived[..expected.len()], expected);
    assert_eq!(arrived.len(), all.len(), "each subject has its list");

    fs::remove_dir_all(closed.path("tool")).ok();
    carry(&closed, &open, "inventory.json");
    open.run(
        "$crossdock copy -q --spec crossdock.yaml oci:tool2:v2 $host/team/tool:v2 >/dev/null\n\
         $crossdock bundle create -q -o delta.tar --against inventory.json >/dev/null\n\
         $crossdock bundle create -q -o whole.tar >/dev/null",
    );
    let delta = carry(&open, &closed, "delta.tar");
    let in_full = size(&open.path("whole.tar"));
    assert!(delta * 3 < in_full, "the delta has {delta} bytes, and all has {in_full}");
    closed.run(
        "$crossdock bundle verify delta.tar\n\
         $crossdock bundle push -q delta.tar --as-bundled --spec crossdock.yaml >/dev/null",
    );
    assert_eq!(
        closed.digests(&["mirror/tool:v2", "mirror/tool:v1"]),
        [version(2).digest(), version(1).digest()]
    );
    // Byte for byte, and not only what the tags name.
    let layer = &version(2).blobs.keys().next().cloned().expect("a blob");
    let hex = layer.trim_start_matches("sha256:");
    let data = closed.path("storage/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data");
    assert_eq!(sha256(&fs::read(data).expect("the registry has it")), *layer);
}
