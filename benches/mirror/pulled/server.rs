//! A server while it is pulled from, and what it takes: Linux tells in `/proc`.

use crate::Fallible;
use crate::program::{Bench, Took};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Parts of a second in which Linux counts the time of processors, everywhere.
const TICKS: f64 = 100.0;

pub(crate) struct Server {
    process: Option<Child>,
    process_id: u32,
    pub(crate) host: String,
}

impl Server {
    /// One that somebody else has started.
    pub(crate) fn of(process_id: u32, host: String) -> Self {
        Self { process: None, process_id, host }
    }

    /// `crossdock serve` of a layout.
    pub(crate) async fn start(bench: &Bench, folder: &Path) -> Fallible<Self> {
        let mut process = Command::new(&bench.crossdock)
            .args(["serve", "--listen", "127.0.0.1:0", "--format", "json"])
            .arg(folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = process.stdout.take().ok_or("nothing is told")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let host = told["address"].as_str().ok_or("no address is told")?.to_owned();
        Ok(Self { process_id: process.id(), process: Some(process), host })
    }

    /// What it took since it was started; the wall is the caller's.
    pub(crate) fn took(&self) -> Fallible<Took> {
        let proc = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", self.process_id));
        let status = proc("status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak is told")?;
        let stat = proc("stat")?;
        // The name of the program, in brackets, may have spaces. proc(5): 14 is the user's time, 15 the system's.
        let (_, fields) = stat.rsplit_once(')').ok_or("no times are told")?;
        let ticks: Vec<f64> = fields.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
        let [user, system] = ticks[..] else { return Err("no times are told".into()) };
        Ok(Took {
            wall_ms: 0.0,
            cpu_ms: (user + system) / TICKS * 1000.0,
            system_ms: system / TICKS * 1000.0,
            peak_rss_kib: peak.trim().trim_end_matches(" kB").parse()?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
