//! What a listing becomes: a spec, or image-migrator's list of sources and targets.

use super::listing::{Area, Image, Listing, Tagged};
use crate::import::{self, Fault, Imported, Listed, Note, NoteKind};
use crate::oci::Tag;
use std::fmt::Write as _;

/// The least of which image-migrator's names consist: registry, namespace, repository.
const PARTS_MIN: usize = 3;

impl Listing {
    /// The spec that mirrors all of it; `head` is said at its top.
    ///
    /// # Errors
    /// What a spec cannot say.
    pub fn spec(&self, head: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Imported, Vec<Fault>> {
        let rules: Vec<Listed> = self.areas.iter().map(area).chain(self.images.iter().map(image)).collect();
        import::list(head, &rules, &self.notes, env)
    }

    /// The file `images.json` of image-migrator, and what it cannot say.
    pub fn images_json(&self) -> (String, Vec<Note>) {
        let mut lines = Vec::new();
        let mut notes = self.notes.clone();
        let mut left_out = |site, message| notes.push(Note { kind: NoteKind::LeftOut, site, message });
        for Area { site, source, .. } in &self.areas {
            let message = format!("{source} names no image: image-migrator knows no whole registries");
            left_out(Some(site.clone()), message);
        }
        for Image { source, target, site, tags } in &self.images {
            let names = [source.to_string(), target.clone()];
            if target.starts_with("oci:") || names.iter().any(|name| name.split('/').count() < PARTS_MIN) {
                let message = format!(
                    "{source}: image-migrator takes names of registry, namespace and repository only"
                );
                left_out(site.clone(), message);
                continue;
            }
            for (tag, tagged) in tags {
                if tagged.pin.is_some() {
                    let message =
                        format!("{source}:{tag} is mirrored by its tag: image-migrator knows no digests");
                    left_out(site.clone(), message);
                }
                lines.push(format!(
                    "  {}: {}",
                    quoted(&format!("{source}:{tag}")),
                    quoted(&format!("{target}:{tag}"))
                ));
            }
        }
        (format!("{{\n{}\n}}\n", lines.join(",\n")), notes)
    }
}

fn area(Area { site, source, target }: &Area) -> Listed {
    Listed {
        source: source.clone(),
        target: target.clone(),
        tags: Vec::new(),
        comments: vec![format!("{}:{}", site.file, site.line)],
    }
}

fn image(Image { source, target, site: _, tags }: &Image) -> Listed {
    let text = |(tag, tagged): (&Tag, &Tagged)| match &tagged.pin {
        Some(digest) => format!("{tag}@{digest}"),
        None => tag.to_string(),
    };
    Listed {
        source: source.to_string(),
        target: target.clone(),
        tags: tags.iter().map(text).collect(),
        comments: tags.iter().map(|(tag, tagged)| comment(tag, tagged)).collect(),
    }
}

/// Where a tag was found, and what of it runs.
fn comment(tag: &Tag, tagged: &Tagged) -> String {
    let mut text = format!("{tag}: {}", tagged.told());
    for digest in tagged.runs.iter().filter(|digest| tagged.pin.as_ref() != Some(digest)) {
        let _ = write!(text, "; {digest} runs");
    }
    text
}

/// A name in JSON: it has no character that would need more than quotes.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
