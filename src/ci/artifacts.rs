//! `$GITHUB_ARTIFACTS`: the images that changed, for attestations. One repository may have one digest
//! only: two fail the step.

use crate::oci::Repository;
use crate::report::{Run, Subject, Verdict};
use std::collections::BTreeMap;

/// Most lines that are written: a run of GitHub takes 500 of all its steps together.
const LINES_MAX: usize = 400;

/// The lines to append: `oci://repository@digest`. A repository with several digests, here or in what
/// is `there` already, is left out: one of them alone would tell half.
pub(super) fn lines(run: &Run, there: &str) -> String {
    let mut digests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let known = there.lines().filter_map(|line| line.trim().strip_prefix("oci://")?.split_once('@'));
    for (name, digest) in known {
        digests.entry(name.to_owned()).or_default().push(digest.to_owned());
    }
    let taken: Vec<String> = digests.keys().cloned().collect();
    for judged in run.verdicts() {
        let (Subject::Target { target, outcome: Some(outcome), .. }, Verdict::Created | Verdict::Updated) =
            (judged.subject, &judged.verdict)
        else {
            continue;
        };
        let (Repository::Registry { .. }, Some(digest)) =
            (&target.reference.repository, &outcome.digest_after)
        else {
            continue;
        };
        let all = digests.entry(target.reference.repository.to_string()).or_default();
        if !all.contains(&digest.to_string()) {
            all.push(digest.to_string());
        }
    }
    let single = |(name, digests): (String, Vec<String>)| match digests.as_slice() {
        [digest] if !taken.contains(&name) && !name.contains('=') => Some(format!("oci://{name}@{digest}\n")),
        _ => None,
    };
    digests.into_iter().filter_map(single).take(LINES_MAX).collect()
}
