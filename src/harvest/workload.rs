//! What names images: a workload of a cluster or of a manifest, a service, a stage of a build.

use crate::import::Site;
use crate::oci::{Digest, Repository};
use std::collections::BTreeMap;

/// Labels, by their keys.
pub type Labels = BTreeMap<String, String>;

/// Something that names images.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workload {
    /// What it is: `Deployment`, `service`, `FROM`.
    pub kind: String,
    /// Its namespace, where it has one.
    pub namespace: Option<String>,
    /// What it is called; empty where it has no name.
    pub name: String,
    /// Its own labels, and those of what it makes.
    pub labels: Vec<Labels>,
    /// What in it names images.
    pub containers: Vec<Container>,
}

/// What names one image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Container {
    /// What it is called; empty where it has no name.
    pub name: String,
    /// The image, as it is written.
    pub image: String,
    /// What runs, as the container runtime calls it.
    pub image_id: Option<String>,
    /// Where the image stands; none where that is in no file.
    pub site: Option<Site>,
}

impl Workload {
    /// Whether it, or what it makes, has all of these labels.
    pub(super) fn has(&self, wanted: &Labels) -> bool {
        let has_all = |labels: &Labels| wanted.iter().all(|(key, value)| labels.get(key) == Some(value));
        wanted.is_empty() || self.labels.iter().any(has_all)
    }

    /// Where one of its images was found, in words: `a.yaml:3 Deployment shop/web (app)`.
    pub(super) fn place(&self, container: &Container) -> String {
        let site = container.site.as_ref().map(|site| format!("{}:{}", site.file, site.line));
        let name = match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        };
        let container = Some(&container.name).filter(|name| !name.is_empty() && **name != self.name);
        let parts = [site, Some(self.kind.clone()), Some(name), container.map(|name| format!("({name})"))];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }
}

/// The digest by which `repository` has what runs. Runtimes call what they run by the name and the digest
/// of its manifest; the digest alone is that of a config, by which no registry is asked.
pub(super) fn running(image_id: &str, repository: &Repository) -> Option<Digest> {
    let name = image_id.strip_prefix("docker-pullable://").unwrap_or(image_id);
    let reference: crate::oci::Reference = name.parse().ok()?;
    reference.digest.filter(|_| reference.repository == *repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_known_by_its_name_and_digest_only() {
        let nginx: Repository = "nginx".parse().expect("a repository");
        let hex = "ab".repeat(32);
        let known = |id: String| running(&id, &nginx).map(|digest| digest.to_string());
        let digest = Some(format!("sha256:{hex}"));
        assert_eq!(known(format!("docker.io/library/nginx@sha256:{hex}")), digest);
        assert_eq!(known(format!("docker-pullable://nginx@sha256:{hex}")), digest);
        assert_eq!(known(format!("sha256:{hex}")), None, "the digest of a config");
        assert_eq!(known(format!("docker://sha256:{hex}")), None);
        assert_eq!(known(format!("quay.io/other/nginx@sha256:{hex}")), None, "of another repository");
        assert_eq!(known(String::new()), None);
    }

    #[test]
    fn places_say_what_there_is_to_say() {
        let mut workload = Workload { kind: "Pod".to_owned(), name: "web".to_owned(), ..Workload::default() };
        let mut container = Container { name: "web".to_owned(), ..Container::default() };
        assert_eq!(workload.place(&container), "Pod web");
        workload.namespace = Some("shop".to_owned());
        container.name = "app".to_owned();
        container.site = Some(Site { file: "a.yaml".into(), line: 3, column: 1 });
        assert_eq!(workload.place(&container), "a.yaml:3 Pod shop/web (app)");
    }
}
