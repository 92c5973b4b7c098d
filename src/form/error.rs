//! Why an image cannot be had in a form.

use super::Format;
use crate::oci::{ManifestError, Platform};
use std::fmt;

/// Why an image cannot be had in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormError {
    /// The index has none of the platforms that are asked for.
    NoPlatform {
        /// Those that it has, sorted.
        there: Vec<Platform>,
    },
    /// `single` was asked for, and several manifests fit.
    SeveralFit(usize),
    /// It is no manifest that can be mirrored.
    Unreadable(ManifestError),
    /// Something in it has no counterpart in the format.
    NotIn {
        /// The format that was asked for.
        format: Format,
        /// What has no counterpart.
        what: String,
    },
}

/// Most platforms that a message names.
const NAMED_MAX: usize = 20;

impl From<ManifestError> for FormError {
    fn from(error: ManifestError) -> Self {
        Self::Unreadable(error)
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlatform { there } if there.is_empty() => {
                f.write_str("its index names none of the platforms that the rule takes, and no other")
            }
            Self::NoPlatform { there } => {
                let named: Vec<String> = there.iter().take(NAMED_MAX).map(ToString::to_string).collect();
                let more = if there.len() > NAMED_MAX { ", …" } else { "" };
                write!(f, "it has none of the platforms that the rule takes, but {}{more}", named.join(", "))
            }
            Self::SeveralFit(count) => write!(
                f,
                "{count} manifests of its index fit the platform, and `index: single` needs exactly one"
            ),
            Self::Unreadable(error) => error.fmt(f),
            Self::NotIn { format, what } => {
                let format = match format {
                    Format::Docker => "Docker's",
                    Format::Oci => "OCI's",
                    Format::Keep => "its own",
                };
                write!(f, "it cannot be written in {format} format: {what}")
            }
        }
    }
}

impl std::error::Error for FormError {}
