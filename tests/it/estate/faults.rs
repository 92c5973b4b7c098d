//! Catalogs that break off, go in circles, lie or never end: a part of a list is nothing, and never the whole.

use super::{Estate, json, number};
use crate::bed::cloud::{Answer, Seen};
use serde_json::{Value, json as value};
use std::sync::atomic::{AtomicUsize, Ordering};

const FIRST: &str = "/v2/_catalog?n=1000";

/// A registry whose catalog answers by `page`, which is given the parameter `last`.
fn listing(page: impl Fn(Option<&str>) -> Answer + Send + Sync + 'static) -> Estate {
    let rule = move |seen: &Seen| {
        let is_catalog = seen.path == "/v2/_catalog";
        Some(if is_catalog { page(seen.parameter("last").as_deref()) } else { Answer::new(404, "{}") })
    };
    let estate = Estate::of(rule);
    estate.spec(&["r.corp"], "", "source: r.corp/team/**\n  target: m.corp/{repository}");
    estate
}

fn names(names: &[&str]) -> Answer {
    json(&value!({ "repositories": names }))
}

/// A page that leads on.
fn leading(list: &[&str], last: &str) -> Answer {
    names(list).header("link", format!("</v2/_catalog?n=1000&last={last}>; rel=\"next\""))
}

fn message(error: &Value) -> &str {
    error["message"].as_str().expect("a message")
}

#[test]
fn a_catalog_that_is_refused_is_not_empty() {
    let basic = listing(|_| Answer::new(401, "{}").header("www-authenticate", "Basic realm=\"r\""));
    let error = basic.error();
    assert_eq!(error["code"], "unauthenticated");
    assert_eq!(basic.explain().code, Some(5));
    let denied = listing(|_| Answer::new(403, "{}"));
    let error = denied.error();
    assert_eq!(error["code"], "denied");
    assert!(error["hint"].as_str().expect("a hint").contains("listing repositories"), "{error:#}");
    let unknown = listing(|_| Answer::new(404, "{}"));
    let error = unknown.error();
    assert_eq!(error["code"], "not_found");
    assert!(error["hint"].as_str().expect("a hint").contains("`profile`"), "{error:#}");
}

#[test]
fn a_page_that_fails_in_the_middle_is_asked_for_again_and_its_loss_is_the_loss_of_all() {
    let failures = AtomicUsize::new(1);
    let passing = listing(move |last| match last {
        None => leading(&["team/a"], "x"),
        Some(_)
            if failures
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok() =>
        {
            Answer::new(500, "{}")
        }
        Some(_) => names(&["team/b"]),
    });
    assert_eq!(passing.rules().len(), 2);
    for status in [400, 403, 404, 410] {
        let broken = listing(move |last| match last {
            None => leading(&["team/a"], "x"),
            Some(_) => Answer::new(status, "{}"),
        });
        let error = broken.error();
        assert_eq!(error["http"]["status"], status, "{error:#}");
        assert_eq!(broken.asked("r.corp"), [FIRST, "/v2/_catalog?n=1000&last=x"]);
    }
}

#[test]
fn a_list_that_ends_oddly_is_no_list() {
    let circle = listing(|last| leading(&["team/a"], if last == Some("x") { "y" } else { "x" }));
    assert!(message(&circle.error()).contains("circle"));
    assert_eq!(circle.asked("r.corp").len(), 3);
    let idle = AtomicUsize::new(0);
    let endless = listing(move |_| leading(&["team/a"], &idle.fetch_add(1, Ordering::SeqCst).to_string()));
    assert_eq!(endless.error()["code"], "limit_exceeded");
    for body in ["{}", "<html>sign in</html>", "[]", r#"{"repositories":"team/a"}"#] {
        let nonsense = listing(move |_| Answer::new(200, body));
        let error = nonsense.error();
        assert_eq!(error["code"], "protocol", "{body}");
        assert!(message(&error).contains("the catalog cannot be read"), "{error:#}");
    }
    // An empty list is what many registries tell to who may see nothing.
    for body in [r#"{"repositories":[]}"#, r#"{"repositories":null}"#] {
        let empty = listing(move |_| Answer::new(200, body));
        assert_eq!(empty.error()["code"], "not_found", "{body}");
    }
}

