//! Opens a cluster: the one of a kubeconfig, or the one that we run in.

use super::trouble::{Trouble, Want, of_client, of_file};
use hyper_util::client::proxy::matcher::Matcher;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use std::path::PathBuf;
use std::time::Duration;

/// How long nothing may come of an answer.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long a program may take that gets credentials: people may have to log in.
const LOGIN_MAX: Duration = Duration::from_secs(300);

/// Which cluster, and where it is looked for.
pub struct Access<'a> {
    /// The kubeconfig that was named.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; none means the current one.
    pub context: Option<String>,
    /// The environment.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
}

/// Opens it. What gets credentials is run.
///
/// # Errors
/// There is none, or what says how it is reached cannot be used.
pub async fn open(access: &Access<'_>) -> Result<Client, Trouble> {
    let mut config = config(access).await?;
    config.read_timeout = Some(SILENCE_MAX);
    config.reset_reader_on_write = true;
    // What passes is waited for here, and for less than an hour.
    config.default_retry = false;
    let program = config.auth_info.exec.as_ref().and_then(|exec| exec.command.clone());
    // The program is run here, and while it runs nothing else shall wait.
    let opening = tokio::task::spawn_blocking(move || Client::try_from(config));
    match tokio::time::timeout(LOGIN_MAX, opening).await {
        Ok(Ok(client)) => client.map_err(|error| of_client(&error, program.as_deref())),
        Ok(Err(_)) => Err(Trouble::new(Want::Call, "the kubeconfig cannot be used")),
        Err(_) => {
            let seconds = LOGIN_MAX.as_secs();
            let message = format!("the program that gets credentials takes longer than {seconds} s");
            Err(Trouble::new(Want::Rights, message))
        }
    }
}

async fn config(access: &Access<'_>) -> Result<Config, Trouble> {
    let Some(files) = files(access)? else {
        return Config::incluster().map_err(|why| {
            let message = format!("we run in a cluster, and may not ask it: {why}");
            Trouble::new(Want::Rights, message)
                .hint("give the pod a service account, or name a kubeconfig with `-k`")
        });
    };
    let mut merged = Kubeconfig::default();
    for file in files {
        let next = Kubeconfig::read_from(file).map_err(|error| of_file(&error))?;
        merged = merged.merge(next).map_err(|error| of_file(&error))?;
    }
    let options = KubeConfigOptions { context: access.context.clone(), ..KubeConfigOptions::default() };
    let own_proxies: Vec<String> =
        merged.clusters.iter().filter_map(|named| named.cluster.as_ref()?.proxy_url.clone()).collect();
    let mut config =
        Config::from_custom_kubeconfig(merged, &options).await.map_err(|error| of_file(&error))?;
    // The client takes HTTPS_PROXY for every cluster: NO_PROXY may name this one.
    let is_own = |proxy: &String| {
        own_proxies.iter().any(|own| own.trim_end_matches('/') == proxy.trim_end_matches('/'))
    };
    if config.proxy_url.as_ref().is_some_and(|proxy| !is_own(&proxy.to_string()))
        && is_excepted(access, &config)
    {
        config.proxy_url = None;
    }
    Ok(config)
}

/// Whether the cluster is one that `NO_PROXY` names.
fn is_excepted(access: &Access<'_>, config: &Config) -> bool {
    let variable =
        |name: &str| (access.environment)(name).or_else(|| (access.environment)(&name.to_lowercase()));
    let exceptions = variable("NO_PROXY").unwrap_or_default();
    let matcher = Matcher::builder().all("http://proxy.invalid").no(exceptions).build();
    matcher.intercept(&config.cluster_url).is_none()
}

/// The files that say where clusters are; none where only the one can be meant that we run in.
fn files(access: &Access<'_>) -> Result<Option<Vec<PathBuf>>, Trouble> {
    if let Some(file) = &access.kubeconfig {
        return Ok(Some(vec![file.clone()]));
    }
    let environment = access.environment;
    if let Some(list) = environment("KUBECONFIG") {
        // As kubectl has it: what is not there is no file of the list.
        let named = std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty());
        let files: Vec<PathBuf> = named.filter(|path| path.exists()).collect();
        return match files.is_empty() {
            true => Err(Trouble::new(Want::Call, format!("no file of KUBECONFIG is there: {list}"))),
            false => Ok(Some(files)),
        };
    }
    let home = environment("HOME").map(|home| PathBuf::from(home).join(".kube/config"));
    if let Some(file) = home.filter(|file| file.exists()) {
        return Ok(Some(vec![file]));
    }
    match environment("KUBERNETES_SERVICE_HOST") {
        Some(_) if access.context.is_none() => Ok(None),
        _ => Err(Trouble::new(Want::Call, "there is no kubeconfig: neither ~/.kube/config nor KUBECONFIG")
            .hint("name one with `-k`")),
    }
}
