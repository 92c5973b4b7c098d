//! The whole throttle against servers that are not there, in time that does not pass by itself.

use super::*;
use crate::store::registry::profile;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// A round trip.
const LATENCY: Duration = Duration::from_millis(20);

fn throttle(concurrent: Option<u32>) -> Throttle {
    let limits = Limits { concurrent_requests: concurrent.and_then(NonZeroU32::new), ..Limits::default() };
    Throttle::new(&limits, profile::of(&"r.test".parse().expect("a registry")))
}

/// Takes turns until there are no more.
async fn take_all(throttle: &Throttle, lane: Lane) -> Vec<Turn> {
    let mut held = Vec::new();
    while let Ok(turn) = tokio::time::timeout(Duration::ZERO, throttle.turn(lane)).await {
        held.push(turn);
    }
    held
}

#[tokio::test]
async fn uploads_never_take_the_last_turn() {
    for concurrent in [1, 2, 5] {
        let throttle = throttle(Some(concurrent));
        let held = take_all(&throttle, Lane::Upload).await;
        assert_eq!(held.len() as u32, (concurrent - 1).max(1));
        let short = tokio::time::timeout(Duration::ZERO, throttle.turn(Lane::Look)).await;
        assert!(short.is_ok(), "{concurrent} at once leave a turn for a short request");
    }
}

