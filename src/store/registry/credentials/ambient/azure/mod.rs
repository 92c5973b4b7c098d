//! Azure Container Registry: a token of the directory, and the registry's password that it is good for.

mod acr;
mod directory;
mod machine;
mod source;

pub(super) use acr::{Acr, USERNAME};
pub(super) use source::AzureSource;

/// For whom a token of the directory is: registries, and nothing else of Azure. It is the same in all
/// of its clouds.
const AUDIENCE: &str = "https://containerregistry.azure.net";
