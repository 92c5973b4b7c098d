//! Which CI this is, and how that is known. The order matters: some pretend to be others.

use super::Variables;
use super::dialect::Dialect;
use super::{azure, buildkite, circleci, drone, generic, gitea, github, gitlab, jenkins, tekton, woodpecker};
use std::fmt;

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ci {
    /// GitHub Actions, also on a server of one's own, and `act`.
    GitHub,
    /// Gitea Actions.
    Gitea,
    /// Forgejo Actions.
    Forgejo,
    /// GitLab CI/CD.
    GitLab,
    /// Jenkins.
    Jenkins,
    /// Azure Pipelines.
    Azure,
    /// CircleCI.
    CircleCi,
    /// Buildkite.
    Buildkite,
    /// Woodpecker.
    Woodpecker,
    /// Drone, and Harness.
    Drone,
    /// Tekton.
    Tekton,
    /// Any other that sets `CI`.
    Generic,
}

/// The CI that a process runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// Which; none outside of one.
    pub ci: Option<Ci>,
    /// What said so: `GITHUB_ACTIONS is true`.
    pub why: String,
}

/// The variable that goes before all that is found.
pub const OVERRIDE: &str = "CROSSDOCK_CI";
/// What [`OVERRIDE`] says for no CI at all.
const NONE: &str = "none";

/// By which variable a CI is known, and the value that it then has; any, where there is none.
///
/// Forgejo and Gitea set `GITHUB_ACTIONS` as well, and Woodpecker and Tekton are known by the value of
/// a variable that others have too.
const SIGNS: [(&str, Option<&str>, Ci); 13] = [
    ("FORGEJO_ACTIONS", Some("true"), Ci::Forgejo),
    ("GITEA_ACTIONS", Some("true"), Ci::Gitea),
    ("GITHUB_ACTIONS", Some("true"), Ci::GitHub),
    ("GITLAB_CI", None, Ci::GitLab),
    ("BUILDKITE", Some("true"), Ci::Buildkite),
    ("CIRCLECI", Some("true"), Ci::CircleCi),
    ("TF_BUILD", None, Ci::Azure),
    ("CI", Some("woodpecker"), Ci::Woodpecker),
    ("CI_SYSTEM_NAME", Some("woodpecker"), Ci::Woodpecker),
    ("DRONE", Some("true"), Ci::Drone),
    ("JENKINS_URL", None, Ci::Jenkins),
    ("HOME", Some("/tekton/home"), Ci::Tekton),
    ("CI", None, Ci::Generic),
];

/// Looks at the environment for a CI. A wrong [`OVERRIDE`] counts as none; see [`wrong_override`].
pub fn detect(variables: &Variables) -> Detected {
    if let Some(name) = variables.get(OVERRIDE) {
        let why = format!("{OVERRIDE} is {name}");
        match Ci::named(name) {
            Some(ci) => return Detected { ci: Some(ci), why },
            None if name == NONE => return Detected { ci: None, why },
            None => (),
        }
    }
    for (name, wanted, ci) in SIGNS {
        let Some(value) = variables.get(name) else { continue };
        let is_off = wanted.is_none() && matches!(value, "false" | "0");
        // Where no value is wanted, any may be there, and some are long.
        let why = wanted.map_or_else(|| format!("{name} is set"), |wanted| format!("{name} is {wanted}"));
        if !is_off && wanted.is_none_or(|wanted| wanted == value) {
            return Detected { ci: Some(ci), why };
        }
    }
    Detected { ci: None, why: "no variable of a CI is set".to_owned() }
}

/// What is wrong with [`OVERRIDE`], if anything.
pub fn wrong_override(variables: &Variables) -> Option<String> {
    let name = variables.get(OVERRIDE).filter(|name| *name != NONE && Ci::named(name).is_none())?;
    let names: Vec<&str> = Ci::ALL.into_iter().map(Ci::name).collect();
    Some(format!(
        "the variable {OVERRIDE} is wrong: there is no {name:?}; there is: {}, {NONE}",
        names.join(", ")
    ))
}

