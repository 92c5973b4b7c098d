//! Proxies of the environment are used, and not for hosts that are to be reached without.

use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::Program;

const SPEC: &str = "version: 1
registries:
  registry.test: { plain_http: true }
  TARGET: { plain_http: true }
mirrors:
  - { source: registry.test/app, target: TARGET/app, tags: ['1'] }
";

#[test]
fn a_proxy_is_asked_for_hosts_that_are_not_excepted() {
    // It answers for whatever host it is asked: to a client that is what a proxy does.
    for excepted in ["127.0.0.1", "intra.test, 127.0.0.0/8", "localhost,10.0.0.0/8,127.0.0.0/16"] {
        let (proxy, target) = (Registry::start(), Registry::start());
        proxy.seed(&one_platform(1, Format::Oci), "app", &["1"]);
        let program = Program::new().variable("HTTP_PROXY", &proxy.url()).variable("NO_PROXY", excepted);
        program.write("crossdock.yaml", &SPEC.replace("TARGET", &target.host()));
        program.run(&["sync"]).expect_code(0);
        assert!(target.complete("app", "1"));
        let asked = proxy.requests();
        assert_eq!((asked.count(RequestKind::ManifestHead), asked.count(RequestKind::ManifestGet)), (1, 1));
        assert!(asked.iter().all(|request| request.header("host") == Some("registry.test")), "{asked}");
        assert_eq!(asked.writes().len(), 0, "the target was reached without the proxy: {excepted}");
    }
}
