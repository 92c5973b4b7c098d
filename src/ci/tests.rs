//! What CIs are told: that it fits, that it is one command a line, and that nothing foreign is one.

use super::annotation::ANNOTATIONS_MAX;
use super::input::{INPUTS, Kind};
use super::outputs::VALUE_BYTES_MAX;
use super::*;
use crate::failure::Code;
use crate::outcome::Done;
use crate::report::escape::tests::hostile;
use crate::report::{Command, Exit, Format, Problem, Run, Severity, exit_code, sample};
use proptest::prelude::*;

const SYNC: Command = Command::Sync;

/// Everything that `ci` is told of a run, with every variable that names a file.
fn told(ci: Ci, run: &Run, more: &[(&str, &str)]) -> Vec<Effect> {
    let exit = exit_code(run);
    let all = [
        ("GITHUB_ACTIONS", "true"),
        ("TF_BUILD", "True"),
        ("GITHUB_OUTPUT", "/f/output"),
        ("GITHUB_STEP_SUMMARY", "/f/summary"),
        ("GITHUB_ARTIFACTS", "/f/artifacts"),
        ("DRONE_OUTPUT", "/f/drone"),
    ];
    let ended = Ended {
        run,
        exit,
        step: FailOn::Error.step(run.command, exit),
        ci: Some(ci),
        variables: &Variables::made_up(&[all.as_slice(), more].concat()),
        directory: Some(std::path::Path::new("/f")),
        files: &Files::default(),
        below: "",
        summary: Summary::Auto,
        shown: Shown::Auto,
        summary_bytes: 0,
        artifacts: "",
        random: 7,
    };
    effects(&ended)
}

fn lines(effects: &[Effect]) -> Vec<&str> {
    let line = |effect: &'_ Effect| matches!(effect, Effect::Line(_));
    let lines = effects.iter().filter(|effect| line(effect));
    lines.map(|effect| if let Effect::Line(line) = effect { line.as_str() } else { "" }).collect()
}

fn annotated(run: &Run) -> Vec<Annotation> {
    let exit = exit_code(run);
    annotations(run, exit, FailOn::Error.step(run.command, exit), "", None)
}

/// A run in which everything that can be foreign is `text`.
fn foreign_run(text: &str) -> Run {
    let mut run = sample::full_run(SYNC);
    for settled in &mut run.entries {
        for outcome in settled.outcomes.iter_mut().flatten() {
            if let Done::Failed(failure) | Done::Refused(failure) | Done::Deferred(failure) =
                &mut outcome.result
            {
                failure.message = text.to_owned();
                failure.hint = Some(text.to_owned());
                failure.repository = text.to_owned();
            }
        }
    }
    let mut problem = Problem::usage(text);
    (problem.path, problem.hint, problem.line) = (Some(text.to_owned()), Some(text.to_owned()), Some(7));
    problem.code = text.to_owned();
    run.problems.push(problem);
    run
}

proptest! {
    #[test]
    fn every_line_for_a_ci_is_one_command_of_ours(text in hostile()) {
        let starts = regex::Regex::new(r"##[A-Za-z0-9]*\[").expect("a pattern");
        let run = foreign_run(&text);
        for ci in Ci::ALL {
            for line in lines(&told(ci, &run, &[])) {
                prop_assert!(!line.contains(['\n', '\r']), "{line:?}");
                let ours = match ci {
                    Ci::Azure => line.starts_with("##vso[task."),
                    _ => ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start)),
                };
                prop_assert!(ours, "{ci}: {line:?}");
                // What these runners look for anywhere in a line is there once at most.
                let expected = usize::from(ci == Ci::Azure);
                prop_assert_eq!(starts.find_iter(line).count(), expected, "{}: {:?}", ci, line);
            }
        }
    }

    #[test]
    fn no_value_fakes_an_output(text in hostile()) {
        let run = foreign_run(&text);
        for effect in told(Ci::GitHub, &run, &[]) {
            if let Effect::Append { path, text } = effect
                && path.ends_with("output")
            {
                let ends = text.lines().filter(|line| *line == "ghadelimiter_0000000000000007").count();
                prop_assert_eq!(ends, OUTPUTS.len());
            }
        }
    }
}

