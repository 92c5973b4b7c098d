//! What `crossdock serve` gives to whom, and what it does not.

mod answers;
mod clients;
mod corrupt;
mod doors;
mod hostile;
mod joined;
mod load;
mod patience;
mod program;
mod shelf;

use crate::bed::wire::{Ask, Reply};
use crossdock::serve::{Doorkeeper, Limits, Listing, Offer, Service, Site, listen, serve};
use crossdock::store::layout::ReadLayout;
use shelf::Shelf;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// A service within the test, on a free port. Nothing of it outlives this.
struct Served {
    host: String,
    runtime: Option<Runtime>,
    soon: CancellationToken,
    now: CancellationToken,
    ended: Option<tokio::task::JoinHandle<usize>>,
}

/// How a service is set up.
#[derive(Default)]
struct Setup {
    limits: Limits,
    door: Option<Doorkeeper>,
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Served {
    /// One layout, open to everybody.
    fn of(shelf: &Shelf) -> Self {
        Self::with(&[shelf.folder()], Setup::default())
    }

    fn with(layouts: &[&Path], setup: Setup) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let (soon, now) = (CancellationToken::new(), CancellationToken::new());
        let (address, ended) = runtime.block_on(async {
            let site = gather(layouts).await.expect("the layouts can be served");
            let (listener, address) =
                listen(&"127.0.0.1:0".parse().expect("an address")).await.expect("a free port");
            let Setup { limits, door, tls } = setup;
            let service = Service { site, door, tls, limits };
            let (soon, now) = (soon.clone().cancelled_owned(), now.clone().cancelled_owned());
            (address, tokio::spawn(serve(service, listener, soon, now)))
        });
        Self { host: address.to_string(), runtime: Some(runtime), soon, now, ended: Some(ended) }
    }

    fn get(&self, target: &str) -> Reply {
        self.ask("GET", target)
    }

    fn ask(&self, method: &str, target: &str) -> Reply {
        Ask::new(method, target).send(&self.host).expect("an answer")
    }

    fn asking(&self, ask: Ask) -> Reply {
        ask.send(&self.host).expect("an answer")
    }

    /// Waits until the service has ended; how many connections were cut off.
    fn ended(mut self) -> usize {
        let ended = self.ended.take().expect("it ends once");
        self.runtime.as_ref().expect("it runs").block_on(ended).expect("no panic")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// What is served of these layouts.
async fn gather(layouts: &[&Path]) -> Result<Site, Box<crossdock::failure::Failure>> {
    let mut offers = Vec::new();
    for folder in layouts {
        let place = Arc::new(ReadLayout::open(folder).await?);
        let bare = folder.file_name().and_then(|name| name.to_str()?.parse().ok());
        offers.push(Offer { said: folder.display().to_string(), place, bare });
    }
    Site::gather(offers, Listing::Full).await
}
