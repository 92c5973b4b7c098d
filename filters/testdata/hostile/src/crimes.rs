//! Deeds that reach for what a filter does not have, or for more than it gets.

use crate::Deed;
use crossdock_filter::{Level, log};
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

/// Text that commands terminals and runners, if it is printed as it is.
pub const COMMANDS: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\n::error::owned\n##[error]owned\r\n::set-output name=a::b";
/// A megabyte, and a bit more than any limit on text.
const HUGE: usize = (1 << 20) + 1;

/// What became of a deed.
pub enum Ended {
    /// It is one of those in the answer.
    NotYet,
    /// It was done, and here we still are.
    Unnoticed,
}

/// Does it, if it is one that does something beside the answer.
pub fn commit(deed: Deed) -> Result<Ended, String> {
    match deed {
        Deed::Loop => loop {
            black_box(());
        },
        Deed::Memory => take_memory(),
        Deed::Recursion => {
            black_box(recurse(0));
        }
        Deed::DeepCalls => {
            black_box(call_deeper(black_box(0)));
        }
        Deed::LogFlood => (0..1_000_000).for_each(|line| log(Level::Info, &format!("line {line}"))),
        Deed::LogHuge => log(Level::Info, &"x".repeat(HUGE)),
        Deed::LogCommands => log(Level::Warn, COMMANDS),
        Deed::PrintCommands => {
            println!("{COMMANDS}");
            eprintln!("{COMMANDS}");
        }
        Deed::HostCalls => (0..100_000).for_each(|_| {
            black_box(std::env::vars_os().count());
            black_box(Instant::now());
        }),
        Deed::Exit => std::process::exit(0),
        Deed::WallClock => {
            let start = SystemTime::now();
            while SystemTime::now() <= start {}
        }
        Deed::MonotonicClock => {
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(3600) {}
        }
        Deed::Sleep => std::thread::sleep(Duration::from_secs(3600)),
        Deed::Panic => panic!("it panicked on purpose"),
        Deed::Trap => std::process::abort(),
        Deed::ReadFile => return refused(std::fs::read("/etc/passwd")),
        Deed::WriteFile => return refused(std::fs::write("owned", "owned")),
        Deed::ListDirectory => return refused(std::fs::read_dir("/")),
        Deed::Environment => {
            let found: Vec<_> =
                std::env::vars_os().chain(std::env::args_os().map(|arg| (arg.clone(), arg))).collect();
            if !found.is_empty() {
                return Err(format!("the environment has {found:?}"));
            }
        }
        Deed::Network => return refused(std::net::TcpStream::connect("192.0.2.1:80")),
        Deed::FailCommands => return Err(COMMANDS.to_owned()),
        Deed::FailHuge => return Err("x".repeat(HUGE)),
        _ => return Ok(Ended::NotYet),
    }
    let _ = std::io::stdout().flush();
    Ok(Ended::Unnoticed)
}

fn refused<T>(result: std::io::Result<T>) -> Result<Ended, String> {
    match result {
        Ok(_) => Ok(Ended::Unnoticed),
        Err(why) => Err(format!("the system said: {why}")),
    }
}

fn take_memory() {
    let mut taken = Vec::new();
    loop {
        taken.push(vec![1_u8; 1 << 20]);
        black_box(&taken);
    }
}

#[expect(unconditional_recursion, reason = "that is the deed")]
fn recurse(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    recurse(depth + 1) + room[(depth % 64) as usize]
}

/// Keeps nothing in memory, so that the stack of the machine ends first.
fn call_deeper(depth: u64) -> u64 {
    if depth == u64::MAX { 0 } else { call_deeper(depth + 1).wrapping_mul(3) ^ depth }
}
