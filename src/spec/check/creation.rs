//! What is made at a registry: whether its kind has it, and whether what is JSON is JSON.

use crate::access::{Creation, Making};
use crate::oci::{Home, Registry, RegistryKind, TencentHost};
use crate::spec::shape::{CreationMapShape, CreationShape, Field, Reading, Text};
use crate::spec::{Code, Span};

/// The kinds of which something is made, each with its keys.
const KINDS: &[(RegistryKind, &[&str])] = &[
    (RegistryKind::Ecr, &["scan", "immutable", "kms_key", "labels", "lifecycle", "policy"]),
    (RegistryKind::EcrPublic, &["labels", "policy", "catalog"]),
    (RegistryKind::Harbor, &["public", "scan"]),
    (RegistryKind::Quay, &["public"]),
    (RegistryKind::Swr, &[]),
    (RegistryKind::Aliyun, &["public", "immutable"]),
    (RegistryKind::Gar, &["immutable", "kms_key", "labels"]),
    (RegistryKind::Tcr, &["public", "scan"]),
];

/// The one registry of Quay that is known by its name.
const QUAY: &str = "quay.io";

/// What is made at `registry`, if anything; `profile` is what the spec says that it is.
pub(super) fn check(
    field: &Field<CreationShape>,
    registry: Option<&Registry>,
    profile: Option<RegistryKind>,
    reading: &mut Reading<'_>,
) -> Option<Creation> {
    let given = field.given()?;
    if matches!(&given.value, CreationShape::Short(flag) if !flag.value) {
        return None;
    }
    let kind = profile.or_else(|| kind_of(registry?));
    let Some((kind, known)) = KINDS.iter().find(|(known, _)| kind == Some(*known)) else {
        // Of a registry that is none, something else was told.
        registry?;
        let message = "nothing is made at registries of this kind";
        let help = "it is for Amazon ECR, Google Artifact Registry, Huawei SWR, Alibaba's Enterprise Edition, Tencent \
                    TCR, quay.io, and for `profile: harbor` and `profile: quay`";
        reading.problem(Code::BadCreation, given.key, message, Some(help));
        return None;
    };
    let CreationShape::Full(shape) = &given.value else { return Some(Creation::default()) };
    let CreationMapShape { public, scan, immutable, kms_key, labels, lifecycle, policy, catalog } = &**shape;
    let keys: [(&str, Option<Span>); 8] = [
        ("public", public.given().map(|given| given.key)),
        ("scan", scan.given().map(|given| given.key)),
        ("immutable", immutable.given().map(|given| given.key)),
        ("kms_key", kms_key.given().map(|given| given.key)),
        ("labels", labels.given().map(|given| given.key)),
        ("lifecycle", lifecycle.given().map(|given| given.key)),
        ("policy", policy.given().map(|given| given.key)),
        ("catalog", catalog.given().map(|given| given.key)),
    ];
    for (name, key) in keys {
        if let Some(key) = key.filter(|_| !known.contains(&name)) {
            let help = match known {
                [] => "write `create_repositories: true`".to_owned(),
                _ => format!("its keys are `{}`", known.join("`, `")),
            };
            reading.problem(
                Code::BadCreation,
                key,
                format!("`{name}` is nothing that `{kind}` has"),
                Some(help),
            );
        }
    }
    let labels = labels.value().map(|table| &table.entries[..]).unwrap_or_default();
    Some(Creation {
        making: Making::WhenMissing,
        public: public.value().is_some_and(|flag| flag.value),
        scan: scan.value().is_some_and(|flag| flag.value),
        immutable: immutable.value().is_some_and(|flag| flag.value),
        kms_key: kms_key.value().map(|text| text.value.clone()),
        labels: labels.iter().map(|(key, _, text)| (key.text.clone(), text.value.clone())).collect(),
        lifecycle: document(lifecycle, reading),
        policy: document(policy, reading),
        catalog: document(catalog, reading),
    })
}

fn kind_of(registry: &Registry) -> Option<RegistryKind> {
    match registry.home() {
        Some(Home::Ecr(_)) => Some(RegistryKind::Ecr),
        Some(Home::EcrPublic) => Some(RegistryKind::EcrPublic),
        Some(Home::Swr(_)) => Some(RegistryKind::Swr),
        Some(Home::Aliyun(_)) => Some(RegistryKind::Aliyun),
        Some(Home::Google) => Some(RegistryKind::Gar),
        Some(Home::Tencent(TencentHost::Enterprise(_))) => Some(RegistryKind::Tcr),
        _ => (registry.as_str() == QUAY).then_some(RegistryKind::Quay),
    }
}

/// A text that must be a JSON object.
fn document(field: &Field<Text>, reading: &mut Reading<'_>) -> Option<String> {
    let given = field.given()?;
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&given.value.value) {
        Ok(_) => Some(given.value.value.clone()),
        Err(why) => {
            let message = format!("this is no JSON object{}", given.value.because(why));
            let help = "write it as a text: `|` and the lines of it";
            reading.problem(Code::BadCreation, given.span, message, Some(help));
            None
        }
    }
}
