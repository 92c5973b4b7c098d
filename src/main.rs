//! The `crossdock` program: runtime, signals, log, exit code.

use clap::Parser as _;
use clap::error::ErrorKind;
use crossdock::ci::input::LogLevel;
use crossdock::ci::{Variables, detect};
use crossdock::cli::progress::Screen;
use crossdock::cli::{self, Cli, Setting};
use crossdock::report::{Exit, escape};
use crossdock::transfer::{Stop, StopCause};
use std::ffi::OsString;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

/// The allocator of the program that is shipped: with musl's own, threads wait for each other.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long work that is under way may go on after the first signal: CI systems kill after ten.
const SIGNAL_GRACE_SECONDS: u64 = 5;

fn main() -> ExitCode {
    if let Some(code) = cli::make_way(std::env::args_os()) {
        return code.into();
    }
    let started_at = OffsetDateTime::now_utc();
    let variables = Variables::of(std::env::vars_os());
    let arguments = cli::arguments(std::env::args_os(), &variables);
    if detect(&variables).ci.is_some() {
        guard_panics();
    }
    // A panic is a mistake of ours: it has been printed, and its code is that of internal errors.
    let ended = catch_unwind(AssertUnwindSafe(|| run(&arguments, &variables, started_at)));
    let exit = ended.unwrap_or_else(|_| {
        let why = "crossdock ended in a mistake of its own: please report it, with what the log says";
        cli::last_words(&arguments, &variables, started_at, Exit::Failed, why);
        Exit::Failed
    });
    exit.into()
}

/// Prints panics so that nothing in them commands the CI.
fn guard_panics() {
    std::panic::set_hook(Box::new(|panic| complain(&format!("{panic}\n"))));
}

/// Prints what nothing in it may command the CI with. Nobody may be there to read it; that changes
/// nothing, and least of all while a panic is told.
fn complain(text: &str) {
    let _ = write!(std::io::stderr(), "{}", escape::lines(text));
}

/// The command line, or how the program ends without one.
fn parsed(arguments: &[OsString], variables: &Variables, started_at: OffsetDateTime) -> Result<Cli, Exit> {
    let error = match Cli::try_parse_from(arguments) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Whoever reads it may have gone; that changes nothing.
        let _ = error.print();
        return Err(Exit::Ok);
    }
    match detect(variables).ci {
        Some(_) => complain(&error.render().to_string()),
        None => drop(error.print()),
    }
    let why = "the command line is wrong: the log says how";
    cli::last_words(arguments, variables, started_at, Exit::Invalid, why);
    Err(Exit::Invalid)
}

fn run(arguments: &[OsString], variables: &Variables, started_at: OffsetDateTime) -> Exit {
    let cli = match parsed(arguments, variables, started_at) {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let screen = cli.screen(variables);
    start_log(cli.log_level(variables), screen.clone());
    let setting = Setting::new(std::env::vars_os().collect(), screen.clone(), started_at);
    let (runtime, signals) = match begin() {
        Ok(begun) => begun,
        Err(why) => {
            screen.line(&format!("error: {why}"));
            cli::last_words(arguments, variables, started_at, Exit::Failed, &why);
            return Exit::Failed;
        }
    };
    let exit = runtime.block_on(async {
        tokio::spawn(signals.heed(setting.stop.clone(), screen.clone()));
        cli::run(cli, setting).await
    });
    // What still hangs, such as the look-up of a name, shall not keep the process alive.
    runtime.shutdown_background();
    exit
}

/// What a run needs of the system.
fn begin() -> Result<(Runtime, Signals), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|why| format!("the system gives no threads or timers: {why}"))?;
    let entered = runtime.enter();
    let signals = Signals::listen().map_err(|why| format!("signals cannot be listened to: {why}"))?;
    drop(entered);
    Ok((runtime, signals))
}

fn start_log(level: LogLevel, screen: Screen) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let ours = tracing_subscriber::filter::Targets::new().with_target("crossdock", level);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_writer(screen);
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    tracing_subscriber::registry().with(lines).with(ours).init();
}

/// The signals that end a run.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The first signal ends the run soon, with its report; the second ends it now.
    async fn heed(mut self, stop: Stop, screen: Screen) {
        let cause = tokio::select! {
            _ = self.interrupt.recv() => StopCause::Interrupted,
            _ = self.terminate.recv() => StopCause::Terminated,
        };
        screen.line("stopping: what is under way is ended; once more to stop at once");
        stop.soon(cause);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(SIGNAL_GRACE_SECONDS)) => {}
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        stop.now();
    }
}
