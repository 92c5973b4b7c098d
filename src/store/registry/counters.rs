//! What was asked of one registry, counted where requests are sent. Never counts what was saved.

use super::pause::date;
use crate::failure::Operation;
use crate::oci::Registry;
use reqwest::header::{HeaderMap, WARNING};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// The counters of one registry under one credential.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<Counts>, Mutex<BTreeSet<String>>);

/// How often a registry was spoken to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests sent, retries included.
    pub by_operation: BTreeMap<Operation, u64>,
    /// Requests that were sent again.
    pub retries: u64,
    /// Answers that asked us to slow down.
    pub throttled: u64,
    /// What the registry last said of its quota.
    pub rate_limit: Option<RateLimit>,
    /// How far its clock was ahead of ours when it last told the time, in seconds.
    pub clock_ahead_seconds: Option<i64>,
}

/// The quota that a registry spoke of, in its own words: `100;w=21600`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// `ratelimit-limit`.
    pub limit: Option<String>,
    /// `ratelimit-remaining`.
    pub remaining: Option<String>,
    /// How much of it is left for others.
    pub reserve: u64,
}

/// Longest text that is kept of a quota header, in characters.
const QUOTA_TEXT_MAX: usize = 64;

/// Longest warning that is passed on, in characters.
const WARNING_CHARS_MAX: usize = 300;
/// Most different warnings of one registry that are passed on.
const WARNINGS_MAX: usize = 20;

impl Counts {
    /// Adds requests that were made for the same registry.
    pub(super) fn add(&mut self, others: &Self) {
        for (operation, count) in &others.by_operation {
            *self.by_operation.entry(*operation).or_default() += count;
        }
        self.retries += others.retries;
        self.throttled += others.throttled;
    }
}

impl Counters {
    pub(super) fn sent(&self, operation: Operation) {
        self.with(|counts| *counts.by_operation.entry(operation).or_default() += 1);
    }

    pub(super) fn retried(&self) {
        self.with(|counts| counts.retries += 1);
    }

    pub(super) fn throttled(&self) {
        self.with(|counts| counts.throttled += 1);
    }

    /// Takes note of the time that the registry tells, while our clock shows `wall`.
    pub(super) fn told_the_time(&self, headers: &HeaderMap, wall: SystemTime) {
        let Some(theirs) = date(headers) else { return };
        let seconds = |since: Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let ahead = match theirs.duration_since(wall) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        };
        self.with(|counts| counts.clock_ahead_seconds = Some(ahead));
    }

    /// Takes note of the quota headers that Docker Hub and others send; `reserve` is left for others.
    pub(super) fn answered(&self, headers: &HeaderMap, reserve: u64) {
        let text = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?;
            Some(value.chars().filter(char::is_ascii_graphic).take(QUOTA_TEXT_MAX).collect())
        };
        let (limit, remaining) = (text("ratelimit-limit"), text("ratelimit-remaining"));
        let rate_limit = RateLimit { limit, remaining, reserve };
        if rate_limit.limit.is_some() || rate_limit.remaining.is_some() {
            self.with(|counts| counts.rate_limit = Some(rate_limit));
        }
    }

    /// Passes a registry's warnings on, each once (distribution-spec, "Warnings").
    pub(super) fn warned(&self, registry: &Registry, headers: &HeaderMap) {
        let warnings = headers.get_all(WARNING).iter().filter_map(|value| value.to_str().ok());
        for text in warnings.filter_map(|value| value.strip_prefix("299 ")) {
            let text: String = text.chars().filter(|c| !c.is_control()).take(WARNING_CHARS_MAX).collect();
            let mut told = self.1.lock().unwrap_or_else(PoisonError::into_inner);
            if told.len() < WARNINGS_MAX && told.insert(text.clone()) {
                tracing::warn!(%registry, text, "the registry warns");
            }
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.with(|counts| counts.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Counts) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
