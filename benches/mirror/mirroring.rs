//! Many images between two registries: into an empty target, and once more when nothing is missing.

use crate::arguments::Arguments;
use crate::corpus::Corpus;
use crate::docker_registry::DockerRegistry;
use crate::figures::{Figures, Row};
use crate::floor::Plan;
use crate::program::Bench;
use crate::wire::{self, all};
use crate::{Fallible, table};
use reqwest::StatusCode;
use std::fmt::Write as _;
use std::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contestant {
    Crossdock,
    Skopeo,
    Floor,
}

const CONTESTANTS: [Contestant; 3] = [Contestant::Crossdock, Contestant::Skopeo, Contestant::Floor];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Cold,
    Again,
}

/// The repository's path at the source.
pub(crate) fn at_source(repository: u64) -> String {
    format!("team/{}", Corpus::name(repository))
}

/// Measures all contestants in turns.
pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let corpus = Corpus::new(arguments.scale);
    let source = DockerRegistry::start(&bench.content).await?;
    push(&corpus, &source).await?;
    println!(
        "{} tags, {} blobs, {} MB; registries in {}",
        corpus.indexes.len(),
        corpus.blobs.len(),
        corpus.unique_bytes() / 1_000_000,
        source.directory().display()
    );
    let rows = |measurement: &str| CONTESTANTS.map(|one| Row::new(measurement, one.name()));
    let mut cold = rows("Mirroring into an empty target");
    let mut again = rows("Mirroring when nothing is missing");
    for repetition in 0..arguments.repetitions {
        for turn in 0..CONTESTANTS.len() {
            // Each goes first as often as the others.
            let number = (turn + repetition) % CONTESTANTS.len();
            let target = DockerRegistry::start(&bench.content).await?;
            let contest = Contest { bench, corpus: &corpus, source: &source, target: &target };
            contest.run(CONTESTANTS[number], Run::Cold, &mut cold[number]).await?;
            let name = CONTESTANTS[number].name();
            contest.check().await.map_err(|why| format!("{name} left something out: {why}"))?;
            contest.run(CONTESTANTS[number], Run::Again, &mut again[number]).await?;
        }
    }
    for rows in [cold, again] {
        table::print(&rows);
        figures.rows.extend(rows);
    }
    Ok(())
}

async fn push(corpus: &Corpus, source: &DockerRegistry) -> Fallible<()> {
    let (client, base) = (wire::client()?, source.base());
    let uploads = corpus.blobs.iter().flat_map(|(digest, blob)| {
        blob.repositories.iter().map(move |repository| (digest, blob, at_source(*repository)))
    });
    all(uploads.map(|(digest, blob, repository)| {
        let (client, base, digest, bytes) = (client.clone(), base.clone(), digest.clone(), blob.bytes());
        let size_bytes = blob.size_bytes;
        async move { wire::upload(&client, &base, &repository, &digest, size_bytes, bytes.into()).await }
    }))
    .await?;
    for manifests in [&corpus.children, &corpus.indexes] {
        all(manifests.iter().map(|manifest| {
            let (client, base, repository) = (client.clone(), base.clone(), at_source(manifest.repository));
            let (at, media_type, body) = (manifest.at.clone(), manifest.media_type, manifest.body.clone());
            async move { wire::put_manifest(&client, &base, &repository, &at, media_type, body).await }
        }))
        .await?;
    }
    Ok(())
}

impl Contestant {
    fn name(self) -> &'static str {
        match self {
            Self::Crossdock => "crossdock",
            Self::Skopeo => "skopeo",
            Self::Floor => "floor",
        }
    }
}

struct Contest<'a> {
    bench: &'a Bench,
    corpus: &'a Corpus,
    source: &'a DockerRegistry,
    target: &'a DockerRegistry,
}

impl Contest<'_> {
    async fn run(&self, contestant: Contestant, run: Run, row: &mut Row) -> Fallible<()> {
        let command = match contestant {
            Contestant::Crossdock => self.crossdock()?,
            Contestant::Skopeo => self.skopeo()?,
            Contestant::Floor => self.floor(run)?,
        };
        let (source, target) = (self.source.mark()?, self.target.mark()?);
        row.add(self.bench.run(command).await?);
        row.source = self.source.asked_since(source)?;
        row.target = self.target.asked_since(target)?;
        Ok(())
    }

    /// Whether every tag arrived.
    async fn check(&self) -> Fallible<()> {
        let client = wire::client()?;
        for index in &self.corpus.indexes {
            let (base, name) = (self.target.base(), Corpus::name(index.repository));
            let url = format!("{base}/v2/{name}/manifests/{}", index.at);
            let head = wire::expect(
                client.head(url).header("accept", index.media_type).send().await?,
                StatusCode::OK,
            )?;
            let found = head.headers().get("docker-content-digest").and_then(|digest| digest.to_str().ok());
            if found != Some(&index.digest) {
                return Err(format!("{name}:{} arrived as {found:?}", index.at).into());
            }
        }
        Ok(())
    }

    fn crossdock(&self) -> Fallible<Command> {
        let (from, to) = (self.source.host(), self.target.host());
        let mut spec = format!("version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n");
        write!(spec, "  {to}: {{ plain_http: true }}\nmirrors:\n")?;
        for (repository, tags) in self.corpus.tags() {
            let (at_source, name) = (at_source(repository), Corpus::name(repository));
            writeln!(spec, "  - source: {from}/{at_source}\n    target: {to}/{name}")?;
            writeln!(spec, "    tags: [{}]", tags.join(", "))?;
        }
        let spec = self.bench.file("crossdock.yaml", &spec)?;
        self.bench.crossdock(["sync", "--spec", spec.to_str().ok_or("not UTF-8")?])
    }

    fn skopeo(&self) -> Fallible<Command> {
        let mut spec = format!("{}:\n  tls-verify: false\n  images:\n", self.source.host());
        for (repository, tags) in self.corpus.tags() {
            writeln!(spec, "    {}: [{}]", at_source(repository), tags.join(", "))?;
        }
        let spec = self.bench.file("skopeo.yaml", &spec)?;
        let mut command = self.bench.timed("skopeo");
        // Without `--preserve-digests` it writes its own indexes, and the tags name something else.
        command.args(["sync", "--all", "--preserve-digests", "--src", "yaml", "--dest", "docker"]);
        command.args(["--src-tls-verify=false", "--dest-tls-verify=false"]).arg(spec).arg(self.target.host());
        Ok(command)
    }

    fn floor(&self, run: Run) -> Fallible<Command> {
        let (source, target) = (self.source.base(), self.target.base());
        let plan = match run {
            Run::Cold => Plan::cold(self.corpus, &source, &target),
            Run::Again => Plan::again(self.corpus, &source, &target),
        };
        let plan = self.bench.file("floor.json", &serde_json::to_string(&plan)?)?;
        let this = std::env::current_exe()?;
        let mut command = self.bench.timed(this.to_str().ok_or("not UTF-8")?);
        command.arg("floor").arg(plan);
        Ok(command)
    }
}
