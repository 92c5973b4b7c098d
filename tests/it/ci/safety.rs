//! Foreign text commands no CI: whatever a registry, a spec or a command line says, every command in a
//! log is one that we wrote.

use super::pipeline::Pipeline;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, RequestKind, Rule};
use regex::Regex;

/// The CIs, with a variable that makes each.
const CIS: [(&str, &str); 11] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITEA_ACTIONS", "true"),
    ("GITLAB_CI", "true"),
    ("JENKINS_URL", "x"),
    ("TF_BUILD", "True"),
    ("CIRCLECI", "true"),
    ("BUILDKITE", "true"),
    ("CI", "woodpecker"),
    ("DRONE", "true"),
    ("CROSSDOCK_CI", "generic"),
    ("CI", "true"),
];

/// Commands in every syntax, one a line and in every way to start a line.
const HOSTILE: &str = "::error::pwned\n::set-output name=a::pwned\r::add-mask::a\n  ::stop-commands::pwned\n\
     ##[command]pwned ##vso[task.setvariable variable=a]pwned\n--- pwned\n+++ pwned\n~~~ pwned\n\
     section_start:1:pwned\r\n##teamcity[pwned]\n\u{1b}]1338;url=pwned\u{7}";

/// The lines that some runner takes for a command, and that are none of ours.
fn foreign_commands(log: &str) -> Vec<String> {
    let is_command =
        Regex::new(r"^\s*::|^\s*(---|\+\+\+|~~~)|##[A-Za-z0-9]*\[|section_(start|end):").expect("a pattern");
    let is_ours = [
        r"^::(error|warning|notice) (file=[^,:]*,(line=\d+,)?(col=\d+,)?)?title=crossdock[^:]*::",
        r"^::(group::crossdock: progress|endgroup::)$",
        r"^##(\[group\]crossdock: progress|\[endgroup\])$",
        r"^##vso\[task\.(logissue type=(error|warning);|setvariable variable=[a-z_]+;|uploadsummary\]|complete )",
        r"^(--- crossdock: progress|\+\+\+ crossdock: result)$",
        "^\u{1b}\\[0Ksection_(start|end):\\d+:crossdock_run",
    ]
    .map(|pattern| Regex::new(pattern).expect("a pattern"));
    let more = Regex::new(r"##[A-Za-z0-9]*\[").expect("a pattern");
    let foreign = |line: &&str| {
        is_command.is_match(line)
            && !(is_ours.iter().any(|ours| ours.is_match(line)) && more.find_iter(line).count() <= 1)
    };
    // GitLab's own sections have a carriage return in them; anybody else's start a line.
    let lines = log.split('\n').flat_map(|line| match line.contains("crossdock_run") {
        true => vec![line],
        false => line.split('\r').collect(),
    });
    lines.filter(foreign).map(str::to_owned).collect()
}

/// A run in which everything that can be foreign is hostile.
fn hostile(name: &str, value: &str) -> Pipeline {
    let pipeline =
        Pipeline::new(&[(name, value), ("INPUT_LOG-LEVEL", "trace"), ("INPUT_ANNOTATIONS", "auto")]);
    pipeline.pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let answer = Canned::new(400).error(HOSTILE, HOSTILE).header("content-type", "application/json");
    pipeline.pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Answer(answer)));
    let denied = Canned::new(403).error(HOSTILE, HOSTILE);
    pipeline.pair.source.rule(Rule::on(RequestKind::TagList).then(Behaviour::Answer(denied)));
    pipeline
}

#[test]
fn whatever_a_registry_says_commands_no_runner() {
    for (name, value) in CIS {
        let pipeline = hostile(name, value);
        pipeline.pair.mirrors(
            "
- { name: one, source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }
- { name: two, source: SOURCE/app, target: TARGET/two, tags: \"*\" }
",
        );
        let finished = pipeline.run();
        assert!(finished.stdout.contains("pwned") || finished.stdout.len() > 1_000, "{}", finished.stdout);
        assert_eq!(foreign_commands(&finished.stdout), [""; 0], "{name}\n{}", finished.stdout);
        let finished = pipeline.pair.run(&["sync", "-vv"]);
        assert_eq!(foreign_commands(&finished.stdout), [""; 0], "{name}");
        assert_eq!(foreign_commands(&finished.stderr), [""; 0], "{name}\n{}", finished.stderr);
        let finished = pipeline.pair.run(&["check", "--progress", "json", "--format", "json"]);
        assert_eq!(foreign_commands(&finished.stdout), [""; 0], "{name}");
        serde_json::from_str::<serde_json::Value>(&finished.stdout).expect("still JSON");
    }
}

#[test]
fn whatever_a_spec_or_a_command_line_says_commands_no_runner() {
    for (name, value) in CIS {
        let mut pipeline = hostile(name, value);
        let spec = format!(
            "version: 1\n\"--- x\": {HOSTILE:?}\n::error::pwned:\n##vso[task.x]: 1\n\
             mirrors:\n- {{ source: \"##[group]x\", target: '::error::x', tagz: 1 }}\n"
        );
        pipeline.pair.program.write("crossdock.yaml", &spec);
        let finished = pipeline.run().expect_code(4);
        assert_eq!(foreign_commands(&finished.stdout), [""; 0], "{name}\n{}", finished.stdout);
        let finished = pipeline.pair.run(&["sync", HOSTILE]).expect_code(4);
        assert_eq!(foreign_commands(&finished.stderr), [""; 0], "{name}\n{}", finished.stderr);
        let finished = pipeline.pair.run(&["ci", "--only", HOSTILE, "::error::x"]).expect_code(4);
        assert_eq!(foreign_commands(&finished.stderr), [""; 0], "{name}\n{}", finished.stderr);
        assert_eq!(foreign_commands(&finished.stdout), [""; 0], "{name}\n{}", finished.stdout);
        pipeline.set("INPUT_FAIL_ON", HOSTILE);
        pipeline.set("CROSSDOCK_INPUTS", &serde_json::json!({ HOSTILE: HOSTILE }).to_string());
        for arguments in [["ci"].as_slice(), &["ci", "--print-config"]] {
            let finished = pipeline.pair.run(arguments);
            assert_eq!(foreign_commands(&finished.stdout), [""; 0], "{name}\n{}", finished.stdout);
        }
    }
}

#[test]
fn a_foreign_command_would_be_seen() {
    for line in HOSTILE.split(['\n', '\r']).filter(|line| line.contains("pwned") && !line.contains("1338")) {
        assert_eq!(foreign_commands(&format!("x\n{line}\n")).len(), 1, "{line}");
    }
}
