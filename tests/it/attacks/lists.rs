//! Lists of tags: where they go on, and what is in them.

use super::{Canned, Evil, RequestKind, Victim, on_answer, withstood};
use serde_json::json;

fn page(tags: &serde_json::Value) -> Canned {
    let body = json!({ "name": "app", "tags": tags }).to_string();
    Canned::new(200).header("content-type", "application/json").body(&body)
}

#[test]
fn s09_a_list_goes_on_at_home_only() {
    let links = [
        "http://EVIL/v2/app/tags/list?last=1.0",
        "//EVIL/v2/app/tags/list?last=1.0",
        r"\\EVIL\v2\app\tags\list?last=1.0",
        "http://bob:pw@EVIL/v2/app/tags/list?last=1.0",
        "https://EVIL/?last=1.0",
        "/v2/secret/tags/list?last=1.0",
        "../../secret/tags/list?last=1.0",
        "file:///etc/passwd?last=1.0",
    ];
    withstood(links, |link| {
        let (victim, evil) = (Victim::new(), Evil::start());
        let link = format!("<{}>; rel=\"next\"", link.replace("EVIL", &evil.host()));
        let first = page(&json!(["1.0"])).header("link", &link);
        victim.source.rule(on_answer(RequestKind::TagList, first).path("/tags/list$").nth(2));
        victim.source.rule(on_answer(RequestKind::TagList, page(&json!([]))).path("last=1.0"));
        victim.sync().code(0);
        victim.assert_copied();
        evil.assert_unasked();
        let lists = victim.source.requests().of(RequestKind::TagList);
        assert_eq!(lists.len(), 3, "{lists}");
        assert!(lists.iter().all(|list| list.path == "/v2/app/tags/list"), "{lists}");
    });
}

#[test]
fn s09_a_list_without_end_is_given_up_and_a_circle_is_left() {
    // Pages that link to each other, and pages that bring nothing new for ever.
    withstood([(3, 0), (1, 0), (500, 1)], |(pages, code)| {
        let victim = Victim::of(Default::default(), Default::default());
        for number in 0..pages {
            let link = format!("</v2/app/tags/list?page={}>; rel=next", (number + 1) % pages);
            let tags = if code == 0 { json!(["1.0"]) } else { json!(["not/a/tag"]) };
            let canned = page(&tags).header("link", &link);
            victim.source.rule(on_answer(RequestKind::TagList, canned).path(&format!("page={number}$")));
        }
        let link = "</v2/app/tags/list?page=0>; rel=next";
        let first = page(&json!(["1.0"])).header("link", link);
        victim.source.rule(on_answer(RequestKind::TagList, first));
        let run = victim.sync().code(code);
        assert!(victim.source.requests().count(RequestKind::TagList) < 50);
        match code {
            0 => victim.assert_copied(),
            _ => assert_eq!(run.outcome(), "limit_exceeded"),
        }
    });
}

#[test]
fn s15_what_is_no_tag_is_dropped_counted_and_told_without_harm() {
    let long = "x".repeat(129);
    let names = [
        "a/b",
        "..",
        "../../secret",
        "a b",
        "a\nb",
        "a\r\nX-Header: 1",
        "%2f",
        "%2e%2e",
        "\u{1b}[2Jgone",
        "\u{202e}gpj",
        "::set-output name=a::b",
        "##vso[task.complete]",
        "a?last=1",
        "a#b",
        "-dash",
        "sha256:abc",
        "\0",
        "ä",
        long.as_str(),
    ];
    withstood(names, |name| {
        let victim = Victim::new();
        let list = page(&json!(["1.0", name, name]));
        victim.source.rule(on_answer(RequestKind::TagList, list).nth(2));
        // Runners that take commands from a log say that they are there.
        let run = victim.mirror().variable("TF_BUILD", "True").sync().code(0);
        victim.assert_copied();
        assert_eq!(victim.target.tags("copy").len(), 1, "{name:?}");
        let stderr = &run.finished.stderr;
        assert!(stderr.contains("not_tags=2") && stderr.contains("for_example=["), "{name:?}: {stderr}");
        assert!(!stderr.chars().any(|c| c.is_control() && c != '\n'), "{stderr:?}");
        assert!(!stderr.contains('\u{202e}') && !stderr.contains("##vso[task.c"), "{stderr:?}");
        assert!(stderr.lines().all(|line| !line.starts_with("::")), "{stderr:?}");
        let plain = |path: &str| path.chars().all(|c| c.is_ascii_alphanumeric() || "/.:-_".contains(c));
        for request in victim.source.requests().iter().chain(victim.target.requests().iter()) {
            assert!(plain(&request.path) && !request.path.contains(".."), "{request}");
        }
    });
}
