//! Findings: what the parts of an image amount to, and how that is told. Pure.

use crate::failure::{Code, Failure, Operation, Side};
use crate::oci::{Digest, Reference};
use crate::outcome::{Content, Damage, Findings, Loss};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Damages that are told in one message.
const DAMAGES_TOLD_MAX: usize = 3;

/// What is told of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// What is broken, and what is whole beside that; nothing of one that is whole.
    Damages,
    /// Every piece.
    Everything,
}

/// What the parts of a manifest amount to.
pub(super) fn together(manifest: &Digest, parts: Vec<(Content, Arc<Findings>)>, told: Told) -> Findings {
    let is_whole = parts.iter().all(|(_, found)| found.damages.is_empty());
    if is_whole && told == Told::Damages {
        return Findings::default();
    }
    let (mut damages, mut sound, mut torn) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    if !is_whole {
        torn.insert(manifest.clone());
    }
    for (content, found) in parts {
        if found.damages.is_empty() {
            sound.insert(content);
        }
        damages.extend(found.damages.iter().cloned());
        sound.extend(found.sound.iter().cloned());
        torn.extend(found.torn.iter().cloned());
    }
    let (damages, sound) = (damages.into_iter().collect(), sound.into_iter().collect());
    Findings { damages, sound, torn: torn.into_iter().collect() }
}

/// What was found below a manifest, and that itself is lost.
pub(super) fn and(below: &Findings, lost: Findings, manifest: &Digest) -> Findings {
    let Findings { damages, sound, torn } = below.clone();
    let damages: BTreeSet<Damage> = damages.into_iter().chain(lost.damages).collect();
    let torn = torn.into_iter().filter(|torn| torn != manifest).collect();
    Findings { damages: damages.into_iter().collect(), sound, torn }
}

pub(super) fn broken(content: Content, loss: Loss, why: String) -> Findings {
    Findings { damages: vec![Damage { content, loss, why }], ..Findings::default() }
}

/// What is wrong at a target, as a failure.
pub fn damaged(target: &Reference, findings: &Findings) -> Box<Failure> {
    let count = findings.damages.len();
    let told = findings.damages.iter().take(DAMAGES_TOLD_MAX).map(|damage| match damage {
        Damage { content: Content::Manifest(digest), why, .. } => format!("manifest {digest}: {why}"),
        Damage { content: Content::Blob(digest), why, .. } => format!("blob {digest}: {why}"),
    });
    let mut message = told.collect::<Vec<_>>().join("; ");
    if count > DAMAGES_TOLD_MAX {
        message.push_str(&format!("; and {} more", count - DAMAGES_TOLD_MAX));
    }
    let mut failure = Failure::new(Code::Damaged, &target.repository, Operation::Compare, message)
        .on(Side::Target)
        .hint("`crossdock sync --repair` brings again what is broken");
    failure.named = findings.damages.iter().map(|damage| damage.content.digest().clone()).collect();
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(seed: &str) -> Digest {
        Digest::of(seed.as_bytes())
    }

    fn blob(seed: &str) -> Content {
        Content::Blob(digest(seed))
    }

    fn lost(seed: &str) -> Findings {
        broken(blob(seed), Loss::Absent, "gone".to_owned())
    }

    #[test]
    fn what_is_whole_below_something_broken_is_told_apart() {
        let [root, child, sibling] = ["root", "child", "sibling"].map(digest);
        let whole = || Arc::new(Findings::default());
        let of_child = vec![(blob("kept"), whole()), (blob("lost"), Arc::new(lost("lost")))];
        let of_child = together(&child, of_child, Told::Damages);
        assert_eq!((of_child.damages.len(), &of_child.sound), (1, &vec![blob("kept")]));
        let parts = vec![
            (Content::Manifest(child.clone()), Arc::new(of_child)),
            (Content::Manifest(sibling.clone()), whole()),
        ];
        let of_root = together(&root, parts, Told::Damages);
        let torn: BTreeSet<_> = of_root.torn.iter().collect();
        assert_eq!(torn, BTreeSet::from([&root, &child]));
        assert!(of_root.sound.contains(&Content::Manifest(sibling)) && of_root.sound.contains(&blob("kept")));
        assert_eq!(together(&root, vec![(blob("kept"), whole())], Told::Damages), Findings::default());
    }

    #[test]
    fn every_piece_of_a_whole_image_is_told_where_that_is_asked_for() {
        let [root, child] = ["root", "child"].map(digest);
        let whole = || Arc::new(Findings::default());
        let of_child = together(&child, vec![(blob("kept"), whole())], Told::Everything);
        let of_root =
            together(&root, vec![(Content::Manifest(child.clone()), Arc::new(of_child))], Told::Everything);
        let sound: BTreeSet<Content> = of_root.sound.into_iter().collect();
        assert_eq!(sound, [Content::Manifest(child), blob("kept")].into());
        assert!(of_root.damages.is_empty() && of_root.torn.is_empty());
    }

    #[test]
    fn a_manifest_that_is_lost_is_not_one_that_is_only_torn() {
        let child = digest("child");
        let below = together(&child, vec![(blob("lost"), Arc::new(lost("lost")))], Told::Everything);
        let gone = broken(Content::Manifest(child.clone()), Loss::Absent, "gone".to_owned());
        let both = and(&below, gone, &child);
        assert_eq!((both.damages.len(), both.torn.len()), (2, 0));
    }

    #[test]
    fn many_damages_are_told_in_few_words() {
        let damages = ["a", "b", "c", "d"].map(|seed| lost(seed).damages.remove(0));
        let findings = Findings { damages: damages.to_vec(), ..Findings::default() };
        let failure = damaged(&"r.test/a:1".parse().expect("a reference"), &findings);
        assert_eq!((failure.code, failure.named.len()), (Code::Damaged, 4));
        assert!(failure.message.ends_with("; and 1 more"), "{}", failure.message);
    }
}
