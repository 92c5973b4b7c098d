//! dregsy: tasks with a source, a target and mappings of paths.

use super::File;
use super::credentials::{Account, Variables, account, scope};
use super::draft::{CredentialsDraft, Draft, RuleDraft, TagsDraft};
use super::reading::{Sheet, each_unknown, flag, mapping, open, text, texts};
use super::reference::{Naming, named};
use super::said::Site;
use super::semver::{Flavour, translated};
use super::written::Written;
use crate::oci::{Digest, Tag};
use crate::select::Pattern;
use crate::spec::{Part, PartKind, Tree};
use base64::Engine as _;

/// What a task may have that a rule does not need.
const TASK_KEYS: [&str; 6] = ["name", "verbose", "source", "target", "mappings", "interval"];
const LOCATION_KEYS: [&str; 5] = ["registry", "auth", "auth-refresh", "skip-tls-verify", "lister"];
const MAPPING_KEYS: [&str; 4] = ["from", "to", "tags", "platform"];

pub(super) fn read(files: &[File], draft: &mut Draft<'_>) {
    for file in files {
        open(file, draft, |sheet, root, draft| {
            if !mapping(sheet, root, "the file", draft) {
                return;
            }
            each_unknown(sheet, root, &["relay", "watch", "skopeo", "docker", "lister", "tasks"], draft);
            for task in root.get("tasks").items() {
                if mapping(sheet, task, "a task", draft) {
                    self::task(sheet, task, draft);
                }
            }
        });
    }
}

fn task(sheet: &Sheet, task: Part<'_>, draft: &mut Draft<'_>) {
    each_unknown(sheet, task, &TASK_KEYS, draft);
    let interval = task.get("interval");
    if interval.kind() != PartKind::Nothing {
        let message = "`interval`: a run ends when it is done; let a pipeline begin the next";
        draft.left_out(sheet.at(interval), message);
    }
    for mapping in task.get("mappings").items() {
        map(sheet, [task.get("source"), task.get("target")], mapping, draft);
    }
}

