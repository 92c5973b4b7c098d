//! image-transfer.

use super::{faults, good, import, notes, rules, tags};
use crossdock::import::Tool::ImageTransfer as TOOL;
use crossdock::import::{Fault, File, Imported, OneShot, Options, import as import_by};
use crossdock::oci::Repository;
use crossdock::spec::{self, OnExisting};

#[test]
fn s1_01_the_documented_call_with_its_flags_and_files_is_understood() {
    let (_, spec) = good(TOOL, "normal_mode");
    assert_eq!((spec.mirrors.len(), spec.registries.len()), (3, 3));
}

#[test]
fn s1_02_a_namespace_goes_before_its_registry_and_a_deeper_key_fits_nothing() {
    let (imported, spec) = good(TOOL, "exact_keys");
    let scopes: Vec<String> = spec.registries.keys().map(ToString::to_string).collect();
    assert_eq!(scopes, ["ccr.ccs.tencentyun.com", "ccr.ccs.tencentyun.com/team"]);
    assert!(
        notes(&imported)
            .contains("security.yaml:3:1: left out: `ccr.ccs.tencentyun.com/team/app` fits no image")
    );
    // A `$` is no variable, and half an account is none.
    let (half, spec) = good(TOOL, "half_an_account");
    assert_eq!(half.value("HARBOR_EXAMPLE_COM_PASSWORD"), Some("s3cr3t$HOME".to_owned()));
    let quay =
        spec.registries.iter().find(|(scope, _)| scope.to_string() == "quay.io").expect("it has an entry");
    assert!(quay.1.credentials.is_none());
}

#[test]
fn s1_03_a_source_that_stands_twice_is_wrong_and_each_has_one_target() {
    let twice = faults(TOOL, "rule.yaml", "quay.io/a/b: r.example.com/x/y\nquay.io/a/b: r.example.com/x/z\n");
    assert_eq!(
        twice,
        "rule.yaml:2:1: the key `quay.io/a/b` stands twice in this mapping; keep one of the two\n"
    );
    let list = faults(TOOL, "rule.yaml", "quay.io/a/b: [r.example.com/x/y]\n");
    assert_eq!(list, "rule.yaml:1:14: the target of `quay.io/a/b` is a list; write one image\n");
}

#[test]
fn s1_04_a_tag_keeps_its_name_or_gets_another() {
    let rules =
        rules(TOOL, "rule.yaml", "quay.io/a/b:1: r.example.com/x/y\nquay.io/a/b:2.0: r.example.com/x/y:3\n");
    assert_eq!((tags(&rules[0]), rules[0].selection.rename.len()), (vec!["1".to_owned()], 0));
    let renamed = rules[1].selection.rename[0].apply(&"2.0".parse().expect("a tag"));
    assert_eq!(renamed, Some("3".to_owned()));
    assert_eq!(rules[1].selection.rename[0].apply(&"2x0".parse().expect("a tag")), None);
}

#[test]
fn s1_05_all_tags_go_to_a_target_without_one() {
    assert!(rules(TOOL, "rule.yaml", "quay.io/a/b: r.example.com/x/y\n")[0].selection.include.is_empty());
    let named = faults(TOOL, "rule.yaml", "quay.io/a/b: r.example.com/x/y:1\n");
    assert_eq!(named, "rule.yaml:1:1: many tags have one new name; leave out the tag of the target\n");
}

#[test]
fn s1_06_several_tags_go_to_a_target_without_any_or_with_the_same() {
    good(TOOL, "many_tags");
    let other = faults(TOOL, "rule.yaml", "quay.io/a/b:1,2: r.example.com/x/y:3,4\n");
    assert!(other.starts_with("rule.yaml:1:1: several tags have other names; "), "{other}");
    let fewer = faults(TOOL, "rule.yaml", "quay.io/a/b:1,2: r.example.com/x/y:1\n");
    assert_eq!(fewer, "rule.yaml:1:1: 2 tags cannot become 1; name as many, or none for the target\n");
}

