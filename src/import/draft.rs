//! What an import has found so far: rules, registries, variables, and what is to be said of them.

use super::said::{Fault, Note, NoteKind, Site};
use super::written::Written;
use super::{Environment, Options, Variable, expand};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};

/// An import that is under way.
pub(super) struct Draft<'a> {
    pub(super) options: &'a Options,
    pub(super) env: Environment<'a>,
    pub(super) registries: Vec<RegistryDraft>,
    pub(super) rules: Vec<RuleDraft>,
    pub(super) notes: Vec<Note>,
    pub(super) faults: Vec<Fault>,
    pub(super) variables: Vec<Variable>,
    /// The registries that images come from and go to.
    pub(super) hosts: BTreeSet<String>,
    /// Who we are where, for files in which two may be one registry.
    pub(super) accounts: BTreeMap<String, String>,
}

/// One entry under `registries`.
pub(super) struct RegistryDraft {
    pub(super) site: Option<Site>,
    /// Its key: `host` or `host/path`.
    pub(super) scope: String,
    pub(super) credentials: Option<CredentialsDraft>,
    pub(super) cloud_keys: Option<CloudKeysDraft>,
    /// Whether what is missing there is made.
    pub(super) creates: bool,
    pub(super) transport: Transport,
    pub(super) requests_per_second: Option<u32>,
    pub(super) concurrent_requests: Option<u32>,
}

/// Who we are to a registry.
pub(super) enum CredentialsDraft {
    Password { username: Written, password: Written },
    IdentityToken(Written),
    Helper(Written),
    Identity(&'static str),
    Anonymous,
}

/// Keys of the account of a cloud.
#[derive(Clone)]
pub(super) struct CloudKeysDraft {
    pub(super) id: Written,
    pub(super) secret: Written,
    pub(super) region: Option<String>,
}

/// How a registry is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Transport {
    #[default]
    Tls,
    /// TLS with whatever certificate.
    Unverified,
    /// HTTP in the clear.
    Plain,
}

/// One rule.
#[derive(Default, Clone)]
pub(super) struct RuleDraft {
    pub(super) site: Option<Site>,
    /// What it is called; none is called by its source.
    pub(super) name: Option<String>,
    pub(super) source: String,
    pub(super) targets: Vec<Written>,
    pub(super) tags: TagsDraft,
    /// Tags with their new names.
    pub(super) rename: Vec<(String, String)>,
    /// What is put behind every tag.
    pub(super) suffix: Option<String>,
    pub(super) immutable: Vec<String>,
    pub(super) on_existing: Option<&'static str>,
    pub(super) platforms: Vec<String>,
    pub(super) index: Option<&'static str>,
    pub(super) referrers: Vec<String>,
    pub(super) format: Option<&'static str>,
    /// What the one who reads the rule should know.
    pub(super) comments: Vec<String>,
}

/// What is under `tags`.
#[derive(Default, Clone, PartialEq, Eq)]
pub(super) struct TagsDraft {
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) semver: Option<String>,
    pub(super) prerelease: bool,
    pub(super) newest: Option<u32>,
    pub(super) last_pushed: Option<u32>,
    pub(super) always: Vec<String>,
}

impl TagsDraft {
    /// These tags or patterns and nothing else.
    pub(super) fn only(include: Vec<String>) -> Self {
        Self { include, ..Self::default() }
    }
}

impl RegistryDraft {
    pub(super) fn new(site: Option<Site>, scope: &str) -> Self {
        Self {
            site,
            scope: scope.to_owned(),
            credentials: None,
            cloud_keys: None,
            creates: false,
            transport: Transport::Tls,
            requests_per_second: None,
            concurrent_requests: None,
        }
    }
}

impl<'a> Draft<'a> {
    pub(super) fn new(options: &'a Options, env: Environment<'a>) -> Self {
        Self {
            options,
            env,
            registries: Vec::new(),
            rules: Vec::new(),
            notes: Vec::new(),
            faults: Vec::new(),
            variables: Vec::new(),
            hosts: BTreeSet::new(),
            accounts: BTreeMap::new(),
        }
    }

    /// Something is taken over, and means something else.
    pub(super) fn changed(&mut self, site: impl Into<Option<Site>>, message: impl Into<String>) {
        self.notes.push(Note { kind: NoteKind::Changed, site: site.into(), message: message.into() });
    }

    /// Something is not taken over.
    pub(super) fn left_out(&mut self, site: impl Into<Option<Site>>, message: impl Into<String>) {
        self.notes.push(Note { kind: NoteKind::LeftOut, site: site.into(), message: message.into() });
    }

    /// Something is wrong.
    pub(super) fn fault(&mut self, site: impl Into<Option<Site>>, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.faults.push(Fault { site: site.into(), message: message.into(), help });
    }

    /// The entry for a scope, which is made where there is none.
    pub(super) fn registry(&mut self, site: Option<&Site>, scope: &str) -> &mut RegistryDraft {
        let at = self.registries.iter().position(|registry| registry.scope == scope);
        let at = at.unwrap_or_else(|| {
            self.registries.push(RegistryDraft::new(site.cloned(), scope));
            self.registries.len() - 1
        });
        &mut self.registries[at]
    }

    /// A secret that stands in a file becomes a variable, which holds it as long as this run lasts.
    pub(super) fn secret(&mut self, site: &Site, scope: &str, what: &str, value: String) -> Written {
        let name = self.free_name(scope, what);
        let what = format!("the {} for {scope}", what.to_ascii_lowercase().replace('_', " "));
        let value = Some(SecretString::from(value));
        self.variables.push(Variable { name: name.clone(), what, site: site.clone(), value });
        Written::variable(&name)
    }

    /// A variable that a file names stays what it is called.
    pub(super) fn named(&mut self, site: &Site, what: &str, name: &str) {
        let known = self.variables.iter().find(|variable| variable.name == name);
        match known.map(|variable| variable.value.is_some()) {
            Some(true) => self.fault(
                site.clone(),
                format!("the variable `{name}` is called like one that is made up for a secret of this file"),
                "call it otherwise",
            ),
            Some(false) => {}
            None => self.variables.push(Variable {
                name: name.to_owned(),
                what: what.to_owned(),
                site: site.clone(),
                value: None,
            }),
        }
    }

    /// A text of a file that has variables, with names that stay; none where a spec cannot say it: then
    /// the value is what counts.
    pub(super) fn with_variables(&mut self, site: &Site, what: &str, text: &str) -> Option<Written> {
        let pieces = expand::pieces(text);
        let names: BTreeSet<&str> = pieces
            .iter()
            .filter_map(|piece| match piece {
                expand::Piece::Variable(name) => Some(name.as_str()),
                expand::Piece::Text(_) => None,
            })
            .collect();
        if !names.iter().all(|name| expand::is_name(name)) {
            return None;
        }
        for name in &names {
            self.named(site, what, name);
        }
        let one = |piece: &expand::Piece| match piece {
            expand::Piece::Text(text) => Written::literal(text),
            expand::Piece::Variable(name) => Written::variable(name),
        };
        Some(pieces.iter().map(one).fold(Written::literal(""), |all, piece| all.then(&piece)))
    }

    /// `quay.io/coreos` and `PASSWORD` are `QUAY_IO_COREOS_PASSWORD`, or that with a number.
    fn free_name(&self, scope: &str, what: &str) -> String {
        let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let mut name: String = scope.chars().map(upper).collect();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert_str(0, "REGISTRY_");
        }
        let name = format!("{name}_{what}");
        let is_free = |name: &String| self.variables.iter().all(|variable| variable.name != *name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
    }
}
