//! The `index.json` of a bundle: which images and referrers it has, and where they go. An ordinary index of
//! an OCI layout for everybody else.

use super::annotation::{BASE, LEFT_OUT_TYPE, REF_NAME, SOURCE, SUBJECT, SUM, TARGETS};
use crate::oci::{
    CosignTag, Descriptor, Digest, LayoutName, Link, MediaType, Object, Reference, Referrer, Repository, Tag,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What stands in the place of the sum while it is made.
const NO_SUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What `index.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BundleIndex {
    /// The images, in order.
    pub images: Vec<BundledImage>,
    /// What speaks about them, in order.
    pub referrers: Vec<BundledReferrer>,
    /// The document that lists what is left out; none in a bundle that is whole.
    pub left_out: Option<Descriptor>,
    /// The digests of the inventories that a delta was made against.
    pub bases: Vec<Digest>,
}

/// An image in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundledImage {
    /// Where it was read.
    pub source: Reference,
    /// Its manifest: of what the source has, or of what is mirrored in its place.
    pub digest: Digest,
    /// What that is.
    pub media_type: MediaType,
    /// The length of the manifest in bytes.
    pub size_bytes: u64,
    /// Its name in the layout; none for one that has no tag, and for all but the first of several images
    /// that would have the same.
    pub name: Option<(Option<LayoutName>, Tag)>,
    /// Where it goes; none where nothing was said.
    pub targets: BTreeSet<Reference>,
}

/// What speaks about an image, in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundledReferrer {
    /// The repository where it was read.
    pub source: Repository,
    /// What it is, and what it speaks about.
    pub referrer: Referrer,
    /// The length of its manifest in bytes.
    pub size_bytes: u64,
    /// The repositories that it goes to.
    pub targets: BTreeSet<Repository>,
}

/// What a repository is called in a layout; none for one that has bare tags.
pub fn layout_name(repository: &Repository) -> Option<LayoutName> {
    match repository {
        Repository::Registry { .. } => repository.to_string().parse().ok(),
        Repository::Local { name, .. } => name.clone(),
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    media_type: MediaType,
    digest: Digest,
    #[serde(rename = "size")]
    size_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    manifests: Vec<Object<Listed>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl BundleIndex {
    /// The bytes of `index.json`: one entry a line, and the same for the same value.
    pub fn write(&self) -> Vec<u8> {
        let open = self.text(NO_SUM);
        self.text(Digest::of(open.as_bytes()).hex()).into_bytes()
    }

    /// Whether bytes are as they were written, by the sum that is in them; none where there is no sum.
    pub fn is_as_written(bytes: &[u8]) -> Option<bool> {
        let key = format!("\"{SUM}\":\"");
        let text = std::str::from_utf8(bytes).ok()?;
        let at = text.find(&key)? + key.len();
        let sum = text.get(at..at + NO_SUM.len())?;
        let open = [&text[..at], NO_SUM, &text[at + NO_SUM.len()..]].concat();
        Some(Digest::of(open.as_bytes()).hex() == sum)
    }

    fn text(&self, sum: &str) -> String {
        let images = self.images.iter().map(BundledImage::listed);
        let referrers = self.referrers.iter().map(BundledReferrer::listed);
        let left_out = self.left_out.iter().map(|document| Listed {
            media_type: document.media_type.clone(),
            digest: document.digest.clone(),
            size_bytes: document.size_bytes,
            artifact_type: Some(LEFT_OUT_TYPE.to_owned()),
            annotations: None,
        });
        let lines: Vec<String> = images.chain(referrers).chain(left_out).map(|one| json(&one)).collect();
        let mut text = format!(r#"{{"schemaVersion":2,"mediaType":{},"#, json(&MediaType::oci_index()));
        let mut annotations = BTreeMap::from([(SUM, sum.to_owned())]);
        if !self.bases.is_empty() {
            let bases: Vec<&str> = self.bases.iter().map(Digest::as_str).collect();
            annotations.insert(BASE, bases.join(","));
        }
        text.push_str(&format!(r#""annotations":{},"#, json(&annotations)));
        text.push_str(&format!("\"manifests\":[\n{}\n]}}\n", lines.join(",\n")));
        text
    }

    /// Reads `index.json` of a bundle. What others listed there, and we said nothing about, is passed over.
    ///
    /// # Errors
    /// It is not an index, or what it says about an entry of ours cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let Object(document): Object<Document> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let mut index = Self::default();
        let bases = document.annotations.unwrap_or_default().remove(BASE).unwrap_or_default();
        for base in bases.split(',').filter(|base| !base.is_empty()) {
            index.bases.push(base.parse().map_err(|why| format!("`{BASE}`: {why}"))?);
        }
        for Object(listed) in document.manifests {
            let digest = listed.digest.clone();
            index.take(listed).map_err(|why| format!("the entry for {digest}: {why}"))?;
        }
        Ok(index)
    }

    fn take(&mut self, listed: Listed) -> Result<(), String> {
        let Listed { media_type, digest, size_bytes, artifact_type, annotations } = listed;
        if media_type.as_str() == LEFT_OUT_TYPE {
            self.left_out = Some(Descriptor::new(media_type, digest, size_bytes));
            return Ok(());
        }
        let annotations = annotations.unwrap_or_default();
        let Some(source) = annotations.get(SOURCE) else { return Ok(()) };
        let targets: Vec<String> = match annotations.get(TARGETS) {
            Some(text) => serde_json::from_str(text).map_err(|why| format!("`{TARGETS}`: {why}"))?,
            None => Vec::new(),
        };
        let name = annotations.get(REF_NAME).and_then(|name| named(name));
        let Some(subject) = annotations.get(SUBJECT) else {
            let (source, targets) = (parsed(SOURCE, source)?, all(&targets)?);
            self.images.push(BundledImage { source, digest, media_type, size_bytes, name, targets });
            return Ok(());
        };
        let subject: Digest = parsed(SUBJECT, subject)?;
        let cosign = name.and_then(|(_, tag)| {
            CosignTag::ALL.into_iter().find(|cosign| cosign.of(&subject).as_ref() == Some(&tag))
        });
        let link = cosign.map_or(Link::Subject, Link::Tag);
        let artifact_type = artifact_type.map(|text| parsed("artifactType", &text)).transpose()?;
        let referrer = Referrer { subject, digest, media_type, artifact_type, link };
        let (source, targets) = (parsed(SOURCE, source)?, all(&targets)?);
        self.referrers.push(BundledReferrer { source, referrer, size_bytes, targets });
        Ok(())
    }
}

impl BundledImage {
    fn listed(&self) -> Listed {
        let mut annotations = said(&self.source, &self.targets);
        if let Some((name, tag)) = &self.name {
            annotations.insert(REF_NAME.to_owned(), full(name.as_ref(), tag));
        }
        Listed {
            media_type: self.media_type.clone(),
            digest: self.digest.clone(),
            size_bytes: self.size_bytes,
            artifact_type: None,
            annotations: Some(annotations),
        }
    }
}

impl BundledReferrer {
    fn listed(&self) -> Listed {
        let Referrer { subject, digest, media_type, artifact_type, link } = &self.referrer;
        let mut annotations = said(&self.source, &self.targets);
        annotations.insert(SUBJECT.to_owned(), subject.to_string());
        if let Link::Tag(cosign) = link
            && let Some(tag) = cosign.of(subject)
        {
            annotations.insert(REF_NAME.to_owned(), full(layout_name(&self.source).as_ref(), &tag));
        }
        Listed {
            media_type: media_type.clone(),
            digest: digest.clone(),
            size_bytes: self.size_bytes,
            artifact_type: artifact_type.as_ref().map(ToString::to_string),
            annotations: Some(annotations),
        }
    }
}

fn said<T: ToString>(source: &impl ToString, targets: &BTreeSet<T>) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::from([(SOURCE.to_owned(), source.to_string())]);
    if !targets.is_empty() {
        let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
        annotations.insert(TARGETS.to_owned(), json(&targets));
    }
    annotations
}

fn full(name: Option<&LayoutName>, tag: &Tag) -> String {
    name.map_or_else(|| tag.to_string(), |name| format!("{}:{tag}", name.as_str()))
}

fn named(text: &str) -> Option<(Option<LayoutName>, Tag)> {
    match text.rsplit_once(':') {
        Some((name, tag)) => Some((Some(name.parse().ok()?), tag.parse().ok()?)),
        None => Some((None, text.parse().ok()?)),
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(key: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|why| format!("`{key}`: {why}"))
}

fn all<T: Ord + std::str::FromStr<Err: std::fmt::Display>>(texts: &[String]) -> Result<BTreeSet<T>, String> {
    texts.iter().map(|text| parsed(TARGETS, text)).collect()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text, numbers and lists always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(seed: &str) -> Digest {
        Digest::of(seed.as_bytes())
    }

    fn image(source: &str, name: Option<&str>, targets: &[&str]) -> BundledImage {
        BundledImage {
            source: source.parse().expect("a reference"),
            digest: digest(source),
            media_type: MediaType::oci_manifest(),
            size_bytes: 7,
            name: name.and_then(named),
            targets: targets.iter().map(|target| target.parse().expect("a reference")).collect(),
        }
    }

    fn referrer(link: Link) -> BundledReferrer {
        let referrer = Referrer {
            subject: digest("image"),
            digest: digest("signature"),
            media_type: MediaType::oci_manifest(),
            artifact_type: Some("application/vnd.example.sig".parse().expect("a type")),
            link,
        };
        let source = "r.test:5000/a".parse().expect("a repository");
        let targets = BTreeSet::from(["harbor.corp/m/a".parse().expect("a repository")]);
        BundledReferrer { source, referrer, size_bytes: 9, targets }
    }

    fn index() -> BundleIndex {
        BundleIndex {
            images: vec![
                image("nginx:1", Some("docker.io/library/nginx:1"), &["harbor.corp/m/nginx:1", "b.corp/n:2"]),
                image("r.test:5000/a:1", Some("r.test:5000/a:1"), &[]),
                image(&format!("r.test/a@{}", digest("x")), None, &["harbor.corp/m/a:x"]),
                image("oci:/tmp/l:bare", Some("bare"), &[]),
            ],
            referrers: vec![referrer(Link::Subject), referrer(Link::Tag(CosignTag::Signature))],
            left_out: Some(Descriptor::new(LEFT_OUT_TYPE.parse().expect("a type"), digest("left"), 3)),
            bases: vec![digest("one"), digest("two")],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(BundleIndex::read(&index().write()), Ok(index()));
        assert_eq!(BundleIndex::read(&BundleIndex::default().write()), Ok(BundleIndex::default()));
    }

    #[test]
    fn a_letter_that_changed_anywhere_is_told_by_the_sum() {
        let written = index().write();
        assert_eq!(BundleIndex::is_as_written(&written), Some(true));
        for at in 0..written.len() {
            let mut other = written.clone();
            other[at] ^= 1;
            assert_ne!(BundleIndex::is_as_written(&other), Some(true), "{at}");
        }
        assert_eq!(BundleIndex::is_as_written(b"{}"), None);
    }

    #[test]
    fn the_form_stays_as_it_is() {
        let text = String::from_utf8(index().write()).expect("text");
        let first = text.lines().nth(1).expect("a line");
        let expected = format!(
            concat!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":7,"#,
                r#""annotations":{{"io.crossdock.bundle.source":"docker.io/library/nginx:1","#,
                r#""io.crossdock.bundle.targets":"[\"b.corp/n:2\",\"harbor.corp/m/nginx:1\"]","#,
                r#""org.opencontainers.image.ref.name":"docker.io/library/nginx:1"}}}},"#
            ),
            digest("nginx:1")
        );
        assert_eq!(first, expected);
        let base = format!(r#""annotations":{{"{BASE}":"{},{}","{SUM}":""#, digest("one"), digest("two"));
        assert!(
            text.starts_with(r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json""#)
        );
        assert!(text.contains(&base), "{text}");
        assert!(text.contains(&format!(
            "r.test:5000/a:{}\"",
            CosignTag::Signature.of(&digest("image")).expect("a tag")
        )));
    }

    #[test]
    fn what_others_listed_is_passed_over_and_what_we_did_not_write_is_refused() {
        let entry = |annotations: &str| {
            let digest = digest("a");
            let text = format!(
                r#"{{"manifests":[{{"mediaType":"a/b","digest":"{digest}","size":1,"annotations":{annotations}}}]}}"#
            );
            BundleIndex::read(text.as_bytes())
        };
        assert_eq!(entry("null"), Ok(BundleIndex::default()));
        assert_eq!(entry(&format!(r#"{{"{REF_NAME}":"a:1"}}"#)), Ok(BundleIndex::default()));
        for wrong in [
            format!(r#"{{"{SOURCE}":"a b"}}"#),
            format!(r#"{{"{SOURCE}":"a:1","{TARGETS}":"b:1"}}"#),
            format!(r#"{{"{SOURCE}":"a:1","{TARGETS}":"[\" \"]"}}"#),
            format!(r#"{{"{SOURCE}":"a","{SUBJECT}":"a"}}"#),
        ] {
            let why = entry(&wrong).expect_err(&wrong);
            assert!(why.contains("io.crossdock.bundle."), "{why}");
        }
        assert!(BundleIndex::read(b"[]").is_err());
    }
}
