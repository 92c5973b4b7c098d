//! Runs docker's credential programs. Never through a shell, never without end, and never shows
//! what they print.

use super::program::{self, OUTPUT_BYTES_MAX, ProgramError, TIME_MAX};
use super::{CredentialKind, Environment, TOKEN_USERNAME};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// The credential programs of one run, each asked once for each registry.
pub(super) struct Helpers {
    environment: Environment,
    time_max: Duration,
    asked: Mutex<BTreeMap<Question, Arc<OnceCell<Said>>>>,
}

/// The name of a program, and the registry that it is asked for.
type Question = (String, String);

/// What a program said about a registry; none is that it knows nothing.
type Said = Result<Option<CredentialKind>, HelperError>;

/// Why a program did not say anything. Holds nothing that it printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HelperError {
    /// The name is not one of a program.
    Name,
    /// There is no such program on the search path.
    Missing,
    /// It could not be started, or spoken to.
    Start(std::io::ErrorKind),
    /// It did not come to an end.
    TimedOut,
    /// It printed more than [`OUTPUT_BYTES_MAX`].
    TooMuch,
    /// It failed, for a reason that is known or is not.
    Failed(Option<i32>, Option<&'static str>),
    /// What it printed is not a credential.
    Malformed,
}

/// What programs print when they have no credential, by docker's own library for them.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// Errors of that library that may be shown, because they are fixed texts.
const KNOWN_ERRORS: [&str; 2] = ["no credentials server URL", "no credentials username"];

/// The answer of a program to `get`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

impl Helpers {
    /// Programs that are found and run in `environment`, each for at most `time_max`.
    pub(super) fn new(environment: Environment, time_max: Duration) -> Self {
        Self { environment, time_max, asked: Mutex::default() }
    }

    /// Asks `docker-credential-NAME` for the credential of `server`. What it says, or that it
    /// failed, holds for the whole run.
    pub(super) async fn ask(&self, name: &str, server: &str) -> Said {
        let cell = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(asked.entry((name.to_owned(), server.to_owned())).or_default())
        };
        cell.get_or_init(|| self.ask_now(name, server)).await.clone()
    }

    async fn ask_now(&self, name: &str, server: &str) -> Said {
        if !is_name(name) {
            return Err(HelperError::Name);
        }
        let program =
            self.environment.program(&format!("docker-credential-{name}")).ok_or(HelperError::Missing)?;
        match program::run(&program, &["get"], server, &self.environment, self.time_max).await {
            Ok((status, output)) => understand(status, &output),
            Err(ProgramError::Start(kind)) => Err(HelperError::Start(kind)),
            Err(ProgramError::TimedOut) => Err(HelperError::TimedOut),
            Err(ProgramError::TooMuch) => Err(HelperError::TooMuch),
        }
    }
}

/// `[A-Za-z0-9._-]+`, so that it stays one file on the search path.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn understand(status: ExitStatus, output: &[u8]) -> Said {
    if !status.success() {
        let text = String::from_utf8_lossy(output);
        if text.contains(NOT_FOUND) {
            return Ok(None);
        }
        let known = KNOWN_ERRORS.into_iter().find(|known| text.contains(known));
        return Err(HelperError::Failed(status.code(), known));
    }
    let Answer { username, secret } = serde_json::from_slice(output).map_err(|_| HelperError::Malformed)?;
    match (username.as_str(), secret.is_empty()) {
        ("", true) => Ok(None),
        ("", false) | (_, true) => Err(HelperError::Malformed),
        (TOKEN_USERNAME, false) => Ok(Some(CredentialKind::IdentityToken(secret.into()))),
        (_, false) => Ok(Some(CredentialKind::Password { username, password: secret.into() })),
    }
}

/// Completes the phrase "docker-credential-NAME …".
impl fmt::Display for HelperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("is not the name of a program: letters, digits, `.`, `_` and `-` only"),
            Self::Missing => f.write_str("is not on the search path"),
            Self::Start(kind) => write!(f, "could not be run: {kind}"),
            Self::TimedOut => write!(f, "did not answer within {} seconds", TIME_MAX.as_secs()),
            Self::TooMuch => write!(f, "printed more than {OUTPUT_BYTES_MAX} bytes"),
            Self::Failed(code, known) => {
                match code {
                    Some(code) => write!(f, "failed with exit code {code}")?,
                    None => f.write_str("was killed")?,
                }
                known.map_or(Ok(()), |known| write!(f, ": {known}"))
            }
            Self::Malformed => f.write_str("printed something that is not a credential"),
        }
    }
}
