//! Doing what a plan says, with so many connections to each registry, none of which is ever idle
//! while there is something that it could do.

use super::{Blob, Manifest, Origin, Place, Plan};
use crate::wire::{self, CONNECTIONS, accepting};
use crate::{Failure, Fallible};
use bytes::Bytes;
use futures::future::try_join_all;
use reqwest::{Body, Client, StatusCode};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

struct Floor {
    client: Client,
    source: Registry,
    target: Registry,
    /// For each manifest, how much of what it waits for has arrived and was not yet taken note of.
    arrived: Vec<Semaphore>,
}

struct Registry {
    base: String,
    /// They are given in the order in which they were asked for.
    connections: Semaphore,
}

/// Does what the plan in a file says.
pub(crate) async fn run(plan: &Path) -> Fallible<()> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(plan)?)?;
    let registry = |base| Registry { base, connections: Semaphore::new(CONNECTIONS) };
    let floor = Arc::new(Floor {
        client: wire::client()?,
        source: registry(plan.source),
        target: registry(plan.target),
        arrived: plan.manifests.iter().map(|_| Semaphore::new(0)).collect(),
    });
    let mut under_way = JoinSet::new();
    // What others wait for comes first.
    for blob in plan.blobs {
        let floor = Arc::clone(&floor);
        under_way.spawn(async move { floor.bring(blob).await });
    }
    for (number, manifest) in plan.manifests.into_iter().enumerate() {
        let floor = Arc::clone(&floor);
        under_way.spawn(async move { floor.put(number, manifest).await });
    }
    for path in plan.heads_at_source {
        let floor = Arc::clone(&floor);
        under_way.spawn(async move { floor.head(&floor.source, &path).await });
    }
    for path in plan.heads_at_target {
        let floor = Arc::clone(&floor);
        under_way.spawn(async move { floor.head(&floor.target, &path).await });
    }
    while let Some(done) = under_way.join_next().await {
        done.map_err(Failure::from)??;
    }
    Ok(())
}

impl Floor {
    async fn head(&self, registry: &Registry, path: &str) -> Fallible<()> {
        let _connection = registry.connections.acquire().await?;
        let head = accepting(self.client.head(format!("{}{path}", registry.base))).send().await?;
        wire::expect(head, StatusCode::OK).map(drop)
    }

    /// Gets a blob to all its places.
    async fn bring(&self, blob: Blob) -> Fallible<()> {
        let Blob { digest, size_bytes, origin, mut places } = blob;
        let home = match origin {
            Origin::Target(repository) => repository,
            Origin::Source(from) => {
                let first = places.remove(0);
                self.copy(&from, &first.repository, &digest, size_bytes).await?;
                self.arrive(&first.needed_by);
                first.repository
            }
        };
        let mounts = places.iter().map(|place| self.mount(place, &digest, &home));
        try_join_all(mounts).await.map(drop)
    }

    async fn copy(&self, from: &str, to: &str, digest: &str, size_bytes: u64) -> Fallible<()> {
        let _at_target = self.target.connections.acquire().await?;
        let get = async {
            let at_source = self.source.connections.acquire().await?;
            let get = self.client.get(format!("{}/v2/{from}/blobs/{digest}", self.source.base));
            Ok((at_source, wire::expect(get.send().await?, StatusCode::OK)?))
        };
        let begin = wire::begin(&self.client, &self.target.base, to);
        let ((_at_source, got), session) = tokio::try_join!(get, begin)?;
        let body = Body::wrap_stream(got.bytes_stream());
        wire::finish(&self.client, session, digest, size_bytes, body).await
    }

    async fn mount(&self, place: &Place, digest: &str, home: &str) -> Fallible<()> {
        {
            let _connection = self.target.connections.acquire().await?;
            wire::mount(&self.client, &self.target.base, &place.repository, digest, home).await?;
        }
        self.arrive(&place.needed_by);
        Ok(())
    }

    /// Gets a manifest when the first part of it has arrived, and puts it when the last has.
    async fn put(&self, number: usize, manifest: Manifest) -> Fallible<()> {
        let arrived = &self.arrived[number];
        let first = manifest.waits_for.min(1);
        arrived.acquire_many(first).await?.forget();
        let body = self.get(&manifest).await?;
        arrived.acquire_many(manifest.waits_for - first).await?.forget();
        {
            let _connection = self.target.connections.acquire().await?;
            let Manifest { to, at, media_type, .. } = &manifest;
            wire::put_manifest(&self.client, &self.target.base, to, at, media_type, body).await?;
        }
        self.arrive(&manifest.needed_by);
        Ok(())
    }

    async fn get(&self, manifest: &Manifest) -> Fallible<Bytes> {
        let _connection = self.source.connections.acquire().await?;
        let url = format!("{}/v2/{}/manifests/{}", self.source.base, manifest.from, manifest.at);
        let got = wire::expect(accepting(self.client.get(url)).send().await?, StatusCode::OK)?;
        Ok(got.bytes().await?)
    }

    fn arrive(&self, needed_by: &[usize]) {
        needed_by.iter().for_each(|number| self.arrived[*number].add_permits(1));
    }
}
