//! How much is done at once, how long what may take, and why.

use std::time::Duration;

/// Connections at once; others wait to be taken. A client of docker or containerd has a handful, so this is a
/// site of a hundred machines; and with a file for each blob it stays below the thousand that systems give.
const CONNECTIONS_MAX: usize = 512;
/// Blobs that are on their way at once; others wait. Each holds a piece, the socket's share and a file.
const BLOBS_AT_ONCE: usize = 256;
/// Pieces of blobs that are read at once; others wait. Each is a thread for as long as the disk takes.
const READS_AT_ONCE: usize = 16;
/// How long a handshake of TLS may take.
const HANDSHAKE_SECONDS: u64 = 10;
/// How long the head of a request may take, from the end of the one before: clients that keep connections open
/// for longer open another one.
const HEAD_SECONDS: u64 = 60;
/// How often a connection is looked at. A body has to move by a frame between two looks, a kibibyte a second;
/// and who asks for nothing between two looks is let go.
const LOOK_SECONDS: u64 = 60;
/// How many wrong passwords a connection has.
const FAILED_LOGINS_MAX: u32 = 5;

/// The limits of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; others wait.
    pub connections: usize,
    /// Blobs that are on their way at once; others wait.
    pub blobs_at_once: usize,
    /// Pieces of blobs that are read at once; others wait.
    pub reads_at_once: usize,
    /// How long a handshake of TLS may take.
    pub handshake: Duration,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How often a connection is looked at: what has not moved in between is cut.
    pub look: Duration,
    /// How many wrong passwords a connection has before it is closed.
    pub failed_logins: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            blobs_at_once: BLOBS_AT_ONCE,
            reads_at_once: READS_AT_ONCE,
            handshake: Duration::from_secs(HANDSHAKE_SECONDS),
            head: Duration::from_secs(HEAD_SECONDS),
            look: Duration::from_secs(LOOK_SECONDS),
            failed_logins: FAILED_LOGINS_MAX,
        }
    }
}
