//! Measures the program against a floor and against skopeo, on this machine, over loopback. Judges
//! memory, never time.

mod access_log;
mod arguments;
mod content;
mod corpus;
mod docker_registry;
mod figures;
mod filters;
mod floor;
mod large_layer;
mod many_tags;
mod mirroring;
mod program;
mod start_up;
mod synthetic;
mod table;
mod wire;

use arguments::{Arguments, Command, Part};
use clap::Parser as _;
use std::process::ExitCode;

/// What went wrong, told to a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Fallible<T> = Result<T, Failure>;

fn main() -> ExitCode {
    // Errors only where a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let measured = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(run(arguments)));
    match measured {
        Ok(code) => code,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Fallible<ExitCode> {
    if let Some(Command::Floor { plan }) = &arguments.command {
        floor::run(plan).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(crossdock) = arguments.crossdock.clone() else {
        println!("nothing is measured: start this by benches/run");
        return Ok(ExitCode::SUCCESS);
    };
    let bench = program::Bench::new(&arguments, crossdock)?;
    let mut figures = figures::Figures::of_this_machine();
    if arguments.measures(Part::StartUp) {
        start_up::measure(&bench, &arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Mirror) {
        mirroring::measure(&bench, &arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Large) {
        large_layer::measure(&bench, &arguments, &mut figures).await?;
    }
    if arguments.measures(Part::Tags) {
        many_tags::measure(&bench, &mut figures).await?;
    }
    if arguments.measures(Part::Filters) {
        figures.filters = filters::measure(&arguments)?;
    }
    if let Some(path) = &arguments.json {
        figures.write(path)?;
        println!("\nThe same as JSON: {}", path.display());
    }
    Ok(match figures.too_much_memory() {
        false => ExitCode::SUCCESS,
        true => ExitCode::FAILURE,
    })
}
