//! What a filter decided, as a table: each tag and what becomes of it, names that two tags would get,
//! and the sums.

use super::told;
use crate::cases::{shown, written};
use crate::filter::{Decided, Decision, Destination, Request};
use crate::oci::Tag;
use crate::report::Detail;
use crate::report::escape::foreign;
use crate::report::human::{Bytes, Count, Grouped};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Widest column of tags: a few long tags do not push everything to the right.
const TAG_CHARS_MAX: usize = 40;

/// Each tag, then what would collide, then the sums; what the filter logged where all is asked for.
pub(super) fn text(request: &Request, decided: &Decided, detail: Detail) -> String {
    let tags = request.images.iter().map(|image| image.tag.as_str().len());
    let width = tags.max().unwrap_or_default().min(TAG_CHARS_MAX);
    let mut lines = Vec::new();
    for (image, decision) in request.images.iter().zip(&decided.decisions) {
        let mark = match decision {
            Decision::Keep | Decision::Rename(_) => '+',
            Decision::Drop(_) => '-',
        };
        let words = foreign(shown(decision, &request.target));
        lines.push(format!("  {mark} {:width$}  {words}", image.tag.as_str()));
    }
    for (name, tags) in collisions(request, decided) {
        let tags: Vec<&str> = tags.iter().map(|tag| tag.as_str()).collect();
        lines.push(format!("  ! {name} is the name of {}: a run refuses them all", tags.join(", ")));
    }
    if detail == Detail::All {
        lines.extend(told::log_lines(&decided.log, detail));
    }
    lines.push(sums(decided));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn sums(decided: &Decided) -> String {
    let Counts { kept, renamed, names, dropped } = Counts::of(&decided.decisions);
    let images = Count(decided.decisions.len() as u64, "tag");
    let names = Count(names, "name");
    let (fuel, memory) = (Grouped(decided.used.fuel), Bytes(decided.used.memory_bytes));
    format!("{images}: {kept} kept, {renamed} renamed to {names}, {dropped} dropped. {fuel} fuel, {memory}.")
}

#[derive(Default)]
struct Counts {
    kept: u64,
    renamed: u64,
    names: u64,
    dropped: u64,
}

impl Counts {
    fn of(decisions: &[Decision]) -> Self {
        let mut counts = Self::default();
        for decision in decisions {
            match decision {
                Decision::Keep => counts.kept += 1,
                Decision::Drop(_) => counts.dropped += 1,
                Decision::Rename(names) => {
                    counts.renamed += 1;
                    counts.names += names.len() as u64;
                }
            }
        }
        counts
    }
}

/// Names that more than one tag would get.
fn collisions<'a>(request: &'a Request, decided: &Decided) -> Vec<(String, Vec<&'a Tag>)> {
    let mut writers: BTreeMap<Destination, Vec<&Tag>> = BTreeMap::new();
    for (image, decision) in request.images.iter().zip(&decided.decisions) {
        let names = match decision {
            Decision::Keep => vec![Destination { below: None, tag: image.tag.clone() }],
            Decision::Rename(names) => names.clone(),
            Decision::Drop(_) => Vec::new(),
        };
        for name in names {
            writers.entry(name).or_default().push(&image.tag);
        }
    }
    writers.retain(|_, tags| tags.len() > 1);
    let name = |name: Destination| shown(&Decision::Rename(vec![name]), &request.target);
    writers.into_iter().map(|(destination, tags)| (name(destination), tags)).collect()
}

/// The same for programs.
pub(super) fn json(request: &Request, decided: &Decided) -> Value {
    let images: Vec<Value> = request
        .images
        .iter()
        .zip(&decided.decisions)
        .map(|(image, decision)| json!({ "tag": image.tag, "decision": written(decision, &request.target) }))
        .collect();
    let collisions: Vec<Value> = collisions(request, decided)
        .into_iter()
        .map(|(name, tags)| json!({ "name": name, "tags": tags }))
        .collect();
    let Counts { kept, renamed, names, dropped } = Counts::of(&decided.decisions);
    json!({
        "source": { "registry": request.source.registry, "path": request.source.path },
        "target": { "registry": request.target.registry, "path": request.target.path },
        "images": images,
        "collisions": collisions,
        "counts": { "kept": kept, "renamed": renamed, "names": names, "dropped": dropped },
        "fuel": decided.used.fuel,
        "memoryBytes": decided.used.memory_bytes,
        "log": told::log_json(&decided.log),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Image, Measured, Named};

    #[test]
    fn a_table_tells_what_becomes_of_each_tag_and_what_collides() {
        let tag = |text: &str| text.parse::<Tag>().expect("a tag");
        let name = |below: Option<&str>, text: &str| Destination {
            below: below.map(|path| path.parse().expect("a path")),
            tag: tag(text),
        };
        let named = |path: &str| Named { registry: "r.test".to_owned(), path: path.to_owned() };
        let tags = ["1.26.3", "1.27", "1.27.4", "latest"];
        let request = Request {
            source: named("library/nginx"),
            target: named("acme/nginx"),
            images: tags.map(|text| Image::plain(tag(text))).to_vec(),
            now: None,
        };
        let decided = Decided {
            decisions: vec![
                Decision::Drop(Some("old\n::error::x".to_owned())),
                Decision::Keep,
                Decision::Rename(vec![name(None, "1.27"), name(Some("old"), "1.27.4")]),
                Decision::Drop(None),
            ],
            log: Vec::new(),
            used: Measured { fuel: 84_000, memory_bytes: 2 << 20 },
        };
        insta::assert_snapshot!(text(&request, &decided, Detail::Changes));
        let json = json(&request, &decided);
        assert_eq!(json["images"][2]["decision"], json!([":1.27", "acme/nginx/old:1.27.4"]));
        assert_eq!(json["collisions"], json!([{ "name": ":1.27", "tags": ["1.27", "1.27.4"] }]));
    }
}