impl Ci {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::GitHub,
        Self::Gitea,
        Self::Forgejo,
        Self::GitLab,
        Self::Jenkins,
        Self::Azure,
        Self::CircleCi,
        Self::Buildkite,
        Self::Woodpecker,
        Self::Drone,
        Self::Tekton,
        Self::Generic,
    ];

    /// Its name, as in the report and in `CROSSDOCK_CI`.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::Gitea => "gitea",
            Self::Forgejo => "forgejo",
            Self::GitLab => "gitlab",
            Self::Jenkins => "jenkins",
            Self::Azure => "azure",
            Self::CircleCi => "circleci",
            Self::Buildkite => "buildkite",
            Self::Woodpecker => "woodpecker",
            Self::Drone => "drone",
            Self::Tekton => "tekton",
            Self::Generic => "generic",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ci| ci.name() == name)
    }

    /// How it wants to be spoken to.
    pub fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::GitHub => &github::GitHub,
            Self::Gitea | Self::Forgejo => &gitea::Gitea,
            Self::GitLab => &gitlab::GitLab,
            Self::Jenkins => &jenkins::Jenkins,
            Self::Azure => &azure::Azure,
            Self::CircleCi => &circleci::CircleCi,
            Self::Buildkite => &buildkite::Buildkite,
            Self::Woodpecker => &woodpecker::Woodpecker,
            Self::Drone => &drone::Drone,
            Self::Tekton => &tekton::Tekton,
            Self::Generic => &generic::Generic,
        }
    }
}

impl Detected {
    /// How the CI wants to be spoken to; outside of one, as where nothing is known of it.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.ci.unwrap_or(Ci::Generic).dialect()
    }

    /// Its name for the report.
    pub fn name(&self) -> Option<&'static str> {
        self.ci.map(Ci::name)
    }
}

impl fmt::Display for Ci {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &[(&str, &str)]) -> Option<Ci> {
        detect(&Variables::made_up(variables)).ci
    }

    #[test]
    fn each_is_known_by_what_it_sets_and_not_by_what_it_pretends() {
        let github = ("GITHUB_ACTIONS", "true");
        let ci = ("CI", "true");
        type Row<'a> = (&'a [(&'a str, &'a str)], Option<Ci>);
        let table: [Row<'_>; 20] = [
            (&[], None),
            (&[ci], Some(Ci::Generic)),
            (&[("CI", "false")], None),
            (&[("CI", "0")], None),
            (&[("CI", "")], None),
            (&[ci, github], Some(Ci::GitHub)),
            (&[ci, github, ("ACT", "true")], Some(Ci::GitHub)),
            (&[ci, github, ("ACT", "true"), ("GITEA_ACTIONS", "true")], Some(Ci::Gitea)),
            (&[ci, github, ("GITEA_ACTIONS", "true"), ("FORGEJO_ACTIONS", "true")], Some(Ci::Forgejo)),
            (&[ci, ("GITLAB_CI", "true")], Some(Ci::GitLab)),
            (&[ci, ("BUILDKITE", "true")], Some(Ci::Buildkite)),
            (&[ci, ("CIRCLECI", "true")], Some(Ci::CircleCi)),
            (&[("TF_BUILD", "True")], Some(Ci::Azure)),
            (&[("CI", "woodpecker")], Some(Ci::Woodpecker)),
            (&[ci, ("CI_SYSTEM_NAME", "woodpecker")], Some(Ci::Woodpecker)),
            (&[ci, ("DRONE", "true")], Some(Ci::Drone)),
            (&[("JENKINS_URL", "https://ci.test/"), ("BUILD_ID", "7")], Some(Ci::Jenkins)),
            (&[("HOME", "/tekton/home")], Some(Ci::Tekton)),
            (&[ci, github, (OVERRIDE, "jenkins")], Some(Ci::Jenkins)),
            (&[ci, github, (OVERRIDE, "none")], None),
        ];
        for (variables, expected) in table {
            assert_eq!(detected(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_told_and_passed_over() {
        let variables = Variables::made_up(&[("GITLAB_CI", "true"), (OVERRIDE, "gitlap")]);
        assert_eq!(detect(&variables).ci, Some(Ci::GitLab));
        let told = wrong_override(&variables).expect("wrong");
        assert!(told.contains("\"gitlap\"") && told.contains("gitlab, jenkins"), "{told}");
        assert_eq!(wrong_override(&Variables::made_up(&[(OVERRIDE, "none")])), None);
    }
}
