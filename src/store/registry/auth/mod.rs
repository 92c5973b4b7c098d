//! STUB, replaced by the real one.
#![allow(missing_docs, clippy::allow_attributes_without_reason)]
use crate::failure::*;
use crate::oci::*;
use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderValue};
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    pub value: HeaderValue,
}
impl Authorization {
    pub fn value(&self) -> &HeaderValue {
        &self.value
    }
}
#[derive(Debug, Clone)]
pub struct Scopes;
impl Scopes {
    pub fn pull(_p: &RepositoryPath) -> Self {
        Scopes
    }
    pub fn push(_p: &RepositoryPath) -> Self {
        Scopes
    }
    pub fn and_pull(self, _p: &RepositoryPath) -> Self {
        self
    }
}
pub enum AfterChallenge {
    Retry,
    Refused,
    Ping,
}
impl AfterChallenge {
    pub fn is_retry(&self) -> bool {
        matches!(self, Self::Retry)
    }
}
#[derive(Debug)]
pub struct Authority;
#[async_trait]
pub trait TokenTransport: Send + Sync {
    async fn send(&self, request: reqwest::Request) -> Fallible<reqwest::Response>;
}
impl Authority {
    pub async fn header(&self, _s: &Scopes) -> Fallible<Option<Authorization>> {
        Ok(None)
    }
    pub async fn challenged(
        &self,
        _h: &HeaderMap,
        _s: &Scopes,
        _sent: Option<&Authorization>,
    ) -> Fallible<AfterChallenge> {
        Ok(AfterChallenge::Ping)
    }
    pub fn describe(&self) -> Option<String> {
        None
    }
}
