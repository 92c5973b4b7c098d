//! regsync: `creds`, `defaults` and `sync`, with templates, anchored expressions and sets of tags.

use super::credentials::scope;
use super::draft::{CredentialsDraft, Draft, RuleDraft, TagsDraft, Transport};
use super::expand::Piece;
use super::reading::{Sheet, count, each_unknown, flag, mapping, open, text, texts};
use super::reference::{Ending, Naming, named, split};
use super::said::Site;
use super::semver::{Flavour, translated};
use super::written::Written;
use super::{File, template};
use crate::oci::Tag;
use crate::select::Pattern;
use crate::spec::{Part, PartKind};

const CREDS_KEYS: [&str; 10] = [
    "registry",
    "hostname",
    "tls",
    "user",
    "pass",
    "token",
    "credHelper",
    "reqPerSec",
    "reqConcurrent",
    "repoAuth",
];
const SYNC_KEYS: [&str; 9] =
    ["source", "target", "type", "tags", "tagSets", "platform", "platforms", "referrers", "digestTags"];

pub(super) fn read(files: &[File], draft: &mut Draft<'_>) {
    for file in files {
        open(file, draft, |sheet, root, draft| {
            if !mapping(sheet, root, "the file", draft) {
                return;
            }
            each_unknown(sheet, root, &["version", "creds", "defaults", "sync", "x-sched"], draft);
            each_unknown(sheet, root.get("defaults"), &["referrers", "digestTags"], draft);
            for part in root.get("creds").items() {
                if mapping(sheet, part, "an entry of `creds`", draft) {
                    creds(sheet, part, draft);
                }
            }
            for part in root.get("sync").items() {
                if mapping(sheet, part, "an entry of `sync`", draft) {
                    each_unknown(sheet, part, &SYNC_KEYS, draft);
                    sync(sheet, part, root.get("defaults"), draft);
                }
            }
        });
    }
}

/// A value with its templates as variables.
fn value(what: &str, part: Part<'_>, sheet: &Sheet, draft: &mut Draft<'_>) -> Option<Vec<Piece>> {
    let text = text(what, part, sheet, draft)?;
    match template::pieces(text) {
        Ok(pieces) => {
            if template::reads_files(text) {
                let message = "what a template reads of a file is in a variable, which must be set";
                draft.changed(sheet.at(part), message);
            }
            Some(pieces)
        }
        Err(template) => {
            let message = format!("`{what}` has a template that is neither `env` nor `file`: `{template}`");
            draft.fault(sheet.at(part), message, "write what it gives");
            None
        }
    }
}

/// The value with what its variables hold.
fn known(pieces: &[Piece], draft: &Draft<'_>) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Variable(name) => (draft.env)(name).unwrap_or_default(),
    };
    pieces.iter().map(one).collect()
}

/// The value as the spec has it: with variables, or, where it is a secret, as one.
fn written(what: &str, scope: &str, pieces: &[Piece], site: &Site, draft: &mut Draft<'_>) -> Written {
    match pieces {
        [Piece::Variable(name)] => {
            draft.named(site, &format!("the {} for {scope}", what.to_ascii_lowercase()), name);
            Written::variable(name)
        }
        [Piece::Text(text)] if what == "USERNAME" => Written::literal(text),
        pieces => {
            let known = known(pieces, draft);
            draft.secret(site, scope, what, known)
        }
    }
}

fn creds(sheet: &Sheet, part: Part<'_>, draft: &mut Draft<'_>) {
    let site = sheet.at(part);
    each_unknown(sheet, part, &CREDS_KEYS, draft);
    let Some(pieces) = value("registry", part.get("registry"), sheet, draft) else {
        return draft.fault(site, "an entry of `creds` has no `registry`", "name it");
    };
    let registry = known(&pieces, draft);
    let Some(scope) = scope(&registry, &site, draft) else { return };
    if let Some(host) = text("hostname", part.get("hostname"), sheet, draft).filter(|host| *host != registry)
    {
        let message = format!("`hostname: {host}`: {registry} is reached by its own name");
        draft.left_out(sheet.at(part.get("hostname")), message);
    }
    let transport = match text("tls", part.get("tls"), sheet, draft) {
        None | Some("enabled") => Transport::Tls,
        Some("insecure") => Transport::Unverified,
        Some("disabled") => Transport::Plain,
        Some(other) => {
            draft.fault(sheet.at(part.get("tls")), format!("`tls: {other}` is not known"), "");
            Transport::Tls
        }
    };
    let credentials = credentials(sheet, part, &scope, &site, draft);
    let rate =
        text("reqPerSec", part.get("reqPerSec"), sheet, draft).and_then(|text| text.parse::<f64>().ok());
    let concurrent = count("reqConcurrent", part.get("reqConcurrent"), sheet, draft);
    let entry = draft.registry(Some(&site), &scope);
    entry.transport = transport;
    entry.credentials = credentials;
    entry.concurrent_requests = concurrent;
    // Less than one is one in more than a second.
    entry.requests_per_second = rate.filter(|rate| *rate > 0.0).map(|rate| rate.min(1e6).ceil() as u32);
}

