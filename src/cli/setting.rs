//! The setting of a run: flags, environment and clock, as the commands see them. The only file that
//! knows which goes before which.

use super::early::Early;
use super::flags::{ColourChoice, Common, Format, Verbosity, deadline};
use super::progress::{Choice, Mode, Progress, Screen, Stream};
use crate::colour::Colour;
use crate::filter::Cache;
use crate::meter::Meter;
use crate::report::Detail;
use crate::store::registry::Environment;
use crate::transfer::{Stop, StopCause};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// What surrounds a run.
pub struct Setting {
    variables: BTreeMap<OsString, OsString>,
    common: Option<Common>,
    /// Ends the run early.
    pub stop: Stop,
    /// Where progress and log lines share stderr.
    pub screen: Screen,
    pub(super) meter: Arc<Meter>,
    pub(super) started_at: OffsetDateTime,
}

impl Setting {
    /// The setting of this process: `variables` is its environment.
    pub fn new(variables: BTreeMap<OsString, OsString>, screen: Screen, started_at: OffsetDateTime) -> Self {
        Self { variables, common: None, stop: Stop::default(), screen, meter: Meter::new(), started_at }
    }

    pub(super) fn with(mut self, common: Common) -> Self {
        self.common = Some(common);
        self
    }

    pub(super) fn flags(&self) -> &Common {
        self.common.as_ref().expect("the flags are put in before any command runs")
    }

    /// An environment variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let value = self.variables.get(&OsString::from(name))?.to_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A variable of the spec: `--var` goes before the environment. Here an empty value is a value.
    pub(super) fn spec_variable(&self, name: &str) -> Option<String> {
        let given = self.flags().variables.iter().rev().find(|(known, _)| known == name);
        match given {
            Some((_, value)) => Some(value.clone()),
            None => Some(self.variables.get(&OsString::from(name))?.to_str()?.to_owned()),
        }
    }

    /// Where credentials are looked for.
    pub(super) fn credential_places(&self) -> Environment {
        Environment::of(self.variables.clone())
    }

    pub(super) fn spec_path(&self) -> Option<PathBuf> {
        self.flags().spec.clone().or_else(|| self.variable("CROSSDOCK_SPEC").map(PathBuf::from))
    }

    pub(super) fn only(&self) -> Option<String> {
        self.flags().only.clone().or_else(|| self.variable("CROSSDOCK_ONLY"))
    }

    /// Where compiled filters are kept, if anywhere.
    pub(super) fn filter_cache(&self) -> Option<Cache> {
        let directory = self.flags().filter_cache.clone();
        directory.or_else(|| self.variable("CROSSDOCK_FILTER_CACHE").map(PathBuf::from)).map(Cache::new)
    }

    pub(super) fn format(&self) -> Format {
        self.flags().format
    }

    pub(super) fn detail(&self) -> Detail {
        match self.flags().verbosity {
            Verbosity { verbose: 0, .. } => Detail::Changes,
            Verbosity { .. } => Detail::All,
        }
    }

    /// Colour of what goes to stdout.
    pub(super) fn colour(&self) -> Result<Colour, Early> {
        self.colour_for(std::io::stdout().is_terminal())
    }

    /// Colour of what goes to stderr.
    pub(super) fn colour_of_errors(&self) -> Colour {
        self.colour_for(std::io::stderr().is_terminal()).unwrap_or(Colour::Never)
    }

    fn colour_for(&self, terminal: bool) -> Result<Colour, Early> {
        let choice = match (self.flags().color, self.variable("CROSSDOCK_COLOR")) {
            (Some(choice), _) => choice,
            (None, Some(text)) => self.choice(one_of::<ColourChoice>(&text), "CROSSDOCK_COLOR")?,
            (None, None) if self.variable("NO_COLOR").is_some() => ColourChoice::Never,
            (None, None) if self.variable("CLICOLOR_FORCE").is_some() => ColourChoice::Always,
            (None, None) => ColourChoice::Auto,
        };
        Ok(match choice {
            ColourChoice::Always => Colour::Always,
            ColourChoice::Auto if terminal => Colour::Always,
            ColourChoice::Auto | ColourChoice::Never => Colour::Never,
        })
    }

    /// Begins to show progress.
    pub(super) fn progress(&self) -> Result<Progress, Early> {
        let choice = match (self.flags().progress, self.variable("CROSSDOCK_PROGRESS")) {
            (Some(choice), _) => choice,
            (None, Some(text)) => self.choice(one_of::<Choice>(&text), "CROSSDOCK_PROGRESS")?,
            (None, None) => Choice::Auto,
        };
        let stderr = match std::io::stderr().is_terminal() {
            true => Stream::Terminal,
            false => Stream::Other,
        };
        let mode = match self.flags().verbosity.quiet {
            true => Mode::None,
            false => choice.resolve(stderr, self.variable("CI").as_deref()),
        };
        Ok(Progress::start(mode, Arc::clone(&self.meter), &self.screen, self.colour_of_errors()))
    }

    /// Starts the clock that ends the run when the deadline comes.
    pub(super) fn start_deadline(&self) -> Result<(), Early> {
        let deadline = match (self.flags().deadline, self.variable("CROSSDOCK_DEADLINE")) {
            (Some(deadline), _) => deadline,
            (None, None) => return Ok(()),
            (None, Some(text)) => self.choice(deadline(&text), "CROSSDOCK_DEADLINE")?,
        };
        let stop = self.stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(deadline).await;
            stop.soon(StopCause::Deadline);
            tokio::time::sleep(Duration::from_secs(DEADLINE_GRACE_SECONDS)).await;
            stop.now();
        });
        Ok(())
    }

    fn choice<T>(&self, parsed: Result<T, String>, variable: &str) -> Result<T, Early> {
        parsed.map_err(|why| Early::Invalid(format!("the environment variable {variable} is wrong: {why}")))
    }

    /// Says on stderr what went wrong outside of any registry.
    pub(super) fn complain(&self, message: &str) {
        self.screen.line(&format!("error: {}", crate::report::escape::foreign(message)));
    }

    /// Prints a result. Whoever reads it may have gone; that is no failure of the run.
    pub(super) fn print(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes());
        let _ = stdout.flush();
    }
}

/// The value that `text` names.
fn one_of<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, true).map_err(|_| {
        let values = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
        format!("there is no {text:?}; there is: {}", names.join(", "))
    })
}

/// How long work that is under way may go on after the deadline.
const DEADLINE_GRACE_SECONDS: u64 = 30;
