//! Pulls a blob many times at once, as cheaply as it can be done: nothing is kept, and nothing hashed.

use crate::Fallible;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How much is read at once, in bytes.
const PIECE_BYTES: usize = 256 * 1024;
/// The most that the head of an answer has, in bytes.
const HEAD_BYTES_MAX: u64 = 4096;

pub(crate) async fn run(host: &str, target: &str, times: usize, size_bytes: u64) -> Fallible<()> {
    let mut pulls = JoinSet::new();
    for _ in 0..times {
        pulls.spawn(pull(host.to_owned(), target.to_owned()));
    }
    while let Some(pulled) = pulls.join_next().await {
        let bytes = pulled??;
        if bytes < size_bytes || bytes > size_bytes + HEAD_BYTES_MAX {
            return Err(format!("{bytes} bytes came instead of {size_bytes}").into());
        }
    }
    Ok(())
}

/// How many bytes came, with the head.
async fn pull(host: String, target: String) -> Fallible<u64> {
    let mut stream = TcpStream::connect(&host).await?;
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let (mut bytes, mut piece) = (0, vec![0; PIECE_BYTES]);
    loop {
        match stream.read(&mut piece).await? {
            0 => return Ok(bytes),
            count => bytes += count as u64,
        }
    }
}