#[test]
fn s1_07_short_names_mean_what_they_mean_to_the_tool() {
    let (imported, _) = good(TOOL, "short_names");
    assert!(
        notes(&imported).contains("rule.yaml:4:1: changed: `harbor` is a registry here"),
        "{}",
        notes(&imported)
    );
    good(TOOL, "names_of_docker_hub");
    let wrong = faults(
        TOOL,
        "rule.yaml",
        "quay.io/a/b:1:2: r.example.com/x/y\nlocalhost:5000/app: r.example.com/x/y\n",
    );
    assert_eq!(wrong.lines().count(), 2, "{wrong}");
    assert!(wrong.contains("rule.yaml:1:1: `1:2` is not a tag"), "{wrong}");
}

#[test]
fn s1_08_what_has_no_target_goes_to_the_registry_of_the_flag_and_keeps_its_namespace() {
    good(TOOL, "own_namespace");
    good(TOOL, "environment_counts_for_nothing");
    let nowhere = faults(TOOL, "rule.yaml", "quay.io/a/b:1: \"\"\n");
    assert!(nowhere.starts_with("rule.yaml:1:1: `quay.io/a/b` has no target; "), "{nowhere}");
}

#[test]
fn s1_10_requests_in_a_second_are_limited() {
    let (imported, spec) = good(TOOL, "normal_mode");
    let limited = |(_, settings): (_, &crossdock::access::RegistrySettings)| {
        settings.limits.requests_per_second.map(std::num::NonZeroU32::get)
    };
    assert_eq!(spec.registries.iter().map(limited).collect::<Vec<_>>(), [Some(100); 3]);
    assert!(notes(&imported).contains("to each registry, not to all together"));
}

#[test]
fn s1_12_every_region_is_a_registry_like_any_other() {
    for host in ["ccr", "hkccr", "szjrccr", "sgccr", "krccr", "uswccr", "deccr", "ruccr"] {
        let text = format!("{host}.ccs.tencentyun.com/team/app:1: tcr.tencentcloudcr.com/team/app\n");
        let source = rules(TOOL, "rule.yaml", &text)[0].source.clone();
        let Repository::Registry { registry, .. } = source else { panic!("{source}") };
        assert_eq!(registry.as_str(), format!("{host}.ccs.tencentyun.com"));
    }
}

#[test]
fn s1_12_a_region_says_whose_ccr_it_is() {
    let source = |region: &str| {
        let imported = one_shot(&[], region, 1).unwrap_or_else(|faults| panic!("{faults:?}"));
        let line = imported.text.lines().find(|line| line.contains("source:")).expect("a rule").to_owned();
        (line, imported)
    };
    for (region, host) in [
        ("ap-beijing", "ccr"),
        ("ap-hongkong", "hkccr"),
        ("ap-shanghai-fsi", "shjrccr"),
        ("na-ashburn", "useccr"),
    ] {
        assert!(source(region).0.contains(&format!("\"{host}.ccs.tencentyun.com/**\"")), "{region}");
    }
    let mars = one_shot(&[], "mars", 1).expect_err("there is no such region");
    assert!(mars[0].to_string().contains("ap-guangzhou, ap-shanghai"), "{mars:?}");
}

/// What the one-shot mode makes of files.
fn one_shot(files: &[(&str, &str)], region: &str, tags: u32) -> Result<Imported, Vec<Fault>> {
    let file = |(name, text): &(&str, &str)| File { name: (*name).to_owned(), text: (*text).to_owned() };
    let files: Vec<File> = files.iter().map(file).collect();
    let (tcr_name, ccr_region) = (Some("t".to_owned()), Some(region.to_owned()));
    let wanted = OneShot { tcr_name, ccr_region, tcr_region: None, tags };
    let options = Options { one_shot: Some(wanted), ..Options::default() };
    import_by(TOOL, &files, &options, &|_| None)
}

