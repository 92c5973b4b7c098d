//! The files of another tool: found, read, and imported. What is wrong with them is told at once.

use super::flags::Told;
use crate::cli::apply::read_plan;
use crate::cli::early::Early;
use crate::cli::setting::Setting;
use crate::import::{self, Fault, File, Imported, Tool};
use crate::report::{Problem, Severity};
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes: as large as a spec may be.
const FILE_BYTES_MAX: u64 = 8 << 20;
/// Most files that are read of all folders together: nobody has more, and a wrong folder may.
const FILES_MAX: usize = 1000;
/// How the files of a folder end that are taken.
const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];

/// Reads and imports the files that are named; of folders those that end in `.json`, `.yaml` or `.yml`.
pub(super) fn imported(
    setting: &Setting,
    tool: Tool,
    named: &[PathBuf],
    told: &Told,
) -> Result<Imported, Early> {
    let mut files = Vec::new();
    for path in paths(named)? {
        files.push(File { name: path.display().to_string(), text: text(&path)? });
    }
    import::import(tool, &files, &told.options(), &|name| setting.spec_variable(name))
        .map_err(|faults| refuse(setting, &faults))
}

/// Makes a spec of one saved plan.
pub(super) fn planned(setting: &Setting, named: &[PathBuf]) -> Result<Imported, Early> {
    let [path] = named else {
        return Err(Early::Invalid("without `--from`, name one plan that `export` saved".to_owned()));
    };
    let file = read_plan(path)?;
    import::planned(&path.display().to_string(), file.plan.entries())
        .map_err(|faults| refuse(setting, &faults))
}

/// Shows what is wrong, and says it to the report.
pub(super) fn refuse(setting: &Setting, faults: &[Fault]) -> Early {
    for fault in faults {
        setting.complain(&fault.to_string());
    }
    let problem = |fault: &Fault| Problem {
        severity: Severity::Error,
        code: "import".to_owned(),
        message: fault.message.clone(),
        path: fault.site.as_ref().map(|site| site.file.to_string()),
        line: fault.site.as_ref().map(|site| site.line),
        column: fault.site.as_ref().map(|site| site.column),
        hint: fault.help.clone(),
    };
    Early::Spec(faults.iter().map(problem).collect())
}

fn paths(named: &[PathBuf]) -> Result<Vec<PathBuf>, Early> {
    let mut paths = Vec::new();
    for path in named {
        match path.is_dir() {
            true => paths.extend(inside(path)?),
            false => paths.push(path.clone()),
        }
    }
    match paths.len() > FILES_MAX {
        true => Err(Early::Invalid(format!("these are more than {FILES_MAX} files: name fewer"))),
        false => Ok(paths),
    }
}

/// The files in a folder, sorted.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, Early> {
    let refuse = |why: String| Early::Invalid(format!("the folder {}: {why}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(|why| refuse(why.to_string()))?;
    let is_taken = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| ENDINGS.contains(&ending)) && path.is_file()
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_taken).collect();
    files.sort();
    match files.is_empty() {
        true => Err(refuse(format!("it has no file that ends in .{}", ENDINGS.join(", .")))),
        false => Ok(files),
    }
}

fn text(path: &Path) -> Result<String, Early> {
    let refuse = |why: &str| Early::Invalid(format!("the file {} cannot be read: {why}", path.display()));
    let length = std::fs::metadata(path).map_err(|why| refuse(&why.to_string()))?.len();
    if length > FILE_BYTES_MAX {
        return Err(refuse(&format!("it is larger than {FILE_BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(|why| refuse(&why.to_string()))?;
    String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))
}
