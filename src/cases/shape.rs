//! The shape of a case file, as JSON Schema sees it, and as recording writes it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Golden cases of a filter: what it is asked, and what it shall answer. One case, or several.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(title = "Crossdock filter case")]
#[expect(dead_code, reason = "what is recorded is one case, and what is read is not read by serde")]
pub(super) enum File {
    /// One case.
    One(Box<Case>),
    /// Several cases.
    Several(Several),
}

/// Several cases.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what is recorded is one case, and what is read is not read by serde")]
pub(super) struct Several {
    /// Where an editor finds this schema.
    #[serde(rename = "$schema")]
    schema: Option<String>,
    /// The cases.
    #[schemars(length(min = 1))]
    cases: Vec<Case>,
}

/// One case.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// Where an editor finds this schema.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<String>,
    /// What the case is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// The configuration that the filter gets; `{}` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) config: Option<Value>,
    /// What the filter is asked.
    pub(super) request: Request,
    /// What it shall answer, by tag: every tag of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Decision>>")]
    pub(super) expect: Option<Value>,
    /// A part of the error that it shall answer instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub(super) expect_error: Option<String>,
}

/// What a filter is asked.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The source repository.
    pub(super) source: Repository,
    /// The target repository.
    pub(super) target: Repository,
    /// The time of the run; a filter gets it if it asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    pub(super) now: Option<Value>,
    /// The images, in any order; the filter gets them sorted by tag.
    pub(super) images: Vec<Image>,
}

/// A repository as a filter sees it.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Repository {
    /// `docker.io`, or `oci:DIRECTORY`.
    pub(super) registry: String,
    /// `library/nginx`.
    pub(super) path: String,
}

/// One image: its tag, or more. A filter gets of it what it asks for.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Image {
    /// Its tag.
    Tag(String),
    /// Its tag, and what is known of it.
    Told(Box<Told>),
}

/// An image with what is known of it.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// The tag.
    pub(super) tag: String,
    /// The digest of the manifest or index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
    /// The media type of the manifest or index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<String>,
    /// The platforms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) platforms: Option<Vec<Platform>>,
    /// The annotations of the manifest or index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotations: Option<BTreeMap<String, String>>,
    /// The labels in the config of the first platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<BTreeMap<String, String>>,
    /// When the image was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    pub(super) created: Option<Value>,
}

/// A platform: `linux/arm/v7`, or in parts where it has a version of its system.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Platform {
    /// `linux/arm/v7`.
    Text(String),
    /// In parts.
    Parts(PlatformParts),
}

/// A platform in parts.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlatformParts {
    /// `windows`.
    pub(super) os: String,
    /// `amd64`.
    pub(super) architecture: String,
    /// `v8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<String>,
    /// `10.0.20348.2340`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) os_version: Option<String>,
}

/// A point in time.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "times are written by `times`")]
pub(super) enum Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    Seconds(i64),
    /// RFC 3339: `2023-11-14T22:13:20Z`.
    Text(String),
}

/// What becomes of an image.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "decisions are written by `expect`")]
pub(super) enum Decision {
    /// It is mirrored under its own tag.
    Keep(Keep),
    /// It is not mirrored.
    Drop(Drop),
    /// It is mirrored under these names: `:TAG` in the target repository, or `PATH:TAG`.
    Rename(#[schemars(length(min = 1))] Vec<String>),
}

/// It is mirrored under its own tag.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "decisions are written by `expect`")]
pub(super) enum Keep {
    /// It is mirrored under its own tag.
    Keep,
}

/// It is not mirrored.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "decisions are written by `expect`")]
pub(super) struct Drop {
    /// The reason that the filter gives; null for none.
    drop: Reason,
}

/// Why an image is not mirrored.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "decisions are written by `expect`")]
pub(super) enum Reason {
    /// The reason.
    Text(String),
    /// None.
    None(()),
}

/// The JSON Schema (draft-07) of a case file.
pub fn schema() -> Value {
    schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<File>().to_value()
}
