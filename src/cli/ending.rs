//! The end of a run: report files, the text on stdout, the exit code. Always reached, also when a
//! signal came.

use super::draft;
use super::flags::{Format, ReportFile};
use super::journal::Journal;
use super::setting::Setting;
use crate::colour::Colour;
use crate::plan::SpecFacts;
use crate::report::{self, Command, CredentialUse, Exit, RateLimit, RegistryUse, Run, Signal, exit_code};
use crate::store::registry::{Counts, Usage};
use crate::transfer::StopCause;
use std::collections::BTreeMap;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::Path;
use time::OffsetDateTime;

/// A run that is about to end.
pub(super) struct Ending<'a> {
    setting: &'a Setting,
    pub(super) run: Run,
    /// What told of the run until its report does.
    pub(super) journal: Option<Journal>,
}

/// What is printed at the end of a run.
pub(super) enum Told {
    /// This text, for people.
    Text(String),
    /// A document, for programs.
    Json,
}

impl<'a> Ending<'a> {
    pub(super) fn new(setting: &'a Setting, command: Command, spec: Option<SpecFacts>) -> Self {
        let cause = setting.stop.cause();
        let run = Run {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            id: format!("{:016x}", fastrand::u64(..)),
            command,
            started_at: setting.started_at,
            finished_at: OffsetDateTime::now_utc(),
            cancelled: match cause {
                Some(StopCause::Interrupted) => Some(Signal::Interrupt),
                Some(StopCause::Terminated) => Some(Signal::Terminate),
                Some(StopCause::Deadline) | None => None,
            },
            deadline_hit: cause == Some(StopCause::Deadline),
            ci: setting.ci.name().map(str::to_owned),
            spec,
            entries: Vec::new(),
            unresolved: Vec::new(),
            dropped: Vec::new(),
            registries: Vec::new(),
            requests: BTreeMap::new(),
            problems: Vec::new(),
            cost: None,
        };
        Self { setting, run, journal: None }
    }

    /// Adds what the registries were asked.
    pub(super) fn used(&mut self, usage: Vec<Usage>) {
        for Usage { registry, credential, counts } in usage {
            let Counts { by_operation, retries, throttled, rate_limit, clock_ahead_seconds: _ } = counts;
            let requests = by_operation.values().sum();
            for (operation, count) in by_operation {
                *self.run.requests.entry(operation).or_default() += count;
            }
            self.run.registries.push(RegistryUse {
                host: registry.to_string(),
                credential: credential.map(|(user, source)| CredentialUse { source, user }),
                requests,
                retries,
                throttled,
                rate_limit: rate_limit.and_then(|said| quota(&said)),
            });
        }
    }

    /// Writes the reports and prints the end of the run.
    pub(super) fn tell(self) -> Exit {
        self.tell_as(|run, text| match text {
            Told::Text(text) => text,
            Told::Json => report::json::render(run),
        })
    }

    /// The same in words of the caller's: text for people begins with what it says.
    pub(super) fn tell_as(mut self, words: impl FnOnce(&Run, Told) -> String) -> Exit {
        let written = self.write_reports();
        if let (Some(journal), true) = (self.journal.take(), written.is_some()) {
            journal.end();
        }
        let files: Vec<&str> = written.iter().flatten().map(String::as_str).collect();
        // A wrong choice of colour was refused when the run began.
        let colour = self.setting.colour().unwrap_or(Colour::Never);
        let told = match self.setting.format() {
            Format::Json => Told::Json,
            Format::Text => {
                Told::Text(report::text::render(&self.run, &files, self.setting.detail(), colour))
            }
        };
        self.setting.print(&words(&self.run, told));
        let exit = written.map_or(Exit::Failed, |_| exit_code(&self.run));
        self.keep();
        exit
    }

    /// Writes the reports; the text was printed by the caller.
    pub(super) fn silent(self) -> Exit {
        let exit = self.write_reports().map_or(Exit::Failed, |_| exit_code(&self.run));
        self.keep();
        exit
    }

    /// Writes nothing: the run is for whoever tells a CI of it.
    pub(super) fn keep(self) {
        self.setting.keep(self.run);
    }

    /// The paths of the reports, or none when one could not be written; the others are all the same.
    fn write_reports(&self) -> Option<Vec<String>> {
        let mut written = Some(Vec::new());
        for ReportFile { format, path } in &self.setting.flags().reports {
            match write_whole(path, format.render(&self.run).as_bytes()) {
                Ok(()) => written.iter_mut().for_each(|files| files.push(path.display().to_string())),
                Err(why) => {
                    self.setting.complain(&format!("the report {} cannot be written: {why}", path.display()));
                    written = None;
                }
            }
        }
        written
    }
}

/// Writes a file so that it is the old one or the new one, whole, whatever happens. A device or a pipe is
/// written to: it is nothing that could be replaced.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_special(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    whole(path, bytes, public())
}

/// Whether there is something that is neither a file nor a folder, such as `/dev/null` or `/dev/stdout`.
pub(super) fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Writes a file that is there, in the same manner: whoever may read it, and the links to it, stay.
pub(super) fn replace_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    whole(&path, bytes, path.metadata()?.permissions())
}

fn whole(path: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no folder {}", directory.display()),
        ));
    }
    draft::place(directory, path, bytes, &permissions)
}

/// Reports and plans hold no secrets, and later steps of a pipeline may run as another user.
#[cfg(unix)]
fn public() -> Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    Permissions::from_mode(0o644)
}

/// `100;w=21600`: so many requests in a window of so many seconds.
fn quota(said: &crate::store::registry::RateLimit) -> Option<RateLimit> {
    let number = |text: &Option<String>| text.as_deref()?.split(';').next()?.parse().ok();
    let window = said.limit.as_deref().and_then(|text| text.split_once(";w=")?.1.parse().ok());
    Some(RateLimit {
        limit: number(&said.limit)?,
        remaining: number(&said.remaining)?,
        window_seconds: window,
        reserve: said.reserve,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_written_to_and_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &link).expect("a link");
        assert!(is_special(&link) && !is_special(folder.path()) && !is_special(&folder.path().join("none")));
        write_whole(&link, b"a report").expect("a device takes everything");
        assert!(link.symlink_metadata().expect("it is there").is_symlink());
        let file = folder.path().join("report");
        write_whole(&file, b"a report").expect("a folder of ours");
        assert_eq!(std::fs::read(&file).expect("a file"), b"a report");
    }
}
