//! `crossdock doctor`: whether all that a spec needs of registries can be had: that they are reached, as whom,
//! with which rights, what they allow, and whether the clocks agree.

use super::early::Early;
use super::ending::Ending;
use super::flags::Format;
use super::given::given;
use super::setting::Setting;
use crate::doctor::{self, Answer, Found, Need};
use crate::failure::Code;
use crate::oci::{Reference, Repository};
use crate::plan::Unresolved;
use crate::report::escape::foreign;
use crate::report::{Command, Exit};
use crate::spec::Spec;
use crate::store::registry::{Counts, RateLimit, Usage};
use crate::stores::WriteStores;
use serde::Serialize;
use std::fmt::Write as _;

/// How far clocks may be apart, in seconds, before it is told: tokens are good for minutes, and signed
/// requests for five.
const CLOCK_SECONDS_MAX: i64 = 120;

/// What `--format json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    registries: Vec<RegistryShape>,
    repositories: Vec<RepositoryShape>,
}

/// One registry under one credential.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RegistryShape {
    host: String,
    credential: Option<CredentialShape>,
    requests: u64,
    limit: Option<String>,
    remaining: Option<String>,
    clock_ahead_seconds: Option<i64>,
}

#[derive(Debug, Serialize)]
struct CredentialShape {
    user: Option<String>,
    source: String,
}

/// One repository, and what is needed of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryShape {
    repository: String,
    need: &'static str,
    mirror: String,
    spec_line: u32,
    found: Option<&'static str>,
    code: Option<&'static str>,
    message: Option<String>,
    hint: Option<String>,
}

/// Examines what every rule needs.
pub(super) async fn doctor(setting: &Setting) -> Exit {
    examined(setting).await.unwrap_or_else(|early| early.end(setting, Command::Doctor))
}

async fn examined(setting: &Setting) -> Result<Exit, Early> {
    let given = given(setting)?;
    let wanted = given.wanted(setting)?;
    setting.start_deadline()?;
    let stores = WriteStores::new(Some(&that_makes_nothing(&given.spec)), setting.credential_places());
    let examining = async {
        let (rules, unlisted) = wanted.expand(&stores).await;
        let mut answers = doctor::examine(&rules, &stores, &stores).await;
        answers.iter_mut().for_each(|answer| excuse(answer, &given.spec));
        (answers, unlisted)
    };
    let (answers, unlisted) = setting.stop.or(examining).await.unwrap_or_default();
    unlisted.iter().for_each(|lost| setting.complain_of(Some(&lost.mirror), &lost.failure));
    let mut usage = stores.usage();
    // In the order of the repositories, whatever was asked first.
    usage.sort_by_key(|one| {
        let of = |answer: &Answer| matches!(&answer.repository, Repository::Registry { registry, .. } if *registry == one.registry);
        (answers.iter().position(of).unwrap_or(usize::MAX), one.registry.clone())
    });
    let document = Document {
        registries: usage.iter().map(registry).collect(),
        repositories: answers.iter().map(repository).collect(),
    };
    setting.print(&match setting.format() {
        Format::Json => format!("{:#}\n", serde_json::json!(document)),
        Format::Text => text(&document),
    });
    let mut ending = Ending::new(setting, Command::Doctor, Some(given.facts));
    ending.run.problems = given.warnings;
    ending.run.unresolved = answers.into_iter().filter_map(unresolved).chain(unlisted).collect();
    ending.used(usage);
    Ok(ending.silent())
}

/// The spec, but what would be made where it is missing is not made to try it.
fn that_makes_nothing(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    spec.registries
        .values_mut()
        .filter_map(|settings| settings.create.as_mut())
        .for_each(|create| create.suspend());
    spec
}

/// A target that is not there is no failure where the spec says how it is made.
fn excuse(answer: &mut Answer, spec: &Spec) {
    let Repository::Registry { registry, path } = &answer.repository else { return };
    let fitting = spec.registries.iter().filter(|(scope, _)| scope.holds(registry, path.as_str()));
    let settings = fitting.max_by_key(|(scope, _)| scope.length());
    let is_made = settings.is_some_and(|(_, settings)| settings.create.is_some());
    if is_made && answer.found.as_ref().is_err_and(|failure| failure.code == Code::RepositoryMissing) {
        answer.found = Ok(Found::Absent);
    }
}

