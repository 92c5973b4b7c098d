//! my-filter: keeps releases such as `1.2.3` and `v1.2.3`, and drops everything else.

use crossdock_filter::{Decision, Image};
use serde::Deserialize;

/// The `config:` block of the spec.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// Whether release candidates such as `1.2.3-rc.1` are kept, too.
    candidates: bool,
}

crossdock_filter::filter!(|config: Config, image| decide(config, image));

fn decide(config: &Config, image: &Image) -> Decision {
    match is_release(&image.tag, config.candidates) {
        true => Decision::Keep,
        false => Decision::drop("not a release"),
    }
}

fn is_release(tag: &str, candidates: bool) -> bool {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let version = match tag.split_once("-rc.") {
        Some((version, candidate)) if candidates && is_number(candidate) => version,
        _ => tag,
    };
    version.split('.').count() == 3 && version.split('.').all(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_are_a_release() {
        for tag in ["1.2.3", "v1.2.3"] {
            assert!(is_release(tag, false), "{tag}");
        }
        for tag in ["latest", "1.2", "1.2.x", "1.2.3.4", "1.2.3-rc.1"] {
            assert!(!is_release(tag, false), "{tag}");
        }
    }

    #[test]
    fn candidates_are_kept_where_that_is_asked_for() {
        let config = Config { candidates: true };
        let image = Image::plain("1.2.3-rc.1");
        assert_eq!(decide(&config, &image), Decision::Keep);
        let image = Image::plain("1.2.3-rc.x");
        assert_eq!(decide(&config, &image), Decision::drop("not a release"));
    }
}
