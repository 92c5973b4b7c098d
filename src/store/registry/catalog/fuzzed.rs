//! What holds for pages of catalogs, whatever the bytes are.

use super::found::{After, Found};
use super::page::{Catalog, Next, Page};
use super::{aliyun, amazon, distribution, dockerhub, github, gitlab, google, harbor, quay, swr, tencent};
use crate::oci::{Area, Registry};
use reqwest::header::HeaderMap;
use url::Url;

/// Every catalog that there is.
fn catalogs(registry: &Registry, area: &Area) -> Vec<Box<dyn Catalog>> {
    let server = Url::parse("https://gitlab.test/jwt/auth").expect("a URL");
    vec![
        Box::new(aliyun::Aliyun::new(area)),
        Box::new(amazon::Amazon::new(registry)),
        Box::new(distribution::Distribution::PLAIN),
        Box::new(dockerhub::DockerHub::new("team")),
        Box::new(github::GitHub::new("team")),
        Box::new(gitlab::GitLab::new(&server, "team")),
        Box::new(google::Google::of(&"eu.gcr.io".parse().expect("a registry"), "team").expect("a place")),
        Box::new(harbor::Harbor::new(area)),
        Box::new(quay::Quay::new("team")),
        Box::new(swr::Swr::new(area)),
        Box::new(tencent::Enterprise::new(area)),
        Box::new(tencent::Personal),
    ]
}

/// A page of every catalog: where one is read, the next is at the same place, and what is taken of it lies in the
/// area.
pub fn catalog(bytes: &[u8]) -> bool {
    let registry: Registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com".parse().expect("a registry");
    let area: Area = "r.test/team/**".parse().expect("an area");
    let mut is_one = false;
    for catalog in catalogs(&registry, &area) {
        let ask = &catalog.begin()[0];
        let Ok(told) = catalog.read(&Page { ask, headers: &HeaderMap::new(), body: bytes }) else { continue };
        is_one = true;
        let place = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
        if let Next::Page(next) | Next::Unsure(next) = &told.next {
            assert_eq!(place(&next.path), place(&ask.path));
        }
        let total = told.total;
        let count = told.names.len();
        let mut found = Found::new(ask);
        if found.take(told, &area) == After::Whole {
            // A list that says that there are more is never all of it.
            assert!(total.is_none_or(|total| total <= count), "{total:?} of {count}");
        }
        let names = found.into_names();
        assert!(
            names.iter().all(|name| area.below(name).is_some() && area.repository(name).is_ok()),
            "{names:?}"
        );
    }
    is_one
}
