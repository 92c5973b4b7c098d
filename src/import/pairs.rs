//! Files that pair sources with targets, and registries with users, as three tools have them. What they
//! differ in is a dialect.

use super::credentials::{Account, Variables, account, scope};
use super::draft::{Draft, RuleDraft, TagsDraft};
use super::expand;
use super::reading::{Sheet, flag, text};
use super::reference::{Ending, Named, Naming, named, split};
use super::said::Site;
use super::written::Written;
use super::{Existing, File, reading};
use crate::oci::Tag;
use crate::select::Pattern;
use crate::spec::{Entry, Part, PartKind};

/// What one tool does otherwise than another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub(super) naming: Naming,
    /// Of how many parts a name has at least.
    pub(super) parts_min: usize,
    /// What `$` means in credentials.
    pub(super) variables: Variables,
    /// What `$` means in targets.
    pub(super) target_variables: Variables,
    pub(super) keys: Keys,
    pub(super) syntax: Syntax,
    pub(super) nowhere: Nowhere,
}

/// Which keys of the file with users fit an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Every part of its path; the longest.
    Prefixes,
    /// Its registry, or that with the namespace.
    Namespaces,
}

/// What may stand behind names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Tags with commas; a target has none or the same.
    Tags,
    /// Also expressions and digests, as many new tags as old ones, and lists of targets.
    Rich,
}

/// Where images go that have no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// Into the registry and namespace that flags or `DEFAULT_REGISTRY` and `DEFAULT_NAMESPACE` name.
    Defaults,
    /// Into the registry that a flag names, and the namespace that another does, or else their own.
    OwnNamespace,
}

/// What is in a file.
pub(super) enum Contents {
    Nothing,
    Users,
    Images,
    /// Both, under `auth` and `images`.
    Both,
    /// Keys of cloud accounts.
    Accounts,
}

/// Reads every file, whatever it is called. `one` is how a file with both is read.
pub(super) fn read(files: &[File], dialect: Dialect, one: Dialect, draft: &mut Draft<'_>) {
    for file in files {
        reading::open(file, draft, |sheet, root, draft| match contents(root) {
            _ if !matches!(root.kind(), PartKind::Mapping | PartKind::Nothing) => {
                let message = format!("the file is {}, and not a mapping", root.what());
                draft.fault(sheet.at(root), message, "name the files with users and with images");
            }
            Contents::Nothing => {}
            Contents::Users => users(sheet, root, dialect, draft),
            Contents::Images => images(sheet, root, dialect, draft),
            Contents::Both => {
                users(sheet, root.get("auth"), one, draft);
                images(sheet, root.get("images"), one, draft);
                for entry in root.entries().iter().filter(|entry| !["auth", "images"].contains(&entry.key)) {
                    draft.left_out(
                        sheet.site(entry.place),
                        format!("the key `{}` has no counterpart", entry.key),
                    );
                }
            }
            Contents::Accounts => {
                let message = "keys of a cloud are for `--ccr-to-tcr`, and these images need none";
                draft.left_out(sheet.at(root), message);
            }
        });
    }
}

pub(super) fn contents(root: Part<'_>) -> Contents {
    let entries = root.entries();
    let is_mapping = |entry: &&Entry<'_>| entry.value.kind() == PartKind::Mapping;
    let is_account = |entry: &Entry<'_>| {
        ["ccr", "tcr"].contains(&entry.key) && entry.value.get("secretId").kind() != PartKind::Nothing
    };
    match entries.first() {
        None => Contents::Nothing,
        Some(_) if entries.iter().all(is_account) => Contents::Accounts,
        Some(_) if ["auth", "images"].iter().any(|key| root.get(key).kind() == PartKind::Mapping) => {
            Contents::Both
        }
        Some(first) if is_mapping(&first) => Contents::Users,
        Some(_) => Contents::Images,
    }
}

/// Registries with users.
pub(super) fn users(sheet: &Sheet, part: Part<'_>, dialect: Dialect, draft: &mut Draft<'_>) {
    for entry in part.entries() {
        let site = sheet.site(entry.place);
        let value = entry.value;
        if !matches!(value.kind(), PartKind::Mapping | PartKind::Nothing) {
            let message = format!("`{}` is {}", entry.key, value.what());
            draft.fault(site, message, "a registry has `username`, `password` and `insecure`");
            continue;
        }
        let username = text("username", value.get("username"), sheet, draft);
        let password = text("password", value.get("password"), sheet, draft);
        let insecure = flag("insecure", value.get("insecure"), sheet, draft);
        let known = ["username", "password", "insecure"];
        for key in value.entries().iter().filter(|key| !known.contains(&key.key)) {
            draft.left_out(sheet.site(key.place), format!("the key `{}` has no counterpart", key.key));
        }
        let Some(scope) = scope(entry.key, &site, draft) else { continue };
        if dialect.keys == Keys::Namespaces && scope.matches('/').count() > 1 {
            let message = format!("`{}` fits no image: only a registry or its namespace does", entry.key);
            draft.left_out(site, message);
            continue;
        }
        account(&Account { site, scope, username, password, insecure }, dialect.variables, draft);
    }
}

