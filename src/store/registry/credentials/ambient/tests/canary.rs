//! A secret in every slot, and nothing of it in anything that is written; all of it told to whoever
//! hides secrets.

use super::{Said, Surroundings, password};
use crate::access::{IdToken, Identity};
use crate::store::registry::tests::overheard::{assert_untouched, overhear};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const CANARY: &str = "CANARY";

/// A registry, the variables that lead to an identity for it, and what the spec asks for.
type Way = (&'static str, Vec<(&'static str, &'static str)>, Identity);

/// Every exchange.
fn ways() -> Vec<Way> {
    let token = || IdToken { audience: None, token: Some(CANARY.into()) };
    let ecr = |token| Identity::Ecr { role: Some("arn:aws:iam::1:role/r".to_owned()), token };
    let gar = Identity::Gar {
        provider: Some("projects/1/workloadIdentityPools/p/providers/q".to_owned()),
        service_account: Some("a@b.test".to_owned()),
        token: token(),
    };
    let acr = |token| Identity::Acr { tenant: None, client: None, token };
    let azure = vec![("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")];
    let secret = [azure.clone(), vec![("AZURE_CLIENT_SECRET", CANARY)]].concat();
    let github = vec![
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://vstoken.test/?k=CANARY"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", CANARY),
    ];
    let keys =
        vec![("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", CANARY), ("AWS_SESSION_TOKEN", CANARY)];
    let machine = vec![("IDENTITY_ENDPOINT", "http://127.0.0.1:1/"), ("IDENTITY_HEADER", CANARY)];
    let aliyun = vec![
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", CANARY),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", CANARY),
    ];
    vec![
        (super::amazon::HOST, keys, Identity::Ecr { role: None, token: IdToken::default() }),
        (super::amazon::HOST, vec![], ecr(token())),
        (super::amazon::HOST, github, ecr(IdToken::default())),
        (super::google::HOST, vec![], gar),
        (super::azure::HOST, azure, acr(token())),
        (super::azure::HOST, secret, acr(IdToken::default())),
        (super::azure::HOST, machine, acr(IdToken::default())),
        (super::aliyun::HOST, aliyun, Identity::Aliyun),
    ]
}

/// An answer that gives secrets to everybody.
fn generous(number: usize) -> Said {
    let packed = STANDARD.encode(format!("AWS:{CANARY}-{number}"));
    let json = format!(
        r#"{{"access_token":"{CANARY}-{number}","refresh_token":"{CANARY}-{number}","value":"{CANARY}-{number}",
            "accessToken":"{CANARY}-{number}","expireTime":"2015-08-30T13:36:00Z",
            "Instances":[{{"InstanceId":"i","InstanceName":"acme"}}],"TempUsername":"cr_temp_user",
            "AuthorizationToken":"{CANARY}-{number}","expires_in":3600,"authorizationData":[{{"authorizationToken":"{packed}"}}]}}"#
    );
    Said::ok(json)
}

fn keys(number: usize) -> Said {
    Said::ok(format!(
        "<AccessKeyId>id</AccessKeyId><SecretAccessKey>{CANARY}-{number}</SecretAccessKey>\
         <SessionToken>{CANARY}-s-{number}</SessionToken>"
    ))
}

#[tokio::test]
async fn no_secret_is_ever_written_and_every_secret_is_told() {
    let mut written = String::new();
    let logged = overhear(async || {
        for (registry, variables, identity) in ways() {
            exercise(registry, &variables, &identity, &mut written).await;
        }
    })
    .await;
    assert!(logged.contains("password of ECR received"), "nothing was logged: {logged}");
    for (what, text) in [("the log", &logged), ("what is shown", &written)] {
        assert_untouched(what, text, &[CANARY, "Q0FOQVJZ", "QVdTOkNBTkFSWS"]);
    }
}

async fn exercise(registry: &str, variables: &[(&str, &str)], identity: &Identity, written: &mut String) {
    let mut note = |what: &dyn std::fmt::Debug| written.push_str(&format!("{what:?} {what:#?}\n"));
    let good =
        Surroundings::new(|sent, number| match sent.place.contains("sts.") && sent.place.contains("aws") {
            true => keys(number),
            false => generous(number),
        });
    let credential = good.chosen(variables, registry, identity.clone()).await.expect("found");
    let made = password(&credential).await.expect("a password");
    let made = made.rsplit(": ").next().expect("a password").to_owned();
    assert!(made.starts_with(CANARY), "the canary would be seen");
    assert!(good.told().contains(&made), "{made} was not told");
    note(&credential);
    note(&credential.to_string());
    note(identity);
    for status in [200, 302, 400, 401, 403, 500] {
        let echo = format!(r#"{{"error":"{CANARY}","__type":"{CANARY}","error_codes":["{CANARY}"]}}"#);
        let bad = Surroundings::new(move |_, _| {
            Said::Answer(status, vec![("x-amzn-errortype", CANARY.into())], echo.clone())
        });
        let credential = bad.chosen(variables, registry, identity.clone()).await.expect("found");
        let failure = password(&credential).await.expect_err("refused");
        note(&failure);
        note(&failure.to_string());
    }
}
