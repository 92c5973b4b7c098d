//! The setting of a run: flags, environment and clock, as the commands see them. The only file that
//! knows which goes before which.

use super::early::Early;
use super::flags::{ColourChoice, Common, Format, Verbosity, deadline};
use super::given::INLINE;
use super::import::Foreign;
use super::pipeline::{self, Pipeline};
use super::progress::{Choice, Mode, Progress, Screen, Stream};
use crate::ci::{Detected, Variables, detect};
use crate::colour::Colour;
use crate::failure::Failure;
use crate::filter::Cache;
use crate::import::Tool;
use crate::meter::Meter;
use crate::report::{Detail, Run, escape};
use crate::store::registry::Environment;
use crate::transfer::{Stop, StopCause};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;

/// What surrounds a run.
pub struct Setting {
    variables: BTreeMap<OsString, OsString>,
    common: Option<Common>,
    /// Files of another tool in place of a spec.
    foreign: Option<Foreign>,
    pub(super) ci: Detected,
    /// What `crossdock ci` puts in; empty for every other command.
    pub(super) pipeline: Pipeline,
    /// The last run that ended.
    ended: Mutex<Option<Run>>,
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
        Self {
            ci: detect(&Variables::of(variables.clone())),
            variables,
            common: None,
            foreign: None,
            pipeline: Pipeline::default(),
            ended: Mutex::new(None),
            stop: Stop::default(),
            screen,
            meter: Meter::new(),
            started_at,
        }
    }

    pub(super) fn with(mut self, common: Common) -> Self {
        self.common = Some(common);
        self
    }

    /// Works on files of another tool, where some are named.
    pub(super) fn from(mut self, foreign: Foreign) -> Self {
        self.foreign = Some(foreign);
        self
    }

    /// The tool and its files that are worked on in place of a spec.
    pub(super) fn foreign(&self) -> Option<(Tool, &Foreign)> {
        let foreign = self.foreign.as_ref()?;
        Some((foreign.from?, foreign))
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.flags().verbosity.quiet
    }

    pub(super) fn flags_mut(&mut self) -> &mut Common {
        self.common.as_mut().expect("the flags are put in before any command runs")
    }

    /// Sets a variable, as if the environment had it.
    pub(super) fn set_variable(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// The environment, for whom values that are no texts are none.
    pub(super) fn texts(&self) -> Variables {
        Variables::of(self.variables.clone())
    }

    /// Keeps a run that ended.
    pub(super) fn keep(&self, run: Run) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
    }

    /// The last run that ended.
    pub(super) fn take_ended(&self) -> Option<Run> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).take()
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
        let places = self.pipeline.with_logins(Environment::of(self.variables.clone()));
        let Some(dialect) = self.pipeline.dialect else { return places };
        // What is made during the run is hidden before anything is done with it.
        let (variables, screen) = (self.texts(), self.screen.clone());
        places.witnessed_by(move |secret| pipeline::mask(dialect, &variables, &screen, secret))
    }

    pub(super) fn spec_path(&self) -> Option<PathBuf> {
        if self.pipeline.spec_text.is_some() {
            return Some(INLINE.into());
        }
        self.flags().spec.clone().or_else(|| self.variable("CROSSDOCK_SPEC").map(PathBuf::from))
    }

    /// The text of the spec, where that is in no file.
    pub(super) fn spec_text(&self) -> Option<&str> {
        self.pipeline.spec_text.as_deref()
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
            (None, None) if self.is_colour_forced() => ColourChoice::Always,
            (None, None) => ColourChoice::Auto,
        };
        Ok(match choice {
            ColourChoice::Always => Colour::Always,
            ColourChoice::Auto if terminal => Colour::Always,
            ColourChoice::Auto => self.pipeline.colour,
            ColourChoice::Never => Colour::Never,
        })
    }

    fn is_colour_forced(&self) -> bool {
        ["CLICOLOR_FORCE", "FORCE_COLOR"]
            .iter()
            .any(|name| self.variable(name).is_some_and(|value| value != "0"))
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
            false => choice.resolve(stderr, self.ci.name()),
        };
        self.pipeline.open_fold(&self.screen);
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
        self.show(&format!("error: {}", escape::foreign(message)));
    }

    /// Says on stderr what failed, of which rule if of one, and what can be done about it.
    pub(super) fn complain_of(&self, mirror: Option<&str>, failure: &Failure) {
        let mirror = mirror.map(|mirror| format!("{mirror}: ")).unwrap_or_default();
        let hint = failure.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
        self.complain(&format!("{mirror}{failure}{hint}"));
    }

    /// Shows lines that are not to be overlooked: not in a part of the log that is folded.
    pub(super) fn show(&self, lines: &str) {
        self.pipeline.close_fold(&self.screen);
        self.screen.line(lines);
    }

    /// Prints a result. Whoever reads it may have gone; that is no failure of the run.
    pub(super) fn print(&self, text: &str) {
        self.pipeline.close_fold(&self.screen);
        let text = match self.ci.ci {
            Some(_) => escape::lines(text),
            None => text.to_owned(),
        };
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
