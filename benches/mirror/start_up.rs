//! What a run costs before it has done anything: checking one tag that is current.

use crate::arguments::Arguments;
use crate::corpus::MANIFEST;
use crate::figures::{Figures, Row};
use crate::program::Bench;
use crate::synthetic::{Shelf, Synthetic};
use crate::{Fallible, table};
use crossdock::oci::Digest;

/// How often each is measured: they take some milliseconds.
const REPETITIONS: usize = 15;

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let (source, target) = (Synthetic::start(shelf())?, Synthetic::start(shelf())?);
    let (from, to) = (source.host(), target.host());
    let spec = format!(
        "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
         mirrors: [{{ source: {from}/one, target: {to}/one, tags: [latest] }}]\n"
    );
    let spec = bench.file("one.yaml", &spec)?;
    let spec = spec.to_str().ok_or("not UTF-8")?;
    let name = "Starting";
    let commands: [&[&str]; 3] = [&["--version"], &["lint", "--spec", spec], &["check", "--spec", spec]];
    let programs = [("", Some(&bench.crossdock)), ("other ", arguments.other.as_ref())];
    let mut rows = Vec::new();
    for command in commands {
        for (prefix, _) in programs.iter().filter(|(_, program)| program.is_some()) {
            rows.push(Row::new(name, &format!("{prefix}{}", command[0])));
        }
    }
    for _ in 0..REPETITIONS {
        let each = commands.iter().flat_map(|command| {
            programs.iter().filter_map(move |(_, program)| Some(((*program)?, *command)))
        });
        for (row, (program, command)) in rows.iter_mut().zip(each) {
            row.add(bench.run(bench.program(program, command.iter().copied())?).await?);
            row.source = source.asked();
            row.target = target.asked();
        }
    }
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

fn shelf() -> Shelf {
    let body = bytes::Bytes::from_static(b"{}");
    let manifest = (Digest::of(&body).to_string(), MANIFEST, body);
    Shelf { manifests: [("latest".to_owned(), manifest)].into(), ..Shelf::default() }
}
