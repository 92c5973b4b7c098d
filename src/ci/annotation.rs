//! Annotations: what a CI shows beside its log. Few, since CIs drop what is too much: problems of the
//! spec one by one, everything else by its cause.

use super::{Light, login};
use crate::failure::{Code, Failure};
use crate::oci::{Reference, Repository};
use crate::report::{Exit, Judged, Run, Severity, Subject, Verdict, escape};

/// Most annotations of one run: GitHub drops, without a word, what is beyond ten of a kind.
pub(super) const ANNOTATIONS_MAX: usize = 10;
/// Longest message, in characters: GitHub cuts at 4096 of them.
const MESSAGE_CHARS_MAX: usize = 4_000;
/// How many target tags of one cause are named.
const NAMED_MAX: usize = 10;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It makes the step red.
    Error,
    /// It is to be seen to.
    Warning,
    /// It is good to know.
    Notice,
}

/// Something that is shown beside the log. Its texts are escaped; the message may have several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How bad it is.
    pub level: Level,
    /// What it is about.
    pub title: String,
    /// What is wrong, and what to do about it.
    pub message: String,
    /// The file that it is about, from the root of the repository, its line and its column.
    pub place: Option<(String, Option<u32>, Option<u32>)>,
}

/// The annotations of a run that ended with `exit`. `below` is the way from the root of the repository
/// to the working directory; `unseen` is what to say of a login that we cannot see.
pub fn annotations(run: &Run, exit: Exit, step: Light, below: &str, unseen: Option<&str>) -> Vec<Annotation> {
    let worst = match step {
        Light::Red(_) => Level::Error,
        Light::Green => Level::Warning,
    };
    let mut all: Vec<Annotation> =
        run.problems.iter().map(|problem| of_problem(problem, worst, below)).collect();
    all.extend(causes(run).iter().map(|cause| cause.annotation(run, worst, below, unseen)));
    if exit == Exit::Drift {
        all.push(drift(run, step));
    }
    all.sort_by_key(|annotation| annotation.level);
    capped(all)
}

/// The first, and one for the rest.
fn capped(mut all: Vec<Annotation>) -> Vec<Annotation> {
    if all.len() > ANNOTATIONS_MAX {
        let rest = all.split_off(ANNOTATIONS_MAX - 1);
        let level = rest.first().map_or(Level::Notice, |annotation| annotation.level);
        let message = format!("and {} more: the log and the report have all of them", rest.len());
        all.push(Annotation { level, title: "crossdock".to_owned(), message, place: None });
    }
    all
}

fn of_problem(problem: &crate::report::Problem, worst: Level, below: &str) -> Annotation {
    let level = match problem.severity {
        Severity::Error => worst,
        Severity::Warning => Level::Warning,
    };
    let place = problem.path.as_ref().map(|path| (join(below, path), problem.line, problem.column));
    let hint = problem.hint.as_ref().map(|hint| format!("what to do: {}", escape::foreign(hint)));
    let title = format!("crossdock: {}", escape::foreign(&problem.code));
    Annotation { level, title, message: message([Some(escape::foreign(&problem.message)), hint]), place }
}

fn drift(run: &Run, step: Light) -> Annotation {
    let pending = |judged: Judged<'_>| match (judged.verdict, judged.subject) {
        (Verdict::Pending, Subject::Target { target, .. }) => Some(target.reference.to_string()),
        _ => None,
    };
    let pending: Vec<String> = run.verdicts().filter_map(pending).collect();
    let level = match step {
        Light::Red(_) => Level::Error,
        Light::Green => Level::Notice,
    };
    let title = format!("crossdock: {} drifted", tags(pending.len()));
    let message = message([Some(listed(&pending)), Some("what to do: run `crossdock sync`".to_owned())]);
    Annotation { level, title, message, place: None }
}

/// Target tags that went wrong for one reason.
struct Cause {
    word: &'static str,
    failure: Failure,
    line: Option<u32>,
    named: Vec<String>,
}

/// Everything that was refused, deferred or failed, by its cause, in the order of the report.
fn causes(run: &Run) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    for judged in run.verdicts() {
        let (word, failure) = match &judged.verdict {
            Verdict::Created | Verdict::Updated | Verdict::Current | Verdict::Pending => continue,
            Verdict::Failed(failure) => ("failed", failure),
            Verdict::Refused(failure) => ("refused", failure),
            Verdict::Deferred(failure) => ("deferred", failure),
        };
        let (line, name) = match judged.subject {
            Subject::Target { entry, target, .. } => (entry.spec_line, target.reference.to_string()),
            Subject::Unresolved(lost) => {
                (lost.spec_line, lost.target.as_ref().unwrap_or(&lost.source).to_string())
            }
        };
        match causes.iter_mut().find(|cause| cause.word == word && key(&cause.failure) == key(failure)) {
            Some(cause) => cause.named.push(name),
            None => {
                let failure = Failure::clone(failure);
                causes.push(Cause { word, failure, line, named: vec![name] });
            }
        }
    }
    causes
}

/// What makes two failures one in the eyes of who reads the page: not the repository and not the URL.
fn key(failure: &Failure) -> (Code, String, Option<u16>, Option<&str>) {
    let status = failure.http.as_ref().and_then(|http| http.status);
    (failure.code, host(&failure.repository), status, failure.hint.as_deref())
}

/// The registry of a repository; the repository itself where it has none.
fn host(repository: &str) -> String {
    match repository.parse::<Reference>().map(|reference| reference.repository) {
        Ok(Repository::Registry { registry, .. }) => registry.to_string(),
        Ok(Repository::Local { .. }) | Err(_) => repository.to_owned(),
    }
}

impl Cause {
    fn annotation(&self, run: &Run, worst: Level, below: &str, unseen: Option<&str>) -> Annotation {
        let Self { word, failure, line, named } = self;
        let level = if *word == "deferred" { Level::Warning } else { worst };
        let count = named.len();
        let title = format!("crossdock: {} {word} ({})", tags(count), failure.code.as_str());
        let first = match count {
            1 => escape::foreign(failure),
            _ => {
                let answer = failure.http.as_ref().and_then(|http| http.status);
                let answer = answer.map(|status| format!(" ({status})")).unwrap_or_default();
                escape::foreign(format!("{}: {}{answer}", host(&failure.repository), failure.message))
            }
        };
        let hint = failure.hint.as_ref().map(|hint| format!("what to do: {}", escape::foreign(hint)));
        let unseen = unseen.filter(|_| login::lacks_credential(failure)).map(str::to_owned);
        let message = message([Some(first), hint, unseen, Some(listed(named))]);
        let spec = run.spec.as_ref().map(|spec| join(below, &spec.path));
        Annotation {
            level,
            title,
            message,
            place: spec.zip(*line).map(|(path, line)| (path, Some(line), None)),
        }
    }
}

fn tags(count: usize) -> String {
    match count {
        1 => "1 target tag".to_owned(),
        count => format!("{count} target tags"),
    }
}

fn listed(named: &[String]) -> String {
    let shown: Vec<String> = named.iter().take(NAMED_MAX).map(escape::foreign).collect();
    let rest = named.len() - shown.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Lines, cut to what is shown of them.
fn message<const N: usize>(lines: [Option<String>; N]) -> String {
    let text = lines.into_iter().flatten().collect::<Vec<_>>().join("\n");
    match text.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn join(below: &str, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    match below {
        "" => escape::foreign(path),
        _ if path.starts_with('/') => escape::foreign(path),
        below => escape::foreign(format!("{below}/{path}")),
    }
}