fn registry(Usage { registry, credential, counts }: &Usage) -> RegistryShape {
    let Counts { by_operation, rate_limit, clock_ahead_seconds, retries: _, throttled: _ } = counts;
    let said =
        |part: fn(&RateLimit) -> &Option<String>| rate_limit.as_ref().and_then(|said| part(said).clone());
    RegistryShape {
        host: registry.to_string(),
        credential: credential
            .as_ref()
            .map(|(user, source)| CredentialShape { user: user.clone(), source: source.clone() }),
        requests: by_operation.values().sum(),
        limit: said(|said| &said.limit),
        remaining: said(|said| &said.remaining),
        clock_ahead_seconds: *clock_ahead_seconds,
    }
}

fn repository(Answer { repository, need, rule: (mirror, spec_line), found }: &Answer) -> RepositoryShape {
    let failure = found.as_ref().err();
    RepositoryShape {
        repository: repository.to_string(),
        need: match need {
            Need::Pull(_) => "pull",
            Need::Push => "push",
        },
        mirror: mirror.clone(),
        spec_line: *spec_line,
        found: found.as_ref().ok().map(|found| match found {
            Found::Readable => "readable",
            Found::Writable => "writable",
            Found::Absent => "absent",
            Found::Untried => "untried",
        }),
        code: failure.map(|failure| failure.code.as_str()),
        message: failure.map(ToString::to_string),
        hint: failure.and_then(|failure| failure.hint.clone()),
    }
}

fn unresolved(Answer { repository, need, rule: (mirror, spec_line), found }: Answer) -> Option<Unresolved> {
    let whole = Reference { repository, tag: None, digest: None };
    let (source, target) = match need {
        Need::Pull(image) => (image.unwrap_or(whole), None),
        Need::Push => (whole.clone(), Some(whole)),
    };
    Some(Unresolved { mirror, spec_line: Some(spec_line), source, target, failure: *found.err()? })
}

/// A part for each registry, and a line for each repository.
fn text(Document { registries, repositories }: &Document) -> String {
    let mut text = String::new();
    let mut line = |words: String| writeln!(text, "{words}").expect("a String takes everything");
    for RegistryShape { host, credential, requests, limit, remaining, clock_ahead_seconds } in registries {
        line(format!("{}: {requests} requests", foreign(host)));
        line(match credential {
            Some(CredentialShape { user: Some(user), source }) => {
                format!("  credential  user {}, from {}", foreign(user), foreign(source))
            }
            Some(CredentialShape { user: None, source }) => format!("  credential  from {}", foreign(source)),
            None => "  credential  none: nobody in particular".to_owned(),
        });
        if let Some(limit) = limit.as_ref().or(remaining.as_ref()) {
            let left = remaining.as_deref().unwrap_or("not told");
            line(format!("  limit       {}, left {}", foreign(limit), foreign(left)));
        }
        if let Some(ahead) = clock_ahead_seconds.filter(|ahead| ahead.abs() > CLOCK_SECONDS_MAX) {
            let way = if ahead > 0 { "ahead of" } else { "behind" };
            let seconds = ahead.abs();
            line(format!(
                "  clock       {seconds} s {way} ours: tokens may count as expired; set the clocks"
            ));
        }
    }
    for RepositoryShape { repository, need, found, message, hint, .. } in repositories {
        let place = foreign(repository);
        match (found, message) {
            (Some(found), _) => line(format!("= {need} {place}  {found}")),
            (None, message) => {
                line(format!("! {need} {place}  {}", foreign(message.as_deref().unwrap_or_default())));
                hint.iter().for_each(|hint| line(format!("    {}", foreign(hint))));
            }
        }
    }
    let wrong = repositories.iter().filter(|repository| repository.found.is_none()).count();
    line(format!("Doctor: {} repositories examined, {wrong} cannot be used.", repositories.len()));
    text
}
