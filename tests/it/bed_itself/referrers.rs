//! What speaks about images: how it is listed, and what is noticed when it is written in a wrong order.

use crate::bed::images::artifacts::{cosign_signature, cosign_tag, fallback_index, notation, referrers_tag};
use crate::bed::images::{Format, Image, Manifest, Whole, one_platform, two_platforms};
use crate::bed::memory::{DigestTags, Options, Referrers, Registry};
use crate::bed::wire::{Ask, Reply};

const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

fn get(registry: &Registry, target: &str) -> Reply {
    Ask::new("GET", target).header("accept", ACCEPT).send(&registry.host()).expect("an answer")
}

fn put(registry: &Registry, manifest: &Manifest, at: &str) -> u16 {
    let ask = Ask::new("PUT", &format!("/v2/app/manifests/{at}"));
    let ask = ask.header("content-type", &manifest.media_type).body(manifest.bytes.to_vec());
    ask.send(&registry.host()).expect("an answer").status
}

/// A registry that has `image` without a tag, and the blobs of `artifact`.
fn begun(image: &Image, artifact: &Image) -> Registry {
    let registry = Registry::start();
    registry.seed(image, "app", &[]);
    registry.seed(&Image { manifests: Vec::new(), blobs: artifact.blobs.clone() }, "app", &[]);
    registry
}

#[test]
fn referrers_come_in_pages_that_lead_to_each_other() {
    let whole = Whole::signed(one_platform(1, Format::Oci));
    let registry = Options::new().referrers(Referrers::Filtered).referrers_page(2).start();
    whole.seed(&registry, "app", &["1"], Referrers::Filtered);
    let (mut next, mut sizes) = (format!("/v2/app/referrers/{}", whole.image.digest()), Vec::new());
    loop {
        let reply = get(&registry, &next);
        sizes.push(reply.json()["manifests"].as_array().map_or(0, Vec::len));
        let Some(link) = reply.header("link") else { break };
        link.split(['<', '>']).nth(1).expect("an address").clone_into(&mut next);
    }
    assert_eq!(sizes, [2, 2], "a signature of the bill of materials is none of the image");
}

#[test]
fn a_tag_made_of_a_digest_is_the_image_itself_where_it_resolves_so() {
    let image = two_platforms(1, Format::Oci);
    let artifact = notation(image.root(), 1);
    let index = fallback_index(&[&artifact]);
    let tag = referrers_tag(&image.digest());
    for (digest_tags, found) in
        [(DigestTags::Written, index.digest()), (DigestTags::Manifest, image.digest())]
    {
        let registry = Options::new().digest_tags(digest_tags).start();
        registry.seed(&image, "app", &["1"]);
        registry.seed(&artifact, "app", &[]);
        registry.seed(&index, "app", &[&tag]);
        let reply = get(&registry, &format!("/v2/app/manifests/{tag}"));
        assert_eq!(reply.header("docker-content-digest"), Some(found.as_str()), "{digest_tags:?}");
    }
}

#[test]
fn a_tag_of_referrers_that_nobody_looked_at_is_not_written_unnoticed() {
    let image = one_platform(1, Format::Oci);
    let signature = cosign_signature(image.root(), &[1]);
    let registry = begun(&image, &signature);
    let tag = cosign_tag(&image.digest(), "sig");
    assert_eq!(put(&registry, signature.root(), &tag), 201);
    assert_eq!(registry.take_violations().len(), 1);
    get(&registry, &format!("/v2/app/manifests/{tag}"));
    assert_eq!(put(&registry, signature.root(), &tag), 201);
    assert_eq!(registry.take_violations(), [""; 0]);
    assert_eq!(put(&registry, signature.root(), &tag), 201);
    assert_eq!(registry.take_violations().len(), 1, "what was written since has to be looked at again");
}

#[test]
fn a_referrer_that_comes_after_the_tag_of_its_image_is_noticed_and_in_another_run_it_is_not() {
    let image = two_platforms(1, Format::Oci);
    let of_child = notation(&image.children()[0], 1);
    let again = notation(of_child.root(), 2);
    for artifact in [&of_child, &again] {
        let registry = begun(&image, artifact);
        if artifact.digest() == again.digest() {
            registry.seed(&of_child, "app", &[]);
        }
        assert_eq!(put(&registry, image.root(), "1"), 201);
        assert_eq!(put(&registry, artifact.root(), &artifact.digest()), 201);
        assert_eq!(registry.take_violations().len(), 1);
        assert_eq!(put(&registry, artifact.root(), &artifact.digest()), 201);
        assert_eq!(registry.take_violations(), [""; 0], "it was there already");
    }
    let registry = begun(&image, &of_child);
    assert_eq!(put(&registry, image.root(), "1"), 201);
    registry.clear_requests();
    assert_eq!(put(&registry, of_child.root(), &of_child.digest()), 201);
    registry.assert_clean();
}
