//! The words of the OCI specifications as types. No I/O, no policy.

#[macro_use]
mod text;

mod area;
mod below;
mod descriptor;
mod digest;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod home;
mod kind;
mod listed;
mod manifest;
mod media_type;
mod name;
mod object;
mod place;
mod platform;
mod reference;
mod referrer;
mod referrers_list;
mod signatures;
mod spelling;
mod template;
mod tencent;

pub use area::{Area, AreaError, Levels};
pub use descriptor::Descriptor;
pub use digest::{Digest, DigestError, Hasher};
pub use home::{AliyunHost, AliyunNetwork, AzureCloud, EcrHost, Home, SwrHost};
pub use kind::RegistryKind;
pub use manifest::{Manifest, ManifestError, RawManifest};
pub use media_type::{MANIFEST_ACCEPT, MediaType};
pub use name::{NameError, RepositoryPath, Tag};
pub use object::Object;
pub use place::{Place, PlaceKind};
pub use platform::Platform;
pub use reference::{At, LayoutName, Reference, ReferenceError, Registry, Repository, StoreKey};
pub use referrer::{CosignTag, Link, Referrer, is_of_referrers, referrers_tag};
pub use referrers_list::{ListError, ReferrerEntry, with_referrers};
pub use signatures::keeps_layers;
pub use template::{PLACEHOLDER, Template, TemplateError};
pub use tencent::{TENCENT_REGION, TencentHost, TencentRegions};
