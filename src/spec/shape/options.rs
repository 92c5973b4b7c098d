//! The keys of a rule that `defaults` has as well. What a key means stands beside it.

use super::choice::Chosen;
use super::number::{Count, Flag};
use super::text::Template;
use super::{Many, Reading, Shape, Text};
use crate::spec::node::{Kind, Node};
use crate::spec::{Format, IndexMode, OnExisting, PerWord};

shape! {
    /// Keys that every rule has unless it says otherwise.
    OptionsShape is "`defaults`" {
        /// Which tags are mirrored. Without this, all of them. A tag or pattern, a list of them, or a
        /// mapping. Patterns: a text with one of `*?[]{}` is a glob for the whole tag, `/…/` a regular
        /// expression for any part of it, and anything else a tag. A tag with a digest, `1.2@sha256:…`,
        /// is mirrored while it names that digest.
        optional tags: TagsShape = ["3.20", "3.21", "latest"],
        /// Take every other tag of the source, too, that names the same image as a taken tag, unless `exclude`
        /// has it.
        optional aliases: Flag = true,
        /// What taken tags are called at the target. The first that matches wins.
        optional rename: Many<RenameShape> = [{ "match": "^v(.*)$", "to": "$1" }],
        /// The filter that has the last word about tags, by its name under `filters`.
        optional filter: Text = "calver",
        /// Patterns of target tags that never move: present at the target means done.
        optional immutable: Many<Text> = ["/^\\d+\\.\\d+\\.\\d+$/"],
        /// What happens to a target tag that names another image.
        optional on_existing: Chosen<OnExisting> = "overwrite",
        /// The platforms that are mirrored: `all`, or a list of `os/architecture` with an optional variant.
        optional platforms: Many<Text> = ["linux/amd64", "linux/arm64"],
        /// What becomes of an index when `platforms` leaves some out.
        optional index: Chosen<IndexMode> = "rewrite",
        /// Signatures, attestations and SBOMs that point at an image: `all`, `none`, or a list of
        /// artifact types.
        optional referrers: Many<Text> = "all",
        /// Artifact types of which an image must have at least one referrer each, or it is refused.
        optional require: Many<Text> = ["application/vnd.dev.cosign.simplesigning.v1+json"],
        /// The most bytes that the blobs of an image may have, or it is refused.
        optional max_size: Text = "2GiB",
        /// How long ago an image must have been made, or it is refused, by the creation time in its config.
        optional min_age: Text = "7d",
        /// Digests of manifests, and patterns of source tags, that are refused.
        optional deny: Many<Text> = ["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "*-rc*"],
        /// The format of manifests at the target.
        optional format: Chosen<Format> = "keep",
    }
}

shape! {
    /// Which tags are mirrored. The order is always: include, exclude, semver, newest or last_pushed, plus
    /// always.
    TagsMapShape is "`tags`" {
        /// Patterns of which one must match. Without this, every tag.
        optional include: Many<Text> = ["1[01].*", "/^12\\.\\d+\\.\\d+$/"],
        /// Patterns of which none may match.
        optional exclude: Many<Text> = ["*-rc*", "*-ubuntu"],
        /// The range that versions must be in. Tags that are no version are dropped.
        optional semver: Text = ">=10.4, <13",
        /// Let pre-releases through `semver` and `newest`.
        optional prerelease: Flag = true,
        /// How many versions are kept of what is left, highest first, each with all its variants.
        optional newest: Count = 3,
        /// Keep that many of each major or minor version, instead of all in all.
        optional per: Chosen<PerWord> = "minor",
        /// How many tags are kept of what is left, those that were pushed last, whatever they are called. Where the
        /// registry tells: at the personal edition of Tencent Cloud (CCR).
        optional last_pushed: Count = 100,
        /// Patterns of tags that are taken whatever the rest says.
        optional always: Many<Text> = ["latest"],
    }
}

shape! {
    /// One rename. The first match in the tag is replaced; the rest of the tag stays.
    RenameShape is "a rename" {
        /// A regular expression that may match anywhere in the tag.
        required r#match: Text = "^v(.*)$",
        /// What replaces the match; `$1` and `$name` are groups of it.
        required to: Template = "$1",
    }
}

/// `tags` in its short or its long form.
pub(in crate::spec) enum TagsShape {
    /// Patterns: what `include` would be.
    Short(Many<Text>),
    Full(Box<TagsMapShape>),
}

impl Shape for TagsShape {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Mapping(_) => TagsMapShape::read(node, reading).map(|map| Self::Full(Box::new(map))),
            Kind::Scalar(_) | Kind::List(_) | Kind::Broken => Many::read(node, reading).map(Self::Short),
        }
    }
}

inline_schema!(TagsShape, |generator| {
    let (short, full) = (Many::<Text>::json_schema(generator), TagsMapShape::json_schema(generator));
    schemars::json_schema!({ "anyOf": [short, full] })
});
