//! What is mirrored in each scenario. Sizes are those that `--scale 1` gives.

use super::{Corpus, Layer};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Of every so many tags one has moved: 5 %.
const MOVED_EVERY: u64 = 20;
/// Seeds of different kinds of layers never meet.
const BASE: u64 = 1_000_000;
const REPOSITORY: u64 = 2_000_000;
const OWN: u64 = 3_000_000;
/// What a tag has after it moved.
const MOVED: u64 = 4_000_000;

/// 200 tags in 50 repositories. All are built on one of four bases, the tags of a repository share a
/// layer, and each has one of its own.
pub(crate) fn small(scale: f64) -> Corpus {
    small_where(scale, |_| false)
}

/// The same, after every twentieth tag moved.
pub(crate) fn small_moved(scale: f64) -> Corpus {
    small_where(scale, |number| number.is_multiple_of(MOVED_EVERY))
}

fn small_where(scale: f64, moved: impl Fn(u64) -> bool) -> Corpus {
    let mut corpus = Corpus::default();
    for repository in 0..50 {
        for tag in 0..4 {
            let number = repository * 4 + tag;
            let own = if moved(number) { MOVED } else { OWN };
            let layers = vec![
                layer(BASE + repository % 4, 256 * KIB, scale),
                layer(REPOSITORY + repository, 64 * KIB, scale),
                layer(own + number, 16 * KIB, scale),
            ];
            let what = (own + number).to_string();
            corpus.add(&name(repository), &version(tag), &what, &[("amd64", layers)]);
        }
    }
    corpus
}

/// Four images with one layer of 512 MiB each.
pub(crate) fn large(scale: f64) -> Corpus {
    let mut corpus = Corpus::default();
    for repository in 0..4 {
        let layers = vec![layer(OWN + repository, 512 * MIB, scale)];
        corpus.add(&name(repository), "v1", &repository.to_string(), &[("amd64", layers)]);
    }
    corpus
}

/// 20 images of four platforms each, on one base for each platform.
pub(crate) fn platforms(scale: f64) -> Corpus {
    let mut corpus = Corpus::default();
    for repository in 0..20 {
        let platform = |(number, architecture): (u64, &'static str)| {
            let layers = vec![
                layer(BASE + number, MIB, scale),
                layer(OWN + repository * 4 + number, 128 * KIB, scale),
            ];
            (architecture, layers)
        };
        let platforms: Vec<_> = (0..).zip(["amd64", "arm64", "ppc64le", "s390x"]).map(platform).collect();
        corpus.add(&name(repository), "v1", &repository.to_string(), &platforms);
    }
    corpus
}

/// 24 tags of one repository that share two layers of 32 MiB.
pub(crate) fn shared(scale: f64) -> Corpus {
    let mut corpus = Corpus::default();
    for tag in 0..24 {
        let layers = vec![
            layer(BASE, 32 * MIB, scale),
            layer(BASE + 1, 32 * MIB, scale),
            layer(OWN + tag, 64 * KIB, scale),
        ];
        corpus.add("app", &version(tag), &tag.to_string(), &[("amd64", layers)]);
    }
    corpus
}

/// 500 tags of one repository that share a base.
pub(crate) fn repository(scale: f64) -> Corpus {
    let mut corpus = Corpus::default();
    for tag in 0..500 {
        let layers = vec![layer(BASE, 256 * KIB, scale), layer(OWN + tag, 4 * KIB, scale)];
        corpus.add("app", &version(tag), &tag.to_string(), &[("amd64", layers)]);
    }
    corpus
}

fn layer(seed: u64, size_bytes: usize, scale: f64) -> Layer {
    Layer { seed, size_bytes: ((size_bytes as f64 * scale) as usize).max(KIB) }
}

fn name(repository: u64) -> String {
    format!("app-{repository:02}")
}

fn version(tag: u64) -> String {
    format!("v{}", tag + 1)
}
