//! Which instance of the enterprise edition a registry is: found by its name among those of the account.

use super::api::Api;
use crate::failure::{Code, Fallible};
use serde::Deserialize;
use serde_json::json;

/// An instance.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    /// The region that is asked about it.
    pub(super) region: String,
}

/// Tencent Cloud TCR API, "DescribeInstances".
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    total_count: usize,
    registries: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    registry_id: String,
    registry_name: String,
    region_name: Option<String>,
}

/// Instances on a page: the most that it gives.
const PAGE_INSTANCES: usize = 100;
/// Most pages that are read: nobody has so many instances whose names are like one.
const PAGES_MAX: usize = 100;

impl Instance {
    /// The instance with this name: in the region that was told, or wherever it is.
    pub(super) async fn find(api: &Api, name: &str) -> Fallible<Self> {
        let told = api.keys.region.as_deref();
        for page in 0..PAGES_MAX {
            let offset = page * PAGE_INSTANCES;
            let body = json!({
                "Filters": [{ "Name": "RegistryName", "Values": [name] }],
                "AllRegion": told.is_none(), "Offset": offset, "Limit": PAGE_INSTANCES,
            });
            let answer = api
                .ask("DescribeInstances", &body.to_string(), api.region(), "say which instance it is")
                .await?;
            let Answer { total_count, registries } =
                serde_json::from_slice(&answer).map_err(|_| api.malformed())?;
            let registries = registries.unwrap_or_default();
            let read = registries.len();
            // The filter also lets names through that are only like it.
            if let Some(found) = registries.into_iter().find(|item| item.registry_name == name) {
                let region = found.region_name.filter(|region| !region.is_empty());
                let region = region.unwrap_or_else(|| api.region().to_owned());
                return Ok(Self { id: found.registry_id, region });
            }
            if read == 0 || offset + read >= total_count {
                break;
            }
        }
        let place = told.map_or_else(String::new, |region| format!(" in {region}"));
        let mut failure = api.bureau.failure(format!("the account has no instance `{name}`{place}"));
        failure.code = Code::NotFound;
        Err(failure.hint("check the name in the host, the region, and whose keys these are"))
    }
}
