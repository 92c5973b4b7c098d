//! Lets people in by name and password. A password is hashed once, not for each request; wrong ones take as
//! long as they take, a few at a time.

use super::Users;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, rand};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Passwords that are hashed at once; others wait. Each takes a core for as long as its cost says.
const CHECKS_AT_ONCE: usize = 2;

/// Knows who may ask.
pub struct Doorkeeper {
    users: Arc<Users>,
    /// Makes of a password what is kept of it; nobody else ever has it.
    key: hmac::Key,
    /// What was right, by user: at most as many as there are users.
    known: Mutex<HashMap<String, hmac::Tag>>,
    checks: Semaphore,
}

/// Who wants in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Entry {
    /// A user with the right password.
    Known,
    /// Nobody in particular: clients ask like that first, to be told how they are asked.
    Nobody,
    /// A name or a password that is not known.
    Wrong,
}

/// A name and a password.
struct Login {
    name: String,
    password: SecretString,
}

impl Doorkeeper {
    /// Lets these users in; none when the system gives no random bytes.
    pub fn new(users: Users) -> Option<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new()).ok()?;
        let (known, checks) = (Mutex::default(), Semaphore::new(CHECKS_AT_ONCE));
        Some(Self { users: Arc::new(users), key, known, checks })
    }

    /// Looks at a header `Authorization`.
    pub(in crate::serve) async fn ask(&self, authorization: Option<&[u8]>) -> Entry {
        let Some(authorization) = authorization else { return Entry::Nobody };
        let Some(login) = Login::read(authorization) else { return Entry::Wrong };
        if self.remembers(&login) {
            return Entry::Known;
        }
        match self.check(login).await {
            true => Entry::Known,
            false => Entry::Wrong,
        }
    }

    /// Whether this password was right before.
    fn remembers(&self, Login { name, password }: &Login) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        // The comparison takes as long whatever is different.
        known.is_some_and(|tag| {
            hmac::verify(&self.key, password.expose_secret().as_bytes(), tag.as_ref()).is_ok()
        })
    }

    async fn check(&self, Login { name, password }: Login) -> bool {
        let Ok(_turn) = self.checks.acquire().await else { return false };
        let tag = hmac::sign(&self.key, password.expose_secret().as_bytes());
        let (users, asked) = (Arc::clone(&self.users), name.clone());
        let right = move || {
            let hash = users.hash(&asked);
            // Whether a name is known shall not be told by how long it takes.
            let right = bcrypt::verify(password.expose_secret(), hash.unwrap_or(users.any_hash()));
            hash.is_some() && right.unwrap_or(false)
        };
        let right = tokio::task::spawn_blocking(right).await.unwrap_or(false);
        if right {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name, tag);
        }
        right
    }
}

impl Login {
    /// Reads `Basic base64(name:password)`. RFC 7617, 2.
    fn read(authorization: &[u8]) -> Option<Self> {
        let (scheme, token) = std::str::from_utf8(authorization).ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
        let (name, password) = text.split_once(':')?;
        Some(Self { name: name.to_owned(), password: password.to_owned().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the lowest cost, so that the tests do not wait for it.
    fn doorkeeper() -> Doorkeeper {
        let hash = |password| bcrypt::hash(password, 4).expect("it is hashed");
        let file = format!("alice:{}\nbob:{}\n", hash("s3cret"), hash("other"));
        Doorkeeper::new(Users::read(&file).expect("users")).expect("random bytes")
    }

    fn basic(login: &str) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(login)).into_bytes()
    }

    #[tokio::test]
    async fn a_user_is_known_by_name_and_password_together() {
        let door = doorkeeper();
        for right in ["alice:s3cret", "bob:other"] {
            assert_eq!(door.ask(Some(&basic(right))).await, Entry::Known, "{right}");
        }
        for wrong in
            ["alice:other", "bob:s3cret", "alice:", "alice", ":s3cret", "carol:s3cret", "alice:s3cret\0", ""]
        {
            assert_eq!(door.ask(Some(&basic(wrong))).await, Entry::Wrong, "{wrong}");
        }
        assert_eq!(door.ask(None).await, Entry::Nobody);
        for header in ["", "Basic", "Basic !", "Bearer abc", "Basic YWxpY2U6czNjcmV0 x"] {
            assert_eq!(door.ask(Some(header.as_bytes())).await, Entry::Wrong, "{header}");
        }
        assert_eq!(door.ask(Some(b"basic YWxpY2U6czNjcmV0")).await, Entry::Known, "schemes have no case");
    }

    /// Who takes the places in which passwords are hashed keeps nobody out who was let in before.
    #[tokio::test]
    async fn a_password_is_hashed_once_and_then_known() {
        let door = doorkeeper();
        assert_eq!(door.ask(Some(&basic("alice:s3cret"))).await, Entry::Known);
        door.checks.close();
        assert_eq!(door.ask(Some(&basic("alice:s3cret"))).await, Entry::Known);
        assert_eq!(door.ask(Some(&basic("alice:wrong"))).await, Entry::Wrong);
        assert_eq!(door.ask(Some(&basic("bob:other"))).await, Entry::Wrong, "nobody hashed it yet");
    }
}
