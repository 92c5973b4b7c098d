//! Where reports go, how later parts of a pipeline name them, and to whom they belong. Touches no file.

use super::{Ci, Variables};
use crate::report::Format;
use std::path::{Path, PathBuf};

/// The directory for reports below the working directory.
const WORK: &str = ".crossdock";
/// Where GitHub's runner puts the workspace into a container that is an action.
const CONTAINER_WORKSPACE: &str = "/github/workspace";
/// The home that it gives to such a container.
pub(super) const CONTAINER_HOME: &str = "/github/home";

/// Directories for reports, the best first: the first that is there, or can be made, is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// Somebody named it.
    Named(PathBuf),
    /// A new directory in `parent`, if that is there and can be written to; else in `or`.
    Below {
        /// The directory for what a run leaves, which the CI clears away.
        parent: PathBuf,
        /// The name of the new directory.
        name: String,
        /// What is taken where that does not go: see [`Places::Work`].
        or: PathBuf,
    },
    /// Below the working directory, with a `.gitignore` of its own, so that no tree gets dirty.
    Work(PathBuf),
}

impl Places {
    /// Where the reports of a run go. `id` tells runs of one job apart.
    ///
    /// GitHub's place is `$RUNNER_TEMP`: a file in the workspace would make a dirty tree for whatever
    /// comes later. A container that is an action does not go there: what it calls `RUNNER_TEMP` is, for
    /// the steps after it, somewhere else, and before runner 2.329 nowhere. The workspace is the one
    /// directory that both can name.
    pub fn of(named: Option<&Path>, ci: Option<Ci>, variables: &Variables, id: &str) -> Self {
        let work = PathBuf::from(WORK);
        match (named, ci, variables.get("RUNNER_TEMP")) {
            (Some(named), ..) => Self::Named(named.to_owned()),
            (None, Some(Ci::GitHub | Ci::Gitea | Ci::Forgejo), Some(temp)) if !is_container(variables) => {
                Self::Below { parent: temp.into(), name: format!("crossdock-{id}"), or: work }
            }
            _ => Self::Work(work),
        }
    }
}

/// Whether this is a container that is an action.
fn is_container(variables: &Variables) -> bool {
    variables.get("GITHUB_WORKSPACE") == Some(CONTAINER_WORKSPACE)
}

/// What a report is called where nobody says otherwise.
pub fn file_name(format: Format) -> &'static str {
    match format {
        Format::Json => "report.json",
        Format::Jsonl => "report.jsonl",
        Format::Junit => "junit.xml",
        Format::Markdown => "summary.md",
        Format::Comment => "comment.md",
        Format::OpenMetrics => "metrics.txt",
        Format::Prometheus => "metrics.prom",
        Format::Sarif => "lint.sarif",
        Format::CodeQuality => "codequality.json",
        Format::Dotenv => "result.env",
    }
}

/// How later parts of the pipeline name a file. From a container, only what lies in the workspace can be
/// named, and only from there.
pub fn named(absolute: &Path, variables: &Variables) -> String {
    let below = absolute.strip_prefix(CONTAINER_WORKSPACE).ok().filter(|_| is_container(variables));
    match below {
        Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Some(below) => below.display().to_string(),
        None => absolute.display().to_string(),
    }
}

/// Somebody who owns a file, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: u32,
    /// The group.
    pub group: u32,
}

/// To whom a file is given that we made and that is `ours`, in a workspace that is `theirs`: what root
/// leaves in the workspace of somebody else cannot be cleared away by the next run there.
pub fn owner(ours: Owner, theirs: Owner) -> Option<Owner> {
    (ours.user == 0 && theirs.user != 0).then_some(theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_go_where_later_steps_can_find_them() {
        let place =
            |ci, variables: &[(&str, &str)]| Places::of(None, ci, &Variables::made_up(variables), "7");
        let temp = ("RUNNER_TEMP", "/w/_temp");
        let below = Places::Below { parent: "/w/_temp".into(), name: "crossdock-7".into(), or: WORK.into() };
        assert_eq!(place(Some(Ci::GitHub), &[temp]), below);
        assert_eq!(place(Some(Ci::GitHub), &[temp, ("GITHUB_WORKSPACE", "/w/a/a")]), below);
        let container = [temp, ("GITHUB_WORKSPACE", CONTAINER_WORKSPACE)];
        assert_eq!(place(Some(Ci::GitHub), &container), Places::Work(WORK.into()));
        assert_eq!(place(Some(Ci::GitHub), &[]), Places::Work(WORK.into()));
        assert_eq!(place(Some(Ci::GitLab), &[temp]), Places::Work(WORK.into()));
        assert_eq!(place(None, &[]), Places::Work(WORK.into()));
        let named = Places::of(Some(Path::new("out")), Some(Ci::GitHub), &Variables::made_up(&[temp]), "7");
        assert_eq!(named, Places::Named("out".into()));
    }

    #[test]
    fn a_file_in_the_workspace_of_a_container_is_named_from_there() {
        let container = Variables::made_up(&[("GITHUB_WORKSPACE", CONTAINER_WORKSPACE)]);
        let told = |path: &str, variables| super::named(Path::new(path), variables);
        assert_eq!(told("/github/workspace/.crossdock/report.json", &container), ".crossdock/report.json");
        assert_eq!(told("/github/workspace", &container), ".");
        assert_eq!(told("/elsewhere/report.json", &container), "/elsewhere/report.json");
        let host = Variables::made_up(&[("GITHUB_WORKSPACE", "/w/a")]);
        assert_eq!(told("/w/a/report.json", &host), "/w/a/report.json");
    }

    #[test]
    fn only_what_root_made_is_given_away_and_only_to_somebody_else() {
        let (root, runner) = (Owner { user: 0, group: 0 }, Owner { user: 1001, group: 127 });
        assert_eq!(owner(root, runner), Some(runner));
        assert_eq!(owner(root, root), None);
        assert_eq!(owner(runner, root), None);
        assert_eq!(owner(runner, Owner { user: 1002, group: 1 }), None);
    }
}
