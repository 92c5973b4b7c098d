//! `crossdock lint`: checks the spec and the filters that are files. Touches nothing else.

use super::early::Early;
use super::ending::Ending;
use super::filters;
use super::given::{Given, given};
use super::setting::Setting;
use crate::components::LoadError;
use crate::report::escape::foreign;
use crate::report::{Command, Exit};
use crate::spec::FilterSource;
use crate::stores::ReadStores;
use std::collections::BTreeSet;

/// Checks the spec and says what is wrong with it.
pub(super) async fn lint(setting: &Setting) -> Exit {
    linted(setting).await.unwrap_or_else(|early| early.end(setting, Command::Lint))
}

async fn linted(setting: &Setting) -> Result<Exit, Early> {
    let mut given = given(setting)?;
    let offers = check_filters(setting, &mut given).await?;
    let rules = given.spec.mirrors.len() + given.spec.estates.len();
    let plural = if rules == 1 { "" } else { "s" };
    setting.print(&format!("{}: {rules} rule{plural}, no problems.\n", given.facts.path));
    offers.iter().for_each(|offer| setting.print(offer));
    let mut ending = Ending::new(setting, Command::Lint, Some(given.facts));
    ending.run.problems = given.warnings;
    Ok(ending.silent())
}

/// Loads every filter that is a file, and says what pins those that have no pin.
async fn check_filters(setting: &Setting, given: &mut Given) -> Result<Vec<String>, Early> {
    let stores = ReadStores::new(Some(&given.spec), setting.credential_places());
    let (mut errors, mut offers, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    for (name, declaration) in &given.spec.filters {
        let FilterSource::Path(_) = declaration.wasm else { continue };
        let names = BTreeSet::from([name.clone()]);
        let filters = match filters::load(setting, given, &names, &stores).await {
            Ok(filters) => filters,
            Err(LoadError::Filter(error)) => {
                errors.push(*error);
                continue;
            }
            Err(LoadError::Store(failure)) => return Err(Early::Invalid(failure.to_string())),
        };
        for fact in filters::facts(&filters) {
            if declaration.sha256.is_none() {
                let (place, path, name) = (declaration.place, foreign(&given.facts.path), foreign(name));
                let hex = fact.digest.hex();
                offers.push(format!(
                    "{path}:{}:{}: the filter `{name}` is not pinned; this line would pin it as it is now:\n    \
                     sha256: {hex}\n",
                    place.line, place.column
                ));
            }
            facts.push(fact);
        }
    }
    given.facts.filters = facts;
    match errors.is_empty() {
        true => Ok(offers),
        false => Err(filters::refuse(setting, given, errors)),
    }
}
