//! image-syncer, of both generations.

use super::{faults, good, import, notes, rules, tags};
use crossdock::access::{Credentials, Verification};
use crossdock::import::Tool::ImageSyncer as TOOL;
use crossdock::spec::Platforms;

#[test]
fn s2_01_one_file_has_comments_and_its_passwords_are_literal() {
    let (imported, _) = good(TOOL, "one_file_with_comments");
    assert_eq!(imported.value("QUAY_IO_PASSWORD"), Some("s3cr3t$HOME".to_owned()));
    good(TOOL, "one_file_yaml");
}

#[test]
fn s2_02_two_files_have_variables_that_keep_their_names() {
    let (imported, _) = good(TOOL, "two_files");
    assert!(
        imported.text.contains("username: \"${HUB_USER:-}\", password: \"${HUB_PASS:-}\""),
        "{}",
        imported.text
    );
    assert_eq!(imported.value("HUB_PASS"), None);
    // What is no variable and nothing else is put in as that tool does.
    let (imported, _) = good(TOOL, "dollar_in_a_password");
    assert_eq!(imported.value("QUAY_IO_PASSWORD"), Some("s3cr3tword".to_owned()));
    assert!(notes(&imported).contains("auth.yaml:1:1: changed: the password has a `$`"));
    good(TOOL, "variables_in_targets");
}

#[test]
fn s2_03_the_longest_key_that_fits_says_who_we_are() {
    let (_, spec) = good(TOOL, "accounts_by_prefix");
    let ghcr = "ghcr.io".parse().expect("a registry");
    let longest = |path: &str| {
        let fits = spec.registries.iter().filter(|(scope, _)| scope.holds(&ghcr, path));
        match fits.max_by_key(|(scope, _)| scope.length()).and_then(|(_, it)| it.credentials.clone()) {
            Some(Credentials::Password { username, .. }) => username,
            other => panic!("{path}: {other:?}"),
        }
    };
    assert_eq!([longest("acme/web/api"), longest("acme/webby"), longest("acmes/x")], ["web", "acme", "all"]);
}

#[test]
fn s2_04_insecure_is_any_certificate_and_http_only_on_this_machine_or_where_it_is_said() {
    let (imported, spec) = good(TOOL, "insecure");
    let of = |host: &str| {
        let (_, settings) =
            spec.registries.iter().find(|(scope, _)| scope.to_string() == host).expect("it has an entry");
        (settings.plain_http, settings.tls.verification)
    };
    assert_eq!(of("localhost:5000"), (true, Verification::Full));
    assert_eq!(of("harbor.example.com"), (false, Verification::None));
    assert_eq!(of("old.example.com:8080"), (true, Verification::Full));
    assert!(notes(&imported).contains("auth.yaml:2:1: changed: harbor.example.com is spoken to by TLS"));
}

#[test]
fn s2_05_the_key_of_a_service_account_is_one_here_too() {
    let (imported, spec) = good(TOOL, "service_account");
    let credentials = spec.registries.values().next().and_then(|settings| settings.credentials.clone());
    let Some(Credentials::Password { username, .. }) = credentials else { panic!("{credentials:?}") };
    assert_eq!(username, "_json_key_base64");
    assert!(notes(&imported).contains("`_oauth2_` is `_json_key_base64` here"));
}

#[test]
fn s2_06_a_rule_is_about_a_repository_and_never_about_nothing() {
    let wrong =
        faults(TOOL, "images.json", "{\n  \"\": \"r.example.com/x/y\",\n  \":1\": \"r.example.com/x/y\"\n}");
    assert_eq!(
        wrong,
        "images.json:2:3: a source is empty; name an image\nimages.json:3:3: a source is empty; name an image\n"
    );
}

