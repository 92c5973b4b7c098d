//! Collisions: target tags that two sources would write. Decides only; marks nothing by itself.

use super::RefusalReason;
use crate::oci::Reference;
use std::collections::{BTreeMap, BTreeSet};

/// The target tags of a group of mappings that more than one source would write.
///
/// A group is every mapping whose targets lie in the same repositories; others cannot collide.
/// All writers of such a tag are refused, not only the later ones: which one comes later depends
/// on how fast the registries answer, and a mirror that depends on that is not a mirror.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collisions(BTreeMap<Reference, BTreeSet<Reference>>);

impl Collisions {
    /// Finds them among mappings: a source and the targets that it is written to.
    pub fn among<'a, T>(mappings: impl IntoIterator<Item = (&'a Reference, T)>) -> Self
    where
        T: IntoIterator<Item = &'a Reference>,
    {
        let mut writers: BTreeMap<Reference, BTreeSet<Reference>> = BTreeMap::new();
        for (source, targets) in mappings {
            for target in targets {
                writers.entry(target.contested()).or_default().insert(source.clone());
            }
        }
        writers.retain(|_, sources| sources.len() > 1);
        Self(writers)
    }

    /// Why `source` may not be written to `target`; none when nobody else would write it.
    ///
    /// Of several other sources it names the first in order.
    pub fn refusal(&self, source: &Reference, target: &Reference) -> Option<RefusalReason> {
        let sources = self.0.get(&target.contested())?;
        let other = sources.iter().find(|other| *other != source)?;
        Some(RefusalReason::Collision { other: other.clone() })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::sample::reference;

    #[test]
    fn every_writer_of_a_contested_tag_is_refused_and_told_the_other() {
        let [a, b, c] = ["x.example/a:1", "x.example/b:1", "x.example/c:1"].map(reference);
        let [contested, free] = ["y.example/t:1", "y.example/t:2"].map(reference);
        let mappings = [(&c, vec![&contested]), (&a, vec![&contested, &free]), (&b, vec![&contested])];
        let collisions = Collisions::among(mappings);
        let other = |source| match collisions.refusal(source, &contested) {
            Some(RefusalReason::Collision { other }) => Some(other),
            _ => None,
        };
        assert_eq!(other(&a), Some(b.clone()));
        assert_eq!(other(&b), Some(a.clone()));
        assert_eq!(other(&c), Some(a.clone()));
        assert_eq!(collisions.refusal(&a, &free), None);
    }

    #[test]
    fn a_place_of_one_image_is_contested_whatever_the_tags() {
        let [a, b] = ["x.example/a:1", "x.example/a:2"].map(reference);
        let [one, two] = ["dir:out:1", "dir:out:2"].map(reference);
        let collisions = Collisions::among([(&a, [&one]), (&b, [&two])]);
        assert_eq!(collisions.refusal(&a, &one), Some(RefusalReason::Collision { other: b.clone() }));
        assert_eq!(collisions.refusal(&b, &two), Some(RefusalReason::Collision { other: a.clone() }));
        let [one, two] = ["oci:out:1", "oci:out:2"].map(reference);
        assert!(Collisions::among([(&a, [&one]), (&b, [&two])]).is_empty());
    }

    #[test]
    fn one_source_named_twice_does_not_collide_with_itself() {
        let (source, target) = (reference("alpine:1"), reference("y.example/t:1"));
        let twice = [(&source, [&target]), (&source, [&target])];
        assert!(Collisions::among(twice).is_empty());
    }
}
