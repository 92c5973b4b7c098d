//! The `crossdock` program: runtime, signals, log, exit code.

use clap::Parser as _;
use clap::error::ErrorKind;
use crossdock::cli::progress::Screen;
use crossdock::cli::{self, Cli, Setting, Verbosity};
use crossdock::report::Exit;
use crossdock::transfer::{Stop, StopCause};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

/// How long work that is under way may go on after the first signal: CI systems kill after ten.
const SIGNAL_GRACE_SECONDS: u64 = 5;

fn main() -> ExitCode {
    if let Some(code) = cli::make_way(std::env::args_os()) {
        return code.into();
    }
    let started_at = OffsetDateTime::now_utc();
    // A panic is a mistake of ours: it has been printed, and its code is that of internal errors.
    catch_unwind(AssertUnwindSafe(|| run(started_at))).unwrap_or(Exit::Failed).into()
}

fn run(started_at: OffsetDateTime) -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Whoever reads it may have gone; that changes nothing.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Ok,
                _ => Exit::Invalid,
            };
        }
    };
    let screen = Screen::stderr();
    start_log(cli.verbosity(), screen.clone());
    let setting = Setting::new(std::env::vars_os().collect(), screen.clone(), started_at);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(why) => {
            screen.line(&format!("error: the system gives no threads or timers: {why}"));
            return Exit::Failed;
        }
    };
    let exit = runtime.block_on(async {
        if let Err(why) = listen(setting.stop.clone(), screen.clone()) {
            screen.line(&format!("error: signals cannot be listened to: {why}"));
            return Exit::Failed;
        }
        cli::run(cli, setting).await
    });
    // What still hangs, such as the look-up of a name, shall not keep the process alive.
    runtime.shutdown_background();
    exit
}

fn start_log(verbosity: Verbosity, screen: Screen) {
    let level = match verbosity {
        Verbosity { quiet: true, .. } => LevelFilter::ERROR,
        Verbosity { verbose: 0, .. } => LevelFilter::WARN,
        Verbosity { verbose: 1, .. } => LevelFilter::DEBUG,
        Verbosity { .. } => LevelFilter::TRACE,
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

/// The first signal ends the run soon, with its report; the second ends it now.
fn listen(stop: Stop, screen: Screen) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        let cause = tokio::select! {
            _ = interrupt.recv() => StopCause::Interrupted,
            _ = terminate.recv() => StopCause::Terminated,
        };
        screen.line("stopping: what is under way is ended; once more to stop at once");
        stop.soon(cause);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(SIGNAL_GRACE_SECONDS)) => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.now();
    });
    Ok(())
}
