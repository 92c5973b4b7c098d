//! Groups: rules whose target tags could be the same, and so are resolved together.

use crate::oci::{Repository, StoreKey};
use crate::spec::Rule;
use std::collections::BTreeMap;

/// Where something is written: a store, and the path in it.
type Place<'a> = (StoreKey, &'a str);

/// Rules that write to a common repository, together: only those can collide. A rule with a filter
/// can write below its targets, too. In the order of their first rules.
pub fn groups(rules: &[Rule]) -> Vec<Vec<&Rule>> {
    let mut writers: BTreeMap<Place<'_>, Vec<usize>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        for target in &rule.targets {
            writers.entry(place(target)).or_default().push(number);
        }
    }
    let mut joined = Joined::new(rules.len());
    for numbers in writers.values() {
        joined.join(numbers);
    }
    for (number, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.filter.is_some()) {
        for target in &rule.targets {
            let (store, path) = place(target);
            // Sorted bytewise, all that is below stands together.
            let below = format!("{path}/");
            let found = writers.range((store.clone(), below.as_str())..);
            let found = found.take_while(|((other, path), _)| *other == store && path.starts_with(&below));
            for (_, numbers) in found {
                joined.join(&[number, numbers[0]]);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<&Rule>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        groups.entry(joined.first(number)).or_default().push(rule);
    }
    groups.into_values().collect()
}

fn place(repository: &Repository) -> Place<'_> {
    let path = match repository {
        Repository::Registry { path, .. } => path.as_str(),
        // Nothing is below a layout without a name: no name starts with `/`.
        Repository::Local { name, .. } => name.as_ref().map_or("", |name| name.as_str()),
    };
    (repository.store(), path)
}

/// Which rules are in one group: each knows a rule of it that comes earlier, the first knows itself.
struct Joined(Vec<usize>);

impl Joined {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The first rule of the group.
    fn first(&mut self, mut number: usize) -> usize {
        while self.0[number] != number {
            self.0[number] = self.0[self.0[number]];
            number = self.0[number];
        }
        number
    }

    fn join(&mut self, numbers: &[usize]) {
        for pair in numbers.windows(2) {
            let (one, other) = (self.first(pair[0]), self.first(pair[1]));
            self.0[one.max(other)] = one.min(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(rules: &[(&str, &str)]) -> Vec<String> {
        let rule = |(name, rest): &(&str, &str)| format!("  - {{ name: {name}, source: {name}, {rest} }}\n");
        let rules: String = rules.iter().map(rule).collect();
        let text = format!("version: 1\nfilters: {{ f: {{ wasm: f.wasm }} }}\nmirrors:\n{rules}");
        let spec = crate::spec::load("spec", &text, &|_| None).expect("a good spec");
        let names = |group: Vec<&Rule>| group.iter().map(|rule| rule.name.as_str()).collect();
        groups(&spec.mirrors).into_iter().map(names).collect()
    }

    #[test]
    fn rules_are_grouped_by_the_repositories_that_they_write_to() {
        let rules = [
            ("a", "target: r.test/1"),
            ("b", "target: r.test/2"),
            ("c", "target: r.test/3"),
            ("d", "target: [r.test/2, r.test/1]"),
            ("e", "target: r.test/1"),
        ];
        assert_eq!(grouped(&rules), ["abde", "c"]);
    }

    #[test]
    fn a_filter_may_write_below_its_targets() {
        let rules = [
            ("a", "target: r.test/m/nginx/alpine"),
            ("b", "target: r.test/m/nginx-extra"),
            ("c", "target: r.test/m/nginx, filter: f"),
            ("d", "target: r.test/m"),
            ("e", "target: other.test/m/nginx/alpine"),
            ("g", "target: r.test/m/nginx/a/b"),
        ];
        assert_eq!(grouped(&rules), ["acg", "b", "d", "e"]);
        let without: Vec<(&str, String)> =
            rules.iter().map(|(name, rest)| (*name, rest.replace(", filter: f", ""))).collect();
        let without: Vec<(&str, &str)> = without.iter().map(|(name, rest)| (*name, rest.as_str())).collect();
        assert_eq!(grouped(&without), ["a", "b", "c", "d", "e", "g"]);
    }

    #[test]
    fn a_layout_is_grouped_by_its_names() {
        let rules = [
            ("a", "target: 'oci:out//m/nginx', filter: f"),
            ("b", "target: 'oci:out//m/nginx/alpine'"),
            ("c", "target: 'oci:out', filter: f"),
            ("d", "target: 'oci:other//m/nginx/alpine'"),
        ];
        assert_eq!(grouped(&rules), ["ab", "c", "d"]);
    }
}
