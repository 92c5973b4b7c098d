//! `crossdock serve`: places on this disk as a registry that can only be pulled from, until somebody ends it.

mod given;

use super::early::Early;
use super::flags::Format;
use super::setting::Setting;
use crate::failure::Failure;
use crate::oci::RepositoryPath;
use crate::report::Exit;
use crate::serve::{self, Doorkeeper, Limits, Listen, Listing, Service, Site};
use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    /// What to serve: a bundle or another OCI archive, whole or any of its parts; a layout; or another place with
    /// its kind, such as oci:DIRECTORY. Several are one registry
    #[arg(value_name = "PLACE", required = true)]
    pub(in crate::cli) places: Vec<String>,

    /// Where to listen: :PORT for all addresses of the machine, or HOST:PORT; port 0 takes any that is free
    #[arg(long, default_value = ":5000", value_name = "ADDRESS")]
    pub(in crate::cli) listen: Listen,

    /// The certificate with its chain, PEM: speak TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(in crate::cli) tls_cert: Option<PathBuf>,

    /// The key of that certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(in crate::cli) tls_key: Option<PathBuf>,

    /// Let in who is in this file, as `htpasswd -B` writes it
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) htpasswd: Option<PathBuf>,

    /// What the repository of tags without one is called [default: as the file or directory]
    #[arg(long, value_name = "NAME", value_parser = path)]
    pub(in crate::cli) name: Option<RepositoryPath>,

    /// List repositories without the registry that they came from; they are found by either name in any case
    #[arg(long)]
    pub(in crate::cli) strip_registry: bool,
}

fn path(text: &str) -> Result<RepositoryPath, String> {
    text.parse().map_err(|why| format!("{why}"))
}

/// Why nothing is served.
enum Ended {
    /// How the program was called, or a file that it was given, is wrong.
    Early(Early),
    /// A place cannot be read or served.
    Failed(Box<Failure>),
    /// The end came before the beginning.
    Stopped,
}

/// Serves until a signal or the deadline comes.
pub(super) async fn serve(setting: &Setting, arguments: &ServeArguments) -> Exit {
    match served(setting, arguments).await {
        Ok(()) | Err(Ended::Stopped) => Exit::Ok,
        Err(Ended::Failed(failure)) => {
            setting.complain_of(None, &failure);
            Exit::Failed
        }
        Err(Ended::Early(early)) => {
            if let Early::Invalid(message) = early {
                setting.complain(&message);
            }
            Exit::Invalid
        }
    }
}

async fn served(setting: &Setting, arguments: &ServeArguments) -> Result<(), Ended> {
    let invalid = |message: String| Ended::Early(Early::Invalid(message));
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Some(serve::acceptor(certificate, key)),
        _ => None,
    };
    let tls = tls.transpose().map_err(|why| invalid(why.to_string()))?;
    let users = arguments.htpasswd.as_deref().map(given::users).transpose().map_err(Ended::Early)?;
    let door = match users {
        None => None,
        Some(users) => Some(
            Doorkeeper::new(users).ok_or_else(|| invalid("the system gives no random bytes".to_owned()))?,
        ),
    };
    setting.start_deadline().map_err(Ended::Early)?;
    let listing = if arguments.strip_registry { Listing::Stripped } else { Listing::Full };
    let gathering = async {
        let offers = given::offers(&arguments.places, arguments.name.as_ref()).await?;
        Site::gather(offers, listing).await.map_err(Ended::Failed)
    };
    let site = setting.stop.or(gathering).await.map_err(|_| Ended::Stopped)??;
    let (listener, address) = serve::listen(&arguments.listen)
        .await
        .map_err(|why| invalid(format!("cannot listen on {}: {why}", arguments.listen)))?;
    tell(setting, &site, address, tls.is_some());
    let service = Service { site, door, tls, limits: Limits::default() };
    let cut = serve::serve(service, listener, setting.stop.asked(), setting.stop.dropped()).await;
    if cut > 0 {
        setting.show(&format!("{cut} connections were cut off"));
    }
    Ok(())
}

/// Says where what is served, once somebody could ask for it.
fn tell(setting: &Setting, site: &Site, address: SocketAddr, is_tls: bool) {
    if !is_tls && !address.ip().is_loopback() {
        setting.show(
            "warning: without TLS, and not only for this machine: whoever is on the way can read and change what \
             is pulled, and read passwords; give --tls-cert and --tls-key, or --listen 127.0.0.1:5000",
        );
    }
    let (repositories, tags) = (site.repositories().count(), site.tags());
    setting.print(&match setting.format() {
        Format::Text => {
            let scheme = if is_tls { "https" } else { "http" };
            format!("serving {repositories} repositories with {tags} tags at {scheme}://{address}\n")
        }
        Format::Json => {
            let names: Vec<&str> = site.repositories().collect();
            let document = json!({
                "address": address.to_string(),
                "port": address.port(),
                "tls": is_tls,
                "repositories": names,
                "tags": tags,
            });
            format!("{document}\n")
        }
    });
}
