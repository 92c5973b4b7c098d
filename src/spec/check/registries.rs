//! The entries under `registries`: whom they are about, and whether their keys fit together.

use super::{cloud_keys, creation, credentials, lookalikes};
use crate::access::{ClientCertificate, Limits, RegistrySettings, Scope, Tls, Verification};
use crate::oci::{Registry, RepositoryPath};
use crate::spec::node::Key;
use crate::spec::shape::{Field, Many, Reading, RegistryShape, Table, Text, TlsShape};
use crate::spec::{Code, Problem, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use url::Host;

pub(super) fn check(
    table: &Table<RegistryShape>,
    reading: &mut Reading<'_>,
) -> BTreeMap<Scope, RegistrySettings> {
    let mut registries = BTreeMap::new();
    let mut places: BTreeMap<Scope, Span> = BTreeMap::new();
    for (key, _, shape) in &table.entries {
        let scope = scope(key, reading);
        let settings = settings(shape, scope.as_ref(), reading);
        let Some(scope) = scope else { continue };
        if let Some(first) = places.insert(scope.clone(), key.span) {
            let message = format!("`{}` is `{scope}`, which has an entry already", key.text);
            let problem = Problem::new(Code::DuplicateRegistry, reading.source.place(key.span), message)
                .help("put both into one entry")
                .related(reading.source.place(first), "the other entry");
            reading.problems.push(problem);
        }
        registries.insert(scope, settings);
    }
    registries
}

/// What a key under `registries` is about.
fn scope(key: &Key, reading: &mut Reading<'_>) -> Option<Scope> {
    let (host, prefix) = match key.text.split_once('/') {
        Some((host, prefix)) => (host, Some(prefix)),
        None => (key.text.as_str(), None),
    };
    let registry = host.parse::<Registry>().ok().filter(|_| !host.contains('$'));
    let prefix = prefix.map(str::parse::<RepositoryPath>).transpose().ok();
    let (registry, prefix) = match (registry, prefix) {
        (Some(registry), Some(prefix)) => (registry, prefix),
        _ => {
            let message = format!("`{}` is not a registry", key.text);
            reading.problem(Code::BadRegistry, key.span, message, Some(help(&key.text)));
            return None;
        }
    };
    if !host.contains(['.', ':']) && host != "localhost" {
        let message =
            format!("`{host}` is not a registry: in a reference it would be a repository of Docker Hub");
        let help = format!("write its full name, or its port: `{host}:443`");
        reading.problem(Code::BadRegistry, key.span, message, Some(help));
        return None;
    }
    lookalikes::check(&registry, Span { start: key.span.start, end: key.span.end }, reading);
    Some(Scope { registry, prefix })
}

fn help(key: &str) -> String {
    if key.contains("${") {
        return "variables are put into values, never into keys: write the name itself".to_owned();
    }
    match key.split_once("://") {
        Some((_, rest)) => {
            format!("write `{}`; for HTTP without TLS there is `plain_http`", rest.trim_end_matches('/'))
        }
        None => "write `host`, `host:port` or `host/path`, such as `ghcr.io` or `localhost:5000`".to_owned(),
    }
}

fn settings(shape: &RegistryShape, scope: Option<&Scope>, reading: &mut Reading<'_>) -> RegistrySettings {
    let RegistryShape {
        plain_http,
        tls,
        credentials,
        cloud_keys,
        realm_hosts,
        redirect_hosts,
        profile,
        create_repositories,
        limits,
    } = shape;
    let plain_http = plain_http.value().is_some_and(|flag| flag.value);
    if let Some(tls) = tls.given().filter(|_| plain_http) {
        let message = "`tls` has no effect with `plain_http: true`";
        reading.problem(Code::BadTls, tls.key, message, Some("remove one of the two"));
    }
    let limits = limits.value().map(|limits| Limits {
        requests_per_second: limits.requests_per_second.value().map(|count| count.value),
        concurrent_requests: limits.concurrent_requests.value().map(|count| count.value),
        bytes_per_second: limits.bytes_per_second.value().map(|count| count.value),
        ranges_per_blob: limits.ranges_per_blob.value().map(|count| count.value),
        quota_reserve: limits.quota_reserve.value().map(|count| count.value),
    });
    let registry = scope.map(|scope| &scope.registry);
    RegistrySettings {
        plain_http,
        tls: tls.value().map(|shape| certificates(shape, reading)).unwrap_or_default(),
        credentials: credentials.given().and_then(|given| credentials::check(given, registry, reading)),
        cloud_keys: cloud_keys.given().and_then(|given| cloud_keys::check(given, registry, reading)),
        realm_hosts: hosts(realm_hosts, reading),
        redirect_hosts: hosts(redirect_hosts, reading),
        profile: profile.value().map(|chosen| chosen.value),
        create: creation::check(
            create_repositories,
            registry,
            profile.value().map(|chosen| chosen.value),
            reading,
        ),
        limits: limits.unwrap_or_default(),
    }
}

/// Hosts as URLs have them.
fn hosts(field: &Field<Many<Text>>, reading: &mut Reading<'_>) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    for text in field.value().into_iter().flat_map(|many| &many.items) {
        match Host::parse(&text.value).ok().filter(|_| !text.value.contains(['*', '%'])) {
            Some(host) => drop(hosts.insert(host.to_string())),
            None => {
                let help = "write the name or the address of one host, such as `login.example.com`: no \
                            scheme, no port, no path and no pattern";
                let message = format!("{} is not a host", text.shown());
                reading.problem(Code::BadRegistry, text.span, message, Some(help));
            }
        }
    }
    hosts
}

fn certificates(shape: &TlsShape, reading: &mut Reading<'_>) -> Tls {
    let TlsShape { ca_file, client_cert, client_key, insecure_skip_verify } = shape;
    let path = |text: &Text| PathBuf::from(&text.value);
    let halves = [(client_cert, client_key, "client_key"), (client_key, client_cert, "client_cert")];
    for (given, missing, name) in halves {
        if let (Some(given), true) = (given.given(), missing.is_absent()) {
            let message = format!("this needs `{name}` beside it");
            let help = "a client certificate and its key go together";
            reading.problem(Code::BadTls, given.key, message, Some(help));
        }
    }
    let client = client_cert.value().zip(client_key.value());
    let skipped = insecure_skip_verify.given().filter(|flag| flag.value.value);
    if let (Some(skipped), false) = (skipped, ca_file.is_absent()) {
        let message = "`ca_file` has no effect with `insecure_skip_verify: true`";
        reading.problem(Code::BadTls, skipped.key, message, Some("remove one of the two"));
    }
    Tls {
        ca_file: ca_file.value().map(path),
        client: client.map(|(cert, key)| ClientCertificate { cert: path(cert), key: path(key) }),
        verification: match skipped {
            Some(_) => Verification::None,
            None => Verification::Full,
        },
    }
}
