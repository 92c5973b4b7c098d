//! image-syncer, of both generations: one file with `auth` and `images`, or one for each.

use super::File;
use super::credentials::Variables;
use super::draft::Draft;
use super::pairs::{Dialect, Keys, Nowhere, Syntax, read as read_pairs};
use super::reference::Naming;

/// Two files: variables are put into users and passwords.
const TWO: Dialect = Dialect {
    naming: Naming::Docker,
    parts_min: 1,
    variables: Variables::Expanded,
    target_variables: Variables::Expanded,
    keys: Keys::Prefixes,
    syntax: Syntax::Rich,
    nowhere: Nowhere::Defaults,
};

/// One file: users and passwords are what is written.
const ONE: Dialect = Dialect { variables: Variables::Literal, ..TWO };

pub(super) fn read(files: &[File], draft: &mut Draft<'_>) {
    read_pairs(files, TWO, ONE, draft);
    let platforms = platforms(draft);
    if !platforms.is_empty() {
        let message = "an image that has none of the platforms is refused, and fails nothing else";
        draft.changed(None, message);
    }
    for rule in &mut draft.rules {
        rule.platforms.clone_from(&platforms);
    }
}

/// Each operating system with each architecture.
fn platforms(draft: &mut Draft<'_>) -> Vec<String> {
    let (mut os, mut arch) = (draft.options.os.clone(), draft.options.arch.clone());
    if os.is_empty() && arch.is_empty() {
        return Vec::new();
    }
    if os.is_empty() {
        draft.changed(None, "`--arch` without `--os` takes every operating system; here it is linux");
        os.push("linux".to_owned());
    }
    if arch.is_empty() {
        draft
            .changed(None, "`--os` without `--arch` takes every architecture; here they are amd64 and arm64");
        arch.extend(["amd64".to_owned(), "arm64".to_owned()]);
    }
    let mut platforms = Vec::new();
    for os in &os {
        let (name, version) =
            os.split_once(':').map_or((os.as_str(), None), |(name, version)| (name, Some(version)));
        if version.is_some() {
            draft.changed(None, format!("`--os {os}` takes one version of it; here it is every {name}"));
        }
        for arch in &arch {
            platforms.push(format!("{name}/{}", arch.replacen(':', "/", 1)));
        }
    }
    platforms.sort();
    platforms.dedup();
    platforms
}
