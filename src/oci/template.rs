//! Templates of repositories: where each repository of an area goes, with `{repository}` in its name.

use super::{Place, Reference, ReferenceError, Repository};
use std::fmt;

/// A repository with [`PLACEHOLDER`] in its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Template(Box<str>);

/// What stands for the part of a source's name that lies below its area.
pub const PLACEHOLDER: &str = "{repository}";

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// It has no [`PLACEHOLDER`].
    Fixed,
    /// The store is not written out before the placeholder: whoever names the sources would choose it.
    Store,
    /// It has a tag or a digest.
    Tag,
    /// It is no repository, whatever is put in.
    Reference(ReferenceError),
}

/// A name that fits wherever names do.
const SAMPLE: &str = "a";

impl Template {
    /// Whether a text is meant as one.
    pub fn is_meant(text: &str) -> bool {
        text.contains(PLACEHOLDER)
    }

    /// The repository for what is called `below` in the area.
    ///
    /// # Errors
    /// The name would be too long, or what is put in does not fit.
    pub fn at(&self, below: &str) -> Result<Repository, ReferenceError> {
        self.0.replace(PLACEHOLDER, below).parse()
    }

    /// The repository for a sample: in the same store as all others.
    ///
    /// # Errors
    /// None that can be met: it was made before.
    pub fn sample(&self) -> Result<Repository, ReferenceError> {
        self.at(SAMPLE)
    }
}

impl std::str::FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let (before, _) = text.split_once(PLACEHOLDER).ok_or(TemplateError::Fixed)?;
        let parting = if Place::meant(before).is_some() { "//" } else { "/" };
        if !before.contains(parting) {
            return Err(TemplateError::Store);
        }
        let sample: Result<Reference, _> = text.replace(PLACEHOLDER, SAMPLE).parse();
        match sample.map_err(TemplateError::Reference)? {
            Reference { tag: None, digest: None, .. } => Ok(Self(text.into())),
            _ => Err(TemplateError::Tag),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed => write!(f, "it has no `{PLACEHOLDER}`"),
            Self::Store => write!(f, "the registry stands before `{PLACEHOLDER}`, and is not a part of it"),
            Self::Tag => f.write_str("a tag or digest does not belong here"),
            Self::Reference(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(template: &str, below: &str) -> String {
        let template: Template = template.parse().expect(template);
        template.at(below).map_or_else(|why| format!("error: {why}"), |repository| repository.to_string())
    }

    #[test]
    fn what_is_below_an_area_is_put_into_the_name() {
        assert_eq!(at("r.test/mirror/{repository}", "web/api"), "r.test/mirror/web/api");
        assert_eq!(at("r.test/m-{repository}/old", "web"), "r.test/m-web/old");
        assert_eq!(at("localhost:5000/{repository}", "a"), "localhost:5000/a");
        assert_eq!(at("acme/{repository}", "web"), "docker.io/acme/web");
        assert_eq!(
            at("oci:out//{repository}", "docker.io/library/alpine"),
            "oci:out//docker.io/library/alpine"
        );
        assert!(at("r.test/m/{repository}", &"x".repeat(255)).starts_with("error: not a repository"));
        // What a layout may be called, a registry may not take.
        assert!(at("r.test/m/{repository}", "localhost:5000/a").starts_with("error: not a repository"));
    }

    #[test]
    fn no_name_of_a_source_chooses_where_it_goes() {
        for (text, why) in [
            ("{repository}", TemplateError::Store),
            ("mirror-{repository}", TemplateError::Store),
            ("oci:{repository}", TemplateError::Store),
            ("oci:out/{repository}", TemplateError::Store),
            ("oci:out-{repository}//a", TemplateError::Store),
            ("r.test/mirror", TemplateError::Fixed),
            ("r.test/mirror/{repository}:latest", TemplateError::Tag),
        ] {
            assert_eq!(text.parse::<Template>(), Err(why), "{text}");
        }
        for text in ["https://r.test/{repository}", "r.test/Mirror/{repository}", "r.test//{repository}"] {
            assert!(matches!(text.parse::<Template>(), Err(TemplateError::Reference(_))), "{text}");
        }
        for below in ["evil.test/x", "localhost/x"] {
            assert!(at("r.test/{repository}", below).starts_with("r.test/"));
            assert!(at("acme/{repository}", below).starts_with("docker.io/acme/"));
        }
    }
}