fn credentials(
    sheet: &Sheet,
    part: Part<'_>,
    scope: &str,
    site: &Site,
    draft: &mut Draft<'_>,
) -> Option<CredentialsDraft> {
    let user = value("user", part.get("user"), sheet, draft);
    let pass = value("pass", part.get("pass"), sheet, draft);
    let token = value("token", part.get("token"), sheet, draft);
    let helper = text("credHelper", part.get("credHelper"), sheet, draft);
    match (user, pass, token, helper) {
        (Some(user), Some(pass), _, _) => Some(CredentialsDraft::Password {
            username: written("USERNAME", scope, &user, site, draft),
            password: written("PASSWORD", scope, &pass, site, draft),
        }),
        (_, _, Some(token), _) => {
            Some(CredentialsDraft::IdentityToken(written("TOKEN", scope, &token, site, draft)))
        }
        (_, _, _, Some(helper)) => {
            let name = helper.strip_prefix("docker-credential-").unwrap_or(helper);
            Some(CredentialsDraft::Helper(Written::literal(name)))
        }
        (None, None, None, None) => None,
        (_, _, _, _) => {
            draft.left_out(site.clone(), "a user without a password, or the other way round, is nobody");
            None
        }
    }
}

fn sync(sheet: &Sheet, part: Part<'_>, defaults: Part<'_>, draft: &mut Draft<'_>) {
    let site = sheet.at(part);
    let source = value("source", part.get("source"), sheet, draft);
    let target = value("target", part.get("target"), sheet, draft);
    let (Some(source), Some(target)) = (source, target) else {
        return draft.fault(site, "an entry of `sync` needs `source` and `target`", "");
    };
    let (source, target) = (known(&source, draft), known(&target, draft));
    let kind = text("type", part.get("type"), sheet, draft).unwrap_or_default();
    let (from, wanted) = split(&source);
    let (to, named_tag) = split(&target);
    let (tags, rename) = match kind {
        "repository" => (sets(sheet, part, draft), Vec::new()),
        "image" => {
            let tag = |ending| match ending {
                Ending::Tags(tag) => Some(tag.to_owned()),
                Ending::All => Some("latest".to_owned()),
                Ending::Expression(_) | Ending::Digest { .. } => None,
            };
            let (Some(old), Some(new)) = (tag(wanted), tag(named_tag)) else {
                let message =
                    "an image by its digest has no tag to be mirrored under; `crossdock copy` copies it";
                return draft.left_out(site, message);
            };
            for tag in [&old, &new] {
                if let Err(why) = tag.parse::<Tag>() {
                    draft.fault(site.clone(), format!("`{tag}` is not a tag: {why}"), "");
                }
            }
            let rename = (old != new).then(|| (old.clone(), new));
            (vec![TagsDraft::only(vec![old])], rename.into_iter().collect())
        }
        "registry" => {
            let message = "a whole registry is not listed: write an entry for each repository";
            return draft.left_out(site, message);
        }
        other => {
            let message = format!("`type: {other}` is none of `repository`, `image` and `registry`");
            return draft.fault(site, message, "write one of them");
        }
    };
    let mut repositories = Vec::new();
    for name in [from, to] {
        match named(name, Naming::Docker) {
            Ok(found) => {
                draft.hosts.insert(found.host);
                repositories.push(found.repository.to_string());
            }
            Err(why) => draft.fault(site.clone(), format!("`{name}` is not a repository: {why}"), ""),
        }
    }
    let [from, to] = &repositories[..] else { return };
    let (platforms, index) = platforms(sheet, part, &site, draft);
    let referrers = referrers(sheet, part, defaults, draft);
    for tags in tags {
        draft.rules.push(RuleDraft {
            site: Some(site.clone()),
            source: from.clone(),
            targets: vec![Written::literal(to)],
            tags,
            rename: rename.clone(),
            platforms: platforms.clone(),
            index,
            referrers: referrers.clone(),
            ..RuleDraft::default()
        });
    }
}

