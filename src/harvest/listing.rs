//! The images that were found, each once, with where they were found, what of them runs, and where they go.

use super::Gathered;
use super::migration::Migration;
use super::naming::Target;
use super::workload::{Container, Workload, running};
use crate::import::{Fault, Note, NoteKind, Site};
use crate::oci::{Digest, Reference, Registry, Repository, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// The tag of an image that has none.
const LATEST: &str = "latest";
/// Most places that are told of one tag: ten thousand pods run the same.
const PLACES_MAX: usize = 3;

/// Which tags are pinned to digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pins {
    /// Those that are written with one.
    #[default]
    Written,
    /// Also those of which one digest runs and no other.
    Running,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// In the order of their repositories.
    pub images: Vec<Image>,
    /// Registries that are mirrored whole.
    pub areas: Vec<Area>,
    /// What is not as one could think.
    pub notes: Vec<Note>,
}

/// A repository, and what of it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The repository.
    pub source: Repository,
    /// Where it goes.
    pub target: String,
    /// Where it was found first.
    pub site: Option<Site>,
    /// Its tags.
    pub tags: BTreeMap<Tag, Tagged>,
}

/// What was found of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tagged {
    /// Where, in words.
    pub places: BTreeSet<String>,
    /// The digests that it is written with.
    pub written: BTreeSet<Digest>,
    /// The digests that run.
    pub runs: BTreeSet<Digest>,
    /// The digest that it is pinned to.
    pub pin: Option<Digest>,
}

/// A registry that is mirrored whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Where that is asked for.
    pub site: Site,
    /// All of the registry: `harbor.corp/**`.
    pub source: String,
    /// Where it goes, with `{repository}`.
    pub target: String,
}

impl Tagged {
    /// Where it was found, in words, but not in too many.
    pub fn told(&self) -> String {
        let mut told: Vec<String> = self.places.iter().take(PLACES_MAX).cloned().collect();
        if self.places.len() > PLACES_MAX {
            told.push(format!("and {} more", self.places.len() - PLACES_MAX));
        }
        told.join(", ")
    }
}

/// Lists what was gathered. `target` is `registry/namespace`, and goes before what migrations say.
///
/// # Errors
/// What was wrong with the files, with the target, or that there is nothing to be listed.
pub fn list(gathered: Gathered, target: Option<&str>, pins: Pins) -> Result<Listing, Vec<Fault>> {
    let Gathered { workloads, migrations, notes, mut faults } = gathered;
    let mut listing = Listing { notes, ..Listing::default() };
    if migrations.is_empty() {
        match base(target, None, &mut faults) {
            Some(base) => add(&workloads.iter().collect::<Vec<_>>(), None, &base, &mut listing),
            None => drop(workloads),
        }
    } else {
        for migration in &migrations {
            carry_out(migration, &workloads, target, &mut listing, &mut faults);
        }
    }
    if faults.is_empty() && listing.images.is_empty() && listing.areas.is_empty() {
        let message = "no image was found that has a tag".to_owned();
        let help = Some("name other files, namespaces or labels".to_owned());
        faults.push(Fault { site: None, message, help });
    }
    listing.images.sort_by(|a, b| (&a.source, &a.target).cmp(&(&b.source, &b.target)));
    settle_pins(pins, &mut listing);
    listing.notes.sort_by(|a, b| a.site.cmp(&b.site));
    listing.notes.dedup();
    if faults.is_empty() { Ok(listing) } else { Err(faults) }
}

/// Where everything goes, or a fault.
fn base(target: Option<&str>, site: Option<&Site>, faults: &mut Vec<Fault>) -> Option<Target> {
    let help = Some("give `--target registry/namespace`".to_owned());
    let mut fault = |message| faults.push(Fault { site: site.cloned(), message, help: help.clone() });
    match target.map(|text| (text, Target::parse(text))) {
        Some((_, Ok(target))) => Some(target),
        Some((text, Err(why))) => {
            fault(format!("`{text}` is no target: {why}"));
            None
        }
        None => {
            fault("it is not said where images go".to_owned());
            None
        }
    }
}

/// Lists what a migration selects; all of its registry where nothing else was given.
fn carry_out(
    migration: &Migration,
    workloads: &[Workload],
    target: Option<&str>,
    listing: &mut Listing,
    faults: &mut Vec<Fault>,
) {
    let Migration { site, name, source, target: own, labels } = migration;
    let Some(base) = base(target.or(own.as_deref()), Some(site), faults) else { return };
    let mut changed = |message: String| {
        listing.notes.push(Note { kind: NoteKind::Changed, site: Some(site.clone()), message });
    };
    if target.is_none() && own.as_deref().is_some_and(is_bucket) {
        changed("a bucket is no registry: `--target` names where images go instead".to_owned());
    }
    if !workloads.is_empty() {
        let wanted: Vec<&Workload> = workloads.iter().filter(|workload| workload.has(labels)).collect();
        if wanted.is_empty() {
            let message = format!("no workload has the labels that `{name}` selects");
            let help = Some("name the files with those workloads, too".to_owned());
            faults.push(Fault { site: Some(site.clone()), message, help });
        }
        return add(&wanted, source.as_deref(), &base, listing);
    }
    let Some(source) = source else {
        let message = "it names no registry, and no workloads were given".to_owned();
        let help = Some("name the files with the workloads, too".to_owned());
        return faults.push(Fault { site: Some(site.clone()), message, help });
    };
    if !labels.is_empty() {
        changed(
            "no workloads were given, so its labels select nothing: all of the registry is mirrored"
                .to_owned(),
        );
    }
    let target = match &base {
        Target::Registry(base) => format!("{base}/{{repository}}"),
        Target::Layout(base) => format!("{base}//{{repository}}"),
    };
    listing.areas.push(Area {
        site: site.clone(),
        source: format!("{}/**", source.trim_end_matches('/')),
        target,
    });
}

