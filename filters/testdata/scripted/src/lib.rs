//! A filter for tests that does what its configuration says.

use crossdock_filter::{Decision, Destination, Facts, Filter, Level, Request, log};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// What it does.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// The facts that it asks for.
    needs: Vec<Fact>,
    /// What it decides, by tag.
    decisions: BTreeMap<String, Scripted>,
    /// What it decides about all others.
    default: Scripted,
    /// `decide` fails with this text.
    fail: Option<String>,
    /// `prepare` fails with this text.
    prepare_fail: Option<String>,
    /// What `decide` logs: level and text.
    log: Vec<(Wanted, String)>,
    /// `decide` logs the request that it sees, as JSON.
    echo: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Fact {
    Digest,
    Platforms,
    Annotations,
    Config,
    Now,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Debug,
    Info,
    Warn,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scripted {
    #[default]
    Keep,
    /// With a reason or `null`.
    Drop(Option<String>),
    /// `:tag` or `path:tag`.
    Rename(Vec<String>),
}

struct Script;

impl Filter for Script {
    type Config = Config;

    fn prepare(config: &Config) -> Result<Facts, String> {
        match &config.prepare_fail {
            Some(why) => Err(why.clone()),
            None => Ok(config.needs.iter().fold(Facts::empty(), |all, fact| all | facts(*fact))),
        }
    }

    fn decide(config: &Config, request: &Request) -> Result<Vec<Decision>, String> {
        for (level, text) in &config.log {
            log(
                match level {
                    Wanted::Debug => Level::Debug,
                    Wanted::Info => Level::Info,
                    Wanted::Warn => Level::Warn,
                },
                text,
            );
        }
        if config.echo {
            log(Level::Info, &echo(request).to_string());
        }
        if let Some(why) = &config.fail {
            return Err(why.clone());
        }
        let scripted = |tag: &str| config.decisions.get(tag).unwrap_or(&config.default);
        Ok(request.images.iter().map(|image| decision(scripted(&image.tag))).collect())
    }
}

crossdock_filter::filter!(Script);

fn facts(fact: Fact) -> Facts {
    match fact {
        Fact::Digest => Facts::DIGEST,
        Fact::Platforms => Facts::PLATFORMS,
        Fact::Annotations => Facts::ANNOTATIONS,
        Fact::Config => Facts::CONFIG,
        Fact::Now => Facts::NOW,
    }
}

fn decision(scripted: &Scripted) -> Decision {
    match scripted {
        Scripted::Keep => Decision::Keep,
        Scripted::Drop(reason) => Decision::Drop(reason.clone()),
        Scripted::Rename(names) => Decision::Rename(names.iter().map(|name| destination(name)).collect()),
    }
}

/// The last colon divides, so that anything at all can be a path.
fn destination(name: &str) -> Destination {
    let (path, tag) = name.rsplit_once(':').unwrap_or(("", name));
    Destination { path: (!path.is_empty()).then(|| path.to_owned()), tag: tag.to_owned() }
}

/// The request as JSON. Facts that are absent are `null` or empty.
fn echo(request: &Request) -> serde_json::Value {
    let images: Vec<_> = request
        .images
        .iter()
        .map(|image| {
            let platforms: Vec<_> = image
                .platforms
                .iter()
                .map(|platform| {
                    json!({ "os": platform.os, "architecture": platform.architecture,
                        "variant": platform.variant, "os_version": platform.os_version })
                })
                .collect();
            json!({ "tag": image.tag, "digest": image.digest, "media_type": image.media_type,
                "platforms": platforms, "annotations": image.annotations, "labels": image.labels,
                "created": image.created })
        })
        .collect();
    json!({
        "source": { "registry": request.source.registry, "path": request.source.path },
        "target": { "registry": request.target.registry, "path": request.target.path },
        "images": images, "now": request.now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_filter::Image;

    #[test]
    fn it_does_what_it_is_told() {
        let config = r#"{"decisions": {"a": {"rename": [":b", "x/y:c"]}, "d": {"drop": null}, "e": "keep"},
            "default": {"drop": "unknown"}, "needs": ["digest", "now"]}"#;
        let config: Config = serde_json::from_str(config).expect("a configuration");
        assert_eq!(Script::prepare(&config), Ok(Facts::DIGEST | Facts::NOW));
        let decided = Script::decide(&config, &Request::about(["a", "d", "e", "f"].map(Image::plain)));
        let renamed = [(None, "b"), (Some("x/y"), "c")]
            .map(|(path, tag)| Destination { path: path.map(str::to_owned), tag: tag.to_owned() });
        assert_eq!(
            decided,
            Ok(vec![
                Decision::Rename(renamed.to_vec()),
                Decision::Drop(None),
                Decision::Keep,
                Decision::drop("unknown")
            ])
        );
    }

    #[test]
    fn it_shows_what_it_sees() {
        let shown = echo(&Request::about([Image::plain("a")])).to_string();
        assert!(shown.contains(r#""tag":"a""#) && shown.contains(r#""created":null"#), "{shown}");
    }
}
