//! What a spec says about one repository: a rule. Plain values, checked.

use super::{Gates, Place};
use crate::form::{Form, Format, IndexMode, Platforms};
use crate::oci::{MediaType, Repository};
use crate::select::{PatternSet, Per, Selection};
use serde::Serialize;
use std::collections::BTreeMap;

/// One repository, mirrored to one or more others.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it is called; no two rules have one name.
    pub name: String,
    /// The line where it starts, from 1.
    pub line: u32,
    /// The repository that is read.
    pub source: Repository,
    /// The repositories that are written: at least one, all different.
    pub targets: Vec<Repository>,
    /// Which tags are taken, and under which names.
    pub selection: Selection,
    /// What becomes of other tags of an image that is taken.
    pub aliases: Aliases,
    /// Target tags that never move: present means done.
    pub immutable: PatternSet,
    /// What happens to a target tag that names another image.
    pub on_existing: OnExisting,
    /// The name of the filter that has the last word about tags; it is declared.
    pub filter: Option<String>,
    /// The platforms that are mirrored.
    pub platforms: Platforms,
    /// What becomes of an index when platforms are left out.
    pub index: IndexMode,
    /// Which referrers are mirrored too.
    pub referrers: Referrers,
    /// Artifact types that an image must have referrers of.
    pub require: Vec<MediaType>,
    /// What an image has to pass beside `require`.
    pub gates: Gates,
    /// The format of manifests at the target.
    pub format: Format,
    /// Where the values of the keys stand that the rule has, its own or from `defaults`.
    pub places: BTreeMap<&'static str, Place>,
}

impl Rule {
    /// How much of each image is mirrored, and as what.
    pub fn form(&self) -> Form {
        Form { platforms: self.platforms.clone(), index: self.index, format: self.format }
    }
}

/// What becomes of the tags that name the same image as one that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aliases {
    /// What the rest of the rule says of them.
    #[default]
    Alone,
    /// They are taken, too, unless `exclude` names them.
    Taken,
}

/// What happens to a target tag that names another image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    /// It is moved.
    #[default]
    Overwrite,
    /// It is left as it is, and counts as current.
    Keep,
    /// It is left as it is, and the entry is refused.
    Fail,
}

/// Which referrers of an image are mirrored with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Referrers {
    /// All that there are.
    #[default]
    All,
    /// None.
    None,
    /// Those of these artifact types.
    Types(Vec<MediaType>),
}

/// What `per` can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PerWord {
    Major,
    Minor,
}

choice!(OnExisting { Overwrite = "overwrite", Keep = "keep", Fail = "fail", });
choice!(IndexMode { Rewrite = "rewrite", Sparse = "sparse", Single = "single", });
choice!(Format { Keep = "keep", Docker = "docker", Oci = "oci", });
choice!(PerWord { Major = "major", Minor = "minor", });

impl From<PerWord> for Per {
    fn from(word: PerWord) -> Self {
        match word {
            PerWord::Major => Self::Major,
            PerWord::Minor => Self::Minor,
        }
    }
}
