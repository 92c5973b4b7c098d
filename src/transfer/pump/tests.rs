//! What uploads are given, when they are committed, and when they are given back.

use super::*;
use crate::failure::{Code, Fallible};
use crate::oci::{At, Digest, MediaType, RawManifest, Repository, Tag};
use crate::store::{BlobStream, Head};
use crate::transfer::StopCause;
use async_trait::async_trait;
use futures::stream;
use std::sync::{Arc, Mutex};

/// A source that says these pieces of any blob, and then falls silent or ends.
struct Said {
    repository: Repository,
    pieces: &'static [&'static str],
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Ended,
    Silent,
}

#[async_trait]
impl Reader for Said {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        Ok(None)
    }

    async fn head(&self, _: &At) -> Fallible<Option<Head>> {
        Ok(None)
    }

    async fn manifest(&self, _: &At) -> Fallible<Option<RawManifest>> {
        Ok(None)
    }

    async fn blob(&self, _: &Descriptor, _: u64) -> Fallible<BlobStream> {
        let pieces = stream::iter(self.pieces).map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        Ok(match self.end {
            End::Ended => pieces.boxed(),
            End::Silent => pieces.chain(stream::pending()).boxed(),
        })
    }
}

/// What became of an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    written: String,
    committed: u32,
    given_back: u32,
}

/// An upload that takes all pieces but the one that it stands still at.
struct Recorded {
    seen: Arc<Mutex<Seen>>,
    still_at: &'static str,
}

impl Recorded {
    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().expect("no panic while noting"));
    }
}

#[async_trait]
impl Upload for Recorded {
    async fn open(&mut self) -> Fallible<()> {
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        if piece == self.still_at {
            std::future::pending::<()>().await;
        }
        let text = String::from_utf8(piece.to_vec()).expect("text");
        self.note(|seen| seen.written += &text);
        Ok(())
    }

    async fn commit(&mut self) -> Fallible<()> {
        self.note(|seen| seen.committed += 1);
        Ok(())
    }

    async fn give_back(self: Box<Self>) {
        self.note(|seen| seen.given_back += 1);
    }
}

/// Pumps `abcdef` into one upload; a run that is to end is told so as soon as nothing moves.
async fn pumped(
    pieces: &'static [&'static str],
    end: End,
    still_at: &'static str,
) -> (Result<(), Code>, Seen) {
    let blob = Descriptor::new(MediaType::oci_manifest(), Digest::of(b"abcdef"), 6);
    let repository = "r.test/a".parse().expect("a repository");
    let (source, seen, stop) = (Said { repository, pieces, end }, Arc::default(), Stop::default());
    let upload: Box<dyn Upload> = Box::new(Recorded { seen: Arc::clone(&seen), still_at });
    let (meter, start) = (Meter::new(), Start::beginning(&blob));
    let ending = stop.clone();
    let signal = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        ending.soon(StopCause::Terminated);
    });
    let ended = pump(&source, &blob, vec![upload], start, &meter, &stop).await;
    signal.abort();
    let ended = match ended {
        Ok(results) => results.into_iter().collect::<Result<(), _>>().map_err(|left| left.failure.code),
        Err(Broken::Refused(failure) | Broken::During(failure)) => Err(failure.code),
    };
    let seen = seen.lock().expect("no panic while noting").clone();
    (ended, seen)
}

fn written(text: &str, committed: u32, given_back: u32) -> Seen {
    Seen { written: text.to_owned(), committed, given_back }
}

#[tokio::test(start_paused = true)]
async fn the_last_piece_waits_until_all_bytes_are_known_to_be_right() {
    let (right, seen) = pumped(&["ab", "cd", "ef"], End::Ended, "").await;
    assert_eq!((right, seen), (Ok(()), written("abcdef", 1, 0)));
    let (wrong, seen) = pumped(&["ab", "cd", "eX"], End::Ended, "").await;
    assert_eq!((wrong, seen), (Err(Code::Corrupt), written("abcd", 0, 0)), "it never gets the last piece");
    let (one, seen) = pumped(&["abcdeX"], End::Ended, "").await;
    assert_eq!((one, seen), (Err(Code::Corrupt), written("", 0, 0)));
    let (short, seen) = pumped(&["ab", "cd"], End::Ended, "").await;
    assert!(short.is_err());
    assert_eq!(seen, written("ab", 0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_upload_is_given_back_when_the_run_is_to_end_and_only_then() {
    let (stopped, seen) = pumped(&["ab", "cd"], End::Silent, "").await;
    assert_eq!((stopped, seen), (Err(Code::Cancelled), written("ab", 0, 1)));
    let (stopped, seen) = pumped(&["ab", "cd", "ef"], End::Silent, "ab").await;
    assert_eq!((stopped, seen), (Err(Code::Cancelled), written("", 0, 1)), "also in the middle of a piece");
}
