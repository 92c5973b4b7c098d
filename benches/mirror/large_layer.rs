//! One layer that is larger than any memory that a run may have, to one target and to two.

use crate::arguments::Arguments;
use crate::corpus::{CONFIG, LAYER, MANIFEST};
use crate::docker_registry::DockerRegistry;
use crate::figures::{Figures, RSS_KIB_MAX, Row};
use crate::program::Bench;
use crate::synthetic::{Large, Shelf, Synthetic};
use crate::{Fallible, content, table};
use crossdock::oci::Digest;
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write as _;

const MIB: u64 = 1 << 20;

/// A target of either kind, for as long as it is needed.
enum Target {
    Synthetic(Synthetic),
    Real(DockerRegistry),
}

impl Target {
    fn host(&self) -> String {
        match self {
            Self::Synthetic(target) => target.host(),
            Self::Real(target) => target.host(),
        }
    }
}

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let source = Synthetic::start(image(arguments.large_mib))?;
    let measurement = format!("Copying a layer of {} MiB", arguments.large_mib);
    let mut rows = Vec::new();
    for (targets, contestant) in [(1, "no disk, 1"), (2, "no disk, 2")] {
        let mut row = Row::new(&measurement, contestant);
        for _ in 0..arguments.repetitions {
            let targets = (0..targets).map(|_| Synthetic::start(Shelf::default()).map(Target::Synthetic));
            run(bench, &source, targets.collect::<Fallible<Vec<_>>>()?, &mut row).await?;
        }
        rows.push(row);
    }
    for (targets, contestant) in [(1, "registry, 1"), (2, "registry, 2")] {
        let mut row = Row::new(&measurement, contestant);
        for _ in 0..arguments.repetitions {
            let mut started = Vec::new();
            for _ in 0..targets {
                started.push(Target::Real(DockerRegistry::start(&bench.content).await?));
            }
            run(bench, &source, started, &mut row).await?;
        }
        rows.push(row);
    }
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

async fn run(bench: &Bench, source: &Synthetic, targets: Vec<Target>, row: &mut Row) -> Fallible<()> {
    let mut spec = format!("version: 1\nregistries:\n  {}: {{ plain_http: true }}\n", source.host());
    for target in &targets {
        writeln!(spec, "  {}: {{ plain_http: true }}", target.host())?;
    }
    spec.push_str("mirrors: [{ source: a.test/a, target: b.test/b, tags: [a] }]\n");
    let spec = bench.file("large.yaml", &spec)?;
    let targets_named: Vec<String> = targets.iter().map(|target| format!("{}/copy", target.host())).collect();
    let image = format!("{}/large:latest", source.host());
    let arguments = ["copy", "--spec", spec.to_str().ok_or("not UTF-8")?, &image];
    let command = bench.crossdock(arguments.into_iter().chain(targets_named.iter().map(String::as_str)))?;
    source.asked();
    row.add(bench.run(command).await?);
    row.source = source.asked();
    row.target = match targets.first() {
        Some(Target::Synthetic(target)) => target.asked(),
        Some(Target::Real(target)) => target.asked_since(0)?,
        None => return Err("there is no target".into()),
    };
    row.rss_kib_max = Some(RSS_KIB_MAX);
    Ok(())
}

/// An image with one layer of `mib` MiB.
fn image(mib: u64) -> Shelf {
    let block = content::bytes(7, MIB as usize);
    let mut hasher = Digest::of(b"").hasher();
    (0..mib).for_each(|_| hasher.update(&block));
    let layer = hasher.finish().to_string();
    let config = b"{}".as_slice();
    let config_digest = Digest::of(config).to_string();
    let body = json!({ "schemaVersion": 2, "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": config_digest, "size": config.len() },
        "layers": [{ "mediaType": LAYER, "digest": layer, "size": mib * MIB }] })
    .to_string();
    let digest = Digest::of(body.as_bytes()).to_string();
    let manifest = (digest.clone(), MANIFEST, bytes::Bytes::from(body));
    Shelf {
        tags: vec!["latest".to_owned()],
        manifests: [("latest".to_owned(), manifest.clone()), (digest, manifest)].into(),
        blobs: HashMap::from([(config_digest, config.into())]),
        large: Some(Large { digest: layer, block, blocks: mib }),
    }
}
