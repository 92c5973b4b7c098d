//! TLS: whom we trust, whom we show ourselves to, and what is said when the ends do not match.

use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::program::Program;
use crate::transcript::transcript;

/// What a user sees of a copy from this registry, set up with these keys.
fn told(registry: &Distribution, keys: &str) -> String {
    let program = Program::new();
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}: {{ {keys} }}\n\
             mirrors:\n- {{ source: {0}/team/app, target: \"oci:out\", tags: [\"1.0\"] }}\n",
            registry.host()
        ),
    );
    // A handshake that fails may look like a network that fails, which is tried again.
    let normal =
        program.normal().text(registry.host(), "registry.test").pattern("Requests: .*", "Requests: […]");
    transcript(&program, &normal, &["sync", "--progress", "none", "--deadline", "60s"])
}

fn with_passwords() -> Distribution {
    Distribution::with_passwords(&Users::new().user("alice", "s3cret"))
}

#[test]
fn a_registry_whose_authority_is_unknown_is_not_trusted() {
    insta::assert_snapshot!(told(&with_passwords(), "limits: { concurrent_requests: 4 }"));
}

/// What the certificate of a registry is, is no matter where that is asked for; who it is, it still asks.
#[test]
fn a_registry_whose_certificate_is_not_looked_at_is_asked() {
    let said = told(&with_passwords(), "tls: { insecure_skip_verify: true }");
    assert!(said.contains("exit code 5\n") && !said.contains("certificate"), "{said}");
}

#[test]
fn another_authority_does_not_help() {
    let other = with_passwords();
    let file = other.certificates().trust().join("ca.crt").display().to_string();
    let said = told(&with_passwords(), &format!("tls: {{ ca_file: {file} }}"));
    insta::assert_snapshot!(said.replace(&file, "[CA]"));
}

#[test]
fn a_registry_that_wants_a_certificate_gets_none() {
    let registry = Distribution::with_client_certificates();
    let file = registry.certificates().trust().join("ca.crt").display().to_string();
    let said = told(&registry, &format!("tls: {{ ca_file: {file} }}"));
    // Whether its alert or the end of the connection is seen first is a matter of luck.
    assert!(said.contains("exit code 1\n"), "{said}");
    assert!(said.contains("TLS refused: received fatal alert") || said.contains("no answer"), "{said}");
    assert!(
        said.contains("name it with tls.client_cert") || said.contains("or our certificate with"),
        "{said}"
    );
}

#[test]
fn plain_http_to_a_port_with_tls_is_explained() {
    insta::assert_snapshot!(told(&with_passwords(), "plain_http: true"));
}

#[test]
fn tls_to_a_port_without_it_is_explained() {
    insta::assert_snapshot!(told(&Distribution::plain(), "limits: { concurrent_requests: 4 }"));
}

#[test]
fn a_file_that_is_no_certificate_is_named() {
    let registry = with_passwords();
    let program = Program::new();
    program.write("not-a.pem", "hello\n");
    let spec = |keys: &str| {
        format!(
            "version: 1\nregistries:\n  {0}: {{ {keys} }}\n\
             mirrors:\n- {{ source: {0}/team/app, target: \"oci:out\", tags: [\"1.0\"] }}\n",
            registry.host()
        )
    };
    let normal = program.normal().text(registry.host(), "registry.test");
    let mut said = String::new();
    for keys in ["tls: { ca_file: not-a.pem }", "tls: { ca_file: gone.pem }"] {
        program.write("crossdock.yaml", &spec(keys));
        said.push_str(&transcript(&program, &normal, &["sync", "--progress", "none"]));
        said.push_str("\n\n");
    }
    insta::assert_snapshot!(said);
}