/// Only where it is asked for does that tool mirror what points at an image.
fn referrers(sheet: &Sheet, part: Part<'_>, defaults: Part<'_>, draft: &mut Draft<'_>) -> Vec<String> {
    let mut is_wanted = false;
    for key in ["referrers", "digestTags"] {
        let own = part.get(key);
        let given = if own.kind() == PartKind::Nothing { defaults.get(key) } else { own };
        is_wanted |= flag(key, given, sheet, draft);
    }
    vec![if is_wanted { "all" } else { "none" }.to_owned()]
}

fn platforms(
    sheet: &Sheet,
    part: Part<'_>,
    site: &Site,
    draft: &mut Draft<'_>,
) -> (Vec<String>, Option<&'static str>) {
    if let Some(one) = text("platform", part.get("platform"), sheet, draft) {
        return (vec![one.to_owned()], Some("single"));
    }
    let listed = texts("platforms", part.get("platforms"), sheet, draft);
    match listed.is_empty() {
        true => (Vec::new(), None),
        false => {
            let message = "`platforms` leaves the index as it is; many registries refuse that: `index: rewrite` \
                           writes one of what is there";
            draft.changed(site.clone(), message);
            (listed.into_iter().map(|(text, _)| text.to_owned()).collect(), Some("sparse"))
        }
    }
}

/// A selection for each set of tags: what one of them takes is taken.
fn sets(sheet: &Sheet, part: Part<'_>, draft: &mut Draft<'_>) -> Vec<TagsDraft> {
    let mut sets: Vec<Part<'_>> = part.get("tagSets").items();
    if part.get("tags").kind() != PartKind::Nothing || sets.is_empty() {
        sets.insert(0, part.get("tags"));
    }
    let mut selections = Vec::new();
    for set in sets {
        each_unknown(sheet, set, &["allow", "deny", "semverRange"], draft);
        let patterns = |key: &str, draft: &mut Draft<'_>| {
            let mut patterns = Vec::new();
            for (expression, site) in texts(key, set.get(key), sheet, draft) {
                let pattern = format!("/^{expression}$/");
                match Pattern::parse(&pattern) {
                    Ok(_) => patterns.push(pattern),
                    Err(why) => {
                        let message = format!("`{expression}` is not a regular expression: {why}");
                        draft.fault(site, message, "");
                    }
                }
            }
            patterns
        };
        let include = patterns("allow", draft);
        let exclude = patterns("deny", draft);
        let tags = TagsDraft { include, exclude, ..TagsDraft::default() };
        selections.extend(ranges(sheet, set.get("semverRange"), &tags, draft));
    }
    selections
}

/// What a set takes: with those of its ranges that name pre-releases, with those that do not, and without
/// any where it has none. One is enough.
fn ranges(sheet: &Sheet, part: Part<'_>, set: &TagsDraft, draft: &mut Draft<'_>) -> Vec<TagsDraft> {
    let mut selections: Vec<TagsDraft> = Vec::new();
    let listed = texts("semverRange", part, sheet, draft);
    for (range, site) in &listed {
        let it = match translated(range, Flavour::Lenient) {
            Ok(it) => it,
            Err(why) => {
                let message = format!("the tags with `{range}`, which cannot be said: {why}");
                draft.left_out(site.clone(), message);
                continue;
            }
        };
        let like = selections.iter_mut().find(|tags| tags.prerelease == it.prerelease);
        match like.and_then(|tags| tags.semver.as_mut()) {
            Some(ranges) => *ranges = format!("{ranges} || {}", it.range),
            None => {
                let mut tags = TagsDraft { semver: Some(it.range), prerelease: it.prerelease, ..set.clone() };
                tags.exclude.push(it.exclude);
                selections.push(tags);
            }
        }
    }
    match listed.is_empty() {
        true => vec![set.clone()],
        false => selections,
    }
}
