//! Case files: what is read, what is refused and how, and that blessing changes nothing else.

use super::*;
use crate::filter::{Destination, Fault, FilterError, Image, Needs, Request};
use proptest::prelude::*;

const TEXT: &str = r#"{
  "name": "newest minors",
  "config": { "minors": 2, "deep": { "b": 1, "a": 1e3 } },
  "request": {
    "source": { "registry": "docker.io", "path": "library/nginx" },
    "target": { "registry": "ghcr.io", "path": "acme/nginx" },
    "now": "2023-11-14T22:13:20Z",
    "images": [
      "latest", "1.27.4",
      { "tag": "1.25.9", "digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "media_type": "application/vnd.oci.image.index.v1+json",
        "platforms": ["linux/arm64", "linux/amd64", { "os": "windows", "architecture": "amd64", "os_version": "10.0.1" }],
        "annotations": { "k": "v" }, "labels": { "l": "w" }, "created": 1700000000 }
    ]
  },
  "expect": {
    "latest": "keep", "1.27.4": [":1.27", "acme/nginx/old:1.27.4", "acme/nginx:x"],
    "1.25.9": { "drop": "superseded" }
  }
}
"#;

fn parsed(text: &str) -> CaseFile {
    match CaseFile::parse("a.json", text) {
        Ok(file) => file,
        Err(errors) => panic!("{errors:?}"),
    }
}