#[test]
fn many_causes_are_ten_annotations_and_the_last_counts_the_rest() {
    let mut run = sample::run(SYNC);
    for at in 0..40 {
        let mut problem = sample::problem(Severity::Error);
        problem.line = Some(at);
        run.problems.push(problem);
    }
    let all = annotated(&run);
    assert_eq!(all.len(), ANNOTATIONS_MAX);
    assert_eq!(all[9].message, "and 31 more: the log and the report have all of them");
}

#[test]
fn target_tags_with_one_cause_are_one_annotation_and_long_ones_are_cut() {
    let mut run = sample::of(SYNC, &"f".repeat(30));
    let all = annotated(&run);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].title, "crossdock: 30 target tags failed (network)");
    assert!(all[0].message.ends_with("and 20 more"), "{}", all[0].message);
    run.problems.push(Problem::usage("x".repeat(10_000)));
    assert!(annotated(&run).iter().all(|annotation| annotation.message.chars().count() <= 4096));
}

#[test]
fn what_does_not_make_the_step_red_is_no_error() {
    let run = sample::of(SYNC, "+fa!d");
    let exit = exit_code(&run);
    let levels = |fail_on: FailOn| -> Vec<Level> {
        let all = annotations(&run, exit, fail_on.step(run.command, exit), "", None);
        all.into_iter().map(|annotation| annotation.level).collect()
    };
    assert_eq!(levels(FailOn::Error), [Level::Error, Level::Error, Level::Error, Level::Warning]);
    assert_eq!(levels(FailOn::Never), [Level::Warning; 4]);
    let check = annotated(&sample::of(Command::Check, "=??"));
    assert_eq!((check.len(), check[0].level), (1, Level::Error));
    assert_eq!(check[0].title, "crossdock: 2 target tags drifted");
}

#[test]
fn a_place_is_named_from_the_root_of_the_repository() {
    let mut run = sample::run(SYNC);
    run.problems.push(sample::problem(Severity::Error));
    let place =
        |below| annotations(&run, Exit::Invalid, Light::Red(Exit::Invalid), below, None)[0].place.clone();
    assert_eq!(place("").expect("a place").0, "crossdock.yaml");
    assert_eq!(place("deploy").expect("a place").0, "deploy/crossdock.yaml");
}

#[test]
fn a_login_that_cannot_be_seen_is_told_of_where_it_would_have_helped() {
    let container = Variables::made_up(&[("HOME", "/github/home")]);
    let denied = sample::of(SYNC, "a");
    assert!(unseen_login(&denied, &container).is_some_and(|words| words.contains("docker/login-action")));
    assert_eq!(unseen_login(&denied, &Variables::made_up(&[("HOME", "/h")])), None);
    assert_eq!(unseen_login(&sample::of(SYNC, "+f"), &container), None);
    let told = told(Ci::GitHub, &denied, &[("HOME", "/github/home")]);
    assert!(lines(&told)[0].contains("use the input registry-auth"), "{told:?}");
    let mut with_credential = sample::run(SYNC);
    let mut lost = sample::unresolved(1, Code::Denied);
    lost.failure.credential = Some("user bob, from the spec".to_owned());
    with_credential.unresolved.push(lost);
    assert_eq!(unseen_login(&with_credential, &container), None);
}

