//! One registry, and one credential for it.

use super::answer::Asked;
use super::auth::Authority;
use super::body::ranges::Ranges;
use super::budget::Budget;
use super::clients::{Clients, Elsewhere};
use super::contact::Contact;
use super::counters::Counters;
use super::creation::Creations;
use super::credentials::ambient::Service;
use super::pace::Pace;
use super::profile::Profile;
use super::quota::Quota;
use super::referrers::ReferrersApi;
use super::throttle::Throttle;
use super::upload::{Lessons, Tagging};
use crate::failure::{Fallible, Operation};
use crate::oci::Registry;
use reqwest::{Method, Url};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One registry: its address, its connections, and how hard it may be driven.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) registry: Registry,
    /// Scheme, host and port of the API.
    pub(super) base: Url,
    pub(super) clients: Clients,
    /// What goes to hosts that it leads to.
    pub(super) elsewhere: Elsewhere,
    pub(super) throttle: Throttle,
    /// How many bytes a second, in both directions.
    pub(super) pace: Arc<Pace>,
    /// How its blobs are parted.
    pub(super) ranges: Ranges,
    pub(super) contact: Contact,
    /// How many requests to it are made again.
    pub(super) budget: Budget,
    /// What is documented of it.
    pub(super) profile: &'static Profile,
    /// Whether asking for a mount does not tell if a blob is there: documented, or seen in this run.
    pub(super) mounts_fail: AtomicBool,
    /// How it takes blobs.
    pub(super) lessons: Lessons,
    /// Whether it lists referrers.
    pub(super) referrers: ReferrersApi,
    /// Whether it takes several tags at once.
    pub(super) tagging: Tagging,
}

/// A host with the credential that some of its repositories share.
pub(super) struct Account {
    pub(super) host: Arc<Host>,
    pub(super) authority: Authority,
    pub(super) counters: Arc<Counters>,
    pub(super) quota: Quota,
    /// What is made where it is not there, if anything.
    pub(super) creations: Option<Arc<Creations>>,
    /// The API of the cloud that it belongs to, or why there is none although there should be.
    pub(super) service: Fallible<Option<Arc<dyn Service>>>,
}

impl Host {
    /// The URL of `path`, which starts with `/v2/` and holds nothing but parsed names.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// Whether it is worth asking this registry for a mount.
    pub(super) fn mounts(&self) -> bool {
        !self.mounts_fail.load(Ordering::Relaxed)
    }

    /// Remembers that asking this registry for a mount does not help.
    pub(super) fn fails_to_mount(&self) {
        self.mounts_fail.store(true, Ordering::Relaxed);
    }
}

impl Account {
    pub(super) fn asked(&self, operation: Operation, method: &Method, url: &Url) -> Asked {
        let below = if operation == Operation::Download { "/" } else { "/v2/" };
        let path = url.path().strip_prefix(below).unwrap_or_default();
        let repository = ["/manifests/", "/blobs/", "/tags/", "/referrers/"]
            .iter()
            .find_map(|part| path.rsplit_once(part))
            .map_or(path, |(repository, _)| repository);
        Asked {
            operation,
            repository: format!("{}/{repository}", self.host.registry),
            method: method.clone(),
            url: url.clone(),
            credential: self.authority.describe(),
        }
    }
}
