//! Hostile text in every place of a run that can hold foreign text, before every reader: it is shown,
//! and is never more than text.

use super::{ours, readers};
use crossdock::failure::{Code, Failure, HttpFacts, Operation, Side};
use crossdock::oci::Digest;
use crossdock::plan::{Dropped, SpecFacts, Unresolved};
use crossdock::report::{Command, CredentialUse, Format, Problem, RegistryUse, Run, Severity, escape};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime};

/// How many mappings went wrong, each with texts of its own.
const FAILURES: usize = 150;
/// How many registries were spoken to.
const REGISTRIES: usize = 50;

/// Text that is dangerous to one of the formats, in any mixture; always the same.
fn texts(count: usize) -> Vec<String> {
    let pieces = [
        "|",
        "`",
        "``",
        "\\",
        "\\|",
        "<",
        ">",
        "&",
        "]]>",
        "<!--",
        "-->",
        "--",
        "</details>",
        "<script>",
        "<b>",
        "&lt;",
        "&#10;",
        "@octocat",
        "#1",
        "!2",
        "[a](https://evil.test)",
        "![a](b)",
        "https://evil.test",
        "www.evil.test",
        "a@evil.test",
        "*",
        "_",
        "~~",
        "$x$",
        "\n\n# a\n",
        "\n|-|-|\n",
        "\r\n",
        "\t",
        "\"",
        "'",
        "\"} 1\nfake 2\n",
        "# EOF\n",
        "{",
        "}",
        "::error::x",
        "##[error]",
        "##vso[task.complete]",
        "\u{1b}[31m",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{202e}",
        "\u{feff}",
        "\u{fffe}",
        "\u{1f980}",
        "日本",
        " ",
        "=",
        "$(id)",
        "`id`",
        ";",
        "x",
    ];
    let piece = prop_oneof![
        5 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let text = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| text.new_tree(&mut runner).expect("texts can be made").current()).collect()
}

/// A run in which many things went wrong, with `next` wherever foreign text may stand.
fn run(mut next: impl FnMut() -> String) -> Run {
    let started_at = OffsetDateTime::from_unix_timestamp(1_772_323_200).expect("a time");
    let mut failure = |at: usize| {
        // The number tells the causes apart, and leaves their ends hostile.
        let mut failure =
            Failure::new(Code::Protocol, next(), Operation::TagList, format!("{at} {}", next()));
        failure.http = Some(HttpFacts {
            method: "GET".to_owned(),
            url: format!("https://registry.test/{}", next()),
            status: Some(500),
            registry_code: Some(next()),
        });
        failure.credential = Some(next());
        *failure.on(Side::Source).hint(next())
    };
    let unresolved = (0..FAILURES)
        .map(|at| Unresolved {
            mirror: format!("rule-{at}"),
            spec_line: Some(8),
            source: format!("registry.test/app-{at}").parse().expect("a reference"),
            target: None,
            failure: failure(at),
        })
        .collect();
    let dropped = (0..20).map(|at| Dropped {
        mirror: format!("rule-{at}"),
        spec_line: Some(8),
        source: format!("registry.test/app:{at}").parse().expect("a reference"),
        filter: format!("{at}{}", next()),
        reason: Some(next()),
    });
    let dropped = dropped.collect();
    let problems = (0..20).map(|at| Problem {
        severity: Severity::Warning,
        code: format!("code-{at}"),
        message: next(),
        path: Some(format!("{}.yaml", next())),
        line: Some(at + 1),
        column: None,
        hint: Some(next()),
    });
    let problems = problems.collect();
    let registries = (0..REGISTRIES).map(|at| RegistryUse {
        host: format!("{at}{}", next()),
        credential: Some(CredentialUse { source: next(), user: Some(next()) }),
        requests: 1,
        retries: 0,
        throttled: 0,
        rate_limit: None,
    });
    let registries = registries.collect();
    Run {
        tool_version: "0.1.0".to_owned(),
        id: "id".to_owned(),
        command: Command::Sync,
        started_at,
        finished_at: started_at + Duration::seconds(2),
        cancelled: None,
        deadline_hit: false,
        ci: None,
        spec: Some(SpecFacts {
            path: format!("a{}", next()),
            digest: Digest::of(b"spec"),
            filters: Vec::new(),
        }),
        entries: Vec::new(),
        unresolved,
        dropped,
        registries,
        requests: BTreeMap::from([(Operation::TagList, 1)]),
        problems,
        cost: None,
    }
}

/// A run full of hostile text, and the same with nothing hostile in it.
fn both() -> (Run, Run) {
    let mut texts = texts(FAILURES * 6 + REGISTRIES * 3 + 100).into_iter().cycle();
    let hostile = run(|| texts.next().expect("it goes on for ever"));
    (hostile, run(|| "plain".to_owned()))
}

#[test]
fn hostile_text_stays_in_its_place_for_every_reader() {
    let (hostile, plain) = both();
    for format in [Format::Markdown, Format::Comment] {
        let text = format.render(&hostile);
        let (mut elements, html) = readers::markdown(&text);
        let (mut expected, _) = readers::markdown(&format.render(&plain));
        // How long the texts are decides how many rows there is room for in a comment, and an empty
        // name is no code span.
        for name in ["text", "code", "softbreak"] {
            elements.remove(name);
            expected.remove(name);
        }
        match format {
            Format::Markdown => assert_eq!(elements, expected),
            _ => assert_eq!(elements.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>()),
        }
        assert!(html.iter().all(|html| ours(html)), "{html:?}");
    }
    let junit = Format::Junit.render(&hostile);
    readers::junit(&junit).expect("JUnit");
    assert_eq!(readers::xpath(&junit, "count(//testcase)"), (FAILURES + 20).to_string());
    readers::prometheus(&Format::Prometheus.render(&hostile)).expect("metrics");
    let names = |run: &Run| -> Vec<String> {
        let samples = readers::openmetrics(&Format::OpenMetrics.render(run)).expect("OpenMetrics");
        samples.into_iter().map(|(name, ..)| name).collect()
    };
    assert_eq!(names(&hostile), names(&plain));
    let samples = readers::openmetrics(&Format::OpenMetrics.render(&hostile)).expect("OpenMetrics");
    let hosts: BTreeSet<String> =
        samples.into_iter().filter_map(|(_, mut labels, _)| labels.remove("host")).collect();
    let expected = hostile.registries.iter().map(|registry| escape::foreign(&registry.host));
    assert_eq!(hosts, expected.collect());
    let variables = |run: &Run| readers::dotenv(&Format::Dotenv.render(run));
    assert_eq!(variables(&hostile), variables(&plain));
    readers::sarif(&Format::Sarif.render(&hostile)).expect("SARIF");
}

#[test]
fn no_format_commands_a_runner_or_a_terminal() {
    let (hostile, _) = both();
    for format in Format::ALL {
        let text = format.render(&hostile);
        let name = format.name();
        assert!(!text.contains("##[") && !text.contains("##vso["), "{name}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{name}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name}");
        assert!(!text.contains(['\u{202e}', '\u{feff}']), "{name}");
    }
}
