//! The end of a run as variables, one `NAME=value` a line: for GitLab's dotenv reports.
//!
//! Nothing foreign is among them: values are numbers, words of ours, and a digest.

use super::exit::{exit_code, result};
use super::run::Run;
use super::verdict::{Counts, Judged, Subject, Verdict};
use crate::oci::Digest;
use crate::plan::Drift;
use std::fmt::Write as _;

/// Longest text of variables, in bytes: GitLab refuses more.
pub const BYTES_MAX: usize = 5_000;

/// The variables of a run, at most [`BYTES_MAX`].
pub fn render(run: &Run) -> String {
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped } = Counts::of(run);
    let mut text = String::new();
    let mut put = |name: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "CROSSDOCK_{name}={value}");
    };
    put("RESULT", &result(run).as_str());
    put("EXIT_CODE", &exit_code(run).code());
    put("CHANGED", &(created + updated + pending > 0));
    put("DRIFT", &(drifted(run) > 0));
    for (name, count) in [
        ("CREATED", created),
        ("UPDATED", updated),
        ("CURRENT", current),
        ("REFUSED", refused),
        ("DEFERRED", deferred),
        ("FAILED", failed),
        ("PENDING", pending),
        ("DROPPED", dropped),
    ] {
        put(name, &count);
    }
    if let Some(digest) = digest(run) {
        put("DIGEST", &digest);
    }
    text
}

/// How many target tags were absent or stale when they were looked at.
pub(super) fn drifted(run: &Run) -> u64 {
    let targets = run.entries.iter().flat_map(|settled| &settled.entry.targets);
    targets.filter(|target| target.drift.is_pending()).count() as u64
}

/// What the target tags name, when the run was about one image and that is at all of them.
pub fn digest(run: &Run) -> Option<&Digest> {
    let ([settled], []) = (run.entries.as_slice(), run.unresolved.as_slice()) else { return None };
    let mut digests = run.judge_entry(settled).map(|Judged { subject, verdict }| match (subject, verdict) {
        (Subject::Target { target, outcome, .. }, Verdict::Created | Verdict::Updated | Verdict::Current) => {
            let found = match &target.drift {
                Drift::Current { found } => found.as_ref(),
                Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } | Drift::Refused { .. } => {
                    None
                }
            };
            outcome.and_then(|outcome| outcome.digest_after.as_ref()).or(found)
        }
        _ => None,
    });
    let first = digests.next()??;
    digests.all(|digest| digest == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;
    use crate::report::escape::tests::hostile;
    use crate::report::{Command, sample};
    use proptest::prelude::*;

    fn digest_of(command: Command, letters: &str) -> Option<String> {
        digest(&sample::of(command, letters)).map(ToString::to_string)
    }

    #[test]
    fn a_digest_is_told_when_it_is_that_of_the_one_image() {
        for letters in ["+", "="] {
            assert!(digest_of(Command::Sync, letters).is_some(), "{letters}");
        }
        for letters in ["", "++", "+u", "f", "!", "d"] {
            assert_eq!(digest_of(Command::Sync, letters), None, "{letters}");
        }
        assert_eq!(digest_of(Command::Check, "?"), None);
        let mut run = sample::of(Command::Sync, "+");
        let (mut target, mut outcome) =
            (run.entries[0].entry.targets[0].clone(), run.entries[0].outcomes[0].clone());
        target.reference = crate::plan::sample::reference("elsewhere.test/alpine:3.0");
        run.entries[0].entry.targets.push(target);
        run.entries[0].outcomes.push(outcome.clone());
        assert!(digest(&run).is_some(), "one image at two targets");
        outcome.as_mut().expect("it has one").digest_after = Some(Digest::of(b"another"));
        run.entries[0].outcomes[1] = outcome;
        assert_eq!(digest(&run), None);
    }

    #[test]
    fn drift_is_what_was_found_and_changed_is_what_was_or_would_be_written() {
        let line = |run: &Run, name: &str| {
            let text = render(run);
            let found = text.lines().find_map(|line| line.strip_prefix(&format!("CROSSDOCK_{name}=")));
            found.map(str::to_owned).unwrap_or_default()
        };
        let told = |command, letters| {
            let run = sample::of(command, letters);
            [line(&run, "CHANGED"), line(&run, "DRIFT")]
        };
        assert_eq!(told(Command::Sync, "+="), ["true", "true"]);
        assert_eq!(told(Command::Sync, "==u"), ["false", "false"]);
        assert_eq!(told(Command::Check, "?"), ["true", "true"]);
        let mut run = sample::run(Command::Sync);
        run.entries.push(sample::failed(1, Code::Network));
        assert_eq!([line(&run, "CHANGED"), line(&run, "DRIFT")], ["false", "true"]);
    }

    proptest! {
        #[test]
        fn every_line_is_a_name_and_a_harmless_value(texts in prop::collection::vec(hostile(), 8)) {
            let text = render(&sample::with_texts(sample::full_run(Command::Sync), &texts));
            prop_assert!(text.len() <= BYTES_MAX && text.ends_with('\n'));
            for line in text.lines() {
                let (name, value) = line.split_once('=').expect("a name and a value");
                prop_assert!(name.strip_prefix("CROSSDOCK_").is_some_and(
                    |name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                ));
                prop_assert!(!value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == ':'));
            }
        }
    }
}
