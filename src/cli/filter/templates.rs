//! The files with which a filter begins, by language. They are part of the program, so that it needs
//! nothing else; a test sees to it that none is forgotten.

use super::flags::Language;
use crate::filter::WIT;

/// A file of a template: where it goes, and what is in it.
pub(super) type Piece = (&'static str, &'static str);

/// The files below a folder of `filters`, by their paths in the project.
macro_rules! pieces {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../filters/", $folder, "/", $path)))),+]
    };
}

const RUST: &[Piece] = pieces!("template-rust":
    ".github/workflows/filter.yml",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "src/lib.rs",
    "tests/releases.json",
);

const JS: &[Piece] = pieces!("template-js":
    ".github/workflows/filter.yml",
    ".gitignore",
    "README.md",
    "filter.js",
    "package-lock.json",
    "package.json",
    "tests/releases.json",
);

const PYTHON: &[Piece] = pieces!("template-python":
    ".github/workflows/filter.yml",
    ".gitignore",
    "README.md",
    "app.py",
    "requirements.txt",
    "tests/releases.json",
);

const C: &[Piece] = pieces!("template-c":
    ".github/workflows/filter.yml",
    ".gitignore",
    "Makefile",
    "README.md",
    "bindings/tag_filter.c",
    "bindings/tag_filter.h",
    "bindings/world.c",
    "filter.c",
    "tests/releases.json",
);

/// The types for Rust, which a filter in Rust gets as `sdk`.
const SDK: &[Piece] = pieces!("sdk":
    "Cargo.toml",
    "src/config.rs",
    "src/export.rs",
    "src/lib.rs",
    "src/values.rs",
);

/// The files of one language, by their paths in the project.
pub(super) fn pieces(language: Language) -> Vec<(String, &'static str)> {
    let (own, contract) = match language {
        Language::Rust => (RUST, "sdk/wit/filter.wit"),
        Language::Js => (JS, "wit/filter.wit"),
        Language::Python => (PYTHON, "wit/filter.wit"),
        Language::C => (C, "wit/filter.wit"),
    };
    let sdk = if language == Language::Rust { SDK } else { &[] };
    let own = own.iter().map(|(path, text)| ((*path).to_owned(), *text));
    let sdk = sdk.iter().map(|(path, text)| (format!("sdk/{path}"), *text));
    own.chain(sdk).chain([(contract.to_owned(), WIT)]).collect()
}

/// What builds a filter in its folder, and the component that comes out.
pub(super) fn build(language: Language, name: &str) -> (String, String) {
    let own = format!("{name}.wasm");
    match language {
        Language::Rust => (
            "cargo build --release --target wasm32-wasip2".to_owned(),
            "target/wasm32-wasip2/release/filter.wasm".to_owned(),
        ),
        Language::Js => ("npm install && npm run build".to_owned(), own),
        Language::Python => (
            format!(
                "python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt && \
                 .venv/bin/componentize-py -d wit -w tag-filter componentize app -o {own}"
            ),
            own,
        ),
        Language::C => ("make".to_owned(), own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// What building leaves in a folder.
    const BUILT: [&str; 5] = ["target", "node_modules", ".venv", "__pycache__", "wit"];

    fn files(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            if BUILT.contains(&name.as_str()) || name.ends_with(".wasm") {
                continue;
            }
            match entry.file_type().expect("a type").is_dir() {
                true => files(&entry.path(), &format!("{prefix}{name}/"), found),
                false => drop(found.insert(format!("{prefix}{name}"))),
            }
        }
    }

    #[test]
    fn every_file_of_the_templates_is_in_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("filters");
        let tables = [
            ("template-rust", RUST),
            ("template-js", JS),
            ("template-python", PYTHON),
            ("template-c", C),
            ("sdk", SDK),
        ];
        for (folder, table) in tables {
            let mut found = BTreeSet::new();
            files(&root.join(folder), "", &mut found);
            let known: BTreeSet<String> = table.iter().map(|(path, _)| (*path).to_owned()).collect();
            assert_eq!(known, found, "{folder}");
        }
        let templates = std::fs::read_dir(&root).expect("a folder").filter_map(Result::ok);
        let templates =
            templates.filter(|entry| entry.file_name().to_string_lossy().starts_with("template-"));
        assert_eq!(templates.count(), tables.len() - 1, "each template has a language");
    }
}
