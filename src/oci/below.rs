//! What lies below a repository: other repositories, whose names begin with its own.

use super::{ReferenceError, Repository, RepositoryPath};

impl Repository {
    /// The repository at `path` below this one.
    ///
    /// # Errors
    /// Its name would be too long; or this is a layout without a name, which has nothing below it.
    pub fn below(&self, path: &RepositoryPath) -> Result<Self, ReferenceError> {
        match self {
            Self::Registry { registry, path: above } => {
                let path = format!("{above}/{path}").parse().map_err(ReferenceError::Repository)?;
                Ok(Self::Registry { registry: registry.clone(), path })
            }
            Self::Local { place, name: Some(above) } => {
                let name = Some(format!("{}/{path}", above.as_str()).parse()?);
                Ok(Self::Local { place: place.clone(), name })
            }
            Self::Local { name: None, .. } => Err(ReferenceError::Unexpected(
                "a layout has repositories only where it is written with a name, `oci:DIRECTORY//NAME`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_repository_has_its_name_in_front() {
        let below = |text: &str, path: &str| {
            let path: RepositoryPath = path.parse().expect("a path");
            let repository: Repository = text.parse().expect("a repository");
            repository.below(&path).map_or_else(|e| format!("error: {e}"), |below| below.to_string())
        };
        assert_eq!(below("r.test/m/nginx", "a/b"), "r.test/m/nginx/a/b");
        assert_eq!(below("alpine", "x"), "docker.io/library/alpine/x");
        assert_eq!(below("oci:out//docker.io/nginx", "a"), "oci:out//docker.io/nginx/a");
        assert!(below("oci:out", "a").starts_with("error: a layout has repositories only where"));
        assert_eq!(
            below("r.test/m", &"x".repeat(254)),
            "error: not a repository: it is longer than 255 bytes"
        );
    }
}
