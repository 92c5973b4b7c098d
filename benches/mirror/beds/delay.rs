//! A wire that is long: passes connections on, and holds back the head of each answer. A process of
//! its own with one thread, so that it is not counted, and nobody waits for it.

use super::synthetic::Synthetic;
use super::synthetic::shelf::Shelf;
use crate::{Failure, Fallible, wire};
use futures::future::try_join_all;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What is passed on at once.
const PIECE_BYTES: usize = 256 * 1024;

/// The process, for as long as it is needed.
pub(crate) struct Delay {
    process: Child,
    hosts: Vec<String>,
}

impl Delay {
    /// Starts one wire to each of `hosts`.
    pub(crate) fn start(latency_ms: u64, hosts: &[String]) -> Fallible<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["delay", "--latency-ms", &latency_ms.to_string()])
            .args(hosts)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = process.stdout.take().ok_or("the delay cannot be heard")?;
        let hosts = BufReader::new(said).lines().take(hosts.len()).collect::<Result<_, _>>()?;
        Ok(Self { process, hosts })
    }

    /// Host and port of the near end of each wire, in the order in which they were asked for.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What that process does. Says where it listens, one line for each of `hosts`, and never ends.
pub(crate) async fn run(latency: Duration, hosts: Vec<String>) -> Fallible<()> {
    let mut wires = Vec::new();
    for host in hosts {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        wires.push(tokio::spawn(listen(listener, host, latency)));
    }
    for wire in wires {
        wire.await??;
    }
    Ok(())
}

async fn listen(listener: TcpListener, host: String, latency: Duration) -> Fallible<()> {
    loop {
        let (near, _) = listener.accept().await?;
        let host = host.clone();
        tokio::spawn(async move {
            // Whoever loses a connection notices.
            let _ = pass_on(near, &host, latency).await;
        });
    }
}

async fn pass_on(near: TcpStream, host: &str, latency: Duration) -> Fallible<()> {
    let far = TcpStream::connect(host).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let asked = Arc::new(AtomicBool::new(false));
    let there = requests(near_read, far_write, Arc::clone(&asked));
    let back = answers(far_read, near_write, asked, latency);
    tokio::try_join!(there, back).map(drop)
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, asked: Arc<AtomicBool>) -> Fallible<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece).await? {
            0 => return to.shutdown().await.map_err(Failure::from),
            bytes => {
                asked.store(true, Ordering::Relaxed);
                to.write_all(&piece[..bytes]).await?;
            }
        }
    }
}

/// With HTTP/1.1 an answer is what comes after something was asked: RFC 9112, 9.3.2 lets clients
/// send the next request before, and those that are measured here do not.
async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    asked: Arc<AtomicBool>,
    latency: Duration,
) -> Fallible<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece).await? {
            0 => return to.shutdown().await.map_err(Failure::from),
            bytes => {
                if asked.swap(false, Ordering::Relaxed) {
                    tokio::time::sleep(latency).await;
                }
                to.write_all(&piece[..bytes]).await?;
            }
        }
    }
}

/// Answers of which the check waits.
const CHECKED: u32 = 10;
const CHECKED_LATENCY: Duration = Duration::from_millis(20);

/// Whether it does what it says: answers on one connection are held back one after the other, and
/// those on many connections at the same time.
pub(crate) async fn check() -> Fallible<()> {
    let registry = Synthetic::start(Shelf::default())?;
    let wire = Delay::start(CHECKED_LATENCY.as_millis() as u64, &[registry.host()])?;
    let url = format!("http://{}/v2/", wire.hosts().first().ok_or("no wire was started")?);
    let one = wire::client()?;
    let started = Instant::now();
    for _ in 0..CHECKED {
        one.get(&url).send().await?;
    }
    let in_turn = started.elapsed();
    let started = Instant::now();
    try_join_all((0..CHECKED).map(|_| one.get(&url).send())).await?;
    let at_once = started.elapsed();
    println!(
        "{CHECKED} answers, each held back for {CHECKED_LATENCY:?}: in turn {in_turn:.0?}, at once {at_once:.0?}"
    );
    match in_turn >= CHECKED_LATENCY * CHECKED && at_once >= CHECKED_LATENCY && at_once < in_turn / 2 {
        true => Ok(()),
        false => Err("answers are not held back as they should be: is the machine too busy?".into()),
    }
}
