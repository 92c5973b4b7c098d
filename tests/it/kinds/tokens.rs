//! Tokens: identity tokens at servers that take no POST, and passwords at those that know no tokens.

use super::{Auth, Format, Stage, bob, one_platform, table};
use crate::bed::memory::{Login, Options, RequestKind, TokenServer};

const IDENTITY: &str = "canary-identity";

#[test]
fn an_identity_token_is_shown_in_the_way_that_the_server_takes() {
    insta::assert_snapshot!(table(|personality| {
        let options = Options::like(personality);
        if personality.login() == Login::Basic {
            return "takes passwords only".to_owned();
        }
        let server = TokenServer::new(bob()).identity_token("bob", IDENTITY);
        let stage = Stage::with(personality, options.auth(Auth::Bearer(server)));
        let stage = stage.pulling("mirror/app", "copy", "['1.0', '1.1']");
        stage.kind.seed(&one_platform(1, Format::Oci), "mirror/app", &["1.0", "1.1"]);
        let run = stage.sync_as(&format!("credentials: {{ identity_token: {IDENTITY} }}"));
        run.expect("exit 0: created 2");
        let asked = stage.kind.requests().of(RequestKind::Token);
        let asked: Vec<String> =
            asked.iter().map(|one| format!("{} {}", one.method, one.status.unwrap_or(0))).collect();
        asked.join(", ")
    }));
}
