//! Making an organisation of Huawei Cloud's SWR: repositories in it come by themselves.

use super::{Maker, Place};
use crate::access::Creation;
use crate::failure::{Code, Fallible};
use crate::store::registry::credentials::ambient::Service;
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

pub(super) struct Swr<'a> {
    place: &'a Place<'a>,
    service: &'a dyn Service,
}

#[derive(Deserialize)]
struct Answer {
    namespaces: Vec<Organisation>,
}

#[derive(Deserialize)]
struct Organisation {
    name: String,
}

impl<'a> Swr<'a> {
    pub(super) fn of(place: &'a Place<'a>) -> Fallible<Self> {
        Ok(Self { place, service: place.service("swr")? })
    }
}

#[async_trait]
impl Maker for Swr<'_> {
    /// SWR API reference, "Querying Organizations": of those that the keys may see.
    async fn is_there(&self) -> Fallible<bool> {
        let name = self.place.name;
        // The grammar of repositories leaves nothing to encode.
        let method = format!("GET /v2/manage/namespaces?namespace={name}");
        let body = self.service.call(&method, "", "say whether the organisation is there").await?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| {
            self.place.failure(Code::Protocol, "the list of organisations is not what it should be")
        })?;
        // The name that is asked for may be a part of other names too.
        Ok(answer.namespaces.iter().any(|one| one.name == name))
    }

    /// SWR API reference, "Creating an Organization".
    async fn make(&self, _: &Creation) -> Fallible<()> {
        let body = json!({ "namespace": self.place.name }).to_string();
        let made = self.service.call("POST /v2/manage/namespaces", &body, "make the organisation").await;
        made.map(drop).map_err(|failure| match failure.http.as_ref().and_then(|http| http.status) {
            Some(409) => failure.hint("an organisation of another account is called so: choose another name"),
            Some(403) => failure.hint("the keys need the right to create organisations; or create it first"),
            _ => failure,
        })
    }
}
