//! `skopeo sync --src yaml`: registries with images, tags, expressions and ranges.

use super::credentials::{Account, Variables, account, scope};
use super::draft::{Draft, RuleDraft, TagsDraft};
use super::reading::{Sheet, flag, open, text, texts};
use super::reference::{Named, Naming, named};
use super::said::Site;
use super::semver::{Flavour, translated};
use super::written::Written;
use super::{File, Platforms};
use crate::oci::{Digest, Tag};
use crate::select::Pattern;
use crate::spec::{Entry, Part, PartKind};

/// What a registry may have.
const KEYS: [&str; 6] =
    ["images", "images-by-tag-regex", "images-by-semver", "credentials", "tls-verify", "cert-dir"];

pub(super) fn read(files: &[File], draft: &mut Draft<'_>) {
    for file in files {
        open(file, draft, |sheet, root, draft| {
            if !matches!(root.kind(), PartKind::Mapping | PartKind::Nothing) {
                let message = format!("the file is {}, and not a mapping", root.what());
                draft.fault(sheet.at(root), message, "write registries with their `images`");
            }
            for entry in root.entries() {
                registry(sheet, &entry, draft);
            }
        });
    }
    let Some(destination) = draft.options.destination.clone() else {
        return draft.fault(None, "nobody says where the images go", "give `--destination registry/path`");
    };
    if let Some(suffix) = &draft.options.append_suffix
        && let Err(why) = format!("x{suffix}").parse::<Tag>()
    {
        draft.fault(None, format!("`--append-suffix {suffix}` makes no tag: {why}"), "");
    }
    if draft.options.platforms == Platforms::OfHost && !draft.rules.is_empty() {
        let platform = draft.options.platform.clone();
        let message = format!(
            "without `--all`, an image is its part for the machine that copies it: {platform}; with `--all` all \
             platforms are mirrored"
        );
        draft.changed(None, message);
    }
    if destination.contains("://") || destination.starts_with('/') {
        let message = format!("`--destination {destination}` is no registry");
        draft.fault(None, message, "write `registry/path`; for a folder, `target: oci:DIRECTORY` in a spec");
    }
}

fn registry(sheet: &Sheet, entry: &Entry<'_>, draft: &mut Draft<'_>) {
    let (site, value) = (sheet.site(entry.place), entry.value);
    if value.kind() != PartKind::Mapping {
        return draft.fault(site, format!("`{}` is {}", entry.key, value.what()), "write its `images`");
    }
    for key in value.entries().iter().filter(|key| !KEYS.contains(&key.key)) {
        draft.left_out(sheet.site(key.place), format!("the key `{}` has no counterpart", key.key));
    }
    access(sheet, entry, &site, draft);
    for image in value.get("images").entries() {
        images(sheet, entry.key, &image, draft);
    }
    for image in value.get("images-by-tag-regex").entries() {
        let Some(expression) = text(image.key, image.value, sheet, draft) else { continue };
        let pattern = format!("/{expression}/");
        match Pattern::parse(&pattern) {
            Ok(_) => {
                rule(&sheet.site(image.place), entry.key, image.key, TagsDraft::only(vec![pattern]), draft)
            }
            Err(why) => {
                let message = format!("`{expression}` is not a regular expression: {why}");
                draft.fault(sheet.at(image.value), message, "");
            }
        }
    }
    for image in value.get("images-by-semver").entries() {
        let Some(range) = text(image.key, image.value, sheet, draft) else { continue };
        match translated(range, Flavour::Lenient) {
            Ok(it) => {
                let exclude = vec![it.exclude];
                let tags = TagsDraft {
                    semver: Some(it.range),
                    exclude,
                    prerelease: it.prerelease,
                    ..TagsDraft::default()
                };
                rule(&sheet.site(image.place), entry.key, image.key, tags, draft);
            }
            Err(why) => draft.left_out(sheet.at(image.value), format!("`{range}` cannot be said: {why}")),
        }
    }
}

/// Who we are, and how the registry is reached.
fn access(sheet: &Sheet, entry: &Entry<'_>, site: &Site, draft: &mut Draft<'_>) {
    let value = entry.value;
    let credentials = value.get("credentials");
    let username = text("username", credentials.get("username"), sheet, draft);
    let password = text("password", credentials.get("password"), sheet, draft);
    let verified = value.get("tls-verify");
    let insecure = verified.kind() != PartKind::Nothing && !flag("tls-verify", verified, sheet, draft);
    if let Some(folder) = text("cert-dir", value.get("cert-dir"), sheet, draft) {
        let message = format!(
            "`cert-dir: {folder}` is a folder, and `tls` names files: `ca_file`, `client_cert`, `client_key`"
        );
        draft.left_out(sheet.at(value.get("cert-dir")), message);
    }
    if username.is_none() && password.is_none() && !insecure {
        return;
    }
    if let Some(scope) = scope(entry.key, site, draft) {
        let found = Account { site: site.clone(), scope, username, password, insecure };
        account(&found, Variables::Literal, draft);
    }
}

/// A repository with its tags; none means all.
fn images(sheet: &Sheet, registry: &str, image: &Entry<'_>, draft: &mut Draft<'_>) {
    let site = sheet.site(image.place);
    let mut tags = Vec::new();
    let listed: Part<'_> = image.value;
    for (tag, at) in texts(image.key, listed, sheet, draft) {
        if tag.parse::<Digest>().is_ok() {
            let message = format!(
                "an image by its digest has no tag to be mirrored under; `crossdock copy {registry}/{}@{tag} \
                 TARGET:TAG` copies it",
                image.key
            );
            draft.left_out(at, message);
            continue;
        }
        match tag.parse::<Tag>() {
            Ok(_) => tags.push(tag.to_owned()),
            Err(why) => draft.fault(at, format!("`{tag}` is not a tag: {why}"), ""),
        }
    }
    if !tags.is_empty() || listed.items().is_empty() {
        rule(&site, registry, image.key, TagsDraft::only(tags), draft);
    }
}

fn rule(site: &Site, registry: &str, image: &str, tags: TagsDraft, draft: &mut Draft<'_>) {
    let name = format!("{registry}/{image}");
    let source = match named(&name, Naming::Docker) {
        Ok(source) => source,
        Err(why) => {
            let message = format!("`{name}` is not a repository: {why}");
            return draft.fault(site.clone(), message, "write registry and image");
        }
    };
    let Some(target) = target(site, &source, draft) else { return };
    let all = draft.options.platforms == Platforms::All;
    let platforms = if all { Vec::new() } else { vec![draft.options.platform.clone()] };
    draft.hosts.extend([source.host.clone(), target.host.clone()]);
    draft.rules.push(RuleDraft {
        site: Some(site.clone()),
        source: source.repository.to_string(),
        targets: vec![Written::literal(&target.repository.to_string())],
        tags,
        suffix: draft.options.append_suffix.clone(),
        index: (!all).then_some("single"),
        platforms,
        ..RuleDraft::default()
    });
}

/// The destination with the last part of the source, or with all of it.
fn target(site: &Site, source: &Named, draft: &mut Draft<'_>) -> Option<Named> {
    let destination = draft.options.destination.clone()?;
    let below = match draft.options.scoped {
        true => source.repository.to_string(),
        false => source.path.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    let name = format!("{}/{below}", destination.trim_end_matches('/'));
    match named(&name, Naming::Docker) {
        Ok(target) => Some(target),
        Err(why) => {
            let help = "look at `--destination` and `--scoped`";
            draft.fault(site.clone(), format!("the target `{name}` is not a repository: {why}"), help);
            None
        }
    }
}
