//! The catalog of Google Artifact Registry: the packages of a repository, which are what others call
//! repositories.

use super::page::{Ask, Catalog, Next, Page, Told};
use crate::oci::Registry;
use serde::Deserialize;
use url::form_urlencoded::parse;

/// Where the API is.
pub(super) const HOST: &str = "artifactregistry.googleapis.com";
/// The user whose password is an access token.
pub(super) const USERNAME: &str = "oauth2accesstoken";
/// What to write where an area is too large.
pub(super) const HINT: &str =
    "name a repository: `LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/**`, or `gcr.io/PROJECT/**`";
/// Packages on a page: the most that it gives.
const PAGE_NAMES: &str = "1000";
/// Where the repositories are that have taken the place of Container Registry, each called like its host.
const OLDER: [(&str, &str); 4] =
    [("gcr.io", "us"), ("us.gcr.io", "us"), ("eu.gcr.io", "europe"), ("asia.gcr.io", "asia")];

/// `GET /v1/projects/P/locations/L/repositories/R/packages` (Artifact Registry API, "packages.list").
pub(super) struct Google {
    /// What the name of a package begins with, in the API.
    parent: String,
    /// What it begins with at the registry.
    prefix: String,
}

/// Where a repository of Artifact Registry is.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store::registry) struct Place<'a> {
    pub(in crate::store::registry) project: &'a str,
    pub(in crate::store::registry) location: &'a str,
    pub(in crate::store::registry) repository: &'a str,
    /// What its names begin with at the registry.
    prefix: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    /// None where there is none.
    #[serde(default)]
    packages: Vec<Item>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    name: String,
}

/// The repository that a path leads to; none for one that is too short.
pub(in crate::store::registry) fn place<'a>(registry: &'a Registry, path: &'a str) -> Option<Place<'a>> {
    let host = registry.as_str();
    let until = |parts: usize| {
        let end = path.match_indices('/').nth(parts - 1).map_or(path.len(), |(at, _)| at);
        &path[..end]
    };
    let project = until(1);
    if project.is_empty() {
        return None;
    }
    if let Some((_, location)) = OLDER.iter().find(|(older, _)| *older == host) {
        return Some(Place { project, location, repository: host, prefix: project });
    }
    let location = host.strip_suffix("-docker.pkg.dev")?;
    let prefix = until(2);
    let repository = prefix.strip_prefix(project)?.strip_prefix('/').filter(|name| !name.is_empty())?;
    Some(Place { project, location, repository, prefix })
}

impl Place<'_> {
    /// What the API calls it.
    pub(in crate::store::registry) fn name(&self) -> String {
        let Self { project, location, repository, .. } = self;
        format!("projects/{project}/locations/{location}/repositories/{repository}")
    }
}

impl Google {
    /// The catalog of the repository that a path leads to.
    pub(super) fn of(registry: &Registry, path: &str) -> Option<Self> {
        let place = place(registry, path)?;
        Some(Self { parent: format!("{}/packages", place.name()), prefix: place.prefix.to_owned() })
    }

    fn page(&self, token: Option<&str>) -> Ask {
        let pairs = [("pageSize", PAGE_NAMES)].into_iter().chain(token.map(|token| ("pageToken", token)));
        Ask::get(format!("/v1/{}", self.parent), &pairs.collect::<Vec<_>>())
    }
}

impl Catalog for Google {
    fn begin(&self) -> Vec<Ask> {
        vec![self.page(None)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let Body { packages, next_page_token } = page.json()?;
        let name = |item: Item| {
            let package = item.name.strip_prefix(&self.parent)?.strip_prefix('/')?;
            // A slash in the name of a package is encoded there. A plus would stand for a space here.
            let encoded = package.replace('+', "%2B");
            let (decoded, _) = parse(encoded.as_bytes()).next()?;
            Some(format!("{}/{decoded}", self.prefix))
        };
        let next = match next_page_token.filter(|token| !token.is_empty()) {
            Some(token) => Next::Page(self.page(Some(&token))),
            None => Next::End,
        };
        Ok(Told { names: packages.into_iter().map(name).collect(), total: None, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    fn registry(host: &str) -> Registry {
        host.parse().expect("a registry")
    }

    #[test]
    fn a_path_leads_to_a_repository_in_a_location() {
        let name = |host: &str, path: &str| place(&registry(host), path).map(|place| place.name());
        let whole = "projects/p/locations/europe-west1/repositories/r";
        for path in ["p/r", "p/r/app", "p/r/app/deep"] {
            assert_eq!(name("europe-west1-docker.pkg.dev", path).as_deref(), Some(whole), "{path}");
        }
        for path in ["", "p"] {
            assert_eq!(name("europe-west1-docker.pkg.dev", path), None, "{path}");
        }
        let older = "projects/p/locations/europe/repositories/eu.gcr.io";
        assert_eq!(name("eu.gcr.io", "p/app").as_deref(), Some(older));
        assert_eq!(name("gcr.io", ""), None);
        assert_eq!(name("europe-maven.pkg.dev", "p/r"), None);
    }

    #[test]
    fn packages_are_repositories_and_a_token_leads_to_the_next_page() {
        let catalog = Google::of(&registry("us-docker.pkg.dev"), "p/r").expect("a place");
        let first = &catalog.begin()[0];
        let parent = "projects/p/locations/us/repositories/r/packages";
        assert_eq!((first.path.as_str(), first.query.as_str()), (&*format!("/v1/{parent}"), "pageSize=1000"));
        let body = format!(
            r#"{{"packages":[{{"name":"{parent}/web"}},{{"name":"{parent}/team%2Fapi"}},{{"name":"else/x"}}],"nextPageToken":"t="}}"#
        );
        let told = read(&catalog, first, &[], &body).expect("a page");
        assert_eq!(told.names, [names(&["p/r/web", "p/r/team/api"]), vec![None]].concat());
        assert_eq!(told.next, Next::Page(first.with_query("pageSize=1000&pageToken=t%3D")));
        assert_eq!(read(&catalog, first, &[], "{}").expect("a page").next, Next::End);
        assert!(read(&catalog, first, &[], r#"{"packages":null}"#).is_err());
        let older = Google::of(&registry("gcr.io"), "p").expect("a place");
        let parent = "projects/p/locations/us/repositories/gcr.io/packages";
        let body = format!(r#"{{"packages":[{{"name":"{parent}/a%2Fb"}}]}}"#);
        assert_eq!(read(&older, &older.begin()[0], &[], &body).expect("a page").names, names(&["p/a/b"]));
    }
}
