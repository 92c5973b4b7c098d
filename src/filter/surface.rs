//! What a component imports and exports, and whether that is the contract.

use super::cut::cut;
use super::error::{Fault, Wrong};
use wasmtime::Engine;
use wasmtime::component::types::{Component, ComponentItem};

/// The package of the contract.
pub(super) const PACKAGE: &str = "crossdock:filter";
/// Its version here.
pub(super) const VERSION: &str = "0.1.0";
/// Each interface that this host gives, with its functions: what `filters/wit/filter.wit` says.
pub(super) const GIVEN: Given = &[("types", &[]), ("log", &["emit"])];
/// The functions that a filter has.
const ASKED: [&str; 2] = ["prepare", "decide"];
/// Most names that an error lists.
const LISTED_MAX: usize = 5;
/// Longest name that an error lists, in bytes.
const LISTED_BYTES_MAX: usize = 200;

/// Interfaces of [`PACKAGE`] with their functions.
pub(super) type Given = &'static [(&'static str, &'static [&'static str])];

/// What a component shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Surface {
    /// The version of the contract that it exports.
    pub(super) contract: String,
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

/// The parts of `package:name/interface@version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) package: &'a str,
    pub(super) interface: &'a str,
    pub(super) version: &'a str,
}

impl<'a> Name<'a> {
    /// None where it is no interface with a version.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (path, version) = text.split_once('@')?;
        let (package, interface) = path.split_once('/')?;
        Some(Self { package, interface, version })
    }

    /// Whether the version is `line` and a number, `0.1.` and `3`: no other digits, no pre-release.
    fn is_of(&self, line: &str) -> bool {
        let patch = self.version.strip_prefix(line).unwrap_or_default();
        !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn is_ours(&self) -> bool {
        self.package == PACKAGE
    }

    fn is_wasi(&self) -> bool {
        self.package.starts_with("wasi:")
    }
}

/// The line of the contract: what `0.1.0` and `0.1.7` share.
fn line() -> &'static str {
    VERSION.trim_end_matches(|digit: char| digit.is_ascii_digit())
}

/// Reads what `component` shows and checks it against the contract, of which the host has `given`.
///
/// # Errors
/// It is of another contract, or imports what no filter gets.
pub(super) fn check(machine: &Engine, component: &Component, given: Given) -> Result<Surface, Wrong> {
    let mut imports: Vec<String> = component.imports(machine).map(|(name, _)| name.to_owned()).collect();
    let mut exports: Vec<String> = component.exports(machine).map(|(name, _)| name.to_owned()).collect();
    imports.sort();
    exports.sort();
    let contract = exported(&exports)?;
    for (name, export) in component.exports(machine) {
        if let ComponentItem::ComponentInstance(instance) = export.ty
            && Name::parse(name).is_some_and(|name| name.is_ours() && name.version == contract)
        {
            for asked in ASKED {
                if instance.get_export(machine, asked).is_none() {
                    return Err(contract_wrong(format!("`{name}` has no function `{asked}`")));
                }
            }
        }
    }
    known(&imports)?;
    for (name, import) in component.imports(machine) {
        if let (Some(parsed), ComponentItem::ComponentInstance(instance)) = (Name::parse(name), import.ty) {
            let functions = instance.exports(machine);
            let functions = functions.filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
            let functions: Vec<&str> = functions.map(|(function, _)| function).collect();
            newer(parsed, &functions, given)?;
        }
    }
    Ok(Surface { contract, imports, exports })
}

/// The version of the one contract in `exports` that this host speaks.
fn exported(exports: &[String]) -> Result<String, Wrong> {
    let ours = exports.iter().filter_map(|name| Name::parse(name)).filter(Name::is_ours);
    let ours: Vec<Name> = ours.filter(|name| name.interface == "filter").collect();
    let spoken: Vec<&Name> = ours.iter().filter(|name| name.is_of(line())).collect();
    match (spoken[..].first(), spoken.len(), ours.first()) {
        (Some(name), 1, _) => Ok(name.version.to_owned()),
        (Some(_), _, _) => Err(contract_wrong(format!(
            "it exports {}: one of them is meant",
            listed(spoken.iter().map(|name| format!("{PACKAGE}/filter@{}", name.version)))
        ))),
        (None, _, Some(name)) => Err(Wrong::new(
            Fault::Contract,
            format!("it was built for {PACKAGE} {}; this crossdock speaks {VERSION}", name.version),
        )
        .hint("use a crossdock that speaks it, or build the filter against `crossdock filter wit`")),
        (None, _, None) if exports.is_empty() => {
            Err(contract_wrong(format!("it exports nothing, not `{PACKAGE}/filter@{VERSION}`")))
        }
        (None, _, None) => Err(contract_wrong(format!(
            "it exports {}, not `{PACKAGE}/filter@{VERSION}`",
            listed(exports.iter())
        ))),
    }
}

/// Lets pass imports of the contract and of WASI 0.2.
fn known(imports: &[String]) -> Result<(), Wrong> {
    let mut strange = Vec::new();
    for import in imports {
        match Name::parse(import) {
            Some(name) if name.is_ours() && name.is_of(line()) => {}
            Some(name) if name.is_wasi() && name.is_of("0.2.") => {}
            Some(name) if name.is_ours() => {
                let message =
                    format!("it imports {PACKAGE} {}; this crossdock speaks {VERSION}", name.version);
                return Err(contract_wrong(message));
            }
            Some(name) if name.is_wasi() => {
                let message = format!("it imports `{import}`; filters have WASI 0.2");
                return Err(Wrong::new(Fault::Contract, message).hint("build it for WASI 0.2 (wasip2)"));
            }
            _ => strange.push(import),
        }
    }
    if strange.is_empty() {
        return Ok(());
    }
    let message = format!("it imports {}, which no filter gets", listed(strange.iter()));
    Err(Wrong::new(Fault::Contract, message)
        .hint(format!("a filter may import `{PACKAGE}/log` and WASI 0.2, and nothing else")))
}

/// Whether a newer host would have what this one does not.
fn newer(name: Name, functions: &[&str], given: Given) -> Result<(), Wrong> {
    if !name.is_ours() {
        return Ok(());
    }
    let known = given.iter().find(|(interface, _)| *interface == name.interface);
    let known = known.map_or(&[][..], |(_, functions)| functions);
    let Some(unknown) = functions.iter().find(|function| !known.contains(function)) else { return Ok(()) };
    let (version, interface) = (name.version, name.interface);
    Err(Wrong::new(
        Fault::Contract,
        format!(
            "it needs {PACKAGE} {version} (function `{unknown}` of `{interface}`); this crossdock speaks {VERSION}"
        ),
    )
    .hint("use a newer crossdock, or build the filter against `crossdock filter wit` of this one"))
}

fn contract_wrong(message: String) -> Wrong {
    Wrong::new(Fault::Contract, message)
        .hint("build it against the world `tag-filter` that `crossdock filter wit` prints")
}

fn listed(names: impl ExactSizeIterator<Item = impl AsRef<str>>) -> String {
    let more = names.len().saturating_sub(LISTED_MAX);
    let names: Vec<String> = names
        .take(LISTED_MAX)
        .map(|name| format!("`{}`", cut(name.as_ref().to_owned(), LISTED_BYTES_MAX)))
        .collect();
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}
