//! One registry, and one credential for it.

use super::answer::Asked;
use super::auth::Authority;
use super::clients::Clients;
use super::contact::Contact;
use super::counters::Counters;
use super::throttle::Throttle;
use crate::failure::Operation;
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
    pub(super) throttle: Throttle,
    pub(super) contact: Contact,
    /// Whether an upload that was asked for as a mount was refused outright.
    pub(super) mounts_refused: AtomicBool,
}

/// A host with the credential that some of its repositories share.
pub(super) struct Account {
    pub(super) host: Arc<Host>,
    pub(super) authority: Authority,
    pub(super) counters: Arc<Counters>,
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
        !self.mounts_refused.load(Ordering::Relaxed)
    }

    /// Remembers that this registry refuses uploads that ask for a mount.
    pub(super) fn refuses_mounts(&self) {
        self.mounts_refused.store(true, Ordering::Relaxed);
    }
}

impl Account {
    pub(super) fn asked(&self, operation: Operation, method: &Method, url: &Url) -> Asked {
        let path = url.path().strip_prefix("/v2/").unwrap_or_default();
        let repository = ["/manifests/", "/blobs/", "/tags/"]
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
