//! Why a cluster cannot be asked. Never holds a secret: what was read to get one is not repeated.

use super::pages::Asked;
use kube::client::AuthError;
use kube::config::KubeconfigError;
use std::error::Error;
use std::fmt;

/// Why it is not known what runs in a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What has to change.
    pub want: Want,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What has to change before it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// How the cluster was named: nobody was asked.
    Call,
    /// Credentials, or rights.
    Rights,
    /// Whatever else: the network, the cluster.
    Cluster,
}

impl Trouble {
    pub(super) fn new(want: Want, message: impl Into<String>) -> Self {
        Self { want, message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// What is wrong with a file that says where a cluster is. Of a file that cannot be read no part is shown:
/// what stands there may be a key.
pub(super) fn of_file(error: &KubeconfigError) -> Trouble {
    let trouble = |message: String| Trouble::new(Want::Call, message);
    match error {
        KubeconfigError::ReadConfig(why, path) => {
            trouble(format!("the kubeconfig {} cannot be read: {why}", path.display()))
        }
        KubeconfigError::CurrentContextNotSet => {
            trouble("the kubeconfig has no current context".to_owned()).hint("name one with `--context`")
        }
        KubeconfigError::LoadContext(name) => trouble(format!("the kubeconfig has no context `{name}`"))
            .hint("`kubectl config get-contexts` lists those that there are"),
        KubeconfigError::LoadClusterOfContext(name) => {
            trouble(format!("the kubeconfig has no cluster `{name}`, which its context names"))
        }
        KubeconfigError::MissingClusterUrl => trouble("the cluster has no `server`".to_owned()),
        KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => {
            trouble("the files of KUBECONFIG do not belong together".to_owned())
        }
        KubeconfigError::ParseClusterUrl(_) => trouble("the `server` of the cluster is no URL".to_owned()),
        KubeconfigError::ParseProxyUrl(_) => trouble("the proxy is no URL".to_owned()),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            trouble("the certificate authority of the cluster cannot be read".to_owned())
        }
        KubeconfigError::LoadClientCertificate(_) | KubeconfigError::LoadClientKey(_) => {
            trouble("the client certificate or its key cannot be read".to_owned())
        }
        _ => trouble("this is no kubeconfig".to_owned())
            .hint("`kubectl config view` tells what is wrong with it"),
    }
}

/// Why nobody could be asked. `program` is what gets credentials, where a program does.
pub(super) fn of_client(error: &kube::Error, program: Option<&str>) -> Trouble {
    match error {
        kube::Error::InferKubeconfig(error) => of_file(error),
        kube::Error::Auth(error) => of_login(error, program),
        kube::Error::RustlsTls(_) => Trouble::new(
            Want::Call,
            "the client certificate, its key, or the certificate authority of the cluster cannot be used",
        ),
        kube::Error::ProxyProtocolDisabled { .. } | kube::Error::ProxyProtocolUnsupported { .. } => {
            Trouble::new(Want::Call, "the proxy is none that is spoken to").hint("use one that speaks HTTP")
        }
        other => Trouble::new(Want::Cluster, format!("the cluster cannot be reached: {}", root(other))),
    }
}

/// Why there is nobody to ask as.
fn of_login(error: &AuthError, program: Option<&str>) -> Trouble {
    let trouble = |message: String| Trouble::new(Want::Rights, message);
    let program = program.unwrap_or("of the kubeconfig");
    match error {
        AuthError::AuthExecStart(why) => {
            trouble(format!("the program {program}, which gets credentials, cannot be started: {why}"))
        }
        // Its command line, its environment and what it wrote may hold secrets.
        AuthError::AuthExecRun { out, .. } => {
            trouble(format!("the program {program}, which gets credentials, failed ({})", out.status))
                .hint("`kubectl get pods` with the same kubeconfig shows what it says")
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            trouble(format!("what the program {program} wrote is no credential"))
        }
        AuthError::ReadTokenFile(why, path) => {
            trouble(format!("the token in {} cannot be read: {why}", path.display()))
        }
        AuthError::AuthExec(_) | AuthError::MissingCommand => {
            trouble("the kubeconfig names a way to get credentials that is not known here".to_owned())
        }
        _ => trouble("the credentials of the kubeconfig cannot be used".to_owned()),
    }
}

/// Why a list cannot be had.
pub(super) fn of_list(error: &kube::Error, asked: &Asked, program: Option<&str>) -> Trouble {
    let kube::Error::Api(answer) = error else {
        return match chain(error).find_map(|error| error.downcast_ref::<AuthError>()) {
            Some(login) => of_login(login, program),
            None => of_client(error, program),
        };
    };
    let Asked { kind, namespace, .. } = asked;
    let place = namespace.as_ref().map_or("all namespaces".to_owned(), |name| format!("namespace {name}"));
    let wanted = format!("list {} in {place}", kind.plural);
    match answer.code {
        401 => Trouble::new(Want::Rights, format!("the cluster does not know who asks to {wanted} (401)"))
            .hint("log in again, or name another context with `--context`"),
        403 => {
            let group = match kind.group {
                "" => "the core group".to_owned(),
                group => format!("the group {group}"),
            };
            let hint = match namespace {
                None => "or name namespaces that may be read with `-n`",
                Some(_) => "or leave the namespace out",
            };
            let message = format!("the cluster does not let us {wanted} (403)");
            let hint =
                format!("the right `list` on `{}` of {group} is missing: grant it, {hint}", kind.plural);
            Trouble::new(Want::Rights, message).hint(hint)
        }
        code => {
            let said = match answer.message.as_str() {
                "" => String::new(),
                said => format!(": {said}"),
            };
            Trouble::new(
                Want::Cluster,
                format!("it is not known how to {wanted}: the cluster answers {code}{said}"),
            )
        }
    }
}

/// An error, and what it comes from.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'e (dyn Error + 'static) = *error;
        error.source()
    })
}

/// What an error comes from in the end.
fn root(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
