//! A law of renewed secrets: whatever happens in whatever order, they are those of a model that keeps one
//! value, its times and a last refusal.

use super::{Clock, Fresh, MARGIN_MAX, Renewed};
use crate::failure::{Code, Failure, Operation};
use crate::laws;
use futures::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What happens.
#[derive(Debug, Clone)]
enum Event {
    /// So many ask at once; a fetch would end so.
    Asked(usize, Answer),
    /// Time passes, in seconds.
    Passed(u64),
    /// The registry does not take what was handed out so many times ago.
    Discarded(usize),
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    /// A value that lives so many seconds.
    Lives(u64),
    Breaks,
    Denies,
}

/// The model of one key, with times in seconds.
#[derive(Default)]
struct Model {
    now: u64,
    /// Value, and when it is to be replaced and when it ends.
    held: Option<(u64, u64, u64)>,
    is_denied: bool,
}

impl Model {
    /// What one who asks gets, and whether it is fetched; `number` is that of the fetch, which is the value.
    fn asked(&mut self, answer: Answer, number: u64) -> (Result<u64, Code>, bool) {
        match (self.held, self.is_denied) {
            (Some((value, replaced_at, _)), _) if self.now < replaced_at => return (Ok(value), false),
            (_, true) => return (Err(Code::Denied), false),
            _ => {}
        }
        let got = match answer {
            Answer::Lives(life) => {
                // The life in this law is a multiple of five, so that a fifth of it is whole.
                let margin = MARGIN_MAX.as_secs().min(life / 5);
                self.held = (life > 0).then_some((number, self.now + life - margin, self.now + life));
                Ok(number)
            }
            Answer::Breaks => match self.held {
                Some((value, _, ends_at)) if self.now < ends_at => Ok(value),
                _ => Err(Code::Network),
            },
            Answer::Denies => {
                self.is_denied = true;
                Err(Code::Denied)
            }
        };
        (got, true)
    }
}

fn event() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        4 => (0_u64..60).prop_map(|fives| Answer::Lives(fives * 5)),
        2 => Just(Answer::Breaks),
        1 => Just(Answer::Denies),
    ];
    prop_oneof![
        4 => (1_usize..4, answer).prop_map(|(many, answer)| Event::Asked(many, answer)),
        3 => (0_u64..200).prop_map(Event::Passed),
        1 => (0_usize..3).prop_map(Event::Discarded),
    ]
}

#[test]
fn it_holds_what_a_simple_model_holds_and_asks_as_often() {
    laws::hold(vec(event(), 1..40), |events| {
        let begin = Instant::now();
        let hand = Arc::new(Mutex::new(begin));
        let clock: Clock = {
            let hand = Arc::clone(&hand);
            Arc::new(move || *hand.lock().expect("not poisoned"))
        };
        let renewed: Renewed<u8, u64> = Renewed::new(Arc::clone(&clock));
        let (fetches, mut model, mut handed_out) =
            (Arc::new(AtomicU64::new(0)), Model::default(), Vec::new());
        for event in events {
            match event {
                Event::Passed(seconds) => {
                    model.now += seconds;
                    *hand.lock().expect("not poisoned") = begin + Duration::from_secs(model.now);
                }
                Event::Discarded(ago) => {
                    if let Some((value, generation)) = handed_out.iter().rev().nth(ago) {
                        renewed.discard(*generation);
                        model.held.take_if(|(held, _, _)| held == value);
                    }
                }
                Event::Asked(many, answer) => {
                    let before = fetches.load(Ordering::Relaxed);
                    let (expected, is_fetched) = model.asked(answer, before + 1);
                    let get = || renewed.get(&1, fetch(answer, Arc::clone(&fetches), clock()));
                    let got = laws::ends(join_all((0..many).map(|_| get()))).expect("nobody waits for ever");
                    let asked = fetches.load(Ordering::Relaxed) - before;
                    prop_assert_eq!(asked, u64::from(is_fetched), "{} at once", many);
                    for got in got {
                        let got = got.map_err(|failure| failure.code);
                        prop_assert_eq!(got.as_ref().map(|held| held.value).map_err(|code| *code), expected);
                        handed_out.extend(got.map(|held| (held.value, held.generation)));
                    }
                }
            }
        }
        Ok(())
    });
}

/// A fetch that others can join before it ends.
async fn fetch(answer: Answer, fetches: Arc<AtomicU64>, since: Instant) -> Result<Fresh<u64>, Box<Failure>> {
    let value = fetches.fetch_add(1, Ordering::Relaxed) + 1;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let failed = |code| Err(Failure::new(code, "r.test/a", Operation::Token, ""));
    match answer {
        Answer::Lives(seconds) => Ok(Fresh { value, since, life: Duration::from_secs(seconds) }),
        Answer::Breaks => failed(Code::Network),
        Answer::Denies => failed(Code::Denied),
    }
}
