//! What becomes of an estate: rules like others, which collide, are told and are chosen like others.

use super::{Estate, json};
use crate::bed::cloud::{Answer, Seen};
use serde_json::{Value, json as value};

/// Two registries with a catalog each.
fn two(seen: &Seen) -> Option<Answer> {
    let list = match (seen.host.as_str(), seen.path.as_str()) {
        ("a.corp", "/v2/_catalog") => value!(["team/web", "team/db", "tools/x"]),
        ("b.corp", "/v2/_catalog") => value!(["team/web"]),
        (host @ ("a.corp" | "b.corp"), path) if path.ends_with("/manifests/1") => {
            let digest = format!("sha256:{}", host[..1].repeat(64));
            let answer = Answer::new(200, "").header("docker-content-digest", digest);
            return Some(answer.header("content-type", "application/vnd.oci.image.manifest.v1+json"));
        }
        _ => return Some(Answer::new(404, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#)),
    };
    Some(json(&value!({ "repositories": list })))
}

fn estate(rules: &str) -> Estate {
    let estate = Estate::of(two);
    let registries = ["a.corp", "b.corp", "m.corp"].map(|host| format!("  {host}: {{ plain_http: true }}\n"));
    let text = format!("version: 1\nregistries:\n{}mirrors:\n{rules}", registries.concat());
    estate.program.write("crossdock.yaml", &text);
    estate
}

fn plan(estate: &Estate, arguments: &[&str]) -> Value {
    let arguments = [&["check", "--report", "json=report.json"], arguments].concat();
    estate.program.run(&arguments);
    serde_json::from_str(&estate.program.read("report.json")).expect("JSON")
}

#[test]
fn two_estates_that_write_one_tag_are_refused_like_two_rules() {
    let estate = estate(
        "- { source: a.corp/team/**, target: \"m.corp/{repository}\", tags: [\"1\"] }\n\
         - { source: b.corp/team/**, target: \"m.corp/{repository}\", tags: [\"1\"] }\n",
    );
    let report = plan(&estate, &[]);
    let items = report["items"].as_array().expect("items").iter();
    let told = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&item["mirror"]), text(&item["target"]["reference"]), text(&item["drift"]))
    };
    let told: Vec<(String, String, String)> = items.map(told).collect();
    let row = |mirror: &str, target: &str, outcome: &str| (mirror.into(), target.into(), outcome.into());
    let expected = [
        row("a.corp/team/db", "m.corp/db:1", "absent"),
        row("a.corp/team/web", "m.corp/web:1", "refused"),
        row("b.corp/team/web", "m.corp/web:1", "refused"),
    ];
    assert_eq!(told, expected, "{report:#}");
}

#[test]
fn a_rule_of_an_estate_is_called_by_its_source_and_stands_where_the_estate_stands() {
    let estate = estate(
        "- { source: b.corp/team/web, target: m.corp/own, tags: [\"1\"] }\n\
         - { name: everything, source: a.corp/**, target: \"m.corp/a/{repository}\", tags: [\"1\"] }\n",
    );
    let report = plan(&estate, &["--only", "a.corp/team/*"]);
    let items = report["items"].as_array().expect("items");
    let mirrors: Vec<&str> = items.iter().filter_map(|item| item["mirror"].as_str()).collect();
    assert_eq!(mirrors, ["a.corp/team/db", "a.corp/team/web"], "{report:#}");
    assert!(items.iter().all(|item| item["specLocation"]["line"] == 8), "{report:#}");
    let by_name = plan(&estate, &["--only", "everything"]);
    assert_eq!(by_name["items"].as_array().map(Vec::len), Some(3));
    // What cannot be in an area does not need its catalog.
    let before = estate.asked("a.corp").iter().filter(|path| path.contains("_catalog")).count();
    plan(&estate, &["--only", "b.corp/*"]);
    let after = estate.asked("a.corp").iter().filter(|path| path.contains("_catalog")).count();
    assert_eq!(before, after);
    let none = estate.program.run(&["check", "--only", "c.corp/*"]).expect_code(4);
    assert!(none.stderr.contains("there are: b.corp/team/web, everything"), "{}", none.stderr);
}

#[test]
fn an_estate_that_fails_stops_no_other_rule() {
    let estate = estate(
        "- { source: a.corp/tools/*, target: \"m.corp/{repository}\", tags: [\"1\"] }\n\
         - { source: m.corp/**, target: \"a.corp/{repository}\", tags: [\"1\"] }\n",
    );
    let report = plan(&estate, &[]);
    let items = report["items"].as_array().expect("items");
    let mirrors: Vec<&str> = items.iter().filter_map(|item| item["mirror"].as_str()).collect();
    assert_eq!(mirrors, ["a.corp/tools/x", "m.corp/**"], "{report:#}");
    assert_eq!(items[0]["drift"], "absent");
    let error = &items[1]["error"];
    assert_eq!(error["code"], "not_found");
    assert_eq!(estate.asked("a.corp").iter().filter(|path| path.contains("_catalog")).count(), 1);
}
