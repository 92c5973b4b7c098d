//! A password that is made when it is needed, and made anew before it ends. Never shows it.

use crate::failure::Fallible;
use crate::store::registry::renewed::{Clock, Fresh, Held, Renewed};
use async_trait::async_trait;
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A password that comes to an end, of a user who stays the same.
#[derive(Clone)]
pub struct Minted(Arc<Mint>);

struct Mint {
    username: String,
    issuer: Arc<dyn Issuer>,
    held: Renewed<(), SecretString>,
}

/// Makes passwords.
#[async_trait]
pub(super) trait Issuer: Send + Sync {
    /// A new password; each call goes all the way.
    async fn issue(&self) -> Fallible<Fresh<SecretString>>;

    /// Whose passwords they are, where that is told with the first one.
    fn username(&self) -> Option<&str> {
        None
    }

    /// The service behind it, where it can be asked for more than passwords by the same keys.
    fn service(&self) -> Option<&dyn Service> {
        None
    }
}

/// A service of a cloud that manages registries, asked by the keys that passwords are made with.
#[async_trait]
pub trait Service: Send + Sync {
    /// The body of the answer to a method that succeeded; `doing` completes the phrase "did not …".
    ///
    /// # Errors
    /// The service does not answer, or refuses.
    async fn call(&self, method: &str, body: &str, doing: &str) -> Fallible<Vec<u8>>;
}

/// A password that is refused sooner than this after it was made is refused for another reason than
/// its age: the next would be too.
const STALE_AGE_MIN: Duration = Duration::from_secs(60);

impl Minted {
    pub(super) fn new(username: impl Into<String>, issuer: Arc<dyn Issuer>, clock: Clock) -> Self {
        Self(Arc::new(Mint { username: username.into(), issuer, held: Renewed::new(clock) }))
    }

    /// The user name; one that is told with the passwords only after the first.
    pub fn username(&self) -> &str {
        self.0.issuer.username().unwrap_or(&self.0.username)
    }

    /// The service that makes the passwords, where it can be asked for more.
    pub(in crate::store::registry) fn service(&self) -> Option<&dyn Service> {
        self.0.issuer.service()
    }

    /// The password: the one at hand, or the one that is being made, or a new one.
    ///
    /// # Errors
    /// When none can be had. A refusal holds for the run.
    pub(in crate::store::registry) async fn password(&self) -> Fallible<Held<SecretString>> {
        let issuer = Arc::clone(&self.0.issuer);
        self.0.held.get(&(), async move { issuer.issue().await }).await
    }

    /// Whether the password of a generation, which was refused, may have been refused for its age:
    /// it is forgotten then, and the next one is new.
    pub(in crate::store::registry) fn outdated(&self, generation: u64) -> bool {
        let outdated = !self.0.held.is_younger(generation, STALE_AGE_MIN);
        if outdated {
            self.0.held.discard(generation);
        }
        outdated
    }

    /// The password at hand.
    pub(in crate::store::registry) fn peek(&self) -> Option<SecretString> {
        self.0.held.peek(&())
    }
}

/// What is left until the time of day that a password ends, in seconds since 1970, as far as our clock can
/// tell; none where it is not told.
pub(super) fn until(end: Option<f64>, now: SystemTime, life_max: Duration) -> Option<Duration> {
    let end = end.filter(|at| at.is_finite() && *at > 0.0)?;
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    Some(Duration::from_secs_f64((end - now).clamp(0.0, life_max.as_secs_f64())))
}

impl PartialEq for Minted {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Minted({})", self.0.username)
    }
}
