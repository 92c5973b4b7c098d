//! Digests that a registry names in an error document. Its words are foreign: what is read here says
//! where to look again, and is never believed for more.

use crate::oci::Digest;

/// Most digests that are taken from one document: more than images have blobs, of those that mean well.
const NAMED_MAX: usize = 1_000;
/// How digests begin.
const ALGORITHMS: [&str; 2] = ["sha256:", "sha512:"];

/// Codes of those that miss what a manifest reaches: its blobs, or its child manifests.
pub(super) const MISSING: [&str; 3] = ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"];
/// What a user can do about a target that goes on missing what it got.
pub(super) const HINT: &str = "let no garbage collection run at the target at the same time, and run again; if it stays so, the \
     target shows content that it has lost, or keeps what it is sent from being seen";

/// Every digest in `body`, each once, in their order: registries put them into `detail` as a text, into
/// a field of it, or only into their message.
pub(super) fn digests(body: &[u8]) -> Vec<Digest> {
    let text = String::from_utf8_lossy(body);
    let mut starts: Vec<usize> =
        ALGORITHMS.iter().flat_map(|name| text.match_indices(name)).map(|(at, _)| at).collect();
    starts.sort_unstable();
    let mut found: Vec<Digest> = Vec::new();
    for start in starts {
        let is_part = |next: char| next.is_ascii_alphanumeric() || next == ':';
        let digest = text[start..].split(|next| !is_part(next)).next().unwrap_or_default();
        if let Ok(digest) = digest.parse()
            && found.len() < NAMED_MAX
            && !found.contains(&digest)
        {
            found.push(digest);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_wherever_a_registry_puts_them() {
        let [one, other] = [Digest::of(b"one"), Digest::of(b"other")];
        for body in [
            format!(r#"{{"errors":[{{"code":"X","detail":"{one}"}},{{"code":"X","detail":"{other}"}}]}}"#),
            format!(r#"{{"errors":[{{"detail":{{"digest":"{one}","more":["{other}"]}}}}]}}"#),
            format!(
                r#"{{"errors":[{{"message":"'[{one}, {other}]' are required, and {one} is not there"}}]}}"#
            ),
            format!("layers {one} and {other}."),
        ] {
            assert_eq!(digests(body.as_bytes()), [one.clone(), other.clone()], "{body}");
        }
    }

    #[test]
    fn what_is_no_digest_is_passed_over_and_there_is_an_end() {
        let short = format!("sha256:{}", "a".repeat(63));
        let long = format!("sha256:{}", "a".repeat(65));
        assert_eq!(digests(format!("sha256: {short} {long} sha256:ZZ \u{fffd}").as_bytes()), []);
        let many: String = (0..NAMED_MAX + 5).map(|n| format!("{} ", Digest::of(&n.to_be_bytes()))).collect();
        assert_eq!(digests(many.as_bytes()).len(), NAMED_MAX);
    }
}
