//! The entries under `filters`, and whether rules name them. Fetches and runs nothing.

use crate::oci::{Digest, Reference, Repository};
use crate::spec::node::Key;
use crate::spec::pin::Site;
use crate::spec::shape::{Field, FilterLimitsShape, FilterShape, Reading, Table, Text};
use crate::spec::{Code, FilterDeclaration, FilterLimits, FilterSource, Problem, Span, suggest};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use url::Url;

/// The filters that a spec declares.
pub(super) struct Declared {
    pub declarations: BTreeMap<String, FilterDeclaration>,
    /// Where their pins stand, or would.
    pub sites: BTreeMap<String, Site>,
    /// Every name, also of declarations that are wrong in themselves.
    names: BTreeMap<String, Span>,
    used: RefCell<BTreeSet<String>>,
}

impl Declared {
    pub fn check(table: &Field<Table<FilterShape>>, reading: &mut Reading<'_>) -> Self {
        let mut declarations = BTreeMap::new();
        let mut sites = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (key, span, shape) in table.value().map(|table| &table.entries[..]).unwrap_or_default() {
            names.insert(key.text.clone(), key.span);
            if let Some(declaration) = declaration(key, shape, reading) {
                declarations.insert(key.text.clone(), declaration);
                sites.extend(Some(key.text.clone()).zip(Site::of(*span, shape)));
            }
        }
        Self { declarations, sites, names, used: RefCell::default() }
    }

    /// The name of a filter that a rule uses, if it is declared.
    pub fn named(&self, text: &Text, reading: &mut Reading<'_>) -> Option<String> {
        if self.names.contains_key(&text.value) {
            self.used.borrow_mut().insert(text.value.clone());
            return Some(text.value.clone());
        }
        let names: Vec<&str> = self.names.keys().map(String::as_str).collect();
        let help = match suggest::nearest(&text.value, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => {
                "declare it at the top: `filters: { NAME: { wasm: PATH } }`".to_owned()
            }
            None => format!("declared are `{}`", names.join("`, `")),
        };
        let message = format!("{} is not declared under `filters`", text.shown());
        reading.problem(Code::UnknownFilter, text.span, message, Some(help));
        None
    }

    pub fn report_unused(&self, reading: &mut Reading<'_>) {
        for (name, span) in &self.names {
            if !self.used.borrow().contains(name) {
                let message = format!("no rule uses the filter `{name}`");
                let problem =
                    Problem::new(Code::UnusedFilter, reading.source.place(*span), message).warning();
                reading
                    .problems
                    .push(problem.help(format!("write `filter: {name}` in a rule, or remove it")));
            }
        }
    }
}

fn declaration(key: &Key, shape: &FilterShape, reading: &mut Reading<'_>) -> Option<FilterDeclaration> {
    let FilterShape { wasm, sha256, config, limits } = shape;
    let digest = sha256.check(|text| digest(text, reading));
    let text = wasm.value()?;
    let wasm = source(text, reading)?;
    let needs_pin = match &wasm {
        FilterSource::Path(_) => false,
        FilterSource::Https(_) => true,
        FilterSource::Oci(reference) => reference.digest.is_none(),
    };
    if needs_pin && digest.is_absent() {
        let message = "what is fetched from elsewhere must be pinned with `sha256`";
        let help =
            "`crossdock filter pin` writes it, or add the 64 hexadecimal digits that `sha256sum` prints";
        reading.problem(Code::UnpinnedFilter, text.span, message, Some(help));
    }
    Some(FilterDeclaration {
        wasm,
        sha256: digest.value().cloned(),
        config: config.value().map_or_else(|| serde_json::json!({}), |free| free.value.clone()),
        limits: limits.value().map(self::limits).unwrap_or_default(),
        place: reading.source.place(key.span),
    })
}

fn limits(FilterLimitsShape { memory_mib, fuel_per_image }: &FilterLimitsShape) -> FilterLimits {
    let default = FilterLimits::default();
    FilterLimits {
        memory_mib: memory_mib.value().map_or(default.memory_mib, |count| count.value.get()),
        fuel_per_image: fuel_per_image.value().map_or(default.fuel_per_image, |count| count.value.get()),
    }
}

fn source(text: &Text, reading: &mut Reading<'_>) -> Option<FilterSource> {
    let written = text.value.as_str();
    let refuse = |message: String, help: &str, reading: &mut Reading<'_>| {
        reading.problem(Code::BadFilterSource, text.span, message, Some(help));
        None
    };
    if written.starts_with("https://") {
        return match Url::parse(written) {
            Ok(url) if url.username().is_empty() && url.password().is_none() => {
                Some(FilterSource::Https(url))
            }
            Ok(_) => {
                reading.secrets.push(text.span);
                refuse(
                    "this URL has credentials in it".to_owned(),
                    "a filter is fetched without credentials",
                    reading,
                )
            }
            Err(why) => refuse(
                format!("{} is not a URL{}", text.shown(), text.because(why)),
                "check the URL",
                reading,
            ),
        };
    }
    if let Some(rest) = written.strip_prefix("oci://") {
        return match rest.parse::<Reference>() {
            Ok(Reference { repository: Repository::Registry { .. }, tag: None, digest: None }) => refuse(
                "this names a repository, and no artifact in it".to_owned(),
                "add a tag or a digest: `oci://ghcr.io/acme/filter:1`",
                reading,
            ),
            Ok(reference @ Reference { repository: Repository::Registry { .. }, .. }) => {
                Some(FilterSource::Oci(reference))
            }
            Ok(_) => refuse("a filter is not read from a layout".to_owned(), "name the file itself", reading),
            Err(why) => refuse(
                format!("{} is not a reference{}", text.shown(), text.because(why)),
                "write `oci://registry/repository:tag`",
                reading,
            ),
        };
    }
    if written.contains("://") || written.starts_with("oci:") {
        let message = format!("{} is neither a path, nor `https://…`, nor `oci://…`", text.shown());
        return refuse(
            message,
            "write `filters/name.wasm`, `https://…` or `oci://registry/repository:tag`",
            reading,
        );
    }
    if written.is_empty() {
        return refuse("the path is empty".to_owned(), "write `filters/name.wasm`", reading);
    }
    Some(FilterSource::Path(PathBuf::from(written)))
}

fn digest(text: &Text, reading: &mut Reading<'_>) -> Option<Digest> {
    let hex = text.value.strip_prefix("sha256:").unwrap_or(&text.value);
    let digest = format!("sha256:{hex}").parse().ok();
    if digest.is_none() {
        let lower = format!("sha256:{}", hex.to_lowercase()).parse::<Digest>().is_ok();
        let help = match lower {
            true => "write it in lower case",
            false => "`sha256sum FILE` prints it",
        };
        let message = "this is not 64 lower-case hexadecimal digits";
        reading.problem(Code::BadDigest, text.span, message, Some(help));
    }
    digest
}
