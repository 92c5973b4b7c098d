//! Some platforms of images that have more, and another format: what making indexes anew costs, and what it
//! saves.

use crate::arguments::Arguments;
use crate::beds::synthetic::Synthetic;
use crate::beds::synthetic::shelf::Shelf;
use crate::corpus::{Corpus, at_source, shapes};
use crate::figures::{Figures, Row};
use crate::program::Bench;
use crate::{Fallible, contest, table};

/// What is mirrored of each image, by what a rule says of it.
const FORMS: [(&str, &str); 3] = [
    ("all of it", ""),
    ("2 of 4 platforms", "    platforms: [linux/amd64, linux/arm64]\n"),
    ("Docker's format", "    format: docker\n"),
];

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let corpus = shapes::platforms(arguments.scale);
    let mut rows = Vec::new();
    for (name, keys) in FORMS {
        rows.extend(run(bench, arguments, &corpus, name, keys).await?);
    }
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

/// Cold, and then again with nothing missing.
async fn run(
    bench: &Bench,
    arguments: &Arguments,
    corpus: &Corpus,
    name: &str,
    keys: &str,
) -> Fallible<[Row; 2]> {
    let source = Synthetic::start(Shelf::of(corpus, at_source))?;
    let row = |what: &str| Row::new("20 images of 4 platforms, in another form", &format!("{name}, {what}"));
    let [mut cold, mut again] = [row("cold"), row("again")];
    for _ in 0..arguments.repetitions {
        let target = Synthetic::start(Shelf::default())?;
        // Each rule ends with its tags.
        let spec = contest::spec(corpus, &source.host(), &target.host());
        let spec = spec.replace("]\n", &format!("]\n{keys}"));
        let spec = bench.file("forms.yaml", &spec)?;
        for row in [&mut cold, &mut again] {
            row.add(
                bench.run(bench.crossdock(["sync", "--spec", spec.to_str().ok_or("not UTF-8")?])?).await?,
            );
            row.asked(source.asked(), target.asked());
        }
    }
    Ok([cold, again])
}
