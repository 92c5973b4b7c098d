//! The filters of a run: from what a spec declares to filters that are ready to decide. Reads files,
//! asks registries, checks pins; what a component does is the business of `filter`.

use crate::failure::{Failure, Fallible};
use crate::filter::{Cache, Filter, FilterError};
use crate::oci::Digest;
use crate::spec::{FilterDeclaration, Spec};
use crate::store::Sight;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The bytes of a component, checked against its pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The component.
    pub bytes: Vec<u8>,
    /// The SHA-256 of the bytes.
    pub digest: Digest,
    /// The digest of the manifest that named it; none where it came from no registry.
    pub manifest: Option<Digest>,
}

/// The filters that some rules name, by name.
pub type Filters = BTreeMap<String, Filter>;

/// Why the filters of a spec cannot be had.
#[derive(Debug, Clone)]
pub enum LoadError {
    /// One of them is wrong: its file, its pin, its contract, its configuration.
    Filter(Box<FilterError>),
    /// One of them could not be fetched.
    Store(Box<Failure>),
}

/// Fetches the component of one declaration. The pin is checked before a byte is parsed.
///
/// # Errors
/// It is not there, too large, or not what the pin says.
pub async fn fetch(
    _name: &str,
    _declaration: &FilterDeclaration,
    _sight: &dyn Sight,
) -> Result<Fetched, LoadError> {
    unimplemented!()
}

/// Fetches, compiles and prepares the filters that are in `names`, all at once.
///
/// # Errors
/// As [`fetch`]; or one does not keep to the contract, or refuses its configuration.
pub async fn load(
    _spec: &Spec,
    _names: &BTreeSet<String>,
    _sight: &Arc<dyn Sight>,
    _cache: Option<&Cache>,
) -> Result<Filters, LoadError> {
    unimplemented!()
}

/// The digests of the filters in `names`, without compiling any; nothing is fetched where a pin
/// tells.
///
/// # Errors
/// As [`fetch`].
pub async fn digests(
    _spec: &Spec,
    _names: &BTreeSet<String>,
    _sight: &Arc<dyn Sight>,
) -> Result<BTreeMap<String, Digest>, LoadError> {
    unimplemented!()
}

#[expect(dead_code, reason = "this goes as soon as the functions above do something")]
type Soon = Fallible<()>;
