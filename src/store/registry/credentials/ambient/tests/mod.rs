//! Identities in surroundings that are made up: who is asked for what, and what comes of it.

mod aliyun;
mod amazon;
mod azure;
mod canary;
mod finding;
mod forges;
mod google;
mod huawei;
mod id_tokens;
mod renewal;
mod surroundings;
mod tencent;

pub(in crate::store::registry) use surroundings::Surroundings;

use surroundings::{Said, Sent, outcome, password, told};
