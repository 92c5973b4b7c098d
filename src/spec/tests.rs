//! Specs that are good, and limits.

use super::*;
use crate::access::Credentials;
use crate::colour::Colour;
use crate::oci::Tag;
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn env(name: &str) -> Option<String> {
    let value = match name {
        "HUB_USER" => "bob",
        "HUB_TOKEN" => "a: {canary}",
        "COUNT" => "2",
        "YES" => "true",
        "PATTERN" => "^(?<x>v)",
        "EMPTY" => "",
        _ => return None,
    };
    Some(value.to_owned())
}

fn good(text: &str) -> Spec {
    load("crossdock.yaml", text, &env).unwrap_or_else(|problems| panic!("{}", problems.render(Colour::Never)))
}

fn codes(text: &str) -> Vec<&'static str> {
    match load("crossdock.yaml", text, &env) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.code.as_str()).collect(),
    }
}

fn with_rule(keys: &str) -> String {
    format!("version: 1\nmirrors:\n  - source: alpine\n    target: localhost:5000/alpine\n{keys}")
}

#[test]
fn everything_that_the_format_has_is_read() {
    let text = include_str!("../../tests/it/good_specs/everything.yaml");
    let spec = good(text);
    assert_eq!(spec.warnings, []);
    assert_eq!(spec.sha256, Digest::of(text.as_bytes()));
    // The whole value, as a reader can check it against the text; secrets are not in it.
    let shown = format!("{spec:#?}");
    assert!(!shown.contains("canary"));
    insta::assert_snapshot!(shown);
}

