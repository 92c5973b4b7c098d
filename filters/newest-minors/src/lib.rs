//! Keeps the newest patch of the newest minors, and moves floating tags along: `1.27.4` is mirrored
//! as `1.27.4` and `1.27`, and where the configuration says so as `1` and `latest`.

mod version;

use crossdock_filter::{Decision, Facts, Filter, Request};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use version::Version;

/// Most minors that can be asked for; more than that is all of them.
const MINORS_MAX: u32 = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How many minors are kept, the newest ones.
    minors: u32,
    /// Which floating tags are written beside the version.
    #[serde(default = "minor_only")]
    floating: BTreeSet<Floating>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Floating {
    /// `1.27` on its newest patch.
    Minor,
    /// `1` on the newest version of the major.
    Major,
    /// `latest` on the newest version.
    Latest,
}

fn minor_only() -> BTreeSet<Floating> {
    BTreeSet::from([Floating::Minor])
}

struct NewestMinors;

impl Filter for NewestMinors {
    type Config = Config;

    fn prepare(config: &Config) -> Result<Facts, String> {
        match config.minors {
            1..=MINORS_MAX => Ok(Facts::empty()),
            other => Err(format!("config.minors: {other} is not between 1 and {MINORS_MAX}")),
        }
    }

    fn decide(config: &Config, request: &Request) -> Result<Vec<Decision>, String> {
        let tags: Vec<&str> = request.images.iter().map(|image| image.tag.as_str()).collect();
        Ok(decide(config, &tags))
    }
}

crossdock_filter::filter!(NewestMinors);

/// The newest patch of each minor, newest minor first, and no more of them than wanted.
fn newest<'a>(wanted: u32, tags: &[&'a str]) -> Vec<(Version, &'a str)> {
    let mut minors: BTreeMap<(u64, u64), (Version, &str)> = BTreeMap::new();
    for tag in tags {
        let Some(version) = Version::read(tag) else { continue };
        let newest = minors.entry(version.minor()).or_insert((version, tag));
        // `1.2.3` and `v1.2.3` are one version: the one that comes first, which is without the `v`.
        if version > newest.0 {
            *newest = (version, tag);
        }
    }
    minors.into_values().rev().take(wanted as usize).collect()
}

fn decide(config: &Config, tags: &[&str]) -> Vec<Decision> {
    let kept = newest(config.minors, tags);
    let oldest = kept.last().map(|(version, _)| version.minor());
    let one = |tag: &&str| {
        let Some(version) = Version::read(tag) else {
            return Decision::drop("not a release");
        };
        if Some(version.minor()) < oldest {
            return Decision::drop(format!("older than the newest {} minors", config.minors));
        }
        match kept.iter().position(|(_, newest)| newest == tag) {
            Some(position) => Decision::tags(names(config, &kept, position)),
            None => Decision::drop("superseded"),
        }
    };
    tags.iter().map(one).collect()
}

/// The tags that the version at `position` gets: its own and the floating ones.
fn names(config: &Config, kept: &[(Version, &str)], position: usize) -> Vec<String> {
    let (version, tag) = kept[position];
    let is_newest_of_major = !kept[..position].iter().any(|(newer, _)| newer.major == version.major);
    let prefix = if tag.starts_with('v') { "v" } else { "" };
    let mut names = vec![tag.to_owned()];
    for floating in &config.floating {
        match floating {
            Floating::Minor => names.push(format!("{prefix}{}.{}", version.major, version.minor)),
            Floating::Major if is_newest_of_major => names.push(format!("{prefix}{}", version.major)),
            Floating::Latest if position == 0 => names.push("latest".to_owned()),
            Floating::Major | Floating::Latest => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(config: &str, tags: &[&str]) -> Vec<String> {
        let config = serde_json::from_str(config).expect("a configuration");
        let told = decide(&config, tags).into_iter().map(|decision| match decision {
            Decision::Keep => "keep".to_owned(),
            Decision::Drop(reason) => format!("drop: {}", reason.unwrap_or_default()),
            Decision::Rename(names) => names.into_iter().map(|name| name.tag).collect::<Vec<_>>().join(" "),
        });
        tags.iter().zip(told).map(|(tag, told)| format!("{tag}: {told}")).collect()
    }

    #[test]
    fn the_newest_patch_of_each_minor_stays_and_takes_the_floating_tag() {
        let tags = ["1.9.0", "1.27.1", "1.27.4", "1.26.3", "1.27", "latest", "1.28.0-rc1"];
        let told = told(r#"{"minors": 2}"#, &tags);
        assert_eq!(
            told,
            [
                "1.9.0: drop: older than the newest 2 minors",
                "1.27.1: drop: superseded",
                "1.27.4: 1.27.4 1.27",
                "1.26.3: 1.26.3 1.26",
                "1.27: drop: not a release",
                "latest: drop: not a release",
                "1.28.0-rc1: drop: not a release",
            ]
        );
    }

    #[test]
    fn majors_and_latest_float_where_that_is_asked_for() {
        let told = told(
            r#"{"minors": 9, "floating": ["latest", "major"]}"#,
            &["1.9.0", "1.10.2", "2.0.1", "v2.0.0"],
        );
        assert_eq!(
            told,
            ["1.9.0: 1.9.0", "1.10.2: 1.10.2 1", "2.0.1: 2.0.1 2 latest", "v2.0.0: drop: superseded"]
        );
    }

    #[test]
    fn one_version_under_two_tags_counts_once() {
        assert_eq!(
            told(r#"{"minors": 1}"#, &["1.2.3", "v1.2.3"]),
            ["1.2.3: 1.2.3 1.2", "v1.2.3: drop: superseded"]
        );
        assert_eq!(told(r#"{"minors": 1}"#, &["v1.2.3"]), ["v1.2.3: v1.2.3 v1.2"]);
        assert_eq!(told(r#"{"minors": 1}"#, &["main"]), ["main: drop: not a release"]);
    }

    #[test]
    fn a_number_of_minors_that_makes_no_sense_is_refused() {
        let config = serde_json::from_str(r#"{"minors": 0}"#).expect("a configuration");
        assert_eq!(
            NewestMinors::prepare(&config),
            Err("config.minors: 0 is not between 1 and 1000".to_owned())
        );
    }
}
