//! A program while it runs, and what became of it. Never outlives its fixture.

use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a program may run before the test fails.
const RUN_MAX: Duration = Duration::from_secs(180);

/// A program that was started. Dropping it kills it.
pub struct Running {
    child: Arc<Mutex<Child>>,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

/// A program that somebody is to kill, known before it runs; clones are the same victim.
#[derive(Debug, Clone, Default)]
pub struct Victim(Arc<Fated>);

#[derive(Debug, Default)]
struct Fated {
    /// None until it is started.
    child: Mutex<Option<Arc<Mutex<Child>>>>,
    started: Condvar,
}

/// A program that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Running {
    pub(in crate::bed) fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_owned();
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let stdout = child.stdout.take().map(collect);
        let stderr = child.stderr.take().map(collect);
        Self { child: Arc::new(Mutex::new(child)), stdout, stderr }
    }

    /// Lets it be this victim.
    pub fn is(&self, victim: &Victim) {
        let Fated { child, started } = &*victim.0;
        *child.lock().expect("no panic while holding it") = Some(Arc::clone(&self.child));
        started.notify_all();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().expect("no panic while holding it")
    }

    /// The number of the process.
    pub fn pid(&self) -> u32 {
        self.child().id()
    }

    /// Sends a signal: `INT`, `TERM`, `KILL`.
    pub fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Kills it as `kill -9` does, without asking a program to; one that ended is left in peace.
    pub fn kill(&self) {
        self.child().kill().expect("the process is ours");
    }

    /// Whether it ended already.
    pub fn has_ended(&mut self) -> bool {
        self.child().try_wait().expect("the process is ours").is_some()
    }

    /// Waits for the end; fails the test when it takes too long.
    pub fn wait(mut self) -> Finished {
        let started = Instant::now();
        let status: ExitStatus = loop {
            if let Some(status) = self.child().try_wait().expect("the process is ours") {
                break status;
            }
            assert!(started.elapsed() < RUN_MAX, "the program did not end within {RUN_MAX:?}");
            std::thread::sleep(Duration::from_millis(2));
        };
        let text = |thread: Option<JoinHandle<String>>| {
            thread.map(|thread| thread.join().expect("reading does not panic")).unwrap_or_default()
        };
        Finished {
            code: status.code(),
            signal: status.signal(),
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut child = self.child();
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Victim {
    /// How long a program has to be started that is to be killed.
    const START_MAX: Duration = Duration::from_secs(30);

    /// Kills it as `kill -9` does; returns when it is gone. One that has not been started yet is waited
    /// for, and one that ended by itself is left in peace.
    pub fn kill(&self) {
        let Fated { child, started } = &*self.0;
        let waiting = child.lock().expect("no panic while holding it");
        let waited = started.wait_timeout_while(waiting, Self::START_MAX, |child| child.is_none());
        let child = waited.expect("no panic while holding it").0.clone().expect("the victim was started");
        let mut child = child.lock().expect("no panic while holding it");
        child.kill().and_then(|()| child.wait()).expect("the process is ours");
    }
}

impl Finished {
    /// Fails the test, with everything that the program wrote, unless it ended with this code.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// Sends a signal to a process that the test started: `INT`, `TERM`, `KILL`.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
    assert!(sent.expect("kill is always there").success(), "no process {pid} to signal");
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
