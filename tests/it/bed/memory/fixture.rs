//! The memory registry as tests hold it: start, look inside, misbehave, stop.

use super::contents::{Holding, Noticed, Reached, StoredManifest};
use super::rule::Tally;
use super::server::{Shared, serve};
use super::{Options, Requests, Rule};
use crate::bed::digest::matches;
use crate::bed::images::{Blob, BlobBytes, Image};
use crate::bed::listening::{Listening, Reserved, free_port};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// A registry in memory, on its own thread. Dropping it stops it, and fails the test when a
/// manifest arrived before what it reaches, or a credential that does not belong here.
pub struct Registry {
    shared: Arc<Shared>,
    running: Mutex<Running>,
    #[expect(dead_code, reason = "held to be dropped: that stops it")]
    storage: Listening,
}

enum Running {
    #[expect(dead_code, reason = "held to be dropped: that stops it")]
    Up(Listening),
    Down(Reserved),
    Gone,
}

impl Registry {
    /// A registry with the default options.
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// A registry with these options.
    pub fn with(options: Options) -> Self {
        let listener = free_port();
        let address = listener.local_addr().expect("a bound socket has an address");
        let storage = free_port();
        let storage_address = storage.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared::new(options, address, storage_address));
        let running = Mutex::new(Running::Up(listen(listener, &shared)));
        let storage = listen(storage, &shared);
        Self { shared, running, storage }
    }

    /// `127.0.0.1:port`, as it stands in a reference.
    pub fn host(&self) -> String {
        self.shared.address.to_string()
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        self.shared.origin()
    }

    /// Puts an image and its tags in place, without a request.
    pub fn seed(&self, image: &Image, repository: &str, tags: &[&str]) {
        self.shared.contents().seed(image, repository, tags);
    }

    /// Makes an empty repository, as somebody did before.
    pub fn create(&self, repository: &str) {
        self.shared.contents().repository(repository);
    }

    /// Holds on to what a tag names from now on.
    pub fn protect(&self, repository: &str, tag: &str) {
        let mut protected = self.shared.protected.lock().expect("no panic while answering");
        protected.insert((repository.to_owned(), tag.to_owned()));
    }

    /// Lets so much of what the registry counts be left again.
    pub fn refill(&self, left: u32) {
        self.shared.quota_left.store(left, Ordering::SeqCst);
    }

    /// Lets there be no room for blobs from now on.
    pub fn fill_up(&self) {
        self.shared.is_full.store(true, Ordering::SeqCst);
    }

    /// Lets the registry misbehave; the tally tells whether it did.
    pub fn rule(&self, rule: Rule) -> Arc<Tally> {
        let tally = rule.tally();
        self.shared.rules.lock().expect("no panic while answering").push(rule);
        tally
    }

    /// Lets the registry behave again.
    pub fn clear_rules(&self) {
        self.shared.rules.lock().expect("no panic while answering").clear();
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Requests {
        self.shared.log.requests()
    }

    /// Forgets every request so far: what comes now is another run.
    pub fn clear_requests(&self) {
        self.shared.contents().forget_requests();
        self.shared.log.clear();
    }

    /// Lets every token that was handed out expire now.
    pub fn expire_tokens(&self) {
        self.shared.tokens().expire();
    }

    /// Closes the port and every connection; contents stay, and nobody else gets the port.
    pub fn go_down(&self) {
        let mut running = self.running.lock().expect("no panic while stopping");
        drop(std::mem::replace(&mut *running, Running::Gone));
        *running = Running::Down(Reserved::new(self.shared.address));
    }

    /// Listens on the same port again.
    pub fn come_up(&self) {
        let mut running = self.running.lock().expect("no panic while starting");
        match std::mem::replace(&mut *running, Running::Gone) {
            Running::Down(port) => *running = Running::Up(listen(port.listen(), &self.shared)),
            Running::Up(_) | Running::Gone => panic!("the registry is not down"),
        }
    }

    /// The digest that a tag names.
    pub fn tag(&self, repository: &str, tag: &str) -> Option<String> {
        self.tags(repository).remove(tag)
    }

    /// Every tag with the digest that it names.
    pub fn tags(&self, repository: &str) -> BTreeMap<String, String> {
        let contents = self.shared.contents();
        let tags = contents.repositories.get(repository).map(|repository| &repository.tags);
        tags.into_iter().flatten().map(|(tag, stored)| (tag.clone(), stored.digest.clone())).collect()
    }

    /// What every repository holds.
    pub fn holdings(&self) -> BTreeMap<String, Holding> {
        self.shared.contents().holdings()
    }

    /// Every tag that was ever written, as `repository:tag`, with what it named then; in this order.
    pub fn tagged(&self) -> Vec<(String, String)> {
        let contents = self.shared.contents();
        let written = contents.tagged.iter();
        written.map(|(name, tag, digest)| (format!("{name}:{tag}"), digest.clone())).collect()
    }

    /// The names of all repositories.
    pub fn repositories(&self) -> Vec<String> {
        self.shared.contents().repositories.keys().cloned().collect()
    }

    /// The digests of all blobs.
    pub fn blobs(&self) -> Vec<String> {
        self.shared.contents().blobs.keys().cloned().collect()
    }

    /// The blob with this digest, whichever repository has it.
    pub fn blob(&self, digest: &str) -> Option<Blob> {
        self.shared.contents().blobs.get(digest).cloned()
    }

    /// Whether this repository has the blob, with its bytes.
    pub fn has_blob(&self, repository: &str, digest: &str) -> bool {
        let contents = self.shared.contents();
        contents.blob_in(repository, digest).is_some() && contents.hole(repository, digest).is_none()
    }

    /// The manifest that a tag or a digest names.
    pub fn manifest(&self, repository: &str, at: &str) -> Option<StoredManifest> {
        self.shared.contents().manifest_at(repository, at).map(|(_, stored)| stored.clone())
    }

    /// Takes a blob away behind everybody's back, from every repository.
    pub fn remove_blob(&self, digest: &str) {
        let mut contents = self.shared.contents();
        contents.blobs.remove(digest);
        contents.repositories.values_mut().for_each(|repository| {
            repository.blobs.remove(digest);
        });
    }

    /// Loses the bytes of a blob that the repository goes on to show: HEAD finds it, GET answers 404,
    /// until it is uploaded again.
    pub fn forget_behind(&self, repository: &str, digest: &str, noticed: Noticed) {
        let mut contents = self.shared.contents();
        assert!(contents.blob_in(repository, digest).is_some(), "{repository} has no {digest}");
        contents.lose(repository, digest, noticed);
    }

    /// Takes a tag away behind everybody's back.
    pub fn remove_tag(&self, repository: &str, tag: &str) {
        self.shared.contents().repository(repository).tags.remove(tag);
    }

    /// Whether nobody is connected.
    pub fn is_alone(&self) -> bool {
        self.shared.connections.open() == 0
    }

    /// How many uploads were begun and neither finished nor given up.
    pub fn open_uploads(&self) -> usize {
        self.shared.sessions().count()
    }

    /// Whether everything that the tag reaches is there, with the right digests.
    pub fn complete(&self, repository: &str, tag: &str) -> bool {
        self.missing(repository, tag).is_empty()
    }

    /// What the tag reaches that is not there or has the wrong digest; the tag itself when it is
    /// not there.
    pub fn missing(&self, repository: &str, tag: &str) -> Vec<String> {
        let contents = self.shared.contents();
        let mut missing = Vec::new();
        let mut open = vec![tag.to_owned()];
        while let Some(at) = open.pop() {
            let Some((digest, stored)) = contents.manifest_at(repository, &at) else {
                missing.push(at);
                continue;
            };
            if !matches(&digest, &stored.bytes) {
                missing.push(digest);
                continue;
            }
            let document = serde_json::from_slice(&stored.bytes).expect("a stored manifest is JSON");
            let reached = Reached::of(&document);
            open.extend(reached.manifests);
            let is_good = |digest: &String| match contents.blob_in(repository, digest).map(|blob| &blob.bytes)
            {
                _ if contents.hole(repository, digest).is_some() => false,
                Some(BlobBytes::Held(bytes)) => matches(digest, bytes),
                Some(BlobBytes::Made(_) | BlobBytes::Forgotten) => true,
                None => false,
            };
            missing.extend(reached.blobs.into_iter().filter(|digest| !is_good(digest)));
        }
        missing
    }

    /// What clients did wrong so far; they are forgotten, so that dropping does not fail.
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.violations.lock().expect("no panic while answering"))
    }

    /// Fails the test when clients did something wrong.
    pub fn assert_clean(&self) {
        let violations = self.take_violations();
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Ok(mut running) = self.running.lock() {
            *running = Running::Gone;
        }
        if !std::thread::panicking() {
            self.assert_clean();
        }
    }
}

fn listen(listener: TcpListener, shared: &Arc<Shared>) -> Listening {
    let shared = Arc::clone(shared);
    Listening::start("memory-registry", listener, move |listener| serve(listener, shared))
}
