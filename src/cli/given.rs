//! What a command was given to work on: the spec, read, checked and narrowed. Contacts nobody.

use super::early::Early;
use super::import;
use super::setting::Setting;
use crate::estate::{Only, Wanted};
use crate::plan::SpecFacts;
use crate::report::{Problem, Severity};
use crate::spec::{self, Estate, Pinnable, Problems, Rule, Spec};
use globset::{GlobBuilder, GlobMatcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a spec is looked for when none is named.
const DEFAULT_PATHS: [&str; 2] = ["crossdock.yaml", ".github/crossdock.yaml"];
/// What a spec is called that is in no file.
pub(super) const INLINE: &str = "spec-inline";
/// Largest spec that is read, in bytes.
const SPEC_BYTES_MAX: u64 = 8 << 20;

/// A spec that can be worked with.
pub(super) struct Given {
    pub(super) spec: Spec,
    /// What plans and reports tell of it; its filters as soon as they are loaded.
    pub(super) facts: SpecFacts,
    /// The text, which may hold secrets.
    text: String,
    /// What is probably not meant.
    pub(super) warnings: Vec<Problem>,
}

impl Given {
    /// The rules, without those that `--only` leaves out.
    pub(super) fn wanted(&self, setting: &Setting) -> Result<Wanted, Early> {
        let Some(only) = setting.only() else {
            let estates = self.spec.estates.iter().map(|estate| (estate.clone(), Only::All)).collect();
            return Ok(Wanted { rules: self.spec.mirrors.clone(), estates });
        };
        let glob = GlobBuilder::new(&only).literal_separator(false).build();
        let refuse = |why| Early::Invalid(format!("--only is not a glob: {why}"));
        let matcher = glob.map_err(refuse)?.compile_matcher();
        let rules: Vec<Rule> =
            self.spec.mirrors.iter().filter(|rule| matcher.is_match(&rule.name)).cloned().collect();
        let estates: Vec<(Estate, Only)> =
            self.spec.estates.iter().filter_map(|estate| narrowed(estate, &only, &matcher)).collect();
        if rules.is_empty() && estates.is_empty() {
            let names = self.spec.mirrors.iter().map(|rule| &rule.name);
            let names: Vec<&str> = names
                .chain(self.spec.estates.iter().map(|estate| &estate.name))
                .map(String::as_str)
                .collect();
            let names = names.join(", ");
            return Err(Early::Invalid(format!("--only {only} matches no rule; there are: {names}")));
        }
        Ok(Wanted { rules, estates })
    }

    /// Shows what else turned out to be wrong in the spec.
    pub(super) fn refuse(&self, setting: &Setting, problems: Vec<spec::Problem>) -> Early {
        let problems = Problems::new(&self.facts.path, &self.text, problems);
        show(setting, &problems);
        let mut all = listed(&problems);
        all.extend(self.warnings.iter().cloned());
        Early::Spec(all)
    }
}

/// An estate that `--only` names, or that may have repositories which it names: rules of an estate are called
/// by their sources.
fn narrowed(estate: &Estate, only: &str, matcher: &GlobMatcher) -> Option<(Estate, Only)> {
    if matcher.is_match(&estate.name) {
        return Some((estate.clone(), Only::All));
    }
    let shown = estate.area.to_string();
    let (area, only) = (shown.trim_end_matches('*'), only.split(['*', '?', '[', '{', '\\']).next()?);
    let matcher = matcher.clone();
    let named = Only::Named(Arc::new(move |name| matcher.is_match(name)));
    (only.starts_with(area) || area.starts_with(only)).then(|| (estate.clone(), named))
}

/// Reads and checks the spec.
pub(super) fn given(setting: &Setting) -> Result<Given, Early> {
    if let Some((tool, foreign)) = setting.foreign() {
        return import::given(setting, tool, foreign);
    }
    let (path, text) = read(setting)?;
    load(setting, &path, &text)
}

/// Reads and checks the spec, if one is named or lies where one is looked for.
pub(super) fn given_if_any(setting: &Setting) -> Result<Option<Given>, Early> {
    let is_there =
        setting.spec_path().is_some() || DEFAULT_PATHS.iter().any(|path| Path::new(path).is_file());
    is_there.then(|| given(setting)).transpose()
}

/// Reads the file that is named, or the first default that is there.
pub(super) fn read(setting: &Setting) -> Result<(PathBuf, String), Early> {
    if let Some(text) = setting.spec_text() {
        return Ok((INLINE.into(), text.to_owned()));
    }
    let path = match setting.spec_path() {
        Some(path) => path,
        None => {
            DEFAULT_PATHS.map(PathBuf::from).into_iter().find(|path| path.is_file()).ok_or_else(|| {
                let places = DEFAULT_PATHS.join(" or ");
                Early::Invalid(format!("there is no spec: write {places}, or name one with --spec"))
            })?
        }
    };
    let refuse = |why: &str| Early::Invalid(format!("the spec {} cannot be read: {why}", path.display()));
    let length = std::fs::metadata(&path).map_err(|why| refuse(&why.to_string()))?.len();
    if length > SPEC_BYTES_MAX {
        return Err(refuse(&format!("it is larger than {SPEC_BYTES_MAX} bytes")));
    }
    match String::from_utf8(std::fs::read(&path).map_err(|why| refuse(&why.to_string()))?) {
        Ok(text) => Ok((path, text)),
        Err(_) => Err(refuse("it is not UTF-8")),
    }
}

/// Checks the text, and shows what is wrong with it, but for pins that filters lack: for commands that
/// work before there are any, and run no rule.
pub(super) fn load_to_pin(setting: &Setting, path: &Path, text: &str) -> Result<Pinnable, Early> {
    spec::load_to_pin(&path.display().to_string(), text, &|name| setting.spec_variable(name)).map_err(
        |problems| {
            show(setting, &problems);
            Early::Spec(listed(&problems))
        },
    )
}

/// Checks the text, and shows what is wrong with it.
pub(super) fn load(setting: &Setting, path: &Path, text: &str) -> Result<Given, Early> {
    let given = load_with(path, text, &|name| setting.spec_variable(name)).map_err(|problems| {
        show(setting, &problems);
        Early::Spec(listed(&problems))
    })?;
    let warnings = Problems::new(&given.facts.path, text, given.spec.warnings.clone());
    if !warnings.is_empty() {
        show(setting, &warnings);
    }
    Ok(given)
}

/// Checks the text, with the values that `env` has for its variables. Shows nothing.
pub(super) fn load_with(
    path: &Path,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Given, Problems> {
    let file_name = path.display().to_string();
    let spec = spec::load(&file_name, text, env)?;
    let facts = SpecFacts { path: file_name.clone(), digest: spec.sha256.clone(), filters: Vec::new() };
    let warnings = Problems::new(&file_name, text, spec.warnings.clone());
    Ok(Given { spec, facts, text: text.to_owned(), warnings: listed(&warnings) })
}

/// Shows problems on stderr.
fn show(setting: &Setting, problems: &Problems) {
    let text = problems.render(setting.colour_of_errors());
    setting.show(text.trim_end());
}

/// Problems as a report tells them.
fn listed(problems: &Problems) -> Vec<Problem> {
    let one = |problem: &spec::Problem| Problem {
        severity: match problem.severity {
            spec::Severity::Error => Severity::Error,
            spec::Severity::Warning => Severity::Warning,
        },
        code: problem.code.as_str().to_owned(),
        message: problem.message.clone(),
        path: Some(problems.file_name().to_owned()),
        line: Some(problem.place.line),
        column: Some(problem.place.column),
        hint: problem.help.clone(),
    };
    problems.iter().map(one).collect()
}
