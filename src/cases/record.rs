//! A case from what a filter was asked in earnest.

use super::layout::{Open, laid_out};
use super::shape::{self, PlatformParts};
use super::{bless, expect, times};
use crate::filter::{Decision, FilterError, Image, Named, Needs, Request};
use crate::oci::Platform;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The text of a case file with this request and this answer: one that passes. Facts that the filter
/// does not need are not in it.
pub fn recorded(
    config: &Value,
    needs: Needs,
    request: &Request,
    answer: &Result<Vec<Decision>, Box<FilterError>>,
) -> String {
    let repository =
        |named: &Named| shape::Repository { registry: named.registry.clone(), path: named.path.clone() };
    let (expect, expect_error) = match answer {
        Ok(decisions) => (Some(decided(request, decisions)), None),
        Err(error) => (None, Some(bless::part_of(error))),
    };
    let case = shape::Case {
        schema: None,
        name: None,
        config: Some(config.clone()),
        request: shape::Request {
            source: repository(&request.source),
            target: repository(&request.target),
            now: request.now.map(times::written),
            images: request.images.iter().map(|found| image(found, needs)).collect(),
        },
        expect,
        expect_error,
    };
    let value = serde_json::to_value(case).expect("text, numbers and lists always serialise");
    laid_out(&value, Open::Always, 0, 0) + "\n"
}

fn decided(request: &Request, decisions: &[Decision]) -> Value {
    let decided = request.images.iter().zip(decisions);
    let decided =
        decided.map(|(found, decision)| (found.tag.to_string(), expect::written(decision, &request.target)));
    Value::Object(decided.collect::<Map<_, _>>())
}

fn image(image: &Image, needs: Needs) -> shape::Image {
    let Image { tag, digest, media_type, platforms, annotations, labels, created } = image;
    let texts = |texts: &BTreeMap<String, String>, is_needed: bool| is_needed.then(|| texts.clone());
    if needs == (Needs { now: needs.now, ..Needs::default() }) {
        return shape::Image::Tag(tag.to_string());
    }
    shape::Image::Told(Box::new(shape::Told {
        tag: tag.to_string(),
        digest: digest.as_ref().map(ToString::to_string),
        media_type: media_type.as_ref().map(ToString::to_string),
        platforms: needs.platforms.then(|| platforms.iter().map(platform).collect()),
        annotations: texts(annotations, needs.annotations),
        labels: texts(labels, needs.config),
        created: created.map(times::written),
    }))
}

/// As text where that says the same.
fn platform(platform: &Platform) -> shape::Platform {
    let text = platform.to_string();
    if text.parse::<Platform>().is_ok_and(|same| same == *platform) {
        return shape::Platform::Text(text);
    }
    let Platform { os, architecture, variant, os_version } = platform.clone();
    shape::Platform::Parts(PlatformParts { os, architecture, variant, os_version })
}
