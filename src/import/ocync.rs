//! ocync: registries with names, groups of targets, defaults and mappings.

use super::credentials::scope;
use super::draft::{CredentialsDraft, Draft, RuleDraft, TagsDraft};
use super::reading::{Sheet, count, each_unknown, flag, mapping, open, text, texts};
use super::reference::{Naming, named};
use super::said::Site;
use super::written::Written;
use super::{File, expand};
use crate::select::{Pattern, Range};
use crate::spec::{Part, PartKind};
use std::collections::BTreeMap;

const REGISTRY_KEYS: [&str; 5] = ["url", "auth_type", "max_concurrent", "credentials", "token"];
const MAPPING_KEYS: [&str; 7] = ["from", "to", "source", "targets", "tags", "platforms", "artifacts"];
const TAGS_KEYS: [&str; 8] =
    ["glob", "include", "semver", "semver_prerelease", "exclude", "sort", "latest", "immutable_tags"];

/// What is dropped where nobody asks for it, whatever the case of its letters.
const UNASKED: &str = "/(?i)-(rc|alpha|beta|pre|snapshot|nightly)/";

/// The registries of a file by their names.
type Hosts = BTreeMap<String, String>;

pub(super) fn read(files: &[File], draft: &mut Draft<'_>) {
    for file in files {
        open(file, draft, |sheet, root, draft| {
            if !mapping(sheet, root, "the file", draft) {
                return;
            }
            each_unknown(sheet, root, &["registries", "target_groups", "defaults", "mappings"], draft);
            let mut hosts = Hosts::new();
            for entry in root.get("registries").entries() {
                if mapping(sheet, entry.value, entry.key, draft)
                    && let Some(host) = registry(sheet, entry.value, draft)
                {
                    hosts.insert(entry.key.to_owned(), host);
                }
            }
            for part in root.get("mappings").items() {
                if mapping(sheet, part, "a mapping", draft) {
                    each_unknown(sheet, part, &MAPPING_KEYS, draft);
                    map(sheet, root, part, &hosts, draft);
                }
            }
        });
    }
}

/// The text with its variables put in; `:-` has a default, and `:?` a reason.
fn known(value: &str, site: &Site, draft: &mut Draft<'_>) -> String {
    let mut known = String::new();
    for piece in expand::pieces(value) {
        match piece {
            expand::Piece::Text(text) => known.push_str(&text),
            expand::Piece::Variable(inner) => {
                let (name, default) = match inner.split_once(":-") {
                    Some((name, default)) => (name, Some(default)),
                    None => (inner.split(":?").next().unwrap_or_default(), None),
                };
                let found = (draft.env)(name).filter(|found| !found.is_empty());
                match found.or(default.map(str::to_owned)) {
                    Some(found) => known.push_str(&found),
                    None => draft.fault(site.clone(), format!("the variable `{name}` is not set"), "set it"),
                }
            }
        }
    }
    if known != value {
        draft.changed(site.clone(), format!("`{value}` is written as `{known}`, which it is now"));
    }
    known
}

/// The host of a registry, which also says who we are there.
fn registry(sheet: &Sheet, part: Part<'_>, draft: &mut Draft<'_>) -> Option<String> {
    each_unknown(sheet, part, &REGISTRY_KEYS, draft);
    let (at, site) = (part.get("url"), sheet.at(part.get("url")));
    let Some(url) = text("url", at, sheet, draft) else {
        draft.fault(sheet.at(part), "a registry has no `url`", "write its host");
        return None;
    };
    let known = known(url, &site, draft);
    let host = known.trim_start_matches("https://").trim_end_matches('/');
    let scope = scope(host, &site, draft)?;
    let credentials = credentials(sheet, part, &scope, draft);
    let concurrent = count("max_concurrent", part.get("max_concurrent"), sheet, draft);
    if credentials.is_some() || concurrent.is_some() {
        let registry = draft.registry(Some(&site), &scope);
        registry.credentials = credentials;
        registry.concurrent_requests = concurrent;
    }
    Some(scope)
}