#[test]
fn outputs_are_those_of_the_table_and_fit() {
    let mut run = sample::run(SYNC);
    let of_one = outputs(&sample::of(SYNC, "+"), Exit::Ok, &Files::default());
    let value = |outputs: &[(Output, String)], name: &str| {
        outputs.iter().find(|(output, _)| output.name == name).map(|(_, value)| value.clone()).expect(name)
    };
    assert_eq!(of_one.iter().map(|(output, _)| *output).collect::<Vec<_>>(), OUTPUTS);
    assert!(value(&of_one, "digest").starts_with("sha256:"));
    assert_eq!((value(&of_one, "changed").as_str(), value(&of_one, "drift").as_str()), ("true", "true"));
    for at in 0..5_000 {
        run.entries.push(sample::created(at));
    }
    let many = outputs(&run, Exit::Ok, &Files::default());
    assert_eq!(value(&many, "digests-truncated"), "true");
    let digests = value(&many, "digests");
    assert!(digests.len() <= VALUE_BYTES_MAX && digests.len() > VALUE_BYTES_MAX - 200, "{}", digests.len());
    let digests: serde_json::Value = serde_json::from_str(&digests).expect("whole JSON");
    assert!(digests.as_object().is_some_and(|digests| digests.len() > 1_000));
    let unwritten = outputs(&sample::of(SYNC, "="), Exit::Failed, &Files::default());
    assert_eq!(
        (value(&unwritten, "result").as_str(), value(&unwritten, "exit-code").as_str()),
        ("failed", "1")
    );
    assert_eq!(value(&outputs(&sample::of(SYNC, "+u"), Exit::Partial, &Files::default()), "digest"), "");
}

#[test]
fn an_image_is_declared_once_and_one_with_two_digests_not_at_all() {
    let one = "oci://localhost:5000/alpine@";
    let run = sample::of(SYNC, "++=f");
    let lines = artifacts::lines(&run, "");
    assert!(lines.starts_with(one) && lines.lines().count() == 1, "{lines}");
    assert_eq!(artifacts::lines(&run, &lines), "", "it was declared by an earlier step");
    assert_eq!(artifacts::lines(&run, "oci://localhost:5000/alpine@sha256:0\n"), "");
    assert_eq!(artifacts::lines(&sample::of(SYNC, "=?"), ""), "");
}

#[test]
fn a_summary_leaves_room_for_what_others_wrote() {
    let run = sample::full_run(SYNC);
    let variables = Variables::made_up(&[("GITHUB_STEP_SUMMARY", "/f/summary")]);
    let summary = |summary_bytes| {
        let ended = Ended {
            run: &run,
            exit: Exit::Ok,
            step: Light::Green,
            ci: Some(Ci::GitHub),
            variables: &variables,
            directory: None,
            files: &Files::default(),
            below: "",
            summary: Summary::Always,
            shown: Shown::None,
            summary_bytes,
            artifacts: "",
            random: 7,
        };
        let text = |effect| if let Effect::Append { text, .. } = effect { text.len() } else { 0 };
        effects(&ended).into_iter().map(text).sum::<usize>()
    };
    let whole = summary(0);
    assert!(whole > 500, "{whole}");
    let room = 600;
    assert!(summary((900 << 10) - room) <= usize::try_from(room).expect("small"));
    assert_eq!(summary(900 << 10), 0);
    assert_eq!(summary(2 << 20), 0);
}

#[test]
fn a_quiet_run_has_a_summary_only_where_it_was_asked_for() {
    let quiet = sample::of(SYNC, "=");
    let has_annotation = |run: &Run| {
        told(Ci::Buildkite, run, &[]).iter().any(|effect| format!("{effect:?}").contains("annotate"))
    };
    assert!(!has_annotation(&quiet));
    assert!(has_annotation(&sample::of(SYNC, "+")));
}

#[test]
fn the_tables_say_what_there_is_and_nothing_that_an_action_would_choke_on() {
    let words = INPUTS.iter().find(|input| input.name == "report").map(|input| input.kind);
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    assert_eq!(words, Some(Kind::Choices(names.leak())));
    let texts = INPUTS.iter().map(|input| (input.name, input.meaning));
    for (name, meaning) in texts.chain(OUTPUTS.iter().map(|output| (output.name, output.meaning))) {
        assert!(!meaning.contains("${") && !meaning.contains("{{") && !meaning.contains('|'), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
    }
    for input in INPUTS {
        if let (Kind::Choice(words), Some(default)) = (input.kind, input.default) {
            assert!(words.contains(&default), "{}", input.name);
        }
    }
}
