//! Writing a manifest at one target: after everything below it arrived, and under a tag only while that
//! names what it was seen to name.

use super::Shared;
use super::ledger::Promise;
use super::manifests::{Fetched, Written};
use super::recipient::Recipient;
use super::sighting::{Now, moved};
use crate::failure::{Fallible, Side};
use crate::oci::{At, Digest, Repository};
use crate::store::Writer;
use tokio::time::Instant;

/// How a manifest came to be at its target.
enum Put {
    /// It was written.
    Written,
    /// The tag names it already: somebody else wrote it since.
    Found,
}

impl Shared {
    /// Writes the manifest where everything below it arrived.
    pub(super) async fn write(
        &self,
        recipient: &Recipient,
        promise: Option<Promise<(Repository, Digest)>>,
        fetched: &Fetched<'_>,
    ) {
        if recipient.lives() && self.stop.is_set() {
            recipient.fail(self.stop.failure());
        }
        if !recipient.lives() {
            return;
        }
        let put = match recipient.writer() {
            Ok(writer) => self.put(recipient, writer, fetched).await,
            Err(failure) => Err(failure),
        };
        match put {
            Ok(put) => {
                match put {
                    Put::Written => recipient.count(|tally| tally.manifests_put += 1),
                    Put::Found => recipient.was_written_by_others(),
                }
                if let Some(promise) = promise {
                    promise.settle();
                }
            }
            Err(failure) => recipient.fail(failure.on(Side::Target)),
        }
    }

    async fn put(&self, recipient: &Recipient, writer: &dyn Writer, fetched: &Fetched<'_>) -> Fallible<Put> {
        let wanted = &fetched.raw.digest;
        let at = match (fetched.wanted.written, &recipient.reference.tag) {
            (Written::ByTag, Some(tag)) => At::Tag(tag.clone()),
            _ => At::Digest(wanted.clone()),
        };
        if let (At::Tag(_), Some(expected)) = (&at, &recipient.expected)
            && expected.is_old(Instant::now())
        {
            let now = self.stop.or(writer.head(&at)).await??.map(|head| head.digest);
            match expected.compare(now.as_ref(), wanted) {
                Now::AsSeen => {}
                Now::Done => return Ok(Put::Found),
                Now::Moved => {
                    let failure = moved(recipient, now.as_ref());
                    recipient.names_now(now);
                    return Err(failure);
                }
            }
        }
        if let At::Tag(tag) = &at
            && self.put_together(recipient, writer, tag, fetched).await?
        {
            return Ok(Put::Written);
        }
        self.put_or_mend(recipient, writer, &at, fetched).await.map(|_| Put::Written)
    }
}