#[test]
fn a_secret_arrives_whole_and_cannot_change_the_structure() {
    let spec = good(include_str!("../../tests/it/good_specs/everything.yaml"));
    let hub = spec.registries.iter().find(|(scope, _)| scope.registry.is_docker_hub());
    match hub.and_then(|(_, settings)| settings.credentials.as_ref()) {
        Some(Credentials::Password { username, password }) => {
            assert_eq!((username.as_str(), password.expose_secret()), ("bob", "a: {canary}"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_user_and_a_password_that_are_not_set_are_as_if_nothing_was_there() {
    let spec = good(
        "version: 1\nregistries:\n  docker.io:\n    credentials: { username: \"${NOBODY:-}\", password: \"${NOTHING:-}\" }\n\
         mirrors:\n  - { source: alpine, target: a.test/alpine, tags: [\"1\"] }\n",
    );
    assert!(spec.registries.values().all(|settings| settings.credentials.is_none()), "{:?}", spec.registries);
}

#[test]
fn scalars_are_taken_as_they_are_written() {
    let spec = good(include_str!("../../tests/it/good_specs/texts.yaml"));
    let patterns = |rule: usize| -> Vec<String> {
        spec.mirrors[rule].selection.include.iter().map(ToString::to_string).collect()
    };
    let expected =
        ["3.10", "3.20", "on", "yes", "012", "0x1F", "1e3", "1_000", "2024-01-15", "true", "null", "1*"];
    assert_eq!(patterns(0), expected);
    assert_eq!(patterns(1), ["1.10"]);
    let nginx = &spec.mirrors[2];
    assert_eq!((nginx.name.as_str(), patterns(2)), ("1.0", vec!["1.*".to_owned()]));
    assert_eq!(nginx.selection.newest.map(|newest| newest.count.get()), Some(2));
    let tag: Tag = "v1".parse().expect("a tag");
    assert_eq!(nginx.selection.rename[0].apply(&tag).as_deref(), Some("v_v1"));
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let spec = good(include_str!("../../tests/it/good_specs/anchors.yaml"));
    let [first, second] = &spec.mirrors[..] else { panic!("two rules") };
    assert_eq!((first.on_existing, second.on_existing), (OnExisting::Keep, OnExisting::Fail));
    assert_eq!((first.name.as_str(), second.name.as_str()), ("alpine", "again"));
    assert_eq!(first.source, second.source);
    assert_eq!(first.immutable, second.immutable);
    assert_eq!(first.immutable.iter().map(|pattern| pattern.as_str()).collect::<Vec<_>>(), ["/^v/", "1.*"]);
    assert!(first.selection.newest.is_some() && second.selection.newest.is_some());
    assert_eq!((first.line, second.line), (9, 13));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let plain = with_rule("    tags: 1.10\n");
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    assert_eq!(
        good(&windows).mirrors[0],
        Rule { places: good(&windows).mirrors[0].places.clone(), ..good(&plain).mirrors[0].clone() }
    );
    let problems = load("f", &windows.replace("1.10", "\"ä\" # ü"), &env).expect_err("a bad tag");
    let place = problems.iter().next().expect("one").place;
    assert_eq!((place.line, place.column), (5, 11));
}

#[test]
fn a_rule_overrides_whole_keys_of_the_defaults() {
    let text = "version: 1\ndefaults: { tags: { include: '1.*', newest: 3 }, referrers: none }\nmirrors:\n\
        - { source: alpine, target: localhost:5000/a, tags: latest }\n\
        - { source: busybox, target: localhost:5000/b }\n";
    let spec = good(text);
    assert_eq!(spec.mirrors[0].selection.newest, None);
    assert!(spec.mirrors[0].selection.literals().is_some());
    assert!(spec.mirrors[1].selection.newest.is_some());
    assert_eq!(spec.mirrors[0].referrers, Referrers::None);
}

#[test]
fn bombs_are_refused() {
    let nine_lines: String = (1..10).fold("x-0: &x0 [lol]\n".to_owned(), |text, n| {
        let before = format!("*x{}", n - 1);
        format!("{text}x-{n}: &x{n} [{}]\n", [before.as_str(); 9].join(", "))
    });
    assert_eq!(codes(&nine_lines), ["too-much-expansion"]);

    let anchored = format!("x-a: &a [{}]\n", "x, ".repeat(20_000));
    let quadratic = format!("{anchored}x-b: [{}]\n", "*a, ".repeat(20_000));
    assert_eq!(codes(&quadratic), ["too-much-expansion"]);

    let long = format!("x-a: &a {}\n{}", "x".repeat(100_000), "- *a\n".repeat(0));
    let many = format!("{long}x-b: [{}]\n", "*a, ".repeat(2000));
    assert_eq!(codes(&many), ["too-much-expansion"]);
}

#[test]
fn what_is_too_deep_or_too_large_is_refused() {
    assert_eq!(codes(&format!("x-a: {}", "[".repeat(100_000))), ["too-deep"]);
    let block: String = (0..200).map(|depth| format!("{}a:\n", "  ".repeat(depth))).collect();
    assert_eq!(codes(&block), ["too-deep"]);
    assert_eq!(codes(&"- ".repeat(100_000)), ["too-deep"]);
    let nested = "[".repeat(40) + &"]".repeat(40);
    let through_an_alias = format!("x-a: &a {nested}\nx-b: {}*a{}\n", "[".repeat(40), "]".repeat(40));
    assert_eq!(codes(&through_an_alias), ["too-deep"]);
    assert_eq!(codes(&" ".repeat(compose::TEXT_BYTES_MAX + 1)), ["too-large"]);
}

#[test]
fn problems_of_a_hopeless_file_end_somewhere() {
    let keys: String = (0..2000).map(|n| format!("    k{n}: x\n")).collect();
    assert_eq!(codes(&with_rule(&keys)).len(), problems::PROBLEMS_MAX);
}

#[test]
fn a_problem_is_serialised_with_its_place() {
    let problems = load("f", &with_rule("    tag: x\n    tag: y\n"), &env).expect_err("bad");
    let list: Vec<&Problem> = problems.iter().collect();
    insta::assert_json_snapshot!(list);
}

#[test]
fn warnings_do_not_stop_a_spec() {
    let text = format!("{}filters: {{ unused: {{ wasm: a.wasm }} }}\n", with_rule(""));
    let spec = good(&text);
    assert_eq!(spec.warnings.len(), 1);
    assert_eq!((spec.warnings[0].code, spec.warnings[0].severity), (Code::UnusedFilter, Severity::Warning));
}

#[test]
fn a_warning_about_a_secret_does_not_show_it() {
    for secret in ["|\n        hunter2\n", "\"hunter2\"\n", "\n        hunter2\n"] {
        let registries = format!(
            "registries:\n  ghcr.io:\n    credentials:\n      username: bob\n      password: {secret}"
        );
        let text = format!("{}{registries}", with_rule(""));
        let warnings = Problems::new("crossdock.yaml", &text, good(&text).warnings);
        let shown = warnings.render(Colour::Never);
        assert!(shown.contains("*******") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn no_control_character_of_a_spec_reaches_a_terminal() {
    for name in ["a\u{9b}31m", "a\u{85}b", "\u{90}\u{9d}0;x\u{9c}"] {
        let problems =
            load("f", &with_rule(&format!("    name: {name}\n    tagz: x\n")), &env).expect_err("bad");
        let shown = problems.render(Colour::Never);
        assert!(shown.contains("    name: ") && shown.contains('·'), "{shown}");
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    }
}

fn line() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        "version|mirrors|source|target|tags|include|newest|registries|credentials|password|filters|wasm|<<|x-a|rename|match|to|defaults|platforms",
        "[a-z$:&*\\[{'\" ]{0,6}",
    ];
    let value = prop_oneof![
        "",
        "1",
        "alpine|localhost:5000/a|latest|all",
        "[\\[\\]{},*&!|>'\"#%@`a1: -]{0,12}",
        "\\$\\{[A-Z:?}-]{0,8}",
        "&[ab] x",
        "\\*[ab]",
        "\\PC{0,10}",
    ];
    (0usize..4, "(- )?", key, ": ?", value).prop_map(|(depth, dash, key, colon, value)| {
        format!("{}{dash}{key}{colon}{value}\n", "  ".repeat(depth))
    })
}

#[test]
fn whatever_looks_like_a_spec_has_its_problems_in_their_places_and_tells_no_secret() {
    crate::laws::hold(proptest::collection::vec(line(), 0..12), |lines| {
        fuzzed::spec(lines.concat().as_bytes());
        Ok(())
    });
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        if let Err(problems) = load("f", &text, &env) {
            prop_assert!(problems.has_errors());
            problems.render(Colour::Never);
        }
    }

    #[test]
    fn nothing_that_looks_like_a_spec_makes_it_panic(lines in proptest::collection::vec(line(), 0..12)) {
        let text = lines.concat();
        if let Err(problems) = load("f", &text, &env) {
            prop_assert!(problems.has_errors());
            prop_assert!(!problems.render(Colour::Always).contains("canary"));
            for problem in problems.iter() {
                prop_assert!(problem.place.line >= 1 && problem.place.column >= 1);
                prop_assert!(text.get(problem.place.span.start..problem.place.span.end).is_some());
            }
        }
    }
}