#[tokio::test]
async fn all_lanes_together_keep_to_what_the_spec_allows() {
    for concurrent in [2, 7, 30] {
        let throttle = throttle(Some(concurrent));
        let mut held = Vec::new();
        for lane in Lane::ALL {
            held.extend(take_all(&throttle, lane).await);
        }
        assert_eq!(held.len() as u32, concurrent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_everybody_back_and_the_longer_one_wins() {
    let throttle = throttle(Some(4));
    let start = Instant::now();
    assert_eq!(throttle.pause(Duration::from_secs(7)), Duration::from_secs(7));
    assert_eq!(throttle.pause(Duration::from_secs(2)), Duration::ZERO);
    throttle.turn(Lane::Look).await;
    assert_eq!(start.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_is_held_holds_no_other() {
    let throttle = throttle(None);
    let start = Instant::now();
    throttle.hold(Lane::Write, Duration::from_secs(7));
    throttle.turn(Lane::Look).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    throttle.turn(Lane::Write).await;
    assert_eq!(start.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_lane_is_served_in_the_order_of_its_line_and_who_goes_away_holds_nobody_up() {
    let throttle = throttle(Some(2));
    let held = take_all(&throttle, Lane::Look).await;
    let order = Mutex::new(Vec::new());
    let queue = (0..100).map(|number| {
        let (throttle, order) = (&throttle, &order);
        async move {
            let patience = if number % 3 == 0 { Duration::from_secs(1) } else { Duration::MAX };
            if let Ok(turn) = tokio::time::timeout(patience, throttle.turn(Lane::Look)).await {
                order.lock().expect("no panic").push(number);
                tokio::time::sleep(LATENCY).await;
                drop(turn);
            }
        }
    });
    let release = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        drop(held);
    };
    futures::future::join(join_all(queue), release).await;
    let expected: Vec<u32> = (0..100).filter(|number| number % 3 != 0).collect();
    assert_eq!(order.into_inner().expect("no panic"), expected);
}

/// A server that takes so many requests, and so many more each second.
struct Server {
    rate: f64,
    burst: f64,
    left: Mutex<(f64, Instant)>,
    taken: AtomicU32,
    refused: AtomicU32,
}

impl Server {
    fn new(rate: f64, burst: f64) -> Self {
        let left = Mutex::new((burst, Instant::now()));
        Self { rate, burst, left, taken: AtomicU32::new(0), refused: AtomicU32::new(0) }
    }

    /// Whether it takes another request.
    fn takes(&self) -> bool {
        let mut left = self.left.lock().expect("no panic");
        let now = Instant::now();
        let gained = (now - left.1).as_secs_f64() * self.rate;
        *left = ((left.0 + gained).min(self.burst), now);
        let takes = left.0 >= 1.0;
        match takes {
            true => {
                left.0 -= 1.0;
                self.taken.fetch_add(1, Ordering::Relaxed)
            }
            false => self.refused.fetch_add(1, Ordering::Relaxed),
        };
        takes
    }

    fn counts(&self) -> (u32, u32) {
        (self.taken.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
}

/// One request, as often as it takes: what the exchange does, without the network.
async fn ask(throttle: &Throttle, lane: Lane, server: &Server, random: f64) {
    for attempt in 0.. {
        let turn = throttle.turn(lane).await;
        tokio::time::sleep(LATENCY / 2).await;
        let taken = server.takes();
        tokio::time::sleep(LATENCY / 2).await;
        if taken {
            return turn.answered(LATENCY);
        }
        turn.refused(Refusal::TooMany);
        throttle.hold(lane, Duration::from_millis(500).mul_f64(random) * (1 << attempt.min(5)));
    }
}

/// Asks `count` times, all at once; returns how long that takes.
async fn ask_all(throttle: &Throttle, lane: Lane, server: &Server, count: u32) -> Duration {
    let start = Instant::now();
    let mut random = fastrand::Rng::with_seed(7);
    let requests: Vec<_> = (0..count).map(|_| ask(throttle, lane, server, random.f64())).collect();
    join_all(requests).await;
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_counts_requests_a_second_is_driven_at_its_rate() {
    // What it takes in a second and at once; how much of that is used at least, and how many of a
    // thousand are refused at most. The more it takes at once, the wider the window when the limit is met,
    // and all that is under way then is refused. One that takes nothing at once, but a tenth of a second
    // after another, wastes what comes a moment later.
    let servers = [
        (10.0, 10.0, 0.9, 19),
        (10.0, 1.0, 0.8, 19),
        (10.0, 30.0, 0.9, 70),
        (50.0, 50.0, 0.9, 70),
        (3.0, 3.0, 0.9, 19),
    ];
    for (rate, burst, used_min, refused_max) in servers {
        let (throttle, server) = (throttle(None), Server::new(rate, burst));
        let took = ask_all(&throttle, Lane::Write, &server, 1000).await;
        let (taken, refused) = server.counts();
        let used = f64::from(taken) / (burst + took.as_secs_f64() * rate);
        println!("{rate}/s, {burst} at once: {refused} refused, {:.1} % used", used * 100.0);
        assert_eq!(taken, 1000);
        assert!(used >= used_min, "{used} of {rate}/s was used, {burst} at once");
        assert!(refused <= refused_max, "{refused} were refused at {rate}/s, {burst} at once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ceiling_that_is_documented_is_kept_and_nothing_is_refused() {
    let registry = "1.dkr.ecr.eu-west-1.amazonaws.com".parse().expect("a registry");
    let throttle = Throttle::new(&Limits::default(), profile::of(&registry));
    let server = Server::new(10.0, 1.0);
    let took = ask_all(&throttle, Lane::Write, &server, 300).await;
    assert_eq!(server.counts(), (300, 0));
    assert!(took < Duration::from_secs(31), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn one_lane_that_is_refused_does_not_slow_another() {
    let (throttle, narrow, wide) = (throttle(None), Server::new(10.0, 10.0), Server::new(1e6, 1e6));
    let looked = async {
        let took = ask_all(&throttle, Lane::Look, &wide, 5000).await;
        // 64 at once and one round trip each, once the window is open.
        assert!(took < LATENCY * (5000 / 64 + 4), "{took:?}");
    };
    let (_, written) = futures::future::join(looked, ask_all(&throttle, Lane::Write, &narrow, 100)).await;
    assert!(narrow.counts().1 > 0, "the other lane was refused in the meantime: {written:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lane_is_as_wide_as_before_some_time_after_it_was_refused() {
    let (throttle, server) = (throttle(None), Server::new(1e6, 1e6));
    ask_all(&throttle, Lane::Look, &server, 300).await;
    // Every request of one moment is refused.
    for turn in take_all(&throttle, Lane::Look).await {
        turn.refused(Refusal::Overloaded);
    }
    assert_eq!(take_all(&throttle, Lane::Look).await.len(), 32);
    let (mut took, mut rounds) = (Duration::MAX, 0);
    while took > LATENCY * 6 {
        took = ask_all(&throttle, Lane::Look, &server, 300).await;
        rounds += 1;
        assert!(rounds < 20, "300 requests still take {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_registry_announces_for_a_minute_is_used_and_not_exceeded() {
    let (throttle, start) = (throttle(None), Instant::now());
    // Sixty in a minute, counted from its first request.
    let counts: Mutex<BTreeMap<u64, u64>> = Mutex::default();
    let one = |throttle| {
        let counts = &counts;
        async move {
            let turn: Turn = Throttle::turn(throttle, Lane::Look).await;
            tokio::time::sleep(LATENCY / 2).await;
            let seconds = start.elapsed().as_secs();
            let remaining = {
                let mut counts = counts.lock().expect("no panic");
                let count = counts.entry(seconds / 60).or_default();
                *count += 1;
                assert!(*count <= 60, "one too many in minute {}", seconds / 60);
                60 - *count
            };
            tokio::time::sleep(LATENCY / 2).await;
            let [window, reset] = [60, 60 - seconds % 60].map(|seconds| Some(Duration::from_secs(seconds)));
            turn.announced(Announced { limit: Some(60), remaining, window, reset });
            turn.answered(LATENCY);
        }
    };
    join_all((0..150).map(|_| one(&throttle))).await;
    assert!(start.elapsed() < Duration::from_secs(122), "{:?}", start.elapsed());
}

/// A pump: places at its targets in their order, then the body, which it reads to its end.
async fn pump(targets: [&Throttle; 2], source: &Throttle, fate: u32) {
    let mut uploads = Vec::new();
    for target in targets {
        uploads.push(target.turn(Lane::Upload).await);
    }
    let body = source.turn(Lane::Body).await;
    tokio::time::sleep(LATENCY).await;
    for turn in uploads.iter().chain([&body]) {
        match fate % 3 {
            0 => turn.refused(Refusal::Overloaded),
            1 => turn.unanswered(),
            _ => turn.answered(LATENCY),
        }
    }
    drop(body);
    // A registry takes a moment to say that it has all.
    tokio::time::sleep(LATENCY).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever_whatever_the_cap_and_however_narrow_the_windows() {
    for concurrent in [Some(1), Some(2), Some(3), Some(16), None] {
        let [one, other] = [(); 2].map(|()| throttle(concurrent));
        let pumps = (0..200_u32).map(|number| {
            let (one, other) = (&one, &other);
            async move {
                // Either is the source of some, and a target of all.
                let source = if number % 2 == 0 { one } else { other };
                drop(source.turn(Lane::Look).await);
                drop(one.turn(Lane::Begin).await);
                pump([one, other], source, number).await;
                let written = other.turn(Lane::Write).await;
                written.refused(Refusal::Overloaded);
            }
        });
        let all = tokio::time::timeout(Duration::from_secs(3600), join_all(pumps));
        assert!(all.await.is_ok(), "somebody waits for ever with a cap of {concurrent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_in_a_line_are_served_at_little_cost() {
    let (throttle, server) = (throttle(None), Server::new(1e6, 1e6));
    let took = ask_all(&throttle, Lane::Look, &server, 10_000).await;
    assert!(took < LATENCY * (10_000 / 64 + 4), "{took:?}");
}