/// One mapping: a rule for each kind of filter, because one is enough.
fn map(sheet: &Sheet, [source, target]: [Part<'_>; 2], part: Part<'_>, draft: &mut Draft<'_>) {
    let site = sheet.at(part);
    if !mapping(sheet, part, "a mapping", draft) {
        return;
    }
    each_unknown(sheet, part, &MAPPING_KEYS, draft);
    let Some(from) = text("from", part.get("from"), sheet, draft) else {
        return draft.fault(site, "a mapping has no `from`", "name a path");
    };
    let to = text("to", part.get("to"), sheet, draft).unwrap_or(from);
    if from.starts_with("regex:") || to.starts_with("regex:") {
        let message = "repositories by a `regex:` are not listed: write a mapping for each";
        return draft.left_out(site, message);
    }
    let Some(from) = repository(sheet, source, "source", from, draft) else { return };
    let Some(to) = repository(sheet, target, "target", to, draft) else { return };
    let platform = text("platform", part.get("platform"), sheet, draft);
    let platforms = match platform {
        Some("all") => Vec::new(),
        Some(one) => vec![one.to_owned()],
        None => {
            let platform = draft.options.platform.clone();
            let message = format!(
                "without a `platform`, an image is its part for the machine that copies it: {platform}"
            );
            draft.changed(site.clone(), message);
            vec![platform]
        }
    };
    for tags in selections(sheet, part.get("tags"), draft) {
        draft.rules.push(RuleDraft {
            site: Some(site.clone()),
            source: from.clone(),
            targets: vec![Written::literal(&to)],
            tags,
            index: (!platforms.is_empty()).then_some("single"),
            platforms: platforms.clone(),
            ..RuleDraft::default()
        });
    }
}

/// The repository of one end, which also says who we are there.
fn repository(sheet: &Sheet, end: Part<'_>, what: &str, path: &str, draft: &mut Draft<'_>) -> Option<String> {
    if !mapping(sheet, end, what, draft) {
        return None;
    }
    each_unknown(sheet, end, &LOCATION_KEYS, draft);
    let at = end.get("registry");
    let Some(host) = text("registry", at, sheet, draft) else {
        draft.fault(sheet.at(end), format!("a {what} has no `registry`"), "name one");
        return None;
    };
    let name = format!("{host}/{}", path.trim_start_matches('/'));
    match named(&name, Naming::Docker) {
        Ok(found) => {
            access(sheet, end, &found.host, &found.repository.to_string(), draft);
            draft.hosts.insert(found.host);
            Some(found.repository.to_string())
        }
        Err(why) => {
            draft.fault(sheet.at(at), format!("`{name}` is not a repository: {why}"), "");
            None
        }
    }
}

/// Who we are at one end. Where another task is somebody else at the registry, it is for the repository.
fn access(sheet: &Sheet, end: Part<'_>, host: &str, repository: &str, draft: &mut Draft<'_>) {
    let site = sheet.at(end.get("registry"));
    let insecure = flag("skip-tls-verify", end.get("skip-tls-verify"), sheet, draft);
    let refreshed = end.get("auth-refresh").kind() != PartKind::Nothing;
    let auth = text("auth", end.get("auth"), sheet, draft);
    let known = format!("{auth:?} {insecure} {refreshed}");
    let mut free =
        [host, repository].into_iter().filter_map(|key| scope(key, &site, draft)).collect::<Vec<_>>();
    free.retain(|scope| draft.accounts.get(scope).is_none_or(|account| *account == known));
    let Some(scope) = free.into_iter().next() else {
        let message = format!("two tasks are two users of {repository}: the first is taken");
        return draft.left_out(site, message);
    };
    if draft.accounts.insert(scope.clone(), known).is_some() {
        return;
    }
    let pair = match auth {
        None | Some("none") => None,
        Some(auth) => decoded(auth).or_else(|| {
            let message = "`auth` is not the base64 of JSON with `username` and `password`";
            draft.fault(sheet.at(end.get("auth")), message, "");
            None
        }),
    };
    if pair.is_some() || insecure {
        let (username, password) = pair.unzip();
        let found = Account {
            site: site.clone(),
            scope: scope.clone(),
            username: username.as_deref(),
            password: password.as_deref(),
            insecure,
        };
        account(&found, Variables::Literal, draft);
    }
    if refreshed {
        draft.registry(Some(&site), &scope).credentials = Some(CredentialsDraft::Identity("ecr"));
    } else if auth == Some("none") {
        draft.registry(Some(&site), &scope).credentials = Some(CredentialsDraft::Anonymous);
    }
}

/// User and password of `auth`.
fn decoded(auth: &str) -> Option<(String, String)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(auth.trim()).ok()?;
    let json = String::from_utf8(bytes).ok()?;
    let tree = Tree::read(&json).ok()?;
    let of = |key: &str| tree.root().get(key).text().map(str::to_owned);
    Some((of("username")?, of("password")?))
}

/// What filters take of tags, and how many are kept.
#[derive(Default)]
struct Filters {
    verbatim: Vec<String>,
    ranges: Vec<String>,
    strict: Option<String>,
    expressions: Vec<String>,
    inverted: Vec<String>,
    kept: Vec<String>,
    dropped: Vec<String>,
    newest: Option<u32>,
}

