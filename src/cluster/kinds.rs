//! The kinds of objects that have pods or make them.

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Namespace, Pod, ReplicationController};
use kube::Resource;

/// A kind of objects.
#[derive(Debug)]
pub(super) struct Kind {
    /// `Deployment`.
    pub(super) name: &'static str,
    /// `deployments`, as rights name it.
    pub(super) plural: &'static str,
    /// The group that it is in; empty for the oldest.
    pub(super) group: &'static str,
    path: fn(Option<&str>) -> String,
}

/// Every kind that is listed. The first are those whose names say most.
pub(super) const KINDS: [Kind; 8] = [
    Kind { name: "Deployment", plural: "deployments", group: "apps", path: path::<Deployment> },
    Kind { name: "StatefulSet", plural: "statefulsets", group: "apps", path: path::<StatefulSet> },
    Kind { name: "DaemonSet", plural: "daemonsets", group: "apps", path: path::<DaemonSet> },
    Kind { name: "CronJob", plural: "cronjobs", group: "batch", path: path::<CronJob> },
    Kind { name: "Job", plural: "jobs", group: "batch", path: path::<Job> },
    Kind { name: "ReplicaSet", plural: "replicasets", group: "apps", path: path::<ReplicaSet> },
    Kind {
        name: "ReplicationController",
        plural: "replicationcontrollers",
        group: "",
        path: path::<ReplicationController>,
    },
    Kind { name: POD, plural: "pods", group: "", path: path::<Pod> },
];

/// What runs, and makes nothing.
pub(super) const POD: &str = "Pod";

impl Kind {
    /// Where its objects are listed, of one namespace or of all.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        (self.path)(namespace)
    }
}

/// Where namespaces are.
pub(super) fn namespaces() -> String {
    path::<Namespace>(None)
}

fn path<K: Resource<DynamicType = ()>>(namespace: Option<&str>) -> String {
    K::url_path(&(), namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_where_its_name_says() {
        for kind in &KINDS {
            let group = match kind.group {
                "" => "/api/v1".to_owned(),
                group => format!("/apis/{group}/v1"),
            };
            assert_eq!(kind.path(None), format!("{group}/{}", kind.plural));
            assert_eq!(kind.path(Some("a")), format!("{group}/namespaces/a/{}", kind.plural));
            assert_eq!(kind.plural, format!("{}s", kind.name.to_lowercase()));
        }
    }
}
