//! Who may ask: names and passwords of a file that `htpasswd -B` writes. RFC 7617.

mod htpasswd;
mod login;

pub use htpasswd::{FILE_BYTES_MAX as HTPASSWD_BYTES_MAX, Users, UsersError};
pub use login::Doorkeeper;
pub(super) use login::Entry;

#[cfg(any(test, fuzzing))]
pub(super) use htpasswd::read;
