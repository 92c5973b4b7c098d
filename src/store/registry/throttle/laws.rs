//! Laws of the throttle: whoever comes, in whatever lane, and however it ends, nobody waits for ever, and no
//! more are under way than may be.

use super::{Announced, Lane, Throttle, Turn};
use crate::access::Limits;
use crate::laws;
use crate::store::registry::pause::Refusal;
use crate::store::registry::profile;
use futures::future::join_all;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// A request.
#[derive(Debug, Clone)]
struct Asked {
    lane: usize,
    comes_ms: u64,
    takes_ms: u64,
    /// It goes away when it waited so long.
    patience_ms: Option<u64>,
    fate: Fate,
    /// The registry announces so many of so many, for so many seconds.
    announces: Option<(u64, u64, u64)>,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Answered,
    /// Refused, with a pause in seconds or none.
    Refused(Option<u64>),
    Unanswered,
    /// It is dropped without a word.
    Forgotten,
    /// It is made again with the same turn.
    Again,
}

fn asked() -> impl Strategy<Value = Asked> {
    let fate = prop_oneof![
        6 => Just(Fate::Answered),
        2 => option::of(0_u64..=600).prop_map(Fate::Refused),
        1 => Just(Fate::Unanswered),
        1 => Just(Fate::Forgotten),
        1 => Just(Fate::Again),
    ];
    let announces = option::weighted(0.2, (0_u64..200, 0_u64..200, 1_u64..3600));
    let times = (0_u64..3_000, 0_u64..2_000, option::weighted(0.2, 0_u64..2_000));
    (0..Lane::ALL.len(), times, fate, announces).prop_map(|(lane, times, fate, announces)| {
        let (comes_ms, takes_ms, patience_ms) = times;
        Asked { lane, comes_ms, takes_ms, patience_ms, fate, announces }
    })
}

/// One request from its coming to its end, as the client makes it.
async fn ask(throttle: &Throttle, asked: &Asked, out: &AtomicU32, out_max: u32) {
    sleep(Duration::from_millis(asked.comes_ms)).await;
    let patience = asked.patience_ms.map_or(Duration::from_secs(1 << 30), Duration::from_millis);
    let Ok(turn) = timeout(patience, throttle.turn(Lane::ALL[asked.lane])).await else { return };
    assert!(out.fetch_add(1, Ordering::Relaxed) < out_max, "more than {out_max} are under way");
    sleep(Duration::from_millis(asked.takes_ms)).await;
    end(throttle, &turn, asked).await;
    out.fetch_sub(1, Ordering::Relaxed);
}

async fn end(throttle: &Throttle, turn: &Turn, asked: &Asked) {
    if let Some((limit, remaining, seconds)) = asked.announces {
        let time = Some(Duration::from_secs(seconds));
        turn.announced(Announced { limit: Some(limit), remaining, window: time, reset: time });
    }
    match asked.fate {
        Fate::Answered => turn.answered(Duration::from_millis(asked.takes_ms)),
        Fate::Refused(pause) => {
            turn.refused(if pause.is_some() { Refusal::Overloaded } else { Refusal::TooMany });
            match pause {
                Some(seconds) => drop(throttle.pause(Duration::from_secs(seconds))),
                None => throttle.hold(Lane::ALL[asked.lane], Duration::from_millis(500)),
            }
        }
        Fate::Unanswered => turn.unanswered(),
        Fate::Forgotten => {}
        Fate::Again => {
            turn.answered(Duration::from_millis(asked.takes_ms));
            turn.again().await;
            turn.answered(Duration::ZERO);
        }
    }
}

#[test]
fn every_request_gets_its_turn_and_no_more_are_under_way_than_may_be() {
    laws::hold((vec(asked(), 1..100), option::of(1_u32..20)), |(all, concurrent)| {
        let limits =
            Limits { concurrent_requests: concurrent.and_then(NonZeroU32::new), ..Limits::default() };
        let throttle = Throttle::new(&limits, profile::of(&"r.test".parse().expect("a registry")));
        let out = AtomicU32::new(0);
        // An upload never takes the last turn: with one, there are two.
        let out_max = concurrent.map_or(u32::MAX, |concurrent| concurrent.max(2));
        let everybody = join_all(all.iter().map(|asked| ask(&throttle, asked, &out, out_max)));
        prop_assert!(laws::ends(everybody).is_some(), "somebody waits for ever");
        Ok(())
    });
}