#[test]
fn s2_07_all_tags_keep_their_names() {
    let rules =
        rules(TOOL, "images.json", r#"{"quay.io/coreos/kube-rbac-proxy": "quay.io/ruohe/kube-rbac-proxy"}"#);
    assert!(rules[0].selection.include.is_empty() && rules[0].selection.rename.is_empty());
}

#[test]
fn s2_08_a_tag_is_renamed_as_by_pull_tag_and_push() {
    let rules = rules(
        TOOL,
        "images.json",
        r#"{"quay.io/b/c:1": "x.example.com/y/z", "quay.io/b/c:1.1": "x.example.com/y/z:2"}"#,
    );
    assert_eq!(rules[0].selection.rename.len(), 0);
    assert_eq!(rules[1].selection.rename[0].apply(&"1.1".parse().expect("a tag")), Some("2".to_owned()));
}

#[test]
fn s2_09_several_tags_get_as_many_new_names_from_left_to_right() {
    good(TOOL, "comma_tags");
    good(TOOL, "same_comma_tags_on_both_sides");
    good(TOOL, "many_renames");
    let fewer = faults(TOOL, "images.yaml", "a/b:1,2: x.example.com/y/z:3\n");
    assert!(fewer.contains("2 tags cannot become 1"), "{fewer}");
    let twice = faults(TOOL, "images.yaml", "a/b:1,1: x.example.com/y/z:3,4\n");
    assert!(twice.contains("the tag `1` stands twice"), "{twice}");
    let none = faults(TOOL, "images.yaml", "a/b:1,: x.example.com/y/z\n");
    assert!(none.contains("`` is not a tag: it is empty"), "{none}");
}

#[test]
fn s2_11_an_expression_matches_anywhere_in_a_tag() {
    let (_, spec) = good(TOOL, "expression");
    assert_eq!(tags(&spec.mirrors[0]), ["/a+/"]);
    let wrong = faults(TOOL, "images.yaml", "a/b:/(/: x.example.com/y/z\na/c:/x/: x.example.com/y/z:1\n");
    assert!(wrong.contains("images.yaml:1:1: `(` is not a regular expression"), "{wrong}");
    assert!(wrong.contains("images.yaml:2:1: many tags have one new name"), "{wrong}");
}

#[test]
fn s2_12_a_list_of_targets_is_each_of_them_once_and_never_empty() {
    let (_, spec) = good(TOOL, "several_targets");
    assert_eq!(spec.mirrors.iter().map(|rule| rule.targets.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(
        faults(TOOL, "images.yaml", "a/b: []\n"),
        "images.yaml:1:1: the list of targets is empty; name one\n"
    );
}

#[test]
fn s2_13_what_has_no_target_goes_where_flags_say_and_then_where_variables_do() {
    good(TOOL, "no_target_by_environment");
    good(TOOL, "no_target_by_flags");
    let nowhere = faults(TOOL, "images.json", "{\"quay.io/a/b\": \"\"}");
    assert!(nowhere.contains("give `--registry` and `--namespace`"), "{nowhere}");
}

#[test]
fn s2_14_docker_hub_has_its_old_name_and_its_new_one() {
    let text = r#"{"registry.hub.docker.com/library/nginx:1": "x.example.com/a/b", "docker.io/nginx:2": "x.example.com/a/b", "nginx:3": "x.example.com/a/b"}"#;
    for rule in rules(TOOL, "images.json", text) {
        assert_eq!(rule.source.to_string(), "docker.io/library/nginx");
        assert_eq!(rule.targets[0].to_string(), "x.example.com/a/b");
    }
}

#[test]
fn s2_15_platforms_are_every_pair_and_what_is_guessed_is_said() {
    let (_, spec) = good(TOOL, "platforms");
    let Platforms::Only(list) = &spec.mirrors[0].platforms else { panic!("all") };
    assert_eq!(list.iter().map(ToString::to_string).collect::<Vec<_>>(), ["linux/amd64", "linux/arm64/v8"]);
    let (imported, _) = good(TOOL, "only_an_architecture");
    assert!(
        notes(&imported).contains("`--arch` without `--os` takes every operating system; here it is linux")
    );
}

#[test]
fn s2_17_how_many_at_once_is_no_matter_of_the_spec_and_that_is_said() {
    let (imported, _) = good(TOOL, "unknown_keys");
    assert!(notes(&imported).contains("config.json:4:3: left out: the key `proc` has no counterpart"));
}

#[test]
fn s2_20_many_registries_go_to_many_in_one_run() {
    let (_, spec) = good(TOOL, "many_to_many");
    assert_eq!(spec.mirrors.len(), 3);
    let names: Vec<&str> = spec.mirrors.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names[2], "harbor.example.com/team/app (2)");
    let nothing = import(TOOL, &[("auth.json", "{}")]).expect_err("no image");
    assert_eq!(
        nothing[0].to_string(),
        "the files name no image that could be mirrored; name the file with the images too"
    );
}
