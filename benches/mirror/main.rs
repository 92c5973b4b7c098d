//! Measures the program against a floor and against skopeo, on this machine, over loopback. Judges
//! memory, never time.

mod arguments;
mod beds;
mod content;
mod contest;
mod corpus;
mod figures;
mod filters;
mod floor;
mod forms;
mod large_layer;
mod many_tags;
mod paced;
mod program;
mod pulled;
mod scenario;
mod start_up;
mod summary;
mod table;
mod wire;

use arguments::{Arguments, Command, Part};
use clap::Parser as _;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// What went wrong, told to a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Fallible<T> = Result<T, Failure>;

fn main() -> ExitCode {
    // Errors only where a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let measured = match &arguments.command {
        Some(Command::Floor { plan }) => runtime(Cores::All).and_then(|on| on.block_on(floor::run(plan))),
        Some(Command::Delay { latency_ms, hosts }) => runtime(Cores::One)
            .and_then(|on| on.block_on(beds::delay::run(Duration::from_millis(*latency_ms), hosts.clone()))),
        Some(Command::Pull { host, target, times, size_bytes }) => runtime(Cores::All)
            .and_then(|on| on.block_on(pulled::client::run(host, target, *times, *size_bytes))),
        Some(Command::Hash { mib }) => {
            content::hash(*mib);
            Ok(())
        }
        None => runtime(Cores::All).and_then(|on| on.block_on(run(&arguments))),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// How many cores a runtime may keep busy.
enum Cores {
    One,
    All,
}

fn runtime(cores: Cores) -> Fallible<Runtime> {
    let mut builder = match cores {
        Cores::One => Builder::new_current_thread(),
        Cores::All => Builder::new_multi_thread(),
    };
    Ok(builder.enable_all().build()?)
}

async fn run(arguments: &Arguments) -> Fallible<()> {
    let Some(crossdock) = arguments.crossdock.clone() else {
        println!("nothing is measured: start this by benches/run");
        return Ok(());
    };
    let bench = program::Bench::new(arguments, crossdock)?;
    let mut figures = figures::Figures::of_this_machine();
    if arguments.measures(Part::StartUp) {
        start_up::measure(&bench, arguments, &mut figures).await?;
    }
    contest::measure(&bench, arguments, &mut figures).await?;
    if arguments.measures(Part::Layer) {
        large_layer::measure(&bench, arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Pulled) {
        pulled::measure(&bench, arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Forms) {
        forms::measure(&bench, arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Paced) {
        paced::measure(&bench, arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Tags) {
        many_tags::measure(&bench, &mut figures).await?;
    }
    if arguments.measures(Part::Filters) {
        figures.filters = filters::measure(arguments)?;
    }
    summary::print(&figures);
    if let Some(path) = &arguments.json {
        figures.write(path)?;
        println!("\nThe same as JSON: {}", path.display());
    }
    match figures.too_much_memory() {
        false => Ok(()),
        true => Err("a run had more memory than it may".into()),
    }
}
