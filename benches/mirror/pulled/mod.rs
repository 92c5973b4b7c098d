//! One large blob, pulled many times at once: from `crossdock serve`, and from docker-registry.

pub(crate) mod client;
mod server;

use crate::arguments::Arguments;
use crate::beds::{Bed, Filled, Served};
use crate::corpus::{Corpus, Layer};
use crate::figures::{Figures, RSS_KIB_MAX, Row};
use crate::program::{Bench, Took};
use crate::{Failure, Fallible};
use server::Server;
use std::path::Path;

const MIB: usize = 1 << 20;
/// How many clients there are, each with a connection of its own.
const PULLS: usize = 64;
/// How often each is measured.
const REPETITIONS: usize = 3;
const REPOSITORY: &str = "large";

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let mut corpus = Corpus::default();
    let layer = Layer { seed: 9, size_bytes: arguments.pull_mib as usize * MIB };
    corpus.add(REPOSITORY, "latest", "", &[("amd64", vec![layer])]);
    let largest = corpus.blobs.iter().max_by_key(|(_, blob)| blob.content.size_bytes());
    let (digest, blob) = largest.ok_or("there is no blob")?;
    let target = format!("/v2/{REPOSITORY}/blobs/{digest}");
    let size_bytes = blob.content.size_bytes();
    let filled = Filled::with(Bed::Registry, &corpus, str::to_owned, &bench.content).await?;
    let folder = tempfile::Builder::new().prefix("crossdock-bench-").tempdir_in(&bench.content)?;
    bring(bench, &filled, folder.path()).await?;
    let measurement = format!("{PULLS} pulls at once of {} MiB", arguments.pull_mib);
    let row = |contestant: &str| Row::new(&measurement, contestant);
    let (mut theirs, mut first, mut again) =
        (row("docker-registry"), row("crossdock serve, hashing"), row("crossdock serve, again"));
    for _ in 0..REPETITIONS {
        let Served::Real(registry) = filled.fresh(&bench.content).await? else {
            return Err("no registry".into());
        };
        let server = Server::of(registry.process_id(), registry.host());
        theirs.add(pull(bench, &server, &target, size_bytes).await?);
        drop(registry);
        let server = Server::start(bench, folder.path()).await?;
        for row in [&mut first, &mut again] {
            row.rss_kib_max = Some(RSS_KIB_MAX);
            row.add(pull(bench, &server, &target, size_bytes).await?);
        }
    }
    print(&[&theirs, &first, &again], size_bytes);
    figures.rows.extend([theirs, first, again]);
    Ok(())
}

/// Writes what the registry has as a layout into `folder`.
async fn bring(bench: &Bench, filled: &Filled, folder: &Path) -> Fallible<()> {
    let registry = filled.fresh(&bench.content).await?;
    let spec = format!(
        "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n\
         mirrors: [{{ source: a.test/a, target: b.test/b, tags: [a] }}]\n",
        registry.host()
    );
    let spec = bench.file("pulled.yaml", &spec)?;
    let image = format!("{}/{REPOSITORY}:latest", registry.host());
    let layout = format!("oci:{}//{REPOSITORY}:latest", folder.display());
    let arguments = ["copy", "--spec", spec.to_str().ok_or("not UTF-8")?, &image, &layout];
    bench.run(bench.crossdock(arguments)?).await.map(drop)
}

/// All pulls at once: the time that they took, and what the server took of processor and memory for them.
async fn pull(bench: &Bench, server: &Server, target: &str, size_bytes: u64) -> Fallible<Took> {
    let before = server.took()?;
    let mut command = bench.timed_self()?;
    command.args(["pull", &server.host, target, &PULLS.to_string(), &size_bytes.to_string()]);
    let Took { wall_ms, .. } = bench.run(command).await?;
    let after = server.took()?;
    Ok::<_, Failure>(Took {
        wall_ms,
        cpu_ms: after.cpu_ms - before.cpu_ms,
        system_ms: after.system_ms - before.system_ms,
        peak_rss_kib: after.peak_rss_kib,
    })
}

fn print(rows: &[&Row; 3], size_bytes: u64) {
    println!("\n{} (medians of {REPETITIONS})\n", rows[0].title());
    println!(
        "{:<25} {:>9} {:>8} {:>7} {:>9} {:>7} {:>8}",
        "", "wall ms", "MiB/s", "÷docker", "CPU ms", "÷docker", "RSS MiB"
    );
    let mib = (size_bytes * PULLS as u64) as f64 / MIB as f64;
    for row in rows {
        let Took { wall_ms, cpu_ms, peak_rss_kib, .. } = row.took;
        println!(
            "{:<25} {wall_ms:>9.0} {:>8.0} {:>7.2} {cpu_ms:>9.0} {:>7.2} {:>8.1}",
            row.contestant,
            mib / (wall_ms / 1000.0),
            row.ratio(rows[0], |took| took.wall_ms).unwrap_or(f64::NAN),
            row.ratio(rows[0], |took| took.cpu_ms).unwrap_or(f64::NAN),
            peak_rss_kib as f64 / 1024.0,
        );
    }
}
