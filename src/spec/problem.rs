//! Problems: what is wrong in a spec, where, and what to write instead. Never holds a secret.

use serde::{Serialize, Serializer};
use std::fmt;

/// One thing that is wrong in a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of problem it is, stable across versions.
    pub code: Code,
    /// Whether the spec can be used in spite of it.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What stands under the offending text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Another place that the problem is about: where a duplicate was first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<Related>,
}

/// Another place that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is there.
    pub label: String,
}

/// A piece of the text of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The line of its start, from 1.
    pub line: u32,
    /// The column of its start in characters, from 1.
    pub column: u32,
    /// The bytes of the text, without a byte order mark.
    pub span: Span,
}

/// Bytes of the text of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Whether a spec can be used in spite of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// No.
    Error,
    /// Yes, but it is probably not what was meant.
    Warning,
}

/// Declares the codes with their texts in one place.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Kinds of problems. They only grow in number; none changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable text of the code, as in the report.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// The text is not YAML.
    Syntax = "syntax",
    /// The text is larger than its limit.
    TooLarge = "too-large",
    /// Lists and mappings are nested deeper than their limit.
    TooDeep = "too-deep",
    /// Aliases make the document larger than its limit.
    TooMuchExpansion = "too-much-expansion",
    /// An alias names an anchor that is not there.
    UnknownAnchor = "unknown-anchor",
    /// An alias stands inside the node that it names.
    AliasCycle = "alias-cycle",
    /// A `<<` whose value cannot be merged.
    BadMerge = "bad-merge",
    /// A YAML tag such as `!include`.
    YamlTag = "yaml-tag",
    /// The file has no document.
    EmptyDocument = "empty-document",
    /// The file has more than one document.
    SeveralDocuments = "several-documents",
    /// A key stands twice in one mapping.
    DuplicateKey = "duplicate-key",
    /// A key that does not exist.
    UnknownKey = "unknown-key",
    /// A key that must be there is not.
    MissingKey = "missing-key",
    /// A key has no value.
    EmptyValue = "empty-value",
    /// A list has no entries.
    EmptyList = "empty-list",
    /// A text where a mapping belongs, and the like.
    WrongType = "wrong-type",
    /// A word that is not one of those that the key takes.
    UnknownValue = "unknown-value",
    /// A number that the key does not take.
    BadCount = "bad-count",
    /// The environment does not have the variable.
    UnsetVariable = "unset-variable",
    /// A `${` that is not a substitution.
    BadSubstitution = "bad-substitution",
    /// The spec is of a version that this program does not read.
    UnsupportedVersion = "unsupported-version",
    /// A name that could not be printed.
    BadName = "bad-name",
    /// Two rules have one name.
    DuplicateName = "duplicate-name",
    /// Not a repository.
    BadReference = "bad-reference",
    /// A tag or digest where only a repository belongs.
    TagInRepository = "tag-in-repository",
    /// A rule has one target twice.
    DuplicateTarget = "duplicate-target",
    /// A rule writes to the repository that it reads.
    SourceIsTarget = "source-is-target",
    /// A wildcard where none can be, or `{repository}` without one.
    BadWildcard = "bad-wildcard",
    /// Two source tags would be written to one target tag.
    TargetCollision = "target-collision",
    /// Not a tag.
    BadTag = "bad-tag",
    /// A pattern that does not compile.
    BadPattern = "bad-pattern",
    /// A range of versions that cannot be read.
    BadRange = "bad-range",
    /// `per` without `newest`.
    PerWithoutNewest = "per-without-newest",
    /// `prerelease` where no versions are compared.
    PrereleaseWithoutVersions = "prerelease-without-versions",
    /// `last_pushed` beside `newest`.
    TwoOrders = "two-orders",
    /// A digest behind something that is not one tag, or two digests of one tag.
    BadPin = "bad-pin",
    /// A rename that cannot work.
    BadRename = "bad-rename",
    /// A platform that does not exist.
    BadPlatform = "bad-platform",
    /// `index` without a list of platforms, or one that does not fit it.
    IndexWithoutPlatforms = "index-without-platforms",
    /// Not an artifact type.
    BadArtifactType = "bad-artifact-type",
    /// Not a size.
    BadSize = "bad-size",
    /// Not an age.
    BadAge = "bad-age",
    /// A filter that cannot be used: its file, its contract, its configuration.
    BadFilter = "bad-filter",
    /// A filter that is not declared.
    UnknownFilter = "unknown-filter",
    /// A filter that no rule uses.
    UnusedFilter = "unused-filter",
    /// Where a filter comes from cannot be read.
    BadFilterSource = "bad-filter-source",
    /// A filter from elsewhere whose content is not pinned.
    UnpinnedFilter = "unpinned-filter",
    /// Not a digest.
    BadDigest = "bad-digest",
    /// A value that has no form in JSON.
    BadConfig = "bad-config",
    /// Not a registry.
    BadRegistry = "bad-registry",
    /// What is to be made cannot be, or not there.
    BadCreation = "bad-creation",
    /// Two entries are about one registry.
    DuplicateRegistry = "duplicate-registry",
    /// Credentials that are incomplete or contradict each other.
    BadCredentials = "bad-credentials",
    /// Certificates that are incomplete or have no effect.
    BadTls = "bad-tls",
    /// A secret in the text of the spec.
    LiteralSecret = "literal-secret",
    /// A registry whose name looks like that of another.
    LookalikeRegistry = "lookalike-registry",
}

impl Problem {
    /// A problem without a label, help or another place.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        let message = printable(message.into());
        Self { code, severity: Severity::Error, message, place, label: None, help: None, related: None }
    }

    /// Makes it a warning.
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Says what stands under the offending text.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(printable(label.into()));
        self
    }

    /// Says what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(printable(help.into()));
        self
    }

    /// Says what to write instead, if that is known.
    pub fn maybe_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(|help| printable(help.into()));
        self
    }

    /// Points to another place.
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related = Some(Related { place, label: label.into() });
        self
    }
}

/// Escapes what could move the cursor or change the direction of writing, whoever prints the text.
fn printable(text: String) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    match text.contains(harmful) {
        true => {
            text.chars().map(|c| if harmful(c) { c.escape_debug().to_string() } else { c.into() }).collect()
        }
        false => text,
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
