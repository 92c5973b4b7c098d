//! Images that are mirrored in another form, in a saved plan.

use super::PlanFileError;
use super::read::{optional, value, wrong};
use crate::form::{Form, Format, IndexMode, Platforms};
use crate::oci::{Digest, MediaType};
use crate::plan::{Origin, Pin};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is mirrored in place of what the source has, and how it is made.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Made {
    /// The digest of what is mirrored.
    pub(super) digest: String,
    /// Its media type.
    pub(super) media_type: String,
    /// The platforms that are mirrored, as `os/architecture[/variant]`; null for all.
    pub(super) platforms: Option<Vec<String>>,
    /// What becomes of an index when platforms are left out.
    pub(super) index: IndexMode,
    /// The format of manifests.
    pub(super) format: Format,
    /// How many manifests speak at the source about what is mirrored in another form, and stay behind.
    #[serde(default)]
    pub(super) left_behind: u64,
}

impl Made {
    /// How `pin` is made, where it is.
    pub(super) fn of(pin: &Pin) -> Option<Self> {
        let Origin { digest: _, media_type: _, form, left_behind } = pin.origin.as_ref()?;
        let Form { platforms, index, format } = form;
        Some(Self {
            digest: pin.digest.to_string(),
            media_type: pin.media_type.to_string(),
            platforms: platforms.texts(),
            index: *index,
            format: *format,
            left_behind: *left_behind,
        })
    }

    fn form(self, path: &str) -> Result<Form, PlanFileError> {
        let platforms = match self.platforms {
            None => Platforms::All,
            Some(list) if list.is_empty() => {
                return Err(wrong(&format!("{path}.platforms"), "[]", "it names none"));
            }
            Some(list) => {
                let parsed = list.iter().map(|text| value(&format!("{path}.platforms"), text));
                Platforms::Only(parsed.collect::<Result<_, _>>()?)
            }
        };
        Ok(Form { platforms, index: self.index, format: self.format })
    }
}

/// The pin of a source: what it has, and what is made of that.
pub(super) fn pin_of(
    path: &str,
    digest: Option<&str>,
    media_type: Option<&str>,
    made: Option<Made>,
) -> Result<Option<Pin>, PlanFileError> {
    let found: Option<Digest> = optional(&format!("{path}.digest"), digest)?;
    let found_type: Option<MediaType> = optional(&format!("{path}.mediaType"), media_type)?;
    match (found, found_type, made) {
        (Some(digest), Some(media_type), None) => Ok(Some(Pin { digest, media_type, origin: None })),
        (Some(origin), Some(origin_type), Some(made)) => {
            let path = format!("{path}.made");
            let digest = value(&format!("{path}.digest"), &made.digest)?;
            let media_type = value(&format!("{path}.mediaType"), &made.media_type)?;
            let left_behind = made.left_behind;
            let form = made.form(&path)?;
            let origin = Some(Origin { digest: origin, media_type: origin_type, form, left_behind });
            Ok(Some(Pin { digest, media_type, origin }))
        }
        (None, None, None) => Ok(None),
        _ => Err(wrong(path, digest.unwrap_or_default(), "`digest`, `mediaType` and `made` belong together")),
    }
}
