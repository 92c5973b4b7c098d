//! Specs that somebody else wrote, or changed: bombs, traps for secrets, and slips that lead elsewhere.

use super::{CANARY, Victim, assert_silent, withstood};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Options, Registry};
use crate::bed::program::Program;
use crate::faults::mirror::Mirror;

/// The most memory that reading a spec may take, in KiB.
const MEMORY_KIB_MAX: u64 = 300 << 10;

const RULES: &str = "mirrors:\n  - { source: registry.test/app, target: 'oci:out', tags: ['1.0'] }\n";

#[test]
fn s30_a_bomb_of_yaml_does_not_go_off() {
    let laughs =
        (1..12).fold("x-a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned(), |text, n| {
            let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
            format!("{text}x-a{n}: &a{n} [{aliases}]\n")
        });
    // In use, since nobody looks at what nothing uses.
    let laughs = format!("version: 1\n{laughs}mirrors: *a11\n");
    let deep = format!("version: 1\nx-a: {}{}\n{RULES}", "[".repeat(100_000), "]".repeat(100_000));
    let bombs = [
        ("laughs", laughs),
        ("deep", deep),
        ("deep blocks", (0..50_000).map(|n| format!("{}a:\n", " ".repeat(n % 300))).collect()),
        ("circle", format!("version: 1\nx-a: &a [*a]\nmirrors: *a\n{RULES}")),
        ("merged circle", format!("version: 1\nx-a: &a {{ <<: *a }}\n{RULES}")),
        ("twice", format!("version: 1\nversion: 1\n{RULES}{RULES}")),
        (
            "included",
            format!("version: 1\nx-a: !include /etc/passwd\ndefaults: !include /etc/passwd\n{RULES}"),
        ),
        ("an object", format!("version: !!python/object/apply:os.system ['touch owned']\n{RULES}")),
        ("large", format!("version: 1\nx-a: \"{}\"\n{RULES}", "x".repeat(9 << 20))),
        ("many", format!("version: 1\nmirrors:\n{}", "  - { sorce: x, taget: y }\n".repeat(5_000))),
        ("no text", "\u{0}\u{1}\u{2}".to_owned()),
        ("documents", format!("version: 1\n{RULES}---\nversion: 1\n{RULES}")),
    ];
    withstood(bombs, |(name, text)| {
        let program = Program::new();
        program.write("crossdock.yaml", &text);
        let (finished, kib) = program.run_measured(&["lint"]);
        assert_eq!(
            finished.code,
            Some(4),
            "{name}: {}",
            finished.stderr.chars().take(500).collect::<String>()
        );
        assert!(kib < MEMORY_KIB_MAX, "{name}: {kib} KiB");
        assert!(finished.stderr.len() + finished.stdout.len() < 2 << 20, "{name}");
        assert!(!finished.stderr.contains("root:") && !program.work().join("owned").exists(), "{name}");
    });
}

#[test]
fn s31_a_variable_gives_its_value_once_and_nothing_else() {
    let victim = Victim::of(Options::new(), Options::new());
    let source = victim.source.host();
    // The value of OUTER names another variable; problems about either show neither.
    let specs = [
        "source: SOURCE/app, target: 'SOURCE/${OUTER}', tags: ['1.0']",
        "source: SOURCE/app, target: 'oci:out', tags: ['${SECRET} ${OUTER}']",
        "source: 'SOURCE/${SECRET}:x', target: 'oci:out'",
        "source: SOURCE/app, target: 'oci:out', tags: { semver: '${SECRET}' }",
        "source: SOURCE/app, target: 'oci:out', rename: [{ match: '(${SECRET}', to: x }]",
        "source: SOURCE/app, target: 'oci:out', tags: { newest: '${SECRET}' }",
        "source: SOURCE/app, target: 'oci:out', tags: ['${SECRET:?${OUTER}}', '${UNSET}']",
    ];
    withstood(specs, |rule| {
        let program = Program::new().variable("SECRET", CANARY).variable("OUTER", "${SECRET} !");
        let rule = rule.replace("SOURCE", &source);
        program.write("crossdock.yaml", &format!("version: 1\nmirrors:\n  - {{ {rule} }}\n"));
        for arguments in [["lint"].as_slice(), &["sync", "-vv", "--report", "json=report.json"]] {
            let finished = program.run(arguments).expect_code(4);
            for text in [&finished.stdout, &finished.stderr] {
                assert!(!text.contains(CANARY), "{rule}: {text}");
            }
        }
    });
    assert!(victim.source.requests().is_empty());
}

