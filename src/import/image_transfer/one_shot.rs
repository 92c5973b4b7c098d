//! All of Tencent's CCR goes to an instance of TCR: `security.yaml` with users, `secret.yaml` with keys of the
//! cloud, and no rules.

use super::DIALECT;
use crate::import::draft::{CloudKeysDraft, CredentialsDraft, Draft, RuleDraft};
use crate::import::pairs::{Contents, contents, users};
use crate::import::reading::{self, Sheet, text};
use crate::import::said::Site;
use crate::import::written::Written;
use crate::import::{File, OneShot};
use crate::oci::{TENCENT_REGION, TencentHost};
use crate::spec::Part;
use std::collections::BTreeMap;

/// A pair of keys, as the file has it.
struct Keys {
    site: Site,
    id: String,
    secret: String,
}

/// Where a run reads and writes.
struct Ends {
    ccr: TencentHost,
    tcr: TencentHost,
    /// The region whose API is asked about CCR, where the host does not tell.
    ccr_region: Option<String>,
    tcr_region: Option<String>,
}

pub(super) fn read(files: &[File], wanted: &OneShot, draft: &mut Draft<'_>) {
    let mut keys = BTreeMap::new();
    for file in files {
        reading::open(file, draft, |sheet, root, draft| match contents(root) {
            Contents::Nothing => {}
            Contents::Users => users(sheet, root, DIALECT, draft),
            Contents::Accounts => accounts(sheet, root, &mut keys, draft),
            Contents::Images | Contents::Both => {
                let message = "rules count for nothing where all of CCR is mirrored";
                draft.left_out(sheet.at(root), message);
            }
        });
    }
    let Some(ends) = ends(wanted, draft) else { return };
    let (source, target) = (ends.ccr.to_string(), ends.tcr.to_string());
    say(&source, &target, wanted, draft);
    // Keys of one are those of the other, where only one has some.
    let of = |one: &str, other: &str| keys.get(one).or_else(|| keys.get(other));
    let (of_ccr, of_tcr) = (of("ccr", "tcr"), of("tcr", "ccr"));
    registry(&source, of_ccr, ends.ccr_region.as_deref(), draft);
    registry(&target, of_tcr, ends.tcr_region.as_deref(), draft);
    for registry in &mut draft.registries {
        if registry.scope.split('/').next() != Some(&target) {
            continue;
        }
        registry.creates = true;
        if registry.credentials.is_none() && registry.scope == target {
            registry.credentials = Some(CredentialsDraft::Identity("tcr"));
        }
    }
    let mut rule = RuleDraft {
        source: format!("{source}/**"),
        targets: vec![Written::literal(&format!("{target}/{{repository}}"))],
        on_existing: (draft.options.existing == crate::import::Existing::Kept).then_some("keep"),
        ..RuleDraft::default()
    };
    rule.tags.last_pushed = (wanted.tags > 0).then_some(wanted.tags);
    draft.rules.push(rule);
    draft.hosts.extend([source, target]);
}

/// `ccr` and `tcr`, each with its keys.
fn accounts(sheet: &Sheet, root: Part<'_>, keys: &mut BTreeMap<String, Keys>, draft: &mut Draft<'_>) {
    for entry in root.entries() {
        let site = sheet.site(entry.place);
        let part = |name: &str, draft: &mut Draft<'_>| {
            text(name, entry.value.get(name), sheet, draft).unwrap_or_default().to_owned()
        };
        let (id, secret) = (part("secretId", draft), part("secretKey", draft));
        if id.is_empty() || secret.is_empty() {
            let message = format!("`{}` has no `secretId`, or no `secretKey`", entry.key);
            draft.fault(site, message, "write both");
            continue;
        }
        keys.insert(entry.key.to_owned(), Keys { site, id, secret });
    }
}

fn ends(wanted: &OneShot, draft: &mut Draft<'_>) -> Option<Ends> {
    let OneShot { tcr_name, tcr_region, ccr_region, .. } = wanted;
    let region = ccr_region.as_deref().unwrap_or(TENCENT_REGION);
    let ccr = TencentHost::personal(region);
    if ccr.is_none() {
        let known: Vec<&str> = TencentHost::personal_regions().collect();
        let message = format!("`--ccr-region {region}` is no region with a CCR");
        draft.fault(None, message, &format!("the regions are {}", known.join(", ")));
    }
    let tcr = tcr_name.as_deref().and_then(TencentHost::enterprise);
    match (tcr_name, &tcr) {
        (None, _) => {
            let help = "give `--tcr-name`: what stands before `.tencentcloudcr.com`";
            draft.fault(None, "it is not said which instance of TCR is the target", help);
        }
        (Some(name), None) => {
            let help = "write what stands before `.tencentcloudcr.com`";
            draft.fault(None, format!("`--tcr-name {name}` is no name of an instance"), help);
        }
        (Some(_), Some(_)) => {}
    }
    if let Some(region) = tcr_region.as_deref().filter(|region| !TencentHost::is_region(region)) {
        draft.fault(None, format!("`--tcr-region {region}` is no region"), "write it as in `ap-guangzhou`");
        return None;
    }
    let (ccr, tcr) = (ccr?, tcr?);
    let is_first = matches!(&ccr, TencentHost::Personal(regions) if regions.regions.first() == Some(&region));
    let ccr_region = (!is_first).then(|| region.to_owned());
    Some(Ends { ccr, tcr, ccr_region, tcr_region: tcr_region.clone() })
}

/// The entry of a registry with its keys: all that are about it, since only the longest counts.
fn registry(host: &str, keys: Option<&Keys>, region: Option<&str>, draft: &mut Draft<'_>) {
    let site = keys.map(|keys| keys.site.clone());
    draft.registry(site.as_ref(), host);
    let Some(Keys { site, id, secret }) = keys else {
        if let Some(region) = region {
            let message = format!(
                "the keys for {host} come from the environment, and so does their region: set \
                         TENCENTCLOUD_REGION to {region} where it is not found by itself"
            );
            draft.changed(None, message);
        }
        return;
    };
    let id = draft.secret(site, host, "SECRET_ID", id.clone());
    let secret = draft.secret(site, host, "SECRET_KEY", secret.clone());
    let keys = CloudKeysDraft { id, secret, region: region.map(str::to_owned) };
    let about = draft.registries.iter_mut().filter(|registry| registry.scope.split('/').next() == Some(host));
    about.for_each(|registry| registry.cloud_keys = Some(keys.clone()));
}

/// What is not as there.
fn say(source: &str, target: &str, wanted: &OneShot, draft: &mut Draft<'_>) {
    let has_user = |host: &str, draft: &Draft<'_>| {
        let mut about = draft.registries.iter().filter(|registry| registry.scope == host);
        about.any(|registry| registry.credentials.is_some())
    };
    draft.changed(None, "namespaces are made when an image goes there: those without images are not");
    if wanted.tags > 0 {
        let message = format!(
            "of each repository, the {} tags that CCR says were pushed last; there, the first of its list",
            wanted.tags
        );
        draft.changed(None, message);
    }
    if !has_user(source, draft) {
        let message = format!(
            "no file has a user for {source}: without one, of `docker login` for example, only what is public \
             can be pulled"
        );
        draft.changed(None, message);
    }
    if !has_user(target, draft) {
        let message = format!(
            "no file has a user for {target}: its passwords are made with the keys, for an hour each"
        );
        draft.changed(None, message);
    }
}
