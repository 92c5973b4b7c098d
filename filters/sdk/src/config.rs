//! The `config:` block of a filter, which arrives as JSON text in every call.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The configuration of a filter that has none: anything but an empty block is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

/// Reads `text`, or says what is wrong with it and under which key.
pub(crate) fn read<C: DeserializeOwned>(text: &str) -> Result<C, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|wrong| {
        let path = wrong.path().to_string();
        let why = wrong.into_inner().to_string();
        // Where it is in the JSON says nothing to somebody who wrote YAML.
        let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
        if path == "." { format!("config: {why}") } else { format!("config.{path}: {why}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Config {
        minors: u32,
        #[serde(default)]
        names: Vec<String>,
    }

    fn told(text: &str) -> String {
        read::<Config>(text).map(|_| ()).expect_err("wrong")
    }

    #[test]
    fn what_is_wrong_names_its_key() {
        assert_eq!(told(r#"{"minors": "two"}"#), "config.minors: invalid type: string \"two\", expected u32");
        assert_eq!(
            told(r#"{"minors": 2, "names": ["a", 1]}"#),
            "config.names[1]: invalid type: integer `1`, expected a string"
        );
        assert_eq!(told("{}"), "config: missing field `minors`");
        assert_eq!(told("[]"), "config: invalid length 0, expected struct Config with 2 elements");
        assert_eq!(
            told(r#"{"minor": 2}"#),
            "config.minor: unknown field `minor`, expected `minors` or `names`"
        );
    }

    #[test]
    fn no_config_is_an_empty_block_and_nothing_else() {
        assert_eq!(read::<NoConfig>("{}"), Ok(NoConfig {}));
        let told = read::<NoConfig>(r#"{"a": 1}"#).expect_err("unknown");
        assert_eq!(told, "config.a: unknown field `a`, there are no fields");
    }
}
