//! `crossdock explain`: why each source tag was taken, renamed or dropped. Reads tag lists, and what
//! filters want to know.

use super::early::Early;
use super::ending::Ending;
use super::filters;
use super::flags::{ExplainArguments, Format};
use super::given::given;
use super::import::Foreign;
use super::setting::Setting;
use crate::filter::{self, Destination};
use crate::oci::Tag;
use crate::report::escape::foreign;
use crate::report::{Command, Exit};
use crate::resolve::{self, Choice, Chosen};
use crate::select::{self, Stage};
use crate::spec::Rule;
use crate::store::Sight;
use crate::stores::ReadStores;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Explains every rule, or what the rules do with one tag.
pub(super) async fn explain(setting: Setting, arguments: ExplainArguments) -> Exit {
    let ExplainArguments { tag, files, from, told } = arguments;
    let (tag, setting) = match from {
        Some(_) => (Ok(tag), setting.from(Foreign { from, files, told })),
        None => (only(tag, &files), setting),
    };
    let explained = match tag {
        Ok(tag) => explained(&setting, tag).await,
        Err(early) => Err(early),
    };
    explained.unwrap_or_else(|early| early.end(&setting, Command::Explain))
}

/// The tag that is given, with its flag or without.
fn only(tag: Option<Tag>, words: &[PathBuf]) -> Result<Option<Tag>, Early> {
    match (tag, words) {
        (tag, []) => Ok(tag),
        (None, [word]) => {
            let word = word.display().to_string();
            let parsed = word.parse().map(Some);
            parsed.map_err(|why| Early::Invalid(format!("{word:?} is not a tag: {why}")))
        }
        (_, _) => Err(Early::Invalid("explain takes one tag; files belong to `--from`".to_owned())),
    }
}

async fn explained(setting: &Setting, only: Option<Tag>) -> Result<Exit, Early> {
    let mut given = given(setting)?;
    let wanted = given.wanted(setting)?;
    let stores = Arc::new(ReadStores::new(Some(&given.spec), setting.credential_places()));
    let sight: Arc<dyn Sight> = stores.clone();
    setting.start_deadline()?;
    let filtering = filters::ready(setting, &mut given, &wanted.models(), &*stores).await?;
    let expanding = setting.stop.or(wanted.expand(&*sight)).await;
    let (rules, mut unresolved) = expanding.unwrap_or_default();
    unresolved.iter().for_each(|lost| setting.complain_of(Some(&lost.mirror), &lost.failure));
    let mut listed = Vec::new();
    for rule in &rules {
        let choosing = resolve::choose(rule, &sight, &filtering);
        let mut chosen = match setting.stop.or(choosing).await.and_then(|chosen| chosen) {
            Ok(chosen) => chosen,
            Err(failure) => {
                setting.complain_of(Some(&rule.name), &failure);
                unresolved.push(resolve::unresolved(rule, &rule.source, None, *failure));
                continue;
            }
        };
        let asked_for = |tag: &Tag| only.as_ref().is_none_or(|only| tag == only);
        chosen.choices.retain(|choice| asked_for(&choice.verdict.tag));
        chosen.missing.retain(asked_for);
        chosen.gone.retain(|(tag, _)| asked_for(tag));
        match setting.format() {
            Format::Text => setting.print(&text(rule, &chosen)),
            Format::Json => listed.extend(lines(rule, &chosen)),
        }
        let gone = chosen.gone.into_iter();
        unresolved.extend(gone.map(|(tag, why)| resolve::unresolved(rule, &rule.source, Some(tag), why)));
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

fn text(rule: &Rule, Chosen { choices, missing, gone, asked: _, tags: _ }: &Chosen) -> String {
    let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
    let mut text = format!("{}: {} -> {}\n", foreign(&rule.name), rule.source, targets.join(", "));
    let width = choices.iter().map(|choice| choice.verdict.tag.as_str().len()).max().unwrap_or_default();
    for choice in choices {
        let (mark, what) = told(rule, choice);
        let tag = choice.verdict.tag.as_str();
        text.push_str(&foreign(format!("  {mark} {tag:width$}  {what}")));
        text.push('\n');
    }
    for (tag, why) in gone {
        text.push_str(&foreign(format!("  ! {tag:width$}  {}", why.message)));
        text.push('\n');
    }
    for tag in missing {
        text.push_str(&format!("  ? {tag}  the rule names it, but the source does not list it\n"));
    }
    if choices.is_empty() && missing.is_empty() && gone.is_empty() {
        text.push_str("  there is no such tag\n");
    }
    text
}

/// A mark, and what became of the tag.
fn told(rule: &Rule, Choice { verdict, decision, head: _ }: &Choice) -> (char, String) {
    let filter = rule.filter.as_deref().unwrap_or_default();
    if let Some(pattern) = denied_by(rule, verdict, decision.as_ref()) {
        return ('!', format!("deny: `{pattern}` matches"));
    }
    match (decision, &verdict.decision) {
        (Some(filter::Decision::Drop(Some(reason))), _) => {
            ('-', format!("{} `{filter}`: {reason}", Stage::Filter))
        }
        (Some(filter::Decision::Drop(None)), _) => {
            ('-', format!("{} `{filter}`: it gives no reason", Stage::Filter))
        }
        (Some(filter::Decision::Rename(destinations)), _) => {
            let names: Vec<String> = destinations.iter().map(name).collect();
            ('+', format!("as {}: renamed by the filter `{filter}`", names.join(" and ")))
        }
        (_, select::Decision::Taken { target, because, renamed_by: Some(by) }) => {
            ('+', format!("as {target}: {because}, and `{by}` in `rename` matches"))
        }
        (_, select::Decision::Taken { because, .. }) => ('+', because.clone()),
        (_, select::Decision::Dropped { stage, reason }) => ('-', format!("{stage}: {reason}")),
        (_, select::Decision::Invalid { why, .. }) => ('!', why.clone()),
    }
}

/// The pattern of `deny` that matches a tag which would be mirrored otherwise.
fn denied_by<'a>(
    rule: &'a Rule,
    verdict: &select::Verdict,
    decision: Option<&filter::Decision>,
) -> Option<&'a select::Pattern> {
    let is_taken = match decision {
        Some(filter::Decision::Drop(_)) => false,
        Some(filter::Decision::Rename(_)) => true,
        _ => verdict.target().is_some(),
    };
    rule.gates.deny.tag(&verdict.tag).filter(|_| is_taken)
}

