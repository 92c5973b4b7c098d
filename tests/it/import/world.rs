//! Every registry that the cases name, as repositories of one registry in memory.

use crate::bed::images::{Format, one_platform};
use crate::bed::memory::Registry;
use async_trait::async_trait;
use crossdock::failure::Fallible;
use crossdock::oci::Repository;
use crossdock::resolve::{self, Filtering};
use crossdock::select::Decision;
use crossdock::spec::{self, Rule, Spec};
use crossdock::store::registry::Environment;
use crossdock::store::{Reader, Sight};
use crossdock::stores::ReadStores;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the registries have: repositories with their tags.
const CATALOGUE: &str = include_str!("catalogue.txt");

/// A registry with all that the catalogue lists.
pub struct World {
    registry: Registry,
    runtime: tokio::runtime::Runtime,
}

/// Looks at the one registry, whichever is asked for.
struct Everywhere {
    host: String,
    stores: ReadStores,
}

impl World {
    pub fn new() -> Self {
        let registry = Registry::start();
        let image = one_platform(1, Format::Oci);
        for line in CATALOGUE.lines().filter(|line| !line.starts_with('#')) {
            let (name, tags) = line.split_once(": ").expect("a repository and its tags");
            registry.seed(&image, &below(name), &tags.split(' ').collect::<Vec<_>>());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { registry, runtime }
    }

    /// What a spec selects: `source:tag -> target:tag`, sorted.
    pub fn selected(&self, spec: &Spec) -> BTreeSet<String> {
        let host = self.registry.host();
        let text = format!(
            "version: 1\nregistries: {{ \"{host}\": {{ plain_http: true }} }}\nmirrors: [{{ source: a, target: oci:b }}]\n"
        );
        let settings = spec::load("world.yaml", &text, &|_| None).expect("a spec");
        let stores = ReadStores::new(Some(&settings), Environment::of(BTreeMap::<String, String>::new()));
        let sight: Arc<dyn Sight> = Arc::new(Everywhere { host, stores });
        self.runtime.block_on(selected(spec, &sight))
    }

    /// What a spec selects of registries that are really there.
    pub fn selected_there(spec: &Spec) -> BTreeSet<String> {
        let stores = ReadStores::new(Some(spec), Environment::of(BTreeMap::<String, String>::new()));
        let sight: Arc<dyn Sight> = Arc::new(stores);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(selected(spec, &sight))
    }
}

async fn selected(spec: &Spec, sight: &Arc<dyn Sight>) -> BTreeSet<String> {
    let filtering = Filtering::new(BTreeMap::new(), 0, |_| {});
    let mut selected = BTreeSet::new();
    for rule in &spec.mirrors {
        let choosing = resolve::choose(rule, sight, &filtering);
        let chosen = choosing.await.unwrap_or_else(|why| panic!("{}: {why}", rule.name));
        for choice in chosen.choices {
            if let Decision::Taken { target: tag, .. } = choice.verdict.decision {
                selected.extend(lines(rule, choice.verdict.tag.as_str(), tag.as_str()));
            }
        }
    }
    selected
}

/// One line for each target.
fn lines<'a>(rule: &'a Rule, source: &'a str, target: &'a str) -> impl Iterator<Item = String> + 'a {
    rule.targets.iter().map(move |to| format!("{}:{source} -> {to}:{target}", rule.source))
}

/// What a repository is called in the one registry.
fn below(name: &str) -> String {
    name.replacen(':', "_", 1)
}

#[async_trait]
impl Sight for Everywhere {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        let there = format!("{}/{}", self.host, below(&repository.to_string()));
        self.stores.source(&there.parse().expect("a repository")).await
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        self.source(repository).await
    }
}
