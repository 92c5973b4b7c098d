//! Where we listen.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use tokio::net::TcpListener;

/// An address to listen at: `:5000`, `127.0.0.1:0`, `[::1]:5000`, `localhost:5000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// None for all addresses of the machine.
    host: Option<String>,
    /// 0 for any that is free.
    port: u16,
}

/// A text that names no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenError;

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        let (host, port) = text.rsplit_once(':').ok_or(ListenError)?;
        // A colon in a host that is in no brackets is an address that lacks its port.
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().map_err(|_| ListenError)?.to_string(),
            None if host.contains(':') => return Err(ListenError),
            None => host.to_owned(),
        };
        let port = port.parse().map_err(|_| ListenError)?;
        Ok(Self { host: Some(host).filter(|host| !host.is_empty()), port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.as_deref() {
            Some(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            host => write!(f, "{}:{}", host.unwrap_or_default(), self.port),
        }
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write :PORT or HOST:PORT, such as :5000, 127.0.0.1:5000 or [::1]:5000")
    }
}

impl std::error::Error for ListenError {}

/// Begins to listen, and says where: the port is the one that was taken.
///
/// # Errors
/// The system refuses: the port is taken, the address is not ours, the host is not known.
pub async fn listen(address: &Listen) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = match &address.host {
        Some(host) => TcpListener::bind((host.as_str(), address.port)).await?,
        // Both families where there are both.
        None => match TcpListener::bind((Ipv6Addr::UNSPECIFIED, address.port)).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port)).await?,
        },
    };
    let address = listener.local_addr()?;
    Ok((listener, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_port_with_or_without_a_host() {
        for text in [":5000", "127.0.0.1:0", "[::1]:5000", "localhost:65535", "0.0.0.0:80"] {
            assert_eq!(text.parse::<Listen>().map(|listen| listen.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "5000", "localhost", ":", ":x", ":65536", "::1:5000", "[::1]", "[x]:1", "a:b:1"] {
            assert_eq!(text.parse::<Listen>(), Err(ListenError), "{text}");
        }
    }

    #[tokio::test]
    async fn a_free_port_is_taken_and_told() {
        for text in ["127.0.0.1:0", ":0"] {
            let (_listener, address) = listen(&text.parse().expect("an address")).await.expect("it is free");
            assert_ne!(address.port(), 0);
        }
    }
}
