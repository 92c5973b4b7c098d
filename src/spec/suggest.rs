//! What was probably meant: the nearest word, the key of another place, the word of another tool.

use serde_json::Value;

/// Longest piece of a value that a message repeats, in characters.
const SHOWN_CHARACTERS_MAX: usize = 80;

/// Keys by which other tools call what a key here means.
const OTHER_WORDS: [(&str, &str); 31] = [
    ("auth", "credentials"),
    ("auths", "registries"),
    ("creds", "registries"),
    ("login", "credentials"),
    ("passwd", "password"),
    ("artifacts", "mirrors"),
    ("dest", "target"),
    ("destination", "target"),
    ("destinations", "target"),
    ("dst", "target"),
    ("filter_tags", "tags"),
    ("from", "source"),
    ("image", "source"),
    ("images", "mirrors"),
    ("insecure", "plain_http"),
    ("mappings", "mirrors"),
    ("on_conflict", "on_existing"),
    ("overwrite", "on_existing"),
    ("platform", "platforms"),
    ("rps", "requests_per_second"),
    ("rules", "mirrors"),
    ("semver_range", "semver"),
    ("src", "source"),
    ("sync", "mirrors"),
    ("tag", "tags"),
    ("targets", "target"),
    ("to", "target"),
    ("token", "identity_token"),
    ("url", "wasm"),
    ("user", "username"),
    ("with", "config"),
];

/// Keys that belong below another key, for one that stands a level too high.
const BELONGS_BELOW: [(&[&str], &str); 4] = [
    (&["include", "exclude", "semver", "prerelease", "newest", "per", "always"], "tags"),
    (&["ca_file", "client_cert", "client_key"], "tls"),
    (&["username", "password", "identity_token", "helper", "anonymous"], "credentials"),
    (&["requests_per_second", "concurrent_requests", "quota_reserve"], "limits"),
];

/// The word of `known` that `text` is a slip of, if it is that near to one.
pub(super) fn nearest<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = text.to_ascii_lowercase().replace('-', "_");
    let slips = |word: &str| strsim::osa_distance(&lower, word);
    let nearest = known.iter().min_by_key(|word| slips(word))?;
    let longest = lower.chars().count().max(nearest.len());
    (slips(nearest) <= (longest / 3).max(1) && longest > 1).then_some(*nearest)
}

/// The name of `known` that `text` is a slip of, if it is that near to one. For names with hyphens.
pub fn nearest_name<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain: Vec<String> = known.iter().map(|name| name.replace('-', "_")).collect();
    let near = nearest(text, &plain.iter().map(String::as_str).collect::<Vec<_>>())?.to_owned();
    known.iter().zip(plain).find_map(|(name, plain)| (plain == near).then_some(*name))
}

/// What to do about an unknown key.
pub(super) struct Advice {
    pub help: String,
    /// The key that was meant, if that is clear.
    pub meant: Option<&'static str>,
}

/// What to do about an unknown key.
pub(super) fn for_key(key: &str, known: &[&'static str]) -> Advice {
    let lower = key.to_ascii_lowercase().replace('-', "_");
    if let Some((_, word)) = OTHER_WORDS.iter().find(|(other, word)| *other == lower && known.contains(word))
    {
        return Advice::meant(word);
    }
    let below =
        BELONGS_BELOW.iter().find(|(keys, parent)| keys.contains(&lower.as_str()) && known.contains(parent));
    if let Some((_, parent)) = below {
        let help = format!("it belongs below `{parent}`: `{parent}: {{ {lower}: … }}`");
        return Advice { help, meant: None };
    }
    match nearest(key, known) {
        Some(near) => Advice::meant(near),
        None => Advice { help: format!("the keys are `{}`", known.join("`, `")), meant: None },
    }
}

impl Advice {
    fn meant(key: &'static str) -> Self {
        Self { help: format!("did you mean `{key}`?"), meant: Some(key) }
    }
}

/// Cut to a length that fits a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// An example from a schema, on one line as YAML.
pub(super) fn as_yaml(example: &Value) -> String {
    match example {
        Value::String(text) if text.contains(['$', '[', '{', '*']) => format!("\"{text}\""),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(as_yaml).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}: {}", as_yaml(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_words_of_other_tools_are_understood() {
        let keys = ["name", "source", "target", "tags", "on_existing", "platforms"];
        for (written, meant) in
            [("sorce", "source"), ("dst", "target"), ("Tag", "tags"), ("on-existing", "on_existing")]
        {
            assert_eq!(for_key(written, &keys).meant, Some(meant));
        }
        assert_eq!(for_key("newest", &keys).help, "it belongs below `tags`: `tags: { newest: … }`");
        assert!(for_key("colour", &keys).help.starts_with("the keys are"));
        assert_eq!(nearest("x", &["a"]), None);
    }
}