/// Sources with targets.
fn images(sheet: &Sheet, part: Part<'_>, dialect: Dialect, draft: &mut Draft<'_>) {
    for entry in part.entries() {
        let site = sheet.site(entry.place);
        let targets: Vec<&str> = match entry.value.kind() {
            PartKind::Nothing => vec![""],
            PartKind::Text => entry.value.text().into_iter().collect(),
            PartKind::List if dialect.syntax == Syntax::Rich => {
                let texts = reading::texts("a target", entry.value, sheet, draft);
                if texts.is_empty() {
                    draft.fault(site.clone(), "the list of targets is empty", "name one");
                }
                texts.into_iter().map(|(text, _)| text).collect()
            }
            PartKind::List | PartKind::Mapping => {
                let message = format!("the target of `{}` is {}", entry.key, entry.value.what());
                draft.fault(sheet.at(entry.value), message, "write one image");
                continue;
            }
        };
        pair(&site, entry.key, &targets, dialect, draft);
    }
}

/// One source and its targets: a rule for each way in which tags are renamed.
fn pair(site: &Site, source: &str, targets: &[&str], dialect: Dialect, draft: &mut Draft<'_>) {
    let (name, ending) = split(source);
    let Some(from) = repository(site, name, dialect, draft) else { return };
    if let Ending::Digest { .. } = ending {
        let message = format!(
            "an image by its digest has no tag to be mirrored under; `crossdock copy {source} TARGET:TAG` copies it"
        );
        return draft.left_out(site.clone(), message);
    }
    let mut rules: Vec<RuleDraft> = Vec::new();
    for target in targets {
        let Some((written, to)) = target_of(site, target, &from, dialect, draft) else { continue };
        let (tags, rename) = match wish(ending, to, dialect.syntax) {
            Ok(wish) => wish,
            Err((message, help)) => {
                draft.fault(site.clone(), message, help);
                continue;
            }
        };
        match rules.iter_mut().find(|rule| rule.rename == rename) {
            Some(rule) if rule.targets.contains(&written) => {}
            Some(rule) => rule.targets.push(written),
            None => rules.push(RuleDraft {
                site: Some(site.clone()),
                source: from.repository.to_string(),
                targets: vec![written],
                tags,
                rename,
                on_existing: (draft.options.existing == Existing::Kept).then_some("keep"),
                ..RuleDraft::default()
            }),
        }
    }
    draft.hosts.insert(from.host);
    draft.rules.extend(rules);
}

/// The repository of a name, or a fault.
fn repository(site: &Site, name: &str, dialect: Dialect, draft: &mut Draft<'_>) -> Option<Named> {
    if name.is_empty() {
        draft.fault(site.clone(), "a source is empty", "name an image");
        return None;
    }
    if name.split('/').count() < dialect.parts_min {
        let message = format!("`{name}` has less than registry, namespace and repository");
        draft.fault(site.clone(), message, "write all three");
        return None;
    }
    let found = named(name, dialect.naming);
    match found {
        Ok(found) => {
            if let Some(bare) = &found.bare_host {
                let message = format!("`{bare}` is a registry here, and no name at Docker Hub");
                draft.changed(site.clone(), message);
            }
            let first = name.split('/').next().unwrap_or_default();
            if found.host == "docker.io" && !first.contains(['.', ':']) && name.split('/').count() > 2 {
                let message =
                    format!("`{first}` is a name at Docker Hub; old versions took it for a registry");
                draft.changed(site.clone(), message);
            }
            Some(found)
        }
        Err(why) => {
            let help = "write registry/namespace/repository";
            draft.fault(site.clone(), format!("`{name}` is not a repository: {why}"), help);
            None
        }
    }
}

/// A target as it is written, and what is behind its name.
fn target_of<'t>(
    site: &Site,
    target: &'t str,
    source: &Named,
    dialect: Dialect,
    draft: &mut Draft<'_>,
) -> Option<(Written, Ending<'t>)> {
    if target.is_empty() {
        return nowhere(site, source, dialect, draft).map(|target| (target, Ending::All));
    }
    let (name, to) = split(target);
    if dialect.target_variables == Variables::Literal || !name.contains('$') {
        let found = repository(site, name, dialect, draft)?;
        draft.hosts.insert(found.host);
        return Some((Written::literal(&found.repository.to_string()), to));
    }
    let known = expand::expanded(name, draft.env);
    let written = draft.with_variables(site, "a part of a target", name);
    match (named(&known, dialect.naming), written) {
        (Ok(found), Some(written)) => {
            draft.hosts.insert(found.host);
            Some((written, to))
        }
        (Ok(found), None) => Some((Written::literal(&found.repository.to_string()), to)),
        (Err(why), _) => {
            let message = format!("`{name}`, with its variables put in, is not a repository: {why}");
            draft.fault(site.clone(), message, "set the variables that it names");
            None
        }
    }
}

