//! What is read from an `index.json` that others wrote, and what is left of it after a change.

use super::*;

fn pointer(content: &str) -> Pointer {
    let digest = Digest::of(content.as_bytes());
    Pointer { media_type: MediaType::oci_manifest(), digest, size_bytes: content.len() as u64 }
}

fn name(text: &str) -> Name {
    match text.rsplit_once(':') {
        Some((repository, tag)) => {
            Name { repository: Some(repository.parse().expect("valid")), tag: tag.parse().expect("valid") }
        }
        None => Name { repository: None, tag: text.parse().expect("valid") },
    }
}

fn entry(content: &str, annotations: &str) -> String {
    let Pointer { media_type, digest, size_bytes } = pointer(content);
    format!(
        r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size_bytes},"annotations":{{{annotations}}}}}"#
    )
}

fn ref_name(text: &str) -> String {
    format!(r#""org.opencontainers.image.ref.name":"{text}""#)
}

fn index(entries: &[String]) -> Index {
    let json = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
    Index::read(json.as_bytes()).expect("valid")
}

fn written(index: &Index) -> String {
    String::from_utf8(index.write().expect("serialisable")).expect("UTF-8")
}

#[test]
fn what_is_written_is_read_again() {
    let mut index = Index::empty().expect("constant");
    for text in ["v2", "v1", "registry.example.com/a/b:v1"] {
        assert!(!index.says(&name(text), &pointer(text)));
        index.set(&name(text), &pointer(text)).expect("serialisable");
        assert!(index.says(&name(text), &pointer(text)));
    }
    let again = Index::read(written(&index).as_bytes()).expect("valid");
    assert_eq!(written(&again), written(&index));
    assert_eq!(again.tag(&name("v1")), Ok(Some(&pointer("v1"))));
    assert_eq!(
        again.tag(&name("registry.example.com/a/b:v1")),
        Ok(Some(&pointer("registry.example.com/a/b:v1")))
    );
    assert_eq!(
        again.tags(&None).expect("always there").iter().map(Tag::as_str).collect::<Vec<_>>(),
        ["v1", "v2"]
    );
    assert_eq!(again.tags(&name("a/c:x").repository), None);
}

#[test]
fn fields_that_we_do_not_know_survive_every_change() {
    let foreign = r#"{"digest":"weird", "size" : 1e999, "platform":{"os":"plan9"},"data":"eA=="}"#;
    let json = format!(
        r#"{{"schemaVersion":2,"subject":{{"x":[1,2]}},"manifests":[{foreign}],"annotations":{{"a":"b"}}}}"#
    );
    let mut index = Index::read(json.as_bytes()).expect("valid");
    index.set(&name("v1"), &pointer("one")).expect("serialisable");
    index.set(&name("v1"), &pointer("two")).expect("serialisable");
    let text = written(&index);
    assert!(text.contains(foreign), "{text}");
    assert!(text.contains(r#""subject":{"x":[1,2]},"annotations":{"a":"b"}"#), "{text}");
    assert_eq!(text.matches("ref.name").count(), 1, "{text}");
}

#[test]
fn a_moved_tag_leaves_the_other_name_of_an_entry_alone() {
    let both = format!("{},\"io.containerd.image.name\":\"docker.io/library/alpine:3.20\"", ref_name("3.20"));
    let mut index = index(&[entry("old", &both)]);
    index.set(&name("docker.io/library/alpine:3.20"), &pointer("new")).expect("serialisable");
    let again = Index::read(written(&index).as_bytes()).expect("valid");
    assert_eq!(again.tag(&name("3.20")), Ok(Some(&pointer("old"))));
    assert_eq!(again.tag(&name("docker.io/library/alpine:3.20")), Ok(Some(&pointer("new"))));
}

#[test]
fn a_name_with_two_digests_is_no_answer_until_it_is_written() {
    let mut twice = index(&[entry("one", &ref_name("v1")), entry("two", &ref_name("v1"))]);
    assert!(twice.tag(&name("v1")).expect_err("ambiguous").contains("more than once"));
    assert_eq!(twice.tags(&None).expect("always there").len(), 1);
    twice.set(&name("v1"), &pointer("three")).expect("serialisable");
    assert_eq!(twice.tag(&name("v1")), Ok(Some(&pointer("three"))));
    assert_eq!(twice.digest(&pointer("one").digest), None);
    let same = index(&[entry("one", &ref_name("v1")), entry("one", &ref_name("v1"))]);
    assert_eq!(same.tag(&name("v1")), Ok(Some(&pointer("one"))));
}

#[test]
fn a_broken_entry_is_listed_and_says_why_when_it_is_asked_for() {
    for (what, broken) in [
        ("digest", entry("x", &ref_name("v1")).replace("sha256:", "sha256:../../x")),
        ("size", entry("x", &ref_name("v1")).replace("\"size\":1", "\"size\":-1")),
        ("size", entry("x", &ref_name("v1")).replace("\"size\":1", "\"size\":99999999999999999999")),
        ("mediaType", entry("x", &ref_name("v1")).replace("application/", "")),
    ] {
        let index = index(&[broken, entry("y", &ref_name("v2"))]);
        assert_eq!(index.tags(&None).expect("always there").len(), 2, "{what}");
        let why = index.tag(&name("v1")).expect_err(what);
        assert!(why.starts_with("its entry for `v1` is broken: "), "{why}");
        assert_eq!(index.tag(&name("v2")), Ok(Some(&pointer("y"))));
    }
}

#[test]
fn illegal_names_are_skipped_and_told() {
    let index = index(&[entry("x", &ref_name("../etc")), entry("y", &ref_name("a\\nb")), entry("z", "")]);
    assert_eq!(index.tags(&None), Some(Vec::new()));
    assert_eq!(index.illegal_names().collect::<Vec<_>>(), ["../etc", "a\nb"]);
    assert_eq!(index.digest(&pointer("z").digest), Some(&pointer("z")));
}

#[test]
fn what_is_no_index_says_why() {
    let deep = format!(r#"{{"manifests":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let texts = [
        "",
        "[]",
        "{",
        r#"{"schemaVersion":1}"#,
        r#"{"manifests":[],"manifests":[]}"#,
        r#"{"manifests":{}}"#,
        r#"{"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json"}"#,
        &deep,
    ];
    let told = texts.map(|text| {
        let why = Index::read(text.as_bytes()).map(|index| format!("read, {} entries", index.entries.len()));
        format!("{:.60}: {}", text, why.unwrap_or_else(|why| why))
    });
    insta::assert_snapshot!(told.join("\n"));
    assert!(Index::read(br#"{"schemaVersion":2,"manifests":null}"#).is_ok());
}
