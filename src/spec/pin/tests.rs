//! Pins in texts of every style.

use super::*;

const HEAD: &str = "version: 1\nfilters:\n";
const TAIL: &str = "\nmirrors: [{ source: alpine, target: localhost:5000/alpine, filter: f }]\n";

fn env(name: &str) -> Option<String> {
    match name {
        "PLACE" => Some("filters/f.wasm".to_owned()),
        "PIN" => Some(pin(0).sha256.hex().to_owned()),
        _ => None,
    }
}

fn pin(number: u8) -> Pin {
    let digest = |kind: &str| Digest::of(format!("{kind} {number}").as_bytes());
    Pin { sha256: digest("component"), manifest: Some(digest("manifest")) }
}

/// The text with `OLD` and `OLDEST` for what was pinned before, and `NEW` and `NEWEST` for what is
/// pinned now: the component, and the manifest.
fn named(text: &str) -> String {
    let mut text = text.to_owned();
    for (number, component, manifest) in [(0, "OLD", "OLDEST"), (1, "NEW", "NEWEST")] {
        text = text.replace(pin(number).sha256.hex(), component);
        text = text.replace(pin(number).manifest.expect("it has one").hex(), manifest);
    }
    text
}

/// The text with `names` pinned anew.
fn pinned(text: &str, names: &[&str]) -> String {
    let before = pin(0);
    let text = text.replace("OLDEST", before.manifest.expect("it has one").hex());
    let text = text.replace("OLD", before.sha256.hex());
    let read = |text: &str| match load_to_pin("s.yaml", text, &env) {
        Ok(pinnable) => pinnable,
        Err(problems) => panic!("{problems}\n{text}"),
    };
    let pins: BTreeMap<_, _> = names.iter().map(|name| ((*name).to_owned(), pin(1))).collect();
    match read(&text).write(&text, &pins, &env) {
        Ok(Pinned { text, .. }) => {
            let again = read(&text).write(&text, &pins, &env);
            let nothing = Pinned { text: text.clone(), changed: BTreeSet::new() };
            assert_eq!(again, Ok(nothing), "what is pinned stays as it is");
            named(&text)
        }
        Err(error) => named(&error.to_string()),
    }
}

/// What becomes of these lines under `filters`, when the filter `f` is pinned.
fn f(lines: &str) -> String {
    let text = pinned(&format!("{HEAD}{lines}{TAIL}"), &["f"]);
    text.strip_prefix(HEAD).and_then(|text| text.strip_suffix(TAIL)).map_or(text.clone(), str::to_owned)
}

#[test]
fn a_pin_is_added_in_the_style_of_its_neighbour() {
    insta::assert_snapshot!(
        [
            "  f:\n    wasm: a.wasm",
            "  f:\n    wasm: a.wasm   # built by make\n    # how\n    config: { a: 1 }",
            "  f:\n     config:\n       a: 1\n     wasm: 'a.wasm'",
            "  f: { wasm: a.wasm }",
            "  f: {wasm: a.wasm, config: {a: 1}}",
            "  f: {\n    wasm: a.wasm, # built by make\n    config: 1 }",
            "  {\"f\": {\"wasm\": \"a.wasm\"}}",
            "  f:\n    wasm: ${PLACE}",
            "  f:\n    wasm:\n      a.wasm",
            "  f:\n    wasm: https://files.test/a.wasm#x",
            "  f:\n    wasm: |-\n      a.wasm\n    config: 1",
        ]
        .map(f)
        .join("\n---\n")
    );
}

#[test]
fn a_pin_that_is_there_is_replaced_and_nothing_else() {
    insta::assert_snapshot!(
        [
            "  f:\n    wasm: a.wasm\n    sha256: OLD # of yesterday\n    config: { a: OLD }",
            "  f:\n    sha256: \"sha256:OLD\"\n    wasm: a.wasm",
            "  f: { wasm: a.wasm, sha256: 'OLD' }",
        ]
        .map(f)
        .join("\n---\n")
    );
}

#[test]
fn a_reference_gets_the_digest_of_its_manifest() {
    insta::assert_snapshot!(
        [
            "  f:\n    wasm: oci://r.test/f:1",
            "  f: { wasm: \"oci://r.test/f:1\" }",
            "  f: { wasm: 'oci://r.test/f:1@sha256:OLDEST', sha256: OLD }",
            "  f:\n    wasm: oci://r.test/f@sha256:OLDEST # by digest",
            "  f:\n    wasm: oci://r.test/${TAG:-f:1}",
        ]
        .map(f)
        .join("\n---\n")
    );
}

#[test]
fn what_stands_elsewhere_is_left_to_its_author() {
    insta::assert_snapshot!(
        [
            "  f: { wasm: a.wasm, sha256: \"${PIN}\" }",
            "  f: { wasm: a.wasm, sha256: *pin }\n  g: { wasm: b.wasm }",
            "  f: { <<: *base }\n  g: { wasm: b.wasm }",
            "  f: *base\n  g: *base",
            "  f: { wasm: \"oci://r.test/${TAG:-f:1}@sha256:OLDEST\" }",
            "  f:\n    ? wasm\n    : a.wasm",
        ]
        .map(|lines| {
            let head = "version: 1\nx-base: &base { wasm: a.wasm }\nx-pin: &pin OLD\nfilters:\n";
            let text = pinned(&format!("{head}{lines}{TAIL}"), &["f"]);
            text.strip_suffix(TAIL).map_or(text.clone(), str::to_owned)
        })
        .join("\n---\n")
    );
}

#[test]
fn filters_that_are_one_by_an_alias_are_pinned_together() {
    let text = "version: 1\nx-base: &base { wasm: a.wasm }\nfilters: { f: *base, g: *base }\n";
    let written = pinned(&format!("{text}{TAIL}"), &["f", "g"]);
    assert!(
        written.contains("&base { wasm: a.wasm, sha256: NEW }\nfilters: { f: *base, g: *base }"),
        "{written}"
    );
}

#[test]
fn marks_and_line_ends_stay_as_they_are() {
    let text = format!("\u{feff}{HEAD}  f:\n    wasm: a.wasm\n    config: ä{TAIL}").replace('\n', "\r\n");
    let expected = text.replace("a.wasm\r\n", "a.wasm\r\n    sha256: NEW\r\n");
    assert_eq!(pinned(&text, &["f"]), expected);
    let last =
        "version: 1\nmirrors: [{ source: a, target: b.test/a, filter: f }]\nfilters:\n  f:\n    wasm: a.wasm";
    assert_eq!(pinned(last, &["f"]), format!("{last}\n    sha256: NEW"));
}

#[test]
fn only_a_missing_pin_is_no_problem() {
    let codes = |text: &str| match load_to_pin("s.yaml", text, &env) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.code.as_str()).collect(),
    };
    let unpinned = format!("{HEAD}  f: {{ wasm: https://files.test/a.wasm }}{TAIL}");
    assert_eq!(codes(&unpinned), [""; 0]);
    assert_eq!(codes(&unpinned.replace("wasm: ", "wsam: ")), ["unknown-key"]);
    assert_eq!(codes(&unpinned.replace("a.wasm", "a.wasm, sha256: 1")), ["bad-digest"]);
}