/// The target of an image that has none.
fn nowhere(site: &Site, source: &Named, dialect: Dialect, draft: &mut Draft<'_>) -> Option<Written> {
    let given = |flag: &Option<String>, variable: &str| {
        let ambient = match dialect.nowhere {
            Nowhere::Defaults => (draft.env)(variable),
            Nowhere::OwnNamespace => None,
        };
        flag.clone().or(ambient).filter(|text| !text.is_empty())
    };
    let registry = given(&draft.options.registry, "DEFAULT_REGISTRY");
    let namespace = given(&draft.options.namespace, "DEFAULT_NAMESPACE");
    let (own, rest) = source.namespace();
    let namespace = match dialect.nowhere {
        Nowhere::Defaults => namespace,
        Nowhere::OwnNamespace => namespace.or(own.map(str::to_owned)),
    };
    let (Some(registry), Some(namespace)) = (registry, namespace) else {
        let help = "name a target, or give `--registry` and `--namespace`";
        draft.fault(site.clone(), format!("`{}` has no target", source.repository), help);
        return None;
    };
    let name = format!("{registry}/{namespace}/{rest}");
    match named(&name, Naming::ThreeParts) {
        Ok(found) => {
            draft.hosts.insert(found.host);
            Some(Written::literal(&found.repository.to_string()))
        }
        Err(why) => {
            let help = "look at `--registry` and `--namespace`";
            draft.fault(site.clone(), format!("the target `{name}` is not a repository: {why}"), help);
            None
        }
    }
}

type Wish = (TagsDraft, Vec<(String, String)>);

/// Which tags are taken, and what they become.
fn wish(source: Ending<'_>, target: Ending<'_>, syntax: Syntax) -> Result<Wish, (String, &'static str)> {
    let refuse = |message: &str, help| Err((message.to_owned(), help));
    match (source, target) {
        (_, Ending::Expression(_) | Ending::Digest { .. }) => {
            refuse("a target has tags or none", "leave out what stands behind its name")
        }
        (Ending::Digest { .. }, _) => refuse("a digest names no tag", "name the tag"),
        (Ending::All | Ending::Expression(_), Ending::Tags(_)) => {
            refuse("many tags have one new name", "leave out the tag of the target")
        }
        (Ending::All, Ending::All) => Ok((TagsDraft::default(), Vec::new())),
        (Ending::Expression(expression), Ending::All) => {
            if syntax == Syntax::Tags {
                return refuse("a tag has no `/`", "this tool knows no expressions: name the tags");
            }
            let pattern = format!("/{expression}/");
            match Pattern::parse(&pattern) {
                Ok(_) => Ok((TagsDraft::only(vec![pattern]), Vec::new())),
                Err(why) => Err((format!("`{expression}` is not a regular expression: {why}"), "")),
            }
        }
        (Ending::Tags(tags), Ending::All) => Ok((TagsDraft::only(self::tags(tags)?), Vec::new())),
        (Ending::Tags(old), Ending::Tags(new)) => {
            let (old, new) = (tags(old)?, tags(new)?);
            if old.len() != new.len() {
                let message = format!("{} tags cannot become {}", old.len(), new.len());
                return Err((message, "name as many, or none for the target"));
            }
            if syntax == Syntax::Tags && old.len() > 1 && old != new {
                return refuse(
                    "several tags have other names",
                    "name none for the target, or write a line for each",
                );
            }
            let twice = |at: usize| old[..at].contains(&old[at]);
            if let Some(tag) = (0..old.len()).find(|at| twice(*at)).map(|at| &old[at]) {
                return Err((
                    format!("the tag `{tag}` stands twice"),
                    "write a line for each of its new names",
                ));
            }
            let rename = old.iter().cloned().zip(new).filter(|(old, new)| old != new).collect();
            Ok((TagsDraft::only(old), rename))
        }
    }
}

/// Tags with commas between them, each once.
fn tags(text: &str) -> Result<Vec<String>, (String, &'static str)> {
    let mut tags = Vec::new();
    for tag in text.split(',').map(str::trim) {
        if let Err(why) = tag.parse::<Tag>() {
            return Err((format!("`{tag}` is not a tag: {why}"), "write tags with commas between them"));
        }
        tags.push(tag.to_owned());
    }
    Ok(tags)
}