#[test]
fn s1_13_keys_of_a_cloud_become_variables_and_one_pair_is_for_both() {
    let (imported, _) = good(TOOL, "accounts_of_the_cloud");
    assert!(
        notes(&imported).contains("secret.yaml:1:1: left out: keys of a cloud are for `--ccr-to-tcr`"),
        "{}",
        notes(&imported)
    );
    assert!(!imported.text.contains("s3cr3t"));
    let (ccr, tcr) = ("CCR_CCS_TENCENTYUN_COM_SECRET_KEY", "T_TENCENTCLOUDCR_COM_SECRET_KEY");
    for (text, of_ccr, of_tcr) in [
        ("ccr: { secretId: a, secretKey: s3cr3t-c }\ntcr: { secretId: b, secretKey: s3cr3t-t }\n", "c", "t"),
        ("ccr: { secretId: a, secretKey: s3cr3t-c }\n", "c", "c"),
        ("tcr: { secretId: b, secretKey: s3cr3t-t }\n", "t", "t"),
    ] {
        let imported = one_shot(&[("secret.yaml", text)], "ap-guangzhou", 0).expect("good");
        assert!(
            !imported.text.contains("s3cr3t") && !notes(&imported).contains("s3cr3t"),
            "{}",
            imported.text
        );
        assert_eq!(imported.value(ccr), Some(format!("s3cr3t-{of_ccr}")), "{text}");
        assert_eq!(imported.value(tcr), Some(format!("s3cr3t-{of_tcr}")), "{text}");
        assert!(!imported.text.contains("tags:"), "0 is all: {}", imported.text);
    }
    let half = one_shot(&[("secret.yaml", "ccr: { secretId: a }\n")], "ap-guangzhou", 0).expect_err("half");
    assert!(half[0].to_string().starts_with("secret.yaml:1:1: `ccr` has no `secretId`, or no"), "{half:?}");
}

#[test]
fn s1_11_whoever_has_a_user_for_tcr_keeps_it_and_rules_count_for_nothing() {
    let files = [
        (
            "security.yaml",
            "t.tencentcloudcr.com: { username: u, password: s3cr3t }\nt.tencentcloudcr.com/a: { username: v, password: s3cr3t }\n",
        ),
        ("secret.yaml", "tcr: { secretId: b, secretKey: s3cr3t }\n"),
        ("rule.yaml", "quay.io/a/b: r.example.com/x/y\n"),
    ];
    let imported = one_shot(&files, "ap-guangzhou", 7).expect("good");
    let spec = spec::load("crossdock.yaml", &imported.text, &|_| Some("x".to_owned())).expect("it loads");
    assert_eq!((spec.mirrors.len(), spec.estates.len()), (0, 1));
    assert!(
        !imported.text.contains("identity: tcr") && imported.text.contains("last_pushed: 7"),
        "{}",
        imported.text
    );
    // Only the longest entry counts, so each is told all of it.
    let of_tcr: Vec<_> = spec
        .registries
        .iter()
        .filter(|(scope, _)| scope.registry.as_str() == "t.tencentcloudcr.com")
        .collect();
    assert_eq!(of_tcr.len(), 2);
    assert!(of_tcr.iter().all(|(_, settings)| settings.create.is_some() && settings.cloud_keys.is_some()));
    assert!(
        notes(&imported).contains("rule.yaml:1:1: left out: rules count for nothing"),
        "{}",
        notes(&imported)
    );
}

#[test]
fn s1_16_tags_that_are_there_stay_where_that_is_asked_for() {
    let (_, spec) = good(TOOL, "existing_tags_stay");
    assert_eq!(spec.mirrors[0].on_existing, OnExisting::Keep);
    let (_, spec) = good(TOOL, "many_tags");
    assert_eq!(spec.mirrors[0].on_existing, OnExisting::Overwrite);
}

#[test]
fn s1_17_files_from_windows_are_read_the_same() {
    let text = "quay.io/a/b:1: r.example.com/x/y\nquay.io/a/c: r.example.com/x/z\n";
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let of =
        |text: &str| import(TOOL, &[("rule.yaml", text)]).map(|imported| imported.text).expect("it is good");
    assert_eq!(of(text), of(&windows));
}