/// A selection for each kind of filter: what one of them takes is taken.
fn selections(sheet: &Sheet, part: Part<'_>, draft: &mut Draft<'_>) -> Vec<TagsDraft> {
    let mut filters = Filters::default();
    let listed = texts("tags", part, sheet, draft);
    for (tag, site) in &listed {
        filter(tag.trim(), site, &mut filters, draft);
    }
    let Filters { verbatim, ranges, strict, expressions, inverted, kept, dropped, newest } = filters;
    let mut selections = Vec::new();
    if !verbatim.is_empty() {
        selections.push(TagsDraft::only(verbatim));
    }
    let mut filtered = Vec::new();
    if !ranges.is_empty() {
        let exclude = strict.into_iter().collect();
        filtered.push(TagsDraft {
            semver: Some(ranges.join(" || ")),
            exclude,
            prerelease: true,
            ..TagsDraft::default()
        });
    }
    if !expressions.is_empty() {
        filtered.push(TagsDraft::only(expressions));
    }
    filtered.extend(
        inverted.into_iter().map(|exclude| TagsDraft { exclude: vec![exclude], ..TagsDraft::default() }),
    );
    let site = sheet.at(part);
    // What cannot be said takes nothing, rather than everything.
    let takes_all = listed.iter().all(|(tag, _)| tag.trim().starts_with("keep:"));
    if selections.is_empty() && filtered.is_empty() && takes_all {
        filtered.push(TagsDraft::default());
    }
    if newest.is_some() && filtered.len() > 1 {
        let message = "`keep: latest` counts what each kind of filter takes for itself, not all together";
        draft.changed(site.clone(), message);
    }
    for mut tags in filtered {
        if !kept.is_empty() && (!tags.include.is_empty() || kept.len() > 1) {
            let message = "a tag cannot be asked to match two expressions at once: a filter can do that";
            draft.left_out(site.clone(), message);
            continue;
        }
        tags.include.extend(kept.iter().cloned());
        tags.exclude.extend(dropped.iter().cloned());
        if let Some(count) = newest {
            let message = "`keep: latest` keeps versions, each with all its variants; tags that are no version are dropped";
            draft.changed(site.clone(), message);
            tags.newest = Some(count);
            tags.prerelease = true;
        }
        selections.push(tags);
    }
    selections
}

/// One entry of `tags`.
fn filter(text: &str, site: &Site, filters: &mut Filters, draft: &mut Draft<'_>) {
    let expression = |text: &str, draft: &mut Draft<'_>| {
        let text = text.trim();
        let (inverted, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let pattern = format!("/{text}/");
        match Pattern::parse(&pattern) {
            Ok(_) => Some((inverted, pattern)),
            Err(why) => {
                draft.fault(site.clone(), format!("`{text}` is not a regular expression: {why}"), "");
                None
            }
        }
    };
    if let Some(range) = text.strip_prefix("semver:") {
        match translated(range.trim(), Flavour::Strict) {
            Ok(it) => {
                filters.ranges.push(it.range);
                filters.strict = Some(it.exclude);
                let message = "a pre-release is in a range when its release is";
                draft.changed(site.clone(), message);
            }
            Err(why) => draft.left_out(site.clone(), format!("`{}` cannot be said: {why}", range.trim())),
        }
    } else if let Some(rest) = text.strip_prefix("regex:") {
        match expression(rest, draft) {
            Some((false, pattern)) => filters.expressions.push(pattern),
            Some((true, pattern)) => filters.inverted.push(pattern),
            None => {}
        }
    } else if let Some(rest) = text.strip_prefix("keep:").map(str::trim) {
        if let Some(count) = rest.strip_prefix("latest").map(str::trim) {
            match count.parse::<u32>() {
                Ok(count) if count > 0 => filters.newest = Some(count),
                _ => draft.fault(
                    site.clone(),
                    format!("`keep: {rest}` names no number"),
                    "write `keep: latest 3`",
                ),
            }
            return;
        }
        match expression(rest, draft) {
            Some((false, pattern)) => filters.kept.push(pattern),
            Some((true, pattern)) => filters.dropped.push(pattern),
            None => {}
        }
    } else {
        verbatim(text, site, filters, draft);
    }
}

fn verbatim(text: &str, site: &Site, filters: &mut Filters, draft: &mut Draft<'_>) {
    let (tag, digest) = match text.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (text, None),
    };
    if let Err(why) = tag.parse::<Tag>() {
        return draft.fault(site.clone(), format!("`{text}` is not a tag: {why}"), "");
    }
    match digest.map(str::parse::<Digest>) {
        None => filters.verbatim.push(tag.to_owned()),
        Some(Ok(_)) => {
            let message = format!("`{tag}` is refused when it names another digest at the source");
            draft.changed(site.clone(), message);
            filters.verbatim.push(text.to_owned());
        }
        Some(Err(why)) => draft.fault(site.clone(), format!("`{text}` has no digest: {why}"), ""),
    }
}
