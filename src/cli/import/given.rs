//! Files of another tool in place of a spec. Their secrets go into the spec as values, and nowhere else.

use super::files;
use super::flags::Foreign;
use crate::cli::early::Early;
use crate::cli::given::{Given, load_with};
use crate::cli::setting::Setting;
use crate::import::{Fault, Imported, Tool};
use crate::report::escape::foreign;
use crate::spec::Problem;
use std::path::PathBuf;

/// What a spec is called that no file has anything to do with.
const NO_FILE: &str = "--ccr-to-tcr";

/// Imports the files, tells what differs, and loads what they became.
pub(in crate::cli) fn given(setting: &Setting, tool: Tool, files: &Foreign) -> Result<Given, Early> {
    if setting.spec_path().is_some() {
        let message = "`--from` runs files in place of a spec: leave out `--spec` and CROSSDOCK_SPEC";
        return Err(Early::Invalid(message.to_owned()));
    }
    let imported = files::imported(setting, tool, &files.files, &files.told)?;
    if !setting.is_quiet() {
        for note in &imported.notes {
            setting.show(&format!("note: {}", foreign(note.to_string())));
        }
    }
    let env = |name: &str| imported.value(name).or_else(|| setting.spec_variable(name));
    let path = path(&imported, files);
    let mut given = load_with(&path, &imported.text, &env).map_err(|problems| {
        let faults: Vec<Fault> = problems.iter().map(|problem| fault(&imported, problem)).collect();
        files::refuse(setting, &faults)
    })?;
    // What reports say of a rule is about the line that its author wrote.
    let path = path.display().to_string();
    let models = given.spec.estates.iter_mut().map(|estate| &mut estate.model);
    for rule in given.spec.mirrors.iter_mut().chain(models) {
        let site = imported.origin(rule.line).filter(|site| *site.file == *path);
        rule.line = site.map_or(1, |site| site.line);
    }
    Ok(given)
}

/// The file that the first rule is in.
fn path(imported: &Imported, files: &Foreign) -> PathBuf {
    let lines = imported.text.lines().zip(1..);
    let first = lines.skip_while(|(line, _)| *line != "mirrors:").find_map(|(_, line)| imported.origin(line));
    first
        .map(|site| PathBuf::from(&*site.file))
        .or_else(|| files.files.first().cloned())
        .or_else(|| files.told.files().first().cloned())
        .unwrap_or_else(|| PathBuf::from(NO_FILE))
}

/// A problem of the spec, where it comes from.
fn fault(imported: &Imported, problem: &Problem) -> Fault {
    Fault {
        site: imported.origin(problem.place.line).cloned(),
        message: problem.message.clone(),
        help: problem.help.clone(),
    }
}
