//! The spec that is written: a draft becomes YAML, with comments that say where each part came from.

use super::draft::{CredentialsDraft, Draft, RegistryDraft, RuleDraft, TagsDraft, Transport};
use super::said::{Note, Site};
use super::written::{Written, list, literal, scalar, shown};
use std::collections::BTreeSet;

/// A text, and where each of its lines came from.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) origins: Vec<Option<Site>>,
}

impl Page {
    /// Writes the spec that a draft is; `head` is said at its top.
    pub(super) fn of(draft: &Draft<'_>, head: &[String]) -> Self {
        let mut page = Self { text: String::new(), origins: Vec::new() };
        for line in head {
            page.comment(0, line, None);
        }
        let (told, general): (Vec<&Note>, Vec<&Note>) =
            draft.notes.iter().partition(|note| is_told_below(draft, note));
        for note in general {
            page.comment(0, &note.to_string(), note.site.as_ref());
        }
        page.line(0, "version: 1", None);
        if !draft.registries.is_empty() {
            page.line(0, "", None);
            page.line(0, "registries:", None);
        }
        for registry in &draft.registries {
            page.registry(registry, &told);
        }
        page.line(0, "", None);
        page.line(0, "mirrors:", None);
        let mut names = BTreeSet::new();
        for rule in &draft.rules {
            page.rule(rule, &mut names, &told);
        }
        page
    }

    fn line(&mut self, indent: usize, text: &str, site: Option<&Site>) {
        for _ in 0..indent * usize::from(!text.is_empty()) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.text.push('\n');
        self.origins.push(site.cloned());
    }

    fn comment(&mut self, indent: usize, text: &str, site: Option<&Site>) {
        self.line(indent, &format!("# {}", shown(text)), site);
    }

    /// Where a part came from, and what is to be said of it.
    fn origin(&mut self, indent: usize, site: Option<&Site>, notes: &[&Note]) {
        let Some(site) = site else { return };
        self.comment(indent, &format!("{}:{}", site.file, site.line), Some(site));
        let here = |note: &&&Note| note.site.as_ref().is_some_and(|at| is_beside(at, site));
        for Note { kind, message, .. } in notes.iter().filter(here) {
            self.comment(indent, &format!("{}: {message}", kind.as_str().replace('-', " ")), Some(site));
        }
    }

    fn registry(&mut self, registry: &RegistryDraft, notes: &[&Note]) {
        let RegistryDraft {
            site,
            scope,
            credentials,
            transport,
            ca_file,
            client,
            requests_per_second,
            concurrent_requests,
        } = registry;
        self.origin(2, site.as_ref(), notes);
        let site = site.as_ref();
        let mut keys = Vec::new();
        match transport {
            Transport::Tls => {}
            Transport::Unverified => keys.push("tls: { insecure_skip_verify: true }".to_owned()),
            Transport::Plain => keys.push("plain_http: true".to_owned()),
        }
        let files = [
            ("ca_file", ca_file.as_ref()),
            ("client_cert", client.as_ref().map(|(cert, _)| cert)),
            ("client_key", client.as_ref().map(|(_, key)| key)),
        ];
        let files: Vec<String> =
            files.iter().filter_map(|(key, file)| Some(format!("{key}: {}", (*file)?.yaml()))).collect();
        if !files.is_empty() {
            keys.push(format!("tls: {{ {} }}", files.join(", ")));
        }
        if let Some(credentials) = credentials {
            keys.push(format!("credentials: {{ {} }}", who(credentials)));
        }
        let limits =
            [("requests_per_second", requests_per_second), ("concurrent_requests", concurrent_requests)];
        let limits: Vec<String> =
            limits.iter().filter_map(|(key, count)| count.map(|count| format!("{key}: {count}"))).collect();
        if !limits.is_empty() {
            keys.push(format!("limits: {{ {} }}", limits.join(", ")));
        }
        if keys.is_empty() {
            return self.line(2, &format!("{}: {{}}", scalar(scope)), site);
        }
        self.line(2, &format!("{}:", scalar(scope)), site);
        for key in keys {
            self.line(4, &key, site);
        }
    }

