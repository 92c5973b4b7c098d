//! The spec that is written: a draft becomes YAML, with comments that say where each part came from.

use super::draft::{CloudKeysDraft, CredentialsDraft, Draft, RegistryDraft, RuleDraft, TagsDraft, Transport};
use super::said::{Note, Site};
use super::written::{Written, list, literal, scalar, shown};
use std::collections::{BTreeMap, BTreeSet};

/// A text, and where each of its lines came from.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) origins: Vec<Option<Site>>,
}

/// What is told above the parts that come from a line.
type Told<'a> = BTreeMap<(&'a str, u32), Vec<&'a Note>>;

/// The names of the rules so far.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
    /// How often each was wanted: a file may name one source ten thousand times.
    wanted: BTreeMap<String, usize>,
}

impl Names {
    /// The name that is wanted, or that with a number.
    fn free(&mut self, wanted: &str) -> String {
        let times = self.wanted.entry(wanted.to_owned()).or_default();
        loop {
            *times += 1;
            let name = match *times {
                1 => wanted.to_owned(),
                number => format!("{wanted} ({number})"),
            };
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

impl Page {
    /// Writes the spec that a draft is; `head` is said at its top.
    pub(super) fn of(draft: &Draft<'_>, head: &[String]) -> Self {
        let mut page = Self { text: String::new(), origins: Vec::new() };
        for line in head {
            page.comment(0, line, None);
        }
        let rules = draft.rules.iter().filter_map(|rule| rule.site.as_ref());
        let registries = draft.registries.iter().filter_map(|registry| registry.site.as_ref());
        let mut told: Told<'_> = rules.chain(registries).map(|site| (line_of(site), Vec::new())).collect();
        for note in &draft.notes {
            match note.site.as_ref().and_then(|site| told.get_mut(&line_of(site))) {
                Some(notes) => notes.push(note),
                None => page.comment(0, &note.to_string(), note.site.as_ref()),
            }
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
        let mut names = Names::default();
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
    fn origin(&mut self, indent: usize, site: Option<&Site>, notes: &Told<'_>) {
        let Some(site) = site else { return };
        self.comment(indent, &format!("{}:{}", site.file, site.line), Some(site));
        for Note { kind, message, .. } in notes.get(&line_of(site)).into_iter().flatten() {
            self.comment(indent, &format!("{}: {message}", kind.as_str().replace('-', " ")), Some(site));
        }
    }

    fn registry(&mut self, registry: &RegistryDraft, notes: &Told<'_>) {
        let RegistryDraft {
            site,
            scope,
            credentials,
            cloud_keys,
            creates,
            transport,
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
        if let Some(credentials) = credentials {
            keys.push(format!("credentials: {{ {} }}", who(credentials)));
        }
        if let Some(CloudKeysDraft { id, secret, region }) = cloud_keys {
            let region = region.as_deref().map(|region| format!(", region: {}", literal(region)));
            let (id, secret) = (id.yaml(), secret.yaml());
            keys.push(format!("cloud_keys: {{ id: {id}, secret: {secret}{} }}", region.unwrap_or_default()));
        }
        if *creates {
            keys.push("create_repositories: true".to_owned());
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

    fn rule(&mut self, rule: &RuleDraft, names: &mut Names, notes: &Told<'_>) {
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
        let called = names.free(name.as_ref().unwrap_or(source));
        if called != *source {
            self.line(4, &format!("name: {}", literal(&called)), site);
        }
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
        let TagsDraft { include, exclude, semver, prerelease, newest, last_pushed, always } = tags;
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
        for (key, count) in [("newest", newest), ("last_pushed", last_pushed)] {
            if let Some(count) = count {
                self.line(6, &format!("{key}: {count}"), site);
            }
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

/// The line that a place is on.
fn line_of(site: &Site) -> (&str, u32) {
    (&site.file, site.line)
}
