//! Names of registries are found with nothing but the program and `/etc/resolv.conf`, whatever
//! `/etc/nsswitch.conf` says: an empty root has no library that could be loaded for it.

use super::Registries;
use crate::bed::container::{Container, Entry, Image, privileged};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};

/// A name server. Ends when it is dropped.
struct Names {
    child: Child,
    /// It ends when this is closed.
    input: Option<ChildStdin>,
}

impl Names {
    /// An address of loopback for each test process, so that two do not meet.
    fn start() -> (Self, String) {
        let number = std::process::id();
        let address = format!("127.77.{}.{}", number / 250 % 250 + 1, number % 250 + 1);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/runners/names.py");
        let mut command = privileged("python3");
        command.arg(script).arg(&address).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 is there: apt-get install python3");
        let input = child.stdin.take();
        let mut line = String::new();
        let output = child.stdout.take().expect("it is a pipe");
        BufReader::new(output).read_line(&mut line).expect("a text");
        assert_eq!(line, "ready\n", "the name server needs port 53 of {address}");
        (Self { child, input }, address)
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

#[test]
fn a_registry_is_found_by_name_in_a_root_with_nothing_else_in_it() {
    let (_names, server) = Names::start();
    let registries = Registries::new();
    let port = registries.source.host().rsplit(':').next().expect("a host has a port").to_owned();
    for switch in [
        None,
        Some("hosts: files dns\n"),
        // What Ubuntu has, and what a machine with systemd has: modules that are not in this root.
        Some("hosts: files mdns4_minimal [NOTFOUND=return] dns\n"),
        Some("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n"),
    ] {
        let container = Container::of(Image::Bare).directory("/out", 0, 0).work("/out");
        container.root_file("etc/hosts", "");
        container.root_file("etc/resolv.conf", &format!("nameserver {server}\n"));
        if let Some(switch) = switch {
            container.root_file("etc/nsswitch.conf", switch);
        }
        for (host, found) in
            [("registry.acme.test", true), ("large.acme.test", true), ("registry.acme.invalid", false)]
        {
            let host = format!("{host}:{port}");
            container.write("/out/crossdock.yaml", &spec(&host));
            let (source, target) =
                (format!("{host}/app:1.0"), format!("oci:layout//{}", host.replace(':', "-")));
            let copy =
                ["copy", "--spec", "crossdock.yaml", "--progress", "none", &source, &format!("{target}:1.0")];
            let finished = container.start(Entry::Image(&copy)).wait();
            assert_eq!(finished.code == Some(0), found, "{switch:?} {host}: {finished:?}");
        }
    }
}

/// A spec, of which only counts how the registry is spoken to.
fn spec(host: &str) -> String {
    format!(
        "version: 1\nregistries:\n  {host}: {{ plain_http: true }}\n\
         mirrors:\n  - {{ source: {host}/app, target: oci:layout//app, tags: [\"1.0\"] }}\n"
    )
}
