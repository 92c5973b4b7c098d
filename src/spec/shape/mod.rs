//! Shapes: what may stand where in a spec. One declaration of a key makes both what is read and what
//! the JSON Schema says, so that the two cannot differ. Checks no meaning: see `check`.

#[macro_use]
mod declare;

mod choice;
mod document;
mod field;
mod free;
mod list;
mod number;
mod object;
mod options;
mod reading;
mod text;

pub(super) use choice::Choice;
pub(super) use document::{
    CloudKeysShape, CreationMapShape, CreationShape, CredentialsShape, FilterLimitsShape, FilterShape,
    RegistryShape, RepositoriesShape, RuleShape, SpecShape, TlsShape,
};
pub(super) use field::{Field, Given};
pub(super) use list::{Many, Table};
pub(super) use options::{OptionsShape, RenameShape, TagsMapShape, TagsShape};
pub(super) use reading::Reading;
pub(super) use text::{Secret, Text};

use super::node::{Kind, Node};
use schemars::JsonSchema;

/// Something that can be read from a node. Its JSON Schema accepts exactly what `read` accepts, but
/// for the inside of texts.
pub(super) trait Shape: JsonSchema + Sized {
    /// None when a problem was reported instead.
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        match node.kind {
            Kind::Broken => None,
            Kind::Scalar(_) | Kind::List(_) | Kind::Mapping(_) => Self::read_sound(node, reading),
        }
    }

    /// As `read`, for a node without a problem of its own.
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self>;
}
