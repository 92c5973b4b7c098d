//! Estates: rules about many repositories become one rule for each that a catalog lists. Lists
//! repositories; never tags.

use crate::failure::{Code, Failure, Operation, Side};
use crate::oci::Reference;
use crate::plan::Unresolved;
use crate::spec::{Estate, Rule};
use crate::store::Sight;
use futures::future::join_all;
use std::fmt;
use std::sync::Arc;

/// What is asked for: rules, and estates that become rules.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Rules about one repository each.
    pub rules: Vec<Rule>,
    /// Rules about many, each with which of its rules are asked for.
    pub estates: Vec<(Estate, Only)>,
}

/// Which rules of an estate are asked for.
#[derive(Clone)]
pub enum Only {
    /// All.
    All,
    /// Those whose names fit.
    Named(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Only {
    fn takes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(fits) => fits(name),
        }
    }
}

impl fmt::Debug for Only {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "All",
            Self::Named(_) => "Named",
        })
    }
}

impl Wanted {
    /// Every rule, and for each estate the one that all of its rules are made from.
    pub fn models(&self) -> Vec<Rule> {
        let models = self.estates.iter().map(|(estate, _)| estate.model.clone());
        self.rules.iter().cloned().chain(models).collect()
    }

    /// The rules that the estates become beside those that there are, in the order of the spec, and what could
    /// not be listed: an estate whose catalog is not whole has no rule at all.
    pub async fn expand(self, sight: &dyn Sight) -> (Vec<Rule>, Vec<Unresolved>) {
        let Self { mut rules, estates } = self;
        let expanding = estates.iter().map(|(estate, only)| expand(estate, only, sight));
        let mut lost = Vec::new();
        for (more, unresolved) in join_all(expanding).await {
            rules.extend(more);
            lost.extend(unresolved);
        }
        rules.sort_by_key(|rule| rule.line);
        (rules, lost)
    }
}

async fn expand(estate: &Estate, only: &Only, sight: &dyn Sight) -> (Vec<Rule>, Vec<Unresolved>) {
    let names = match sight.catalog(&estate.area).await {
        Ok(names) if names.is_empty() => return (Vec::new(), vec![unresolved(estate, *nothing(estate))]),
        Ok(names) => names,
        Err(failure) => return (Vec::new(), vec![unresolved(estate, *failure.on(Side::Source))]),
    };
    let mut lost = Vec::new();
    let mut rules = Vec::new();
    for name in &names {
        // A catalog may list more than it was asked for.
        let Some(below) = estate.area.below(name) else { continue };
        if !estate.repositories.takes(below) {
            continue;
        }
        match estate.rule(name) {
            Ok(rule) if only.takes(&rule.name) => rules.push(rule),
            Ok(_) => {}
            Err(why) => {
                let message = format!("{name:?} does not fit into a target: {why}");
                let failure = Failure::new(Code::Refused, &estate.area, Operation::Compare, message)
                    .hint("change the target, or leave it out with `repositories: { exclude: [...] }`")
                    .on(Side::Target);
                lost.push(unresolved(estate, *failure));
            }
        }
    }
    tracing::debug!(estate = estate.name, listed = names.len(), rules = rules.len(), "the catalog was read");
    if rules.is_empty() && lost.is_empty() {
        tracing::warn!(
            estate = estate.name,
            area = %estate.area,
            listed = names.len(),
            "none of the repositories that are listed is taken"
        );
    }
    (rules, lost)
}

/// The failure that there is nothing: of what is misspelt or forbidden, many registries list nothing.
fn nothing(estate: &Estate) -> Box<Failure> {
    let message = "the registry lists no repository there";
    Failure::new(Code::NotFound, &estate.area, Operation::Catalog, message)
        .hint("check the name, and that the credential may list repositories: many registries list only what it may see")
        .on(Side::Source)
}

fn unresolved(estate: &Estate, failure: Failure) -> Unresolved {
    let source = Reference { repository: estate.area.stand_in(), tag: None, digest: None };
    Unresolved {
        mirror: estate.name.clone(),
        spec_line: Some(estate.model.line),
        source,
        target: None,
        failure,
    }
}