#[test]
fn harbor_that_tells_less_than_it_counts_is_read_again_and_then_fails() {
    let estate = Estate::of(|seen| {
        let page = number(seen, "page")?;
        let items = if page == 1 { value!([{ "name": "team/a" }]) } else { value!([]) };
        Some(json(&items).header("x-total-count", "2"))
    });
    estate.spec(&["h.corp"], ", profile: harbor", "source: h.corp/team/**\n  target: m.corp/{repository}");
    let error = estate.error();
    assert_eq!(message(&error), "the catalog ended after 1 of 2 repositories", "{error:#}");
    assert_eq!(estate.asked("h.corp").len(), 4, "two readings of two pages");
}

#[test]
fn names_that_are_none_are_left_out_and_told_and_lead_nowhere() {
    let foreign = listing(|_| {
        let list = value!([
            "team/a",
            "../team/x",
            "team/../../x",
            "team/A",
            "team//b",
            "",
            null,
            "team/\u{1b}[2J",
            "evil.test/x"
        ]);
        json(&value!({ "repositories": list }))
    });
    let finished = foreign.explain().expect_code(0);
    assert_eq!(super::rules(&finished.stdout), ["r.corp/team/a -> m.corp/a"]);
    assert!(
        finished.stderr.contains("no repositories") && finished.stderr.contains("names=7"),
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains('\u{1b}'));
    assert_eq!(foreign.asked("evil.test"), [""; 0]);
}

#[test]
fn a_link_to_another_host_is_followed_at_home() {
    let estate = listing(|last| match last {
        None => names(&["team/a"]).header("link", "<http://evil.test/v2/_catalog?last=b>; rel=\"next\""),
        Some(_) => names(&["team/b"]),
    });
    assert_eq!(estate.rules().len(), 2);
    assert_eq!(estate.asked("evil.test"), [""; 0]);
}

#[test]
fn a_registry_that_cuts_without_a_word_is_asked_on() {
    // As some do: no link, and at the end it begins again.
    let estate = listing(|last| match last {
        None => names(&[
            "team/0", "team/1", "team/2", "team/3", "team/4", "team/5", "team/6", "team/7", "team/8",
            "team/9",
        ]),
        Some("team/9") => names(&["team/x"]),
        Some(_) => names(&["team/0"]),
    });
    assert_eq!(estate.rules().len(), 11);
    assert_eq!(estate.asked("r.corp"), [FIRST, "/v2/_catalog?n=1000&last=team%2F9"]);
}

#[test]
fn a_hundred_thousand_names_are_read_and_few_of_them_taken() {
    const ALL: usize = 100_000;
    let estate = listing(|last| {
        let start: usize =
            last.map_or(0, |last| last.trim_start_matches("team/n").parse().expect("a number"));
        let list: Vec<String> =
            (start + 1..=start + 1000).map(|number| format!("team/n{number:06}")).collect();
        let end = start + 1000;
        let page = json(&value!({ "repositories": list }));
        match end < ALL {
            true => page.header("link", format!("</v2/_catalog?last=team%2Fn{end:06}&n=1000>; rel=\"next\"")),
            // Its last page is as long as the others.
            false if start >= ALL => names(&[]),
            false => page,
        }
    });
    let rule = "source: r.corp/team/**\n  target: m.corp/{repository}\n  repositories: { include: [n099999, \"n00000?\"] }";
    estate.spec(&["r.corp"], "", rule);
    let rules = estate.rules();
    assert_eq!((rules.len(), rules[9].as_str()), (10, "r.corp/team/n099999 -> m.corp/n099999"));
    assert_eq!(estate.asked("r.corp").len(), ALL / 1000 + 1);
}
