//! A file of each tool, run as it is from one registry to another.

use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use std::collections::BTreeSet;

/// A tool, a file of it in which `SOURCE` and `TARGET` stand for the hosts, flags, and what must be there.
type Run = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const RUNS: [Run; 4] = [
    (
        "skopeo",
        "SOURCE:\n  tls-verify: false\n  images: { team/app: [\"1.0\"] }\n  images-by-semver: { tool: '>=1.1' }\n",
        &["--destination", "TARGET/mirror", "--all", "--append-suffix", "-m", "--plain-http", "TARGET"],
        &["mirror/app:1.0-m", "mirror/tool:1.1.0-m", "mirror/tool:2.0.0-m"],
    ),
    (
        "regsync",
        "version: 1\ncreds:\n- { registry: SOURCE, tls: disabled }\n- { registry: TARGET, tls: disabled }\nsync:\n- source: \
         SOURCE/tool\n  target: TARGET/mirror/tool\n  type: repository\n  tagSets: [{ allow: ['1\\..*'] }, { semverRange: \
         ['1.1.0'] }]\n- { source: 'SOURCE/team/app:1.0', target: 'TARGET/mirror/app:one', type: image }\n",
        &[],
        &["mirror/app:one", "mirror/tool:1.0.0", "mirror/tool:1.1.0", "mirror/tool:1.1.0-rc1"],
    ),
    (
        "dregsy",
        "tasks:\n- name: a\n  source: { registry: SOURCE, skip-tls-verify: true }\n  target: { registry: TARGET, \
         skip-tls-verify: true }\n  mappings:\n  - { from: tool, to: mirror/tool, platform: all, tags: ['semver: \
         >=1.1.0', 'regex: ^2', 'keep: !rc', latest] }\n",
        &[],
        &["mirror/tool:1.1.0", "mirror/tool:2.0.0", "mirror/tool:latest"],
    ),
    (
        "ocync",
        "registries: { s: { url: SOURCE }, t: { url: TARGET } }\ndefaults: { source: s, targets: t }\nmappings:\n- { \
         from: tool, to: mirror/tool, tags: { semver: '>=1', sort: semver, latest: 1, include: 1.1.0-rc1 } }\n",
        &["--plain-http", "SOURCE", "--plain-http", "TARGET"],
        &["mirror/tool:1.1.0-rc1", "mirror/tool:2.0.0"],
    ),
];

#[test]
fn a_file_of_each_tool_runs_as_it_is_and_then_nothing_is_left_to_do() {
    for (tool, text, flags, expected) in RUNS {
        let (source, target, program) = (Registry::start(), Registry::start(), Program::new());
        source.seed(&two_platforms(3, Format::Oci), "team/app", &["1.0", "2.0"]);
        source.seed(
            &one_platform(4, Format::Docker),
            "tool",
            &["1.0.0", "1.1.0", "1.1.0-rc1", "2.0.0", "latest"],
        );
        let placed = |text: &str| text.replace("SOURCE", &source.host()).replace("TARGET", &target.host());
        program.write("file.yaml", &placed(text));
        let flags: Vec<String> = flags.iter().map(|flag| placed(flag)).collect();
        let mut arguments = vec!["sync", "--from", tool, "file.yaml", "--progress", "none"];
        arguments.extend(flags.iter().map(String::as_str));
        program.run(&arguments).expect_code(0);
        let there: BTreeSet<String> = target
            .repositories()
            .iter()
            .flat_map(|name| target.tags(name).into_keys().map(move |tag| format!("{name}:{tag}")))
            .collect();
        assert_eq!(there.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{tool}");
        arguments[0] = "check";
        target.clear_requests();
        program.run(&arguments).expect_code(0);
        assert!(target.requests().writes().is_empty());
    }
}
