//! `crossdock explain`: why each source tag was taken, renamed or dropped. Reads tag lists only.

use super::early::Early;
use super::ending::Ending;
use super::flags::{ExplainArguments, Format};
use super::given::given;
use super::setting::Setting;
use crate::oci::Tag;
use crate::report::escape::foreign;
use crate::report::{Command, Exit};
use crate::resolve::{self, Chosen};
use crate::select::{Decision, Verdict};
use crate::spec::Rule;
use crate::stores::ReadStores;
use serde_json::{Value, json};

/// Explains every rule, or what the rules do with one tag.
pub(super) async fn explain(setting: &Setting, arguments: ExplainArguments) -> Exit {
    explained(setting, arguments.tag).await.unwrap_or_else(|early| early.end(setting, Command::Explain))
}

async fn explained(setting: &Setting, only: Option<Tag>) -> Result<Exit, Early> {
    let given = given(setting)?;
    let rules = given.rules(setting)?;
    let stores = ReadStores::new(Some(&given.spec), setting.credential_places());
    setting.start_deadline()?;
    let mut unresolved = Vec::new();
    let mut listed = Vec::new();
    for rule in &rules {
        let Chosen { mut verdicts, mut missing } =
            match setting.stop.or(resolve::choose(rule, &stores)).await.and_then(|chosen| chosen) {
                Ok(chosen) => chosen,
                Err(failure) => {
                    let hint = failure.hint.as_deref().map(|hint| format!("; {hint}"));
                    setting.complain(&format!("{}: {failure}{}", rule.name, hint.unwrap_or_default()));
                    unresolved.push(resolve::unresolved(rule, &rule.source, None, *failure));
                    continue;
                }
            };
        let asked_for = |tag: &Tag| only.as_ref().is_none_or(|only| tag == only);
        verdicts.retain(|verdict| asked_for(&verdict.tag));
        missing.retain(asked_for);
        match setting.format() {
            Format::Text => setting.print(&text(rule, &verdicts, &missing)),
            Format::Json => {
                listed.extend(verdicts.iter().map(|verdict| line(rule, verdict)));
                let absent = |tag| json!({ "mirror": rule.name, "tag": tag, "decision": "missing" });
                listed.extend(missing.iter().map(absent));
            }
        }
    }
    if setting.format() == Format::Json {
        setting.print(&format!("{:#}\n", Value::Array(listed)));
    }
    let mut ending = Ending::new(setting, Command::Explain, Some(given.facts));
    ending.run.problems = given.warnings;
    ending.run.unresolved = unresolved;
    ending.used(stores.usage());
    Ok(ending.silent())
}

fn text(rule: &Rule, verdicts: &[Verdict], missing: &[Tag]) -> String {
    let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
    let mut text = format!("{}: {} -> {}\n", foreign(&rule.name), rule.source, targets.join(", "));
    let width = verdicts.iter().map(|verdict| verdict.tag.as_str().len()).max().unwrap_or_default();
    for Verdict { tag, decision } in verdicts {
        let tag = tag.as_str();
        let line = match decision {
            Decision::Taken { target, because, renamed_by: Some(by) } => {
                format!("  + {tag:width$}  as {target}: {because}, and `{by}` in `rename` matches")
            }
            Decision::Taken { because, .. } => format!("  + {tag:width$}  {because}"),
            Decision::Dropped { stage, reason } => format!("  - {tag:width$}  {stage}: {reason}"),
            Decision::Invalid { why, .. } => format!("  ! {tag:width$}  {why}"),
        };
        text.push_str(&foreign(line));
        text.push('\n');
    }
    for tag in missing {
        text.push_str(&format!("  ? {tag}  the rule names it, but the source does not list it\n"));
    }
    if verdicts.is_empty() && missing.is_empty() {
        text.push_str("  there is no such tag\n");
    }
    text
}

fn line(rule: &Rule, Verdict { tag, decision }: &Verdict) -> Value {
    let (decision, facts) = match decision {
        Decision::Taken { target, because, renamed_by } => {
            ("taken", json!({ "target": target, "because": because, "renamedBy": renamed_by }))
        }
        Decision::Dropped { stage, reason } => ("dropped", json!({ "stage": stage, "because": reason })),
        Decision::Invalid { would_be, why } => ("invalid", json!({ "wouldBe": would_be, "because": why })),
    };
    let mut line = json!({ "mirror": rule.name, "tag": tag, "decision": decision });
    if let (Value::Object(line), Value::Object(facts)) = (&mut line, facts) {
        line.extend(facts);
    }
    line
}
