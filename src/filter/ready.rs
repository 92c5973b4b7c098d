//! A component with its configuration, ready to decide.

use super::bindings::crossdock::filter::types::{self, Facts};
use super::call::{Called, call};
use super::checked::checked;
use super::cut::cut;
use super::error::{Fault, Wrong};
use super::limits::{Budget, ERROR_BYTES_MAX, Limits};
use super::{Component, Decided, FilterError, Image, Line, Measured, Named, Needs, Request, blame, thread};
use crate::oci::Digest;
use std::sync::Arc;

/// A component with its configuration, ready to decide.
#[derive(Clone)]
pub struct Filter {
    component: Component,
    config: Arc<str>,
    limits: Limits,
    needs: Needs,
    prepared: Arc<(Measured, Vec<Line>)>,
}

/// What a call about some images came to.
pub(super) enum Attempt {
    Decided(Decided),
    /// It failed; for the image at this index, if that is known.
    Failed(Wrong, Option<usize>, Vec<Line>),
}

impl Filter {
    /// Lets the component check its configuration and say what it needs. Blocks; makes a thread of
    /// its own.
    ///
    /// # Errors
    /// It refuses the configuration, or went wrong.
    pub fn new(
        component: &Component,
        config: &serde_json::Value,
        limits: Limits,
    ) -> Result<Self, Box<FilterError>> {
        let wrong = |wrong: Wrong| wrong.of(component.name(), Vec::new());
        let config = if config.is_null() { "{}".to_owned() } else { config.to_string() };
        let budget = Budget::to_prepare(limits);
        let Called { answer, log, used } = thread::run("running a filter", || {
            call(component.linked(), &budget, |filter, store| {
                filter.crossdock_filter_filter().call_prepare(store, &config)
            })
        })
        .map_err(wrong)?;
        let plan = answer.and_then(|said| {
            said.map_err(|text| {
                let text = cut(text, ERROR_BYTES_MAX);
                Wrong::new(Fault::Config, format!("it refuses its configuration: {text}"))
                    .hint("correct the `config` of the filter in the spec")
            })
        });
        match plan {
            Ok(plan) => Ok(Self {
                component: component.clone(),
                config: config.into(),
                limits,
                needs: needs(plan.needs),
                prepared: Arc::new((used, log)),
            }),
            Err(wrong) => Err(wrong.of(component.name(), log)),
        }
    }

    /// What it is called in the spec, or its file.
    pub fn name(&self) -> &str {
        self.component.name()
    }

    /// The SHA-256 of its bytes.
    pub fn digest(&self) -> &Digest {
        &self.component.inspection().digest
    }

    /// The facts that it asks for.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// What preparing used, and what it logged.
    pub fn prepared(&self) -> (Measured, &[Line]) {
        (self.prepared.0, &self.prepared.1)
    }

    /// Decides every image of the request, on a fresh instance. Facts that it does not need are not
    /// shown to it. Blocks; makes a thread of its own.
    ///
    /// # Errors
    /// It failed, ran out of a limit, or answered what cannot be: then nothing of the request is to
    /// be mirrored. The first image that makes it fail is named where one is to blame; to find it,
    /// the filter is called again with fewer images.
    pub fn decide(&self, request: &Request) -> Result<Decided, Box<FilterError>> {
        let decided = thread::run("running a filter", || match self.attempt(request, &request.images) {
            Attempt::Decided(decided) => Ok(decided),
            Attempt::Failed(wrong, index, log) => {
                let attempt = |images: &[Image]| self.attempt(request, images);
                Err(blame::blame(self.name(), request, blame::Failed { wrong, index, log }, attempt))
            }
        });
        decided.map_err(|wrong| wrong.of(self.name(), Vec::new()))?
    }

    /// Calls it once about `images`, which are some of the request.
    fn attempt(&self, request: &Request, images: &[Image]) -> Attempt {
        let budget = Budget::to_decide(self.limits, images.len());
        let asked = types::Request {
            source: repository(&request.source),
            target: repository(&request.target),
            images: images.iter().map(|image| shown(image, self.needs)).collect(),
            now: request.now.filter(|_| self.needs.now),
        };
        let Called { answer, log, used } = call(self.component.linked(), &budget, |filter, store| {
            filter.crossdock_filter_filter().call_decide(store, &self.config, &asked)
        });
        let said = answer.and_then(|said| {
            said.map_err(|text| {
                let text = cut(text, ERROR_BYTES_MAX);
                Wrong::new(Fault::Refused, format!("it says that it cannot decide: {text}"))
            })
        });
        match said.map(|decisions| checked(decisions, images.len(), &request.target)) {
            Ok(Ok(decisions)) => Attempt::Decided(Decided { decisions, log, used }),
            Ok(Err((wrong, index))) => Attempt::Failed(wrong, index, log),
            Err(wrong) => Attempt::Failed(wrong, None, log),
        }
    }
}

fn needs(facts: Facts) -> Needs {
    Needs {
        digest: facts.contains(Facts::DIGEST),
        platforms: facts.contains(Facts::PLATFORMS),
        annotations: facts.contains(Facts::ANNOTATIONS),
        config: facts.contains(Facts::CONFIG),
        now: facts.contains(Facts::NOW),
    }
}

fn repository(named: &Named) -> types::Repository {
    types::Repository { registry: named.registry.clone(), path: named.path.clone() }
}

/// An image with the facts that are needed, and no others.
fn shown(image: &Image, needs: Needs) -> types::Image {
    let digest = image.digest.as_ref().filter(|_| needs.digest);
    let media_type = image.media_type.as_ref().filter(|_| needs.digest);
    let pairs = |map: &std::collections::BTreeMap<String, String>, needed| match needed {
        true => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        false => Vec::new(),
    };
    types::Image {
        tag: image.tag.as_str().to_owned(),
        digest: digest.map(|digest| digest.as_str().to_owned()),
        media_type: media_type.map(|media_type| media_type.as_str().to_owned()),
        platforms: image.platforms.iter().filter(|_| needs.platforms).map(platform).collect(),
        annotations: pairs(&image.annotations, needs.annotations),
        labels: pairs(&image.labels, needs.config),
        created: image.created.filter(|_| needs.config),
    }
}

fn platform(platform: &crate::oci::Platform) -> types::Platform {
    types::Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
        os_version: platform.os_version.clone(),
    }
}
