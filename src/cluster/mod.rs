//! Asks a cluster of Kubernetes which images its workloads name, and what of them runs. A list that is not
//! whole is a failure.

mod kinds;
mod open;
mod pages;
mod shapes;
mod trouble;

pub use open::{Access, open};
pub use trouble::{Trouble, Want};

use crate::harvest::Workload;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kinds::{KINDS, Kind};
use kube::Client;
use pages::Asked;
use std::collections::BTreeSet;

/// How many lists are asked for at once: a cluster has other things to do.
const LISTS_AT_ONCE: usize = 4;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// The namespaces; none means all.
    pub namespaces: Vec<String>,
    /// The labels that objects have, as `kubectl -l` takes them.
    pub selector: Option<String>,
}

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Pods, and whatever makes pods.
    pub workloads: Vec<Workload>,
    /// Namespaces that were named and have none of them.
    pub empty: BTreeSet<String>,
}

/// Lists the workloads of a cluster.
///
/// # Errors
/// One list could not be had whole: then nothing is known.
pub async fn look(client: &Client, question: &Question) -> Result<Answer, Trouble> {
    let places: Vec<Option<&str>> = match question.namespaces.is_empty() {
        true => vec![None],
        false => question.namespaces.iter().map(|name| Some(name.as_str())).collect(),
    };
    let lists = places.iter().flat_map(|place| KINDS.iter().map(|kind| (*place, kind)));
    let selector = question.selector.as_deref();
    let one = |(namespace, kind): (Option<&'_ str>, &'static Kind)| {
        let asked =
            Asked { kind, namespace: namespace.map(str::to_owned), selector: selector.map(str::to_owned) };
        async move { pages::objects(client, &asked).await.map(|objects| (asked, objects)) }
    };
    let found: Vec<_> = stream::iter(lists.map(one)).buffered(LISTS_AT_ONCE).try_collect().await?;
    let mut answer = Answer { empty: question.namespaces.iter().cloned().collect(), ..Answer::default() };
    for (asked, objects) in found {
        if let Some(namespace) = asked.namespace.filter(|_| !objects.is_empty()) {
            answer.empty.remove(&namespace);
        }
        answer.workloads.extend(objects.into_iter().filter_map(|object| object.workload(asked.kind)));
    }
    for namespace in &answer.empty {
        pages::exists(client, namespace).await?;
    }
    Ok(answer)
}
