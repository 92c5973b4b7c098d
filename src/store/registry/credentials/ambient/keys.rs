//! Keys of an account that stand in the environment, by the names that each cloud gave them.

use super::bureau::Bureau;
use super::signing::Keys;
use crate::failure::Fallible;

/// The variables that hold the public half, the secret half, and what goes with keys that end.
pub(super) struct Variables {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
    pub(super) session: &'static str,
}

impl Variables {
    /// The keys; none where there is nothing of them. Half of a pair is an error: who sets it means to be
    /// somebody.
    pub(super) fn keys(&self, bureau: &Bureau) -> Fallible<Option<Keys>> {
        let Self { id, secret, session } = self;
        let environment = &bureau.environment;
        match (environment.text(id), environment.secret(secret)) {
            (Some(id), Some(secret)) => {
                let session = environment.secret(session);
                Ok(Some(Keys { id: id.trim().to_owned(), secret, session }))
            }
            (None, None) => Ok(None),
            _ => {
                let message = format!("only one of {id} and {secret} is set");
                Err(bureau.failure(message).hint("set both, or none"))
            }
        }
    }
}