/// Whether a host is one of Amazon's for buckets, as examples of `MigrationJob` have them.
fn is_bucket(target: &str) -> bool {
    let host = target.split('/').next().unwrap_or_default();
    host.ends_with(".amazonaws.com") && host.split('.').any(|part| part == "s3" || part.starts_with("s3-"))
}

/// Adds the images of workloads, those of one registry where it is given.
fn add(workloads: &[&Workload], registry: Option<&str>, base: &Target, listing: &mut Listing) {
    let mut found: BTreeMap<Repository, Image> = BTreeMap::new();
    let mut notes = Vec::new();
    for workload in workloads {
        for container in &workload.containers {
            match reference(workload, container, registry, base) {
                Ok((source, tag, digest)) => {
                    let image = found.entry(source.clone()).or_insert_with(|| Image {
                        source: source.clone(),
                        target: String::new(),
                        site: container.site.clone(),
                        tags: BTreeMap::new(),
                    });
                    let tagged = image.tags.entry(tag).or_default();
                    tagged.places.insert(workload.place(container));
                    tagged.written.extend(digest);
                    tagged.runs.extend(container.image_id.as_deref().and_then(|id| running(id, &source)));
                }
                Err(message) => {
                    let (kind, site) = (NoteKind::LeftOut, container.site.clone());
                    notes.push(Note { kind, site, message });
                }
            }
        }
    }
    let names = base.names(&found.keys().cloned().collect());
    for (source, mut image) in found {
        let Some(name) = names.get(&source) else { continue };
        image.target.clone_from(&name.name);
        if !name.is_plain {
            let message =
                format!("{source} is not the only one of its name: at the target it is {}", name.name);
            notes.push(Note { kind: NoteKind::Changed, site: image.site.clone(), message });
        }
        listing.images.push(image);
    }
    listing.notes.extend(notes);
}

/// What a container runs, as far as it can be mirrored.
///
/// # Errors
/// It cannot; why, in one sentence.
fn reference(
    workload: &Workload,
    container: &Container,
    registry: Option<&str>,
    base: &Target,
) -> Result<(Repository, Tag, Option<Digest>), String> {
    let text = container.image.trim();
    let place = workload.place(container);
    if text == "auto" && container.name == "istio-proxy" {
        return Err(format!("`{text}` is put in by Istio when a pod is made ({place})"));
    }
    let reference: Reference =
        text.parse().map_err(|why| format!("`{text}` is no image ({place}): {why}"))?;
    let Reference { repository, tag, digest } = reference;
    let Repository::Registry { registry: host, .. } = &repository else {
        return Err(format!("`{text}` is in no registry ({place})"));
    };
    if registry.is_some_and(|wanted| !is_within(host, &repository, wanted)) {
        return Err(format!("`{text}` is in another registry than the one that is migrated ({place})"));
    }
    if base.holds(&repository) {
        return Err(format!("`{text}` is at the target already ({place})"));
    }
    match (tag, digest) {
        (Some(tag), digest) => Ok((repository, tag, digest)),
        (None, Some(_)) => Err(format!(
            "an image by its digest has no tag to be mirrored under ({place}); `crossdock copy {text} TARGET:TAG` \
             copies it"
        )),
        (None, None) => Ok((repository, LATEST.parse().map_err(|why| format!("{why}"))?, None)),
    }
}

/// Whether a repository is in `host` or `host/path`.
fn is_within(host: &Registry, repository: &Repository, wanted: &str) -> bool {
    let (registry, path) = wanted.split_once('/').unwrap_or((wanted, ""));
    let path = path.trim_end_matches('/');
    let area = if path.is_empty() { format!("{host}/") } else { format!("{host}/{path}/") };
    registry.parse().ok().as_ref() == Some(host) && repository.to_string().starts_with(&area)
}

/// Decides which tags are pinned.
fn settle_pins(pins: Pins, listing: &mut Listing) {
    // A tag is pinned once in a spec, also where it goes to several targets.
    for Image { source, site, tags, .. } in &mut listing.images {
        for (tag, tagged) in tags {
            let mut left_open = |message: String| {
                let note = Note { kind: NoteKind::Changed, site: site.clone(), message };
                listing.notes.push(note);
            };
            let known = if tagged.written.is_empty() { &tagged.runs } else { &tagged.written };
            let mut digests = known.iter();
            tagged.pin = match (digests.next(), digests.next()) {
                (Some(only), None) if !tagged.written.is_empty() || pins == Pins::Running => {
                    Some(only.clone())
                }
                (Some(_), Some(_)) if !tagged.written.is_empty() || pins == Pins::Running => {
                    left_open(format!("{source}:{tag} has more than one digest, and is not pinned"));
                    None
                }
                (None, _) if pins == Pins::Running => {
                    left_open(format!("of {source}:{tag} it is not known what runs, and it is not pinned"));
                    None
                }
                _ => None,
            };
        }
    }
}