fn refused(text: &str) -> String {
    let errors = CaseFile::parse("a.json", text).expect_err("it is wrong");
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A case with this request, these images and these further members.
fn case_of(images: &str, more: &str) -> String {
    format!(
        r#"{{"request":{{"source":{{"registry":"r.test","path":"a"}},"target":{{"registry":"r.test","path":"b"}},"images":{images}}}{more}}}"#
    )
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn error(fault: Fault, message: &str) -> Box<FilterError> {
    let (filter, message) = ("f".to_owned(), message.to_owned());
    Box::new(FilterError { filter, fault, message, hint: None, blamed: None, log: Vec::new() })
}

fn everything() -> Needs {
    Needs { digest: true, platforms: true, annotations: true, config: true, now: true }
}

#[test]
fn a_case_is_read_and_its_images_are_sorted() {
    let file = parsed(TEXT);
    let [case] = &file.cases[..] else { panic!("one case") };
    assert_eq!(case.name.as_deref(), Some("newest minors"));
    assert_eq!(case.config["deep"]["a"], 1000.0);
    let tags: Vec<&str> = case.images.iter().map(|told| told.tag.as_str()).collect();
    assert_eq!(tags, ["1.25.9", "1.27.4", "latest"]);
    let platforms: Vec<String> = case.images[0].platforms.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64", "windows/amd64"]);
    assert_eq!(case.now, Some(1_700_000_000));
    let Expected::Decisions(expected) = &case.expected else { panic!("decisions") };
    let below = |text: &str| Some(text.parse().expect("a path"));
    let names = vec![
        Destination { below: None, tag: tag("1.27") },
        Destination { below: below("old"), tag: tag("1.27.4") },
        Destination { below: None, tag: tag("x") },
    ];
    assert_eq!(expected[1], (tag("1.27.4"), Decision::Rename(names)));
}

#[test]
fn a_filter_gets_what_it_asks_for_and_nothing_else() {
    let file = parsed(TEXT);
    let case = &file.cases[0];
    let plain = case.request(Needs::default());
    assert!(plain.now.is_none());
    for found in &plain.images {
        assert_eq!(*found, Image::plain(found.tag.clone()));
    }
    let full = case.request(everything());
    assert_eq!(full.now, Some(1_700_000_000));
    let first = &full.images[0];
    assert!(first.digest.is_some() && first.media_type.is_some() && first.created == Some(1_700_000_000));
    assert_eq!((first.labels.len(), first.annotations.len(), first.platforms.len()), (1, 1, 3));
    assert!(case.lacks(Needs { now: true, ..Needs::default() }).is_empty());
    let lacks: Vec<String> = case.lacks(everything()).iter().map(ToString::to_string).collect();
    assert_eq!(lacks[0], "the filter asks for `digest`, and 2 of 3 images have none");
    assert_eq!(lacks.len(), 4);
}

#[test]
fn what_is_wrong_with_a_case_file_is_told_with_its_place() {
    let told = [
        "{",
        "[]",
        "{}",
        r#"{ "cases": [] }"#,
        r#"{ "cases": [{ "requests": {} }], "case": 1 }"#,
        &case_of("[]", r#", "expect": {}, "expect": {}"#),
        &case_of("[]", r#", "expect": {}, "expect_error": "x""#),
        &case_of("[]", r#", "expect_error": """#),
        &case_of(r#"["a", {"tag":"a"}, 7, "-", {"tagg":"b"}]"#, ""),
        &case_of(
            r#"[{"tag":"a","digest":"sha256:0","media_type":"x","platforms":["linux"],
                "labels":{"k":1},"created":"yesterday","annotation":{}}]"#,
            "",
        ),
        &case_of(r#"["1"]"#, r#", "expect": { "1": "drop", "2": [], "3": ["1"], "4": [":-"] }"#),
        &case_of(r#"["1"]"#, r#", "expect": { "5": ["c:1"], "6": { "drop": 1 }, "7": {}, "-": "keep" }"#),
        &case_of("[]", "").replace("r.test\",\"path\":\"a", "docker.io\",\"path\":\"nginx"),
        &case_of("[]", "").replace("\"path\":\"a\"", "\"paths\":\"a\""),
        &case_of("[]", "").replace("\"path\":\"a\"", "\"path\":\"A\""),
    ]
    .map(refused);
    insta::assert_snapshot!(told.join("\n---\n"));
}

#[test]
fn an_answer_is_compared_by_tag() {
    let file = parsed(&case_of(
        r#"["a","b","c"]"#,
        r#", "expect": { "a": [":x", ":y"], "b": { "drop": null }, "z": "keep" }"#,
    ));
    let name = |text: &str| Destination { below: None, tag: tag(text) };
    let swapped = Decision::Rename(vec![name("y"), name("x")]);
    let answer = vec![swapped, Decision::Drop(Some("old".to_owned())), Decision::Keep];
    let trial = Trial::of(&file.cases[0], Ok(answer));
    let Some(Mismatch::Decisions(found)) = trial.mismatch else { panic!("{:?}", trial.mismatch) };
    let b = Difference {
        tag: tag("b"),
        expected: Some(Decision::Drop(None)),
        found: Some(Decision::Drop(Some("old".to_owned()))),
    };
    let c = Difference { tag: tag("c"), expected: None, found: Some(Decision::Keep) };
    let z = Difference { tag: tag("z"), expected: Some(Decision::Keep), found: None };
    assert_eq!(found, [b, c, z]);
}

#[test]
fn an_error_is_expected_by_a_part_of_its_message() {
    let file = parsed(&case_of("[]", r#", "expect_error": "not a number""#));
    let case = &file.cases[0];
    let wrong = |answer| Trial::of(case, answer).mismatch;
    assert_eq!(wrong(Err(error(Fault::Refused, "`x` is not a number"))), None);
    let text = "not a number".to_owned();
    assert_eq!(wrong(Err(error(Fault::Refused, "no"))), Some(Mismatch::OtherError(text.clone())));
    assert_eq!(wrong(Ok(Vec::new())), Some(Mismatch::NoError(text)));
}

#[test]
fn blessing_writes_what_was_answered_and_nothing_else() {
    let several = format!(
        "{{ \"cases\": [\n    {},\n    {},\n    {},\n    {},\n    {}\n  ] }}\n",
        case_of(r#"["b","a"]"#, r#", "expect": {"z":"keep","b":"keep"}, "name": "decisions""#),
        case_of(r#"["a"]"#, ""),
        case_of(r#"["a"]"#, r#", "expect": {"a":"keep"}"#),
        case_of(r#"["a"]"#, r#", "expect_error": "x""#),
        case_of(r#"["a"]"#, r#",   "expect" : { "a" : "keep" }  "#),
    );
    let file = parsed(&several);
    let answers = [
        Ok(vec![Decision::Keep, Decision::Drop(None)]),
        Ok(vec![Decision::Keep]),
        Err(error(Fault::Crash, "it panicked")),
        Err(error(Fault::Limit, "it ran too long\nand so on")),
        Ok(vec![Decision::Keep]),
    ];
    let trials: Vec<Trial> =
        file.cases.iter().zip(answers).map(|(case, answer)| Trial::of(case, answer)).collect();
    let blessing = file.bless(&trials);
    assert_eq!((&blessing.changed[..], &blessing.left[..]), (&[0, 1, 3][..], &[(2, Unblessed::Broken)][..]));
    insta::assert_snapshot!(blessing.text);
}

#[test]
fn a_refusal_of_the_filter_itself_can_be_blessed() {
    let file = parsed(&case_of("[]", r#", "expect": {}"#));
    let trial = Trial::of(&file.cases[0], Err(error(Fault::Config, "it refuses: minors: no number\nat 1")));
    let again = parsed(&file.bless(&[trial]).text);
    assert_eq!(again.cases[0].expected, Expected::Error("minors: no number".to_owned()));
}

#[test]
fn the_schema_takes_what_is_read() {
    let validator = jsonschema::draft7::new(&schema()).expect("a schema");
    let one = case_of(r#"["a"]"#, r#", "expect_error": "x""#);
    for text in [TEXT.to_owned(), one.clone(), format!(r#"{{"cases":[{one}]}}"#)] {
        parsed(&text);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).collect::<Vec<_>>());
    }
    for text in ["{}", r#"{"cases":[]}"#, &case_of("[7]", ""), &case_of("[]", r#","expect":{"a":"drop"}"#)] {
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert!(!validator.is_valid(&value), "{text}");
    }
}

fn decision() -> impl Strategy<Value = Decision> {
    let tag_text = "[A-Za-z0-9_][A-Za-z0-9._-]{0,5}";
    let name = (proptest::option::of("[a-z]{1,3}(/[a-z]{1,3})?"), tag_text).prop_map(|(below, tag)| {
        let below = below.map(|text| text.parse().expect("a path"));
        Destination { below, tag: tag.parse().expect("a tag") }
    });
    prop_oneof![
        Just(Decision::Keep),
        proptest::option::of(any::<String>()).prop_map(Decision::Drop),
        proptest::collection::vec(name, 1..4).prop_map(Decision::Rename),
    ]
}

fn image() -> impl Strategy<Value = Image> {
    let texts = || proptest::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    let platform = ("[a-z]{1,5}", "[a-z0-9]{1,5}", proptest::option::of("[A-Za-z0-9/]{1,3}"));
    let platform = platform.prop_map(|(os, architecture, variant)| {
        let os_version = (os.len() > 3).then(|| "10.0".to_owned());
        Platform { os, architecture, variant, os_version }
    });
    let platforms = proptest::collection::btree_set(platform, 0..3);
    (texts(), texts(), platforms, any::<Option<i64>>(), any::<bool>()).prop_map(
        |(annotations, labels, platforms, created, has_digest)| Image {
            tag: tag("x"),
            digest: has_digest.then(|| Digest::of(b"x")),
            media_type: has_digest.then(MediaType::oci_index),
            platforms: platforms.into_iter().collect(),
            annotations,
            labels,
            created,
        },
    )
}

proptest! {
    #[test]
    fn what_was_blessed_passes_and_the_rest_of_the_file_stays(
        decided in proptest::collection::btree_map("[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", decision(), 0..8),
        expects in any::<bool>(),
    ) {
        let tags: Vec<&String> = decided.keys().collect();
        let more = if expects { r#", "expect": {"a": "keep"}"# } else { "" };
        let text = case_of(&serde_json::to_string(&tags).expect("JSON"), more);
        let file = parsed(&text);
        let answer: Vec<Decision> = decided.values().cloned().collect();
        let blessing = file.bless(&[Trial::of(&file.cases[0], Ok(answer.clone()))]);
        let again = parsed(&blessing.text);
        prop_assert_eq!(Trial::of(&again.cases[0], Ok(answer)).mismatch, None);
        let rest = |text: &str| {
            let mut value: Value = serde_json::from_str(text).expect("JSON");
            value.as_object_mut().and_then(|members| members.remove("expect"));
            value
        };
        prop_assert_eq!(rest(&text), rest(&blessing.text));
    }

    #[test]
    fn what_was_recorded_asks_the_same_and_passes(
        images in proptest::collection::btree_map("[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", (image(), decision()), 0..5),
        needs in any::<[bool; 5]>(),
        now in any::<i64>(),
        named in any::<bool>(),
    ) {
        let [digest, platforms, annotations, config, needs_now] = needs;
        let needs = Needs { digest, platforms, annotations, config, now: needs_now };
        let (registry, path) = if named { ("oci:some/where", "") } else { ("docker.io", "library/nginx") };
        let source = Named { registry: registry.to_owned(), path: path.to_owned() };
        let target = Named { registry: "ghcr.io".to_owned(), path: "acme/nginx".to_owned() };
        let whole = images.iter().map(|(text, (found, _))| Image { tag: tag(text), ..found.clone() });
        let whole = Request { source, target, images: whole.collect(), now: Some(now) };
        // What a filter with these needs is asked.
        let shown = Request {
            now: whole.now.filter(|_| needs.now),
            images: whole.images.iter().map(|found| needed(found, needs)).collect(),
            ..whole
        };
        let answer = Ok(images.into_values().map(|(_, decision)| decision).collect());
        let text = recorded(&serde_json::json!({ "k": [1, "2"] }), needs, &shown, &answer);
        let file = parsed(&text);
        prop_assert_eq!(file.cases[0].request(needs), shown);
        prop_assert_eq!(Trial::of(&file.cases[0], answer).mismatch, None);
        let validator = jsonschema::draft7::new(&schema()).expect("a schema");
        prop_assert!(validator.is_valid(&serde_json::from_str(&text).expect("JSON")), "{}", text);
    }
}

fn needed(found: &Image, needs: Needs) -> Image {
    let mut image = found.clone();
    if !needs.digest {
        (image.digest, image.media_type) = (None, None);
    }
    if !needs.platforms {
        image.platforms.clear();
    }
    if !needs.annotations {
        image.annotations.clear();
    }
    if !needs.config {
        image.labels.clear();
        image.created = None;
    }
    image
}
