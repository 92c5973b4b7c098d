//! `crossdock import`: writes a spec of the files of another tool, and says what differs. Contacts nobody.

mod files;
mod flags;
mod given;

pub(super) use flags::{Foreign, ImportArguments, Told, tools};
pub(super) use given::given;

use super::early::Early;
use super::ending::write_whole;
use super::flags::Format;
use super::setting::Setting;
use crate::import::{Imported, Note, Variable};
use crate::report::Exit;
use crate::report::escape::{self, foreign};
use serde_json::{Value, json};
use std::path::Path;

/// Imports files.
pub(super) fn import(setting: &Setting, arguments: &ImportArguments) -> Exit {
    match imported(setting, arguments) {
        Ok(exit) => exit,
        // Why has been shown.
        Err(Early::Spec(_) | Early::Unresolved(_)) => Exit::Invalid,
        Err(Early::Invalid(message)) => {
            setting.complain(&message);
            Exit::Invalid
        }
    }
}

fn imported(setting: &Setting, arguments: &ImportArguments) -> Result<Exit, Early> {
    let ImportArguments { from, files, output, force, told } = arguments;
    let taken = output.as_deref().filter(|path| !force && path.symlink_metadata().is_ok());
    if let Some(path) = taken {
        let message = format!("{} is there already: name another file, or give --force", path.display());
        return Err(Early::Invalid(message));
    }
    let imported = match from {
        Some(tool) => files::imported(setting, *tool, files, told)?,
        None => files::planned(setting, files)?,
    };
    let text = match setting.format() {
        Format::Text => imported.text.clone(),
        Format::Json => escape::json(&format!("{:#}\n", document(&imported))),
    };
    match output {
        None => setting.print(&text),
        Some(path) => {
            if let Err(why) = write_whole(path, imported.text.as_bytes()) {
                setting.complain(&format!("the spec {} cannot be written: {why}", path.display()));
                return Ok(Exit::Failed);
            }
            if setting.format() == Format::Json {
                setting.print(&text);
            }
        }
    }
    if setting.format() == Format::Text && !setting.is_quiet() {
        tell(setting, &imported, output.as_deref());
    }
    Ok(Exit::Ok)
}

/// Says what differs, and what is to be done now.
fn tell(setting: &Setting, imported: &Imported, output: Option<&Path>) {
    for note in &imported.notes {
        setting.show(&format!("note: {}", foreign(note.to_string())));
    }
    for Variable { name, what, site, .. } in &imported.variables {
        setting.show(&format!("set {}: {}", foreign(name), foreign(format!("{what} ({site})"))));
    }
    if let Some(path) = output {
        let path = foreign(path.display().to_string());
        setting.show(&format!("wrote {path}; next: crossdock plan --spec {path}"));
    }
}

fn document(imported: &Imported) -> Value {
    let note = |Note { kind, site, message }: &Note| {
        let (file, line, column) = match site {
            Some(site) => (json!(&*site.file), json!(site.line), json!(site.column)),
            None => (Value::Null, Value::Null, Value::Null),
        };
        json!({ "kind": kind.as_str(), "file": file, "line": line, "column": column, "message": message })
    };
    let variable = |variable: &Variable| {
        let Variable { name, what, site, .. } = variable;
        json!({ "name": name, "for": what, "file": &*site.file, "line": site.line })
    };
    let notes: Vec<Value> = imported.notes.iter().map(note).collect();
    let variables: Vec<Value> = imported.variables.iter().map(variable).collect();
    json!({ "spec": imported.text, "notes": notes, "variables": variables })
}