fn credentials(
    sheet: &Sheet,
    part: Part<'_>,
    scope: &str,
    draft: &mut Draft<'_>,
) -> Option<CredentialsDraft> {
    let site = sheet.at(part.get("url"));
    let pair = part.get("credentials");
    let username = text("username", pair.get("username"), sheet, draft);
    let password = text("password", pair.get("password"), sheet, draft);
    match text("auth_type", part.get("auth_type"), sheet, draft) {
        Some("ecr") => Some(CredentialsDraft::Identity("ecr")),
        Some("gar" | "gcr") => Some(CredentialsDraft::Identity("gar")),
        Some("acr") => Some(CredentialsDraft::Identity("acr")),
        Some("anonymous") => Some(CredentialsDraft::Anonymous),
        Some("static_token" | "token") => {
            let message = "a token that was handed out before is not used: write `username` and `password`, or \
                           leave it to docker's configuration";
            draft.left_out(sheet.at(part.get("auth_type")), message);
            None
        }
        None | Some("basic") => {
            let (username, password) = (username?, password?);
            let value = |what: &str, value: &str, draft: &mut Draft<'_>| {
                let name = expand::only_variable(value).unwrap_or_default();
                let name = name.split(':').next().unwrap_or_default().to_owned();
                if expand::is_name(&name) {
                    draft.named(&site, &format!("the {} for {scope}", what.to_ascii_lowercase()), &name);
                    return Written::variable(&name);
                }
                match what {
                    "USERNAME" if !value.contains('$') => Written::literal(value),
                    _ => {
                        let known = expand::expanded(value, draft.env);
                        draft.secret(&site, scope, what, known)
                    }
                }
            };
            let username = value("USERNAME", username, draft);
            let password = value("PASSWORD", password, draft);
            Some(CredentialsDraft::Password { username, password })
        }
        Some("docker_config" | "ghcr") => None,
        Some(other) => {
            draft.fault(sheet.at(part.get("auth_type")), format!("`auth_type: {other}` is not known"), "");
            None
        }
    }
}

fn map(sheet: &Sheet, root: Part<'_>, part: Part<'_>, hosts: &Hosts, draft: &mut Draft<'_>) {
    let site = sheet.at(part);
    let defaults = root.get("defaults");
    let given = |key: &str| match part.get(key).kind() {
        PartKind::Nothing => defaults.get(key),
        PartKind::Text | PartKind::List | PartKind::Mapping => part.get(key),
    };
    let Some(from) = text("from", part.get("from"), sheet, draft) else {
        return draft.fault(site, "a mapping has no `from`", "name a repository");
    };
    let to = text("to", part.get("to"), sheet, draft).unwrap_or(from);
    let Some(source) = text("source", given("source"), sheet, draft) else {
        return draft.fault(site, "a mapping has no `source`", "name a registry");
    };
    let mut targets: Vec<&str> = Vec::new();
    for (name, _) in texts("targets", given("targets"), sheet, draft) {
        let group = root.get("target_groups").get(name);
        match group.kind() {
            PartKind::Nothing => targets.push(name),
            _ => targets.extend(texts(name, group, sheet, draft).into_iter().map(|(name, _)| name)),
        }
    }
    if targets.is_empty() {
        return draft.fault(site, "a mapping has no `targets`", "name a registry or a group");
    }
    let repository = |name: &str, path: &str, draft: &mut Draft<'_>| {
        let Some(host) = hosts.get(name) else {
            draft.fault(site.clone(), format!("there is no registry `{name}`"), "name one of `registries`");
            return None;
        };
        let full = format!("{host}/{path}");
        match named(&full, Naming::Docker) {
            Ok(found) => {
                draft.hosts.insert(found.host);
                Some(found.repository.to_string())
            }
            Err(why) => {
                draft.fault(site.clone(), format!("`{full}` is not a repository: {why}"), "");
                None
            }
        }
    };
    let source = repository(source, from, draft);
    let mut written: Vec<Written> = Vec::new();
    for name in targets {
        let target = repository(name, to, draft).map(|target| Written::literal(&target));
        written.extend(target.filter(|target| !written.contains(target)));
    }
    let (Some(source), false) = (source, written.is_empty()) else { return };
    let Some(tags) = tags(sheet, given("tags"), draft) else { return };
    let platforms = texts("platforms", given("platforms"), sheet, draft);
    let immutable = text("immutable_tags", given("tags").get("immutable_tags"), sheet, draft);
    let referrers = referrers(sheet, given("artifacts"), draft);
    draft.rules.push(RuleDraft {
        site: Some(site.clone()),
        source,
        targets: written,
        tags,
        immutable: immutable.into_iter().map(str::to_owned).collect(),
        platforms: platforms.into_iter().map(|(text, _)| text.to_owned()).collect(),
        referrers,
        ..RuleDraft::default()
    });
}