    fn rule(&mut self, rule: &RuleDraft, names: &mut BTreeSet<String>, notes: &[&Note]) {
        let RuleDraft {
            site,
            name,
            source,
            targets,
            tags,
            rename,
            suffix,
            immutable,
            on_existing,
            platforms,
            index,
            referrers,
            format,
            comments,
        } = rule;
        self.origin(2, site.as_ref(), notes);
        let site = site.as_ref();
        for comment in comments {
            self.comment(2, comment, site);
        }
        self.line(2, &format!("- source: {}", literal(source)), site);
        let wanted = name.clone().unwrap_or_else(|| source.clone());
        let numbered = (2..).map(|number| format!("{wanted} ({number})"));
        let free = std::iter::once(wanted.clone()).chain(numbered).find(|name| !names.contains(name));
        let called = free.unwrap_or(wanted);
        if called != *source {
            self.line(4, &format!("name: {}", literal(&called)), site);
        }
        names.insert(called);
        match &targets[..] {
            [one] => self.line(4, &format!("target: {}", one.yaml()), site),
            several => {
                let several: Vec<String> = several.iter().map(Written::yaml).collect();
                self.line(4, &format!("target: [{}]", several.join(", ")), site);
            }
        }
        self.tags(tags, site);
        if !rename.is_empty() || suffix.is_some() {
            self.line(4, "rename:", site);
        }
        if let Some(suffix) = suffix {
            let to = literal(&format!("${{0}}{suffix}"));
            self.line(6, &format!("- {{ match: \"^.*$\", to: {to} }}"), site);
        }
        for (old, new) in rename {
            // Of all that a tag may have, only the dot means something else in an expression.
            let expression = format!("^{}$", old.replace('.', "\\."));
            let to = literal(new);
            self.line(6, &format!("- {{ match: {}, to: {to} }}", literal(&expression)), site);
        }
        let lists = [("immutable", immutable), ("platforms", platforms), ("referrers", referrers)];
        for (key, texts) in lists.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            self.line(4, &format!("{key}: {}", list(texts)), site);
        }
        for (key, word) in [("on_existing", on_existing), ("index", index), ("format", format)] {
            if let Some(word) = word {
                self.line(4, &format!("{key}: {word}"), site);
            }
        }
    }

    fn tags(&mut self, tags: &TagsDraft, site: Option<&Site>) {
        let TagsDraft { include, exclude, semver, prerelease, newest, always } = tags;
        if *tags == TagsDraft::default() {
            return;
        }
        if *tags == TagsDraft::only(include.clone()) {
            return self.line(4, &format!("tags: {}", list(include)), site);
        }
        self.line(4, "tags:", site);
        for (key, patterns) in [("include", include), ("exclude", exclude), ("always", always)] {
            if !patterns.is_empty() {
                self.line(6, &format!("{key}: {}", list(patterns)), site);
            }
        }
        if let Some(range) = semver {
            self.line(6, &format!("semver: {}", literal(range)), site);
        }
        if let Some(count) = newest {
            self.line(6, &format!("newest: {count}"), site);
        }
        if *prerelease && (semver.is_some() || newest.is_some()) {
            self.line(6, "prerelease: true", site);
        }
    }
}

fn who(credentials: &CredentialsDraft) -> String {
    match credentials {
        CredentialsDraft::Password { username, password } => {
            format!("username: {}, password: {}", username.yaml(), password.yaml())
        }
        CredentialsDraft::IdentityToken(token) => format!("identity_token: {}", token.yaml()),
        CredentialsDraft::Helper(name) => format!("helper: {}", name.yaml()),
        CredentialsDraft::Identity(kind) => format!("identity: {kind}"),
        CredentialsDraft::Anonymous => "anonymous: true".to_owned(),
    }
}

/// Whether a note is about a part of the spec, above which it is told.
fn is_told_below(draft: &Draft<'_>, note: &Note) -> bool {
    let Some(at) = &note.site else { return false };
    let rules = draft.rules.iter().filter_map(|rule| rule.site.as_ref());
    let registries = draft.registries.iter().filter_map(|registry| registry.site.as_ref());
    rules.chain(registries).any(|site| is_beside(at, site))
}

/// Whether two places are on one line.
fn is_beside(one: &Site, other: &Site) -> bool {
    (&one.file, one.line) == (&other.file, other.line)
}
