//! image-transfer: `security.yaml` with users, `rule.yaml` with sources and targets; or all of Tencent's CCR.

mod one_shot;

use super::File;
use super::credentials::Variables;
use super::draft::Draft;
use super::pairs::{Dialect, Keys, Nowhere, Syntax, read as read_pairs};
use super::reference::Naming;

const DIALECT: Dialect = Dialect {
    naming: Naming::ThreeParts,
    parts_min: 1,
    variables: Variables::Literal,
    target_variables: Variables::Literal,
    keys: Keys::Namespaces,
    syntax: Syntax::Tags,
    nowhere: Nowhere::OwnNamespace,
};

pub(super) fn read(files: &[File], draft: &mut Draft<'_>) {
    match draft.options.one_shot.clone() {
        Some(wanted) => one_shot::read(files, &wanted, draft),
        None => read_pairs(files, DIALECT, DIALECT, draft),
    }
}
