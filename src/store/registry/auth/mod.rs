//! STUB, replaced by the real one.
#![allow(missing_docs, dead_code, clippy::allow_attributes_without_reason)]
use crate::failure::*;
use crate::oci::*;
use super::settings::Settings;
use super::credentials::Credential;
use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderValue};
use std::sync::Arc;
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization { pub value: HeaderValue }
impl Authorization { pub fn value(&self) -> HeaderValue { self.value.clone() } }
#[derive(Debug, Clone)]
pub struct Scopes;
pub enum Actions { Pull, PullPush }
impl Scopes { pub fn new(_p: RepositoryPath, _a: Actions) -> Self { Scopes } pub fn and_pull(self, _p: &RepositoryPath) -> Self { self } }
pub enum AfterChallenge { Retry(Authorization), Ping }
pub struct Authority;
pub type Clock = Arc<dyn Fn() -> std::time::Instant + Send + Sync>;
pub struct Origin(url::Url);
impl Origin { pub fn of(r: &Registry, s: &Settings) -> Fallible<Self> { let scheme = if s.plain_http { "http" } else { "https" }; Ok(Self(url::Url::parse(&format!("{scheme}://{r}/")).expect("x"))) } pub fn url(&self) -> &url::Url { &self.0 } pub fn owns(&self, u: &url::Url) -> bool { self.0.origin() == u.origin() } }
#[async_trait]
pub trait TokenTransport: Send + Sync { async fn send(&self, request: reqwest::Request) -> Fallible<reqwest::Response>; }
impl Authority {
    pub fn new(_o: Origin, _r: Registry, _c: Option<Credential>, _t: Arc<dyn TokenTransport>, _k: Clock) -> Self { Self }
    pub async fn header(&self, _s: &Scopes) -> Fallible<Option<Authorization>> { Ok(None) }
    pub async fn challenged(&self, _h: &HeaderMap, _s: &Scopes, _sent: Option<&Authorization>) -> Fallible<AfterChallenge> { Ok(AfterChallenge::Ping) }
    pub async fn pinged(&self, _h: &HeaderMap, _s: &Scopes) -> Fallible<Authorization> { Err(Failure::new(Code::Unauthenticated, "x", Operation::Ping, "stub")) }
    pub fn describe(&self) -> Option<String> { None }
    pub fn credential(&self) -> Option<&Credential> { None }
}
