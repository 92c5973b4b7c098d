//! Built for a later contract, and calls nothing that only that has. For tests: keeps all.

wit_bindgen::generate!({ path: "../wit", world: "tag-filter" });

use crossdock::filter::types::{Decision, Facts, Plan, Request};

struct KeepAll;

impl exports::crossdock::filter::filter::Guest for KeepAll {
    fn prepare(_config: String) -> Result<Plan, String> {
        Ok(Plan { needs: Facts::empty() })
    }

    fn decide(_config: String, request: Request) -> Result<Vec<Decision>, String> {
        Ok(request.images.iter().map(|_| Decision::Keep).collect())
    }
}

export!(KeepAll);
