//! The APIs of clouds that stand beside a registry, and are asked with keys of the account whatever the registry is
//! shown.

use super::bureau::Bureau;
use super::tencent::{self, Api, Tcr};
use super::{Ambient, Service};
use crate::access::{Credentials, RegistrySettings};
use crate::failure::{Failure, Fallible};
use crate::oci::{Home, Registry, TencentHost};
use crate::store::registry::credentials::Credential;
use std::sync::{Arc, PoisonError};

impl Ambient {
    /// A password by keys of Tencent Cloud; none without keys.
    pub(super) fn tcr(
        &self,
        bureau: Bureau,
        settings: &RegistrySettings,
        host: TencentHost,
    ) -> Fallible<Option<Credential>> {
        let Some(api) = self.api(bureau, settings, host)? else { return Ok(None) };
        let described = format!("TCR by {}", api.described());
        Ok(Some(self.minted(tencent::USERNAME, described, Tcr::new(api))))
    }

    /// The API of the cloud that a registry belongs to, where there are keys for it. Its own host is asked, and
    /// not the registry.
    ///
    /// # Errors
    /// `CredentialUnavailable` when the environment has half a pair of keys.
    pub(in crate::store::registry) fn service(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
    ) -> Fallible<Option<Arc<dyn Service>>> {
        let Some(Home::Tencent(host)) = registry.home() else { return Ok(None) };
        let nobody = matches!(settings.credentials, Some(Credentials::Anonymous));
        if nobody && settings.cloud_keys.is_none() {
            return Ok(None);
        }
        let api = self.api(self.bureau(registry), settings, host)?;
        Ok(api.map(|api| api as Arc<dyn Service>))
    }

    /// Each is one for a run: what it found out is shared.
    fn api(
        &self,
        bureau: Bureau,
        settings: &RegistrySettings,
        host: TencentHost,
    ) -> Fallible<Option<Arc<Api>>> {
        let Some(keys) = tencent::keys(settings.cloud_keys.as_ref(), &bureau)? else { return Ok(None) };
        let mut apis = self.apis.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(registry, id, _): &&(Registry, String, Arc<Api>)| {
            *registry == bureau.registry && *id == keys.keys.id
        };
        if let Some((_, _, api)) = apis.iter().find(same) {
            return Ok(Some(Arc::clone(api)));
        }
        let (registry, id) = (bureau.registry.clone(), keys.keys.id.clone());
        let api = Arc::new(Api::new(bureau, keys, host));
        apis.push((registry, id, Arc::clone(&api)));
        Ok(Some(api))
    }
}

/// Nobody has keys where the spec counts on them.
pub(super) fn no_cloud_keys(bureau: &Bureau) -> Box<Failure> {
    bureau.failure("there are no keys of Tencent Cloud").hint(
        "set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or write `cloud_keys` for it under `registries`",
    )
}
