//! What a spec says about many repositories at once: an estate. Plain values, checked.

use super::Rule;
use crate::oci::{Area, ReferenceError, Template};
use crate::select::NameSelection;

/// All repositories of an area, each mirrored as one rule would do it.
#[derive(Debug, Clone, PartialEq)]
pub struct Estate {
    /// What it is called; no rule and no other estate has this name.
    pub name: String,
    /// Where the repositories lie.
    pub area: Area,
    /// Where each goes: at least one, all different.
    pub targets: Vec<Template>,
    /// Which of them are taken, by their names below the area.
    pub repositories: NameSelection,
    /// What holds for each of them; its name, source and targets are those of the estate.
    pub model: Rule,
}

impl Estate {
    /// The rule for a repository that lies in the area and is taken; it is called by its source.
    ///
    /// # Errors
    /// The name breaks the grammar, or does not fit into a target.
    pub fn rule(&self, repository: &str) -> Result<Rule, ReferenceError> {
        let below = self.area.below(repository).unwrap_or_default();
        let source = self.area.repository(repository)?;
        let targets: Result<_, _> = self.targets.iter().map(|target| target.at(below)).collect();
        Ok(Rule { name: source.to_string(), source, targets: targets?, ..self.model.clone() })
    }
}