/// `TAG`, or `PATH:TAG` below the target.
fn name(Destination { below, tag }: &Destination) -> String {
    match below {
        Some(below) => format!("{below}:{tag}"),
        None => tag.to_string(),
    }
}

fn lines(rule: &Rule, Chosen { choices, missing, gone, asked: _, tags: _ }: &Chosen) -> Vec<Value> {
    let mut lines: Vec<Value> = choices.iter().map(|choice| line(rule, choice)).collect();
    let absent = |tag| json!({ "mirror": rule.name, "tag": tag, "decision": "missing" });
    lines.extend(missing.iter().map(absent));
    let lost = |(tag, why): &(Tag, crate::failure::Failure)| json!({ "mirror": rule.name, "tag": tag, "decision": "gone", "because": why.message });
    lines.extend(gone.iter().map(lost));
    lines
}

fn line(rule: &Rule, Choice { verdict, decision, head: _ }: &Choice) -> Value {
    let (word, facts) = match (decision, &verdict.decision) {
        (Some(filter::Decision::Drop(reason)), _) => {
            ("dropped", json!({ "stage": Stage::Filter, "because": reason, "filter": rule.filter }))
        }
        (Some(filter::Decision::Rename(destinations)), _) => {
            let one = |Destination { below, tag }: &Destination| json!({ "below": below, "tag": tag });
            let destinations: Vec<Value> = destinations.iter().map(one).collect();
            ("taken", json!({ "destinations": destinations, "because": Value::Null, "filter": rule.filter }))
        }
        (_, select::Decision::Taken { target, because, renamed_by }) => {
            ("taken", json!({ "target": target, "because": because, "renamedBy": renamed_by }))
        }
        (_, select::Decision::Dropped { stage, reason }) => {
            ("dropped", json!({ "stage": stage, "because": reason }))
        }
        (_, select::Decision::Invalid { would_be, why }) => {
            ("invalid", json!({ "wouldBe": would_be, "because": why }))
        }
    };
    let mut line = json!({ "mirror": rule.name, "tag": verdict.tag, "decision": word });
    if let (Value::Object(line), Value::Object(facts)) = (&mut line, facts) {
        line.extend(facts);
    }
    if let Some(pattern) = denied_by(rule, verdict, decision.as_ref()) {
        line["deniedBy"] = json!(pattern.as_str());
    }
    line
}
