//! The floor: the same bytes over the same wire, by a program that knows beforehand what is missing,
//! checks nothing and retries nothing. No mirror can do less.

use crate::corpus::Corpus;
use crate::wire::{self, all};
use crate::{Fallible, mirroring};
use reqwest::{Body, StatusCode};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Everything that is to be done, in this order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Plan {
    source: String,
    target: String,
    heads: Vec<String>,
    copies: Vec<Copy>,
    mounts: Vec<Mount>,
    /// In two steps: what others name comes first.
    manifests: [Vec<Put>; 2],
}

#[derive(Debug, Serialize, Deserialize)]
struct Copy {
    from: String,
    to: String,
    digest: String,
    size_bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Mount {
    from: String,
    to: String,
    digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Put {
    to: String,
    at: String,
    media_type: String,
    body: String,
}

impl Plan {
    /// Everything from an empty target.
    pub(crate) fn cold(corpus: &Corpus, source: &str, target: &str) -> Self {
        let mut plan = Self { source: source.to_owned(), target: target.to_owned(), ..Self::default() };
        for (digest, blob) in &corpus.blobs {
            let mut holders = blob.repositories.iter().copied();
            let Some(first) = holders.next() else { continue };
            let (from, to) = (mirroring::at_source(first), Corpus::name(first));
            plan.copies.push(Copy { from, to, digest: digest.clone(), size_bytes: blob.size_bytes });
            for other in holders {
                let (from, to) = (Corpus::name(first), Corpus::name(other));
                plan.mounts.push(Mount { from, to, digest: digest.clone() });
            }
        }
        plan.manifests = [&corpus.children, &corpus.indexes].map(|manifests| {
            let put = |manifest: &crate::corpus::Manifest| Put {
                to: Corpus::name(manifest.repository),
                at: manifest.at.clone(),
                media_type: manifest.media_type.to_owned(),
                body: manifest.body.clone(),
            };
            manifests.iter().map(put).collect()
        });
        plan
    }

    /// One HEAD at each side for each tag.
    pub(crate) fn again(corpus: &Corpus, source: &str, target: &str) -> Self {
        let heads = corpus.indexes.iter().flat_map(|index| {
            let (from, to) = (mirroring::at_source(index.repository), Corpus::name(index.repository));
            [
                format!("{source}/v2/{from}/manifests/{}", index.at),
                format!("{target}/v2/{to}/manifests/{}", index.at),
            ]
        });
        Self { heads: heads.collect(), ..Self::default() }
    }
}

/// Does what the plan in a file says.
pub(crate) async fn run(plan: &Path) -> Fallible<()> {
    let Plan { source, target, heads, copies, mounts, manifests } =
        serde_json::from_slice(&std::fs::read(plan)?)?;
    let client = wire::client()?;
    all(heads.into_iter().map(|url| {
        let accept = "application/vnd.oci.image.index.v1+json";
        let head = client.head(url).header("accept", accept).send();
        async move { wire::expect(head.await?, StatusCode::OK).map(drop) }
    }))
    .await?;
    all(copies.into_iter().map(|Copy { from, to, digest, size_bytes }| {
        let (client, target) = (client.clone(), target.clone());
        let get = client.get(format!("{source}/v2/{from}/blobs/{digest}")).send();
        async move {
            let body = wire::expect(get.await?, StatusCode::OK)?.bytes_stream();
            wire::upload(&client, &target, &to, &digest, size_bytes, Body::wrap_stream(body)).await
        }
    }))
    .await?;
    all(mounts.into_iter().map(|Mount { from, to, digest }| {
        let (client, target) = (client.clone(), target.clone());
        async move { wire::mount(&client, &target, &to, &digest, &from).await }
    }))
    .await?;
    for step in manifests {
        all(step.into_iter().map(|Put { to, at, media_type, body }| {
            let (client, target) = (client.clone(), target.clone());
            async move { wire::put_manifest(&client, &target, &to, &at, &media_type, body).await }
        }))
        .await?;
    }
    Ok(())
}
