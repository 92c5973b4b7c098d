//! What is printed and written for others to read: text of attackers stays text.

use super::{Behaviour, Canned, RequestKind, Rule, withstood};
use crate::bed::images::{Format, Manifest, one_platform};
use crate::ci::pipeline::{APP, Pipeline, read_outputs};

/// Commands of every runner and terminal, one a line, and in every way to start a line.
const HOSTILE: &str = "::error::pwned\n::set-env name=PATH::/pwned\r::add-mask::a\n::stop-commands::x\n\
     ##vso[task.setvariable variable=a]pwned\n##[command]pwned\nsection_start:1:pwned\r\n--- pwned\n\
     \u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{feff}<script>|`</details>]]>&\u{0}\nEOF\nresult=pwned";

/// Where an attacker's text comes in.
const ENTRIES: [&str; 6] = ["message", "warning", "code", "tag", "annotation", "quota"];

/// A run in GitHub's environment in which text of an attacker comes in at `entry`.
fn attacked(entry: &str) -> Pipeline {
    let pipeline = Pipeline::seeded(&[("INPUT_LOG-LEVEL", "trace")]);
    // What a header can hold of it.
    let header: String = HOSTILE.chars().map(|c| if (' '..='~').contains(&c) { c } else { ' ' }).collect();
    let (source, target) = (&pipeline.pair.source, &pipeline.pair.target);
    let on = |kind, behaviour| Rule::on(kind).then(behaviour);
    match entry {
        "message" => {
            let refusal = Canned::new(400).error("UNKNOWN", HOSTILE);
            target.rule(on(RequestKind::ManifestPut, Behaviour::Answer(refusal)));
        }
        "code" => {
            let refusal = Canned::new(403).error(HOSTILE, "no");
            target.rule(on(RequestKind::Mount, Behaviour::Answer(refusal)));
        }
        "warning" => {
            let warning = format!("299 - \"{header}\"");
            source.rule(Rule::any().then(Behaviour::SetHeader("warning".to_owned(), warning)));
        }
        "quota" => {
            source.rule(Rule::any().then(Behaviour::SetHeader("ratelimit-limit".to_owned(), header)));
        }
        "tag" => {
            let body = serde_json::json!({ "name": "app", "tags": ["1.0", HOSTILE] }).to_string();
            source.rule(on(RequestKind::TagList, Behaviour::Answer(Canned::new(200).body(&body))));
            pipeline.pair.mirrors("- { source: SOURCE/app, target: TARGET/app }");
        }
        _ => {
            let mut image = one_platform(1, Format::Oci);
            let mut document = image.root().document();
            document["annotations"] = serde_json::json!({ HOSTILE: HOSTILE });
            document["layers"][0]["mediaType"] = HOSTILE.into();
            image.manifests = vec![Manifest::new(&image.root().media_type.clone(), &document)];
            source.seed(&image, "app", &["1.0"]);
            pipeline.pair.mirrors(APP);
        }
    }
    pipeline
}

/// Lines that GitHub's runner takes for commands, and that name what is ours in none.
fn commands(log: &str) -> Vec<&str> {
    let is_ours = |line: &str| {
        line.contains("title=crossdock") || line.contains("crossdock: progress") || line == "::endgroup::"
    };
    let starts =
        |line: &str| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
    log.split(['\n', '\r']).filter(|line| starts(line) && !is_ours(line)).collect()
}

#[test]
fn s26_no_text_of_others_is_a_command_to_a_runner() {
    withstood(ENTRIES, |entry| {
        let pipeline = attacked(entry);
        let finished = pipeline.run();
        for text in [&finished.stdout, &finished.stderr] {
            assert_eq!(commands(text), [""; 0], "{entry}\n{text}");
            assert!(text.lines().all(|line| !line.starts_with("section_start:")), "{entry}");
        }
    });
}

#[test]
fn s27_no_text_of_others_is_an_output_of_its_own() {
    withstood(ENTRIES, |entry| {
        let pipeline = attacked(entry);
        let (_, outputs) = pipeline.outputs();
        assert_ne!(outputs["result"], "pwned", "{entry}");
        let names: Vec<&str> = crossdock::ci::OUTPUTS.iter().map(|output| output.name).collect();
        assert!(outputs.keys().all(|name| names.contains(&name.as_str())), "{entry}: {:?}", outputs.keys());
        // What ends a value is no word that anybody could have known.
        let text = pipeline.file("output");
        let ends: Vec<&str> =
            text.lines().filter_map(|line| line.split_once("<<")).map(|(_, end)| end).collect();
        assert!(!ends.is_empty() && ends.iter().all(|end| end.len() >= 16), "{ends:?}");
    });
    let first = read_end(&attacked("message"));
    assert_ne!(first, read_end(&attacked("message")), "another one each time");
}

fn read_end(pipeline: &Pipeline) -> String {
    pipeline.run();
    let text = pipeline.file("output");
    assert!(!read_outputs(&text).is_empty());
    text.lines().find_map(|line| line.split_once("<<")).map(|(_, end)| end.to_owned()).expect("an output")
}

#[test]
fn s28_no_text_of_others_is_markup() {
    withstood(ENTRIES, |entry| {
        let pipeline = attacked(entry);
        pipeline.run();
        let summary = pipeline.file("summary");
        assert!(!summary.is_empty(), "{entry}");
        // What stands between two of these is shown as it is.
        let lower: String = summary.to_ascii_lowercase().split('`').step_by(2).collect();
        for markup in ["<script", "pwned\n--- ", "\n--- pwned"] {
            assert!(!lower.contains(markup), "{entry}: {markup} in\n{summary}");
        }
        let closed = lower.matches("</details>").count();
        assert_eq!(lower.matches("<details>").count(), closed, "{entry}\n{summary}");
        // JUnit holds no character that XML cannot.
        pipeline.pair.run(&["sync", "--report", "junit=junit.xml"]);
        let junit = pipeline.pair.program.read("junit.xml");
        let illegal = |c: char| (c.is_control() && !"\n\t\r".contains(c)) || "\u{fffe}\u{ffff}".contains(c);
        assert!(!junit.chars().any(illegal), "{entry}");
        assert!(!junit.contains("<script"), "{entry}");
    });
}

#[test]
fn s29_no_text_of_others_moves_a_cursor() {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || "\u{feff}\u{200e}\u{200f}".contains(c)
    };
    withstood(ENTRIES, |entry| {
        let pipeline = attacked(entry);
        for arguments in
            [["sync", "-vv"].as_slice(), &["plan", "-vv"], &["explain"], &["sync", "--progress", "json"]]
        {
            let finished = pipeline.pair.run(arguments);
            for text in [&finished.stdout, &finished.stderr] {
                assert!(!text.chars().any(steers), "{entry} {arguments:?}: {text:?}");
            }
        }
    });
}