fn referrers(sheet: &Sheet, part: Part<'_>, draft: &mut Draft<'_>) -> Vec<String> {
    each_unknown(sheet, part, &["enabled", "include"], draft);
    let enabled = part.get("enabled");
    if enabled.kind() != PartKind::Nothing && !flag("enabled", enabled, sheet, draft) {
        return vec!["none".to_owned()];
    }
    texts("include", part.get("include"), sheet, draft).into_iter().map(|(text, _)| text.to_owned()).collect()
}

/// What the filters of a mapping take; none where that cannot be said.
fn tags(sheet: &Sheet, part: Part<'_>, draft: &mut Draft<'_>) -> Option<TagsDraft> {
    let site = sheet.at(part);
    each_unknown(sheet, part, &TAGS_KEYS, draft);
    let patterns = |key: &str, draft: &mut Draft<'_>| {
        let mut patterns = Vec::new();
        for (text, site) in texts(key, part.get(key), sheet, draft) {
            match Pattern::parse(text) {
                Ok(_) => patterns.push(text.to_owned()),
                Err(why) => draft.fault(site, format!("`{text}` is not a pattern: {why}"), ""),
            }
        }
        patterns
    };
    let (mut include, always) = (patterns("glob", draft), patterns("include", draft));
    let mut exclude = patterns("exclude", draft);
    if include.iter().any(|glob| glob == "*") {
        include.clear();
    }
    if !exclude.is_empty() && always.iter().any(|pattern| pattern.contains(['*', '?', '['])) {
        let message = "tags that `include` matches are taken even where `exclude` matches them too";
        draft.changed(site.clone(), message);
    }
    exclude.push(UNASKED.to_owned());
    let semver = text("semver", part.get("semver"), sheet, draft).map(str::to_owned);
    if let Some(Err(why)) = semver.as_deref().map(Range::parse) {
        let message = format!("`{}` is not a range: {why}", semver.unwrap_or_default());
        draft.fault(sheet.at(part.get("semver")), message, "");
        return None;
    }
    if text("semver_prerelease", part.get("semver_prerelease"), sheet, draft) == Some("include") {
        exclude.pop();
    }
    let newest = count("latest", part.get("latest"), sheet, draft);
    let sort = text("sort", part.get("sort"), sheet, draft);
    match (newest, sort) {
        (None, _) => {}
        (Some(_), Some("semver")) => {
            let message =
                "`latest` keeps versions, each with all its variants; tags that are no version are dropped";
            draft.changed(site.clone(), message);
        }
        (Some(_), _) => {
            let message = "tags are not kept by the alphabet: the mapping is not mirrored";
            draft.left_out(site.clone(), message);
            return None;
        }
    }
    let prerelease = semver.is_some() || newest.is_some();
    Some(TagsDraft { include, exclude, semver, prerelease, newest, always, ..TagsDraft::default() })
}
