//! Connections: how many, and what is read before the first.

use super::{Bench, MIB};
use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::program::{Finished, Program};

#[test]
fn without_tls_nobody_needs_certificates() {
    let mut bench = Bench::new(MIB);
    let program = std::mem::take(&mut bench.pair.program);
    bench.pair.program = program.variable("SSL_CERT_FILE", "/nowhere/certificates.pem");
    bench.sync("", 0);
    bench.assert_copied();
}

/// Checks a tag of a registry with TLS, where the system's certificates are in `system`.
fn checked(registry: &Distribution, keys: &str, system: &str) -> Finished {
    let program = Program::new().variable("SSL_CERT_FILE", system);
    let users = "credentials: { username: alice, password: \"${PASSWORD}\" }";
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}: {{ {users}{keys} }}\n\
             mirrors:\n- {{ source: {0}/team/app, target: \"oci:out\", tags: [\"1.0\"] }}\n",
            registry.host()
        ),
    );
    program.variable("PASSWORD", "s3cret").run(&["check", "--progress", "none"])
}

#[test]
fn the_system_and_the_spec_are_trusted_whichever_has_the_authority() {
    let registry = Distribution::with_passwords(&Users::new().user("alice", "s3cret"));
    let other = Distribution::with_passwords(&Users::new().user("alice", "s3cret"));
    let authority =
        |registry: &Distribution| registry.certificates().trust().join("ca.crt").display().to_string();
    let (right, wrong, none) = (authority(&registry), authority(&other), "/nowhere/certificates.pem");
    let ca_file = |file: &str| format!(", tls: {{ ca_file: {file} }}");
    for (keys, system, trusted) in [
        (String::new(), right.as_str(), true),
        (ca_file(&right), none, true),
        (ca_file(&right), &wrong, true),
        (ca_file(&wrong), &right, true),
        (ca_file(&wrong), none, false),
        (String::new(), &wrong, false),
        (String::new(), none, false),
    ] {
        let finished = checked(&registry, &keys, system);
        // The tag is not there; whoever was told that was let in.
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert_eq!(said.contains("[not_found]"), trusted, "{keys} {system}: {said}");
        assert_eq!(said.contains("[tls]"), !trusted, "{keys} {system}: {said}");
    }
}
