//! image-migrator.

use super::{faults, good, notes, rules};
use crossdock::access::Credentials;
use crossdock::import::Tool::ImageMigrator as TOOL;
use secrecy::ExposeSecret as _;

#[test]
fn s4_01_the_documented_files_are_understood() {
    let (imported, spec) = good(TOOL, "documented_example");
    assert_eq!((spec.mirrors.len(), imported.notes.len()), (2, 1));
}

#[test]
fn s4_02_flags_go_before_variables() {
    good(TOOL, "empty_target_by_flags");
    good(TOOL, "defaults_by_environment");
}

#[test]
fn s4_03_a_value_is_literal_or_one_variable() {
    let (imported, _) = good(TOOL, "literal_dollars");
    let value = imported.value("SWR_CN_NORTH_4_MYHUAWEICLOUD_COM_PASSWORD");
    assert_eq!(value, Some("s3cr3t$$x${y".to_owned()));
    let (imported, _) = good(TOOL, "documented_example");
    assert!(
        imported.text.contains("username: \"${SWR_USER}\", password: \"${SWR_KEY}\""),
        "{}",
        imported.text
    );
    let (_, spec) = good(TOOL, "registry_namespace_key_wins");
    assert_eq!(spec.registries.len(), 2);
}

#[test]
fn s4_04_the_eight_rules_of_images_are_kept() {
    good(TOOL, "several_targets_by_several_files");
    let text = "{\n\"nginx:1\": \"r.example.com/a/b\",\n\"quay.io/a/b\": \"r.example.com/b\",\n\"\": \"r.example.com/a/b\",\n\
                \"quay.io/a/c\": \"r.example.com/a/c:1\",\n\"quay.io/a/d\": [\"r.example.com/a/d\"]\n}";
    let wrong = faults(TOOL, "images.json", text);
    let told = [
        "images.json:2:1: `nginx` has less than registry, namespace and repository; write all three",
        "images.json:3:1: `r.example.com/b` has less than registry, namespace and repository; write all three",
        "images.json:4:1: a source is empty; name an image",
        "images.json:5:1: many tags have one new name; leave out the tag of the target",
        "images.json:6:16: the target of `quay.io/a/d` is a list; write one image",
    ];
    assert_eq!(wrong.lines().collect::<Vec<_>>(), told);
}

#[test]
fn s4_05_what_its_own_listing_of_a_cluster_writes_is_taken_as_it_is() {
    let (_, spec) = good(TOOL, "by_kubectl");
    assert!(spec.mirrors.iter().all(|rule| rule.selection.literals().is_some_and(|tags| tags.len() == 1)));
}

#[test]
fn s4_06_a_user_with_an_at_sign_and_a_made_key_stay_what_they_are() {
    let (_, spec) = good(TOOL, "documented_example");
    let accounts: Vec<(String, String)> = spec
        .registries
        .values()
        .filter_map(|settings| match settings.credentials.clone()? {
            Credentials::Password { username, password } => {
                Some((username, password.expose_secret().to_owned()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(accounts, [("cn-north-4@AKEXAMPLE".to_owned(), "s3cr3t".to_owned())]);
}

#[test]
fn s4_08_files_are_the_same_on_every_machine() {
    let text = "{\r\n\t\"quay.io/a/b:1\": \"r.example.com/a/b\"\r\n}\r\n";
    let rule = rules(TOOL, "images.json", text).remove(0);
    assert_eq!((rule.source.to_string(), rule.line), ("quay.io/a/b".to_owned(), 7));
    let (imported, _) = good(TOOL, "registry_namespace_key_wins");
    let notes = notes(&imported);
    assert!(notes.lines().count() == 1 && notes.starts_with("changed: signatures, attestations"), "{notes}");
}