#[test]
fn s32_a_pattern_takes_no_longer_than_its_text() {
    let source = Registry::start();
    let tags: Vec<String> = (0..3000).map(|number| format!("{}{number}", "a".repeat(100))).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    source.seed(&one_platform(1, Format::Oci), "app", &tags);
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    // What is refused when it is read, and what is slow for readers that go back.
    let rows = [
        ("/(a{1000}){1000}/", 4),
        ("/((a{100}){100}){100}/", 4),
        (r"/(a+)+$/", 0),
        (r"/^(a|a)*$/", 0),
        (r"/^(([a-z])+.)+[A-Z]([a-z])+$/", 0),
        ("{a,{a,{a,{a,{a,{a,{a,{a,b}}}}}}}}*", 0),
        ("****************************************b", 0),
    ];
    let long = format!("/{}/", "a".repeat(5000));
    let rows = rows.into_iter().chain([(long.as_str(), 4)]);
    withstood(rows, |(pattern, code)| {
        let tags = format!("{{ include: [{pattern:?}], always: ['1.0'] }}");
        let rule = format!("source: {}/app, target: 'oci:out', tags: {tags}", source.host());
        let mirror = Mirror::of(&[&source]).rule(&rule);
        let program = &mirror.program;
        program.write(
            "crossdock.yaml",
            &format!(
                "version: 1\nregistries:\n  {}: {{ plain_http: true }}\nmirrors:\n  - {{ {rule} }}\n",
                source.host()
            ),
        );
        let (finished, kib) = program.run_measured(&["explain", "--deadline", "20s"]);
        assert_eq!(finished.code, Some(code), "{pattern}: {}", finished.stderr);
        assert!(kib < MEMORY_KIB_MAX, "{pattern}: {kib} KiB");
    });
}

#[test]
fn s40_a_name_that_looks_like_a_known_one_is_told() {
    let names =
        [("ghrc.io", "ghcr.io"), ("gchr.io", "gcr.io"), ("quay.oi", "quay.io"), ("docker.oi", "docker.io")];
    withstood(names, |(name, known)| {
        let program = Program::new();
        let text =
            format!("version: 1\nregistries:\n  {name}: {{ limits: {{ concurrent_requests: 1 }} }}\n{RULES}");
        program.write("crossdock.yaml", &text);
        let finished = program.run(&["lint"]).expect_code(0);
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert!(said.contains("lookalike-registry") && said.contains(known), "{said}");
    });
    // In a reference alone, too: nobody writes an entry for a name that is not meant.
    withstood(
        ["source: ghrc.io/acme/app, target: 'oci:out'", "source: alpine, target: ghrc.io/acme/app"],
        |rule| {
            let program = Program::new();
            program.write("crossdock.yaml", &format!("version: 1\nmirrors:\n  - {{ {rule} }}\n"));
            let finished = program.run(&["lint"]).expect_code(0);
            let said = format!("{}{}", finished.stdout, finished.stderr);
            assert!(said.contains("lookalike-registry") && said.contains("ghcr.io"), "{said}");
        },
    );
}

#[test]
fn s43_two_images_for_one_tag_are_written_by_neither() {
    let victim = Victim::of(Options::new(), Options::new());
    victim.source.seed(&one_platform(2, Format::Oci), "other", &["1.0", "2.0"]);
    let (source, target) = (victim.source.host(), victim.target.host());
    let copies = |from: &str, more: &str| format!("source: {source}/{from}, target: {target}/copy{more}");
    let rows = [
        // Found when the rules are read.
        vec![copies("app", ", tags: ['1.0']"), copies("other", ", tags: ['1.0']")],
        // Found when the tags are known.
        vec![copies("app", ""), copies("other", "")],
        vec![copies("other", ", rename: [{ match: '^.*$', to: same }]")],
    ];
    withstood(rows, |rules| {
        let mirror = rules
            .iter()
            .fold(Mirror::of(&[&victim.source, &victim.target]), |mirror, rule| mirror.rule(rule));
        mirror.run("sync");
        let run = mirror.sync();
        assert!(matches!(run.finished.code, Some(3 | 4 | 6)), "{:?} {rules:?}", run.finished.code);
        assert_silent(&run);
    });
    assert!(
        !victim.target.tags("copy").contains_key("1.0") && !victim.target.tags("copy").contains_key("same")
    );
    // A repository onto itself is a problem, and not a rewrite.
    let rule = format!("source: {source}/app, target: {source}/app");
    let program = Program::new();
    program.write("crossdock.yaml", &format!("version: 1\nmirrors:\n  - {{ {rule} }}\n"));
    program.run(&["sync"]).expect_code(4);
    assert!(victim.source.requests().writes().is_empty());
}
