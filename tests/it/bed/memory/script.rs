//! What the rules have in store for one request, sorted by when it happens.

use super::answer::Answer;
use super::body::{Dropped, Receiving};
use super::rule::{Behaviour, Call, Canned, Moment, Rule};
use super::{Gate, Request};
use std::time::Duration;

/// The misbehaviour for one request; the default is to behave.
#[derive(Debug, Default)]
pub(in crate::bed) struct Script {
    delay: Duration,
    gates: Vec<Gate>,
    fate: Fate,
    calls: Vec<(Moment, Call)>,
    pub(in crate::bed) reset: bool,
    pub(in crate::bed) instead: Option<Instead>,
    pub(in crate::bed) request_end: Option<(u64, End)>,
    pub(in crate::bed) response_end: Option<(u64, End)>,
    pub(in crate::bed) drip: Option<(u64, Duration)>,
    pub(in crate::bed) wrong_bytes: bool,
    pub(in crate::bed) late_end: Option<Duration>,
    longer_by: i64,
    headers: Vec<Behaviour>,
    overlooked: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Fate {
    #[default]
    Served,
    Stalled,
    Dropped,
    DroppedAfter,
}

/// What is answered instead.
#[derive(Debug)]
pub(in crate::bed) enum Instead {
    Canned(Canned),
    CannedUnread(Canned),
    Redirect(String),
}

/// How a body ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bed) enum End {
    Cut,
    Stall,
}

impl Instead {
    /// The answer, once as much of the request's body was read as is to be.
    pub(in crate::bed) async fn answer(
        self,
        receiving: &mut Receiving,
        path_and_query: &str,
    ) -> Result<Answer, Dropped> {
        if !matches!(self, Self::CannedUnread(_)) {
            receiving.drain().await?;
        }
        Ok(match self {
            Self::Canned(canned) | Self::CannedUnread(canned) => Answer::from(canned),
            Self::Redirect(origin) => {
                Answer::empty(307).header("location", format!("{origin}{path_and_query}"))
            }
        })
    }
}

impl Script {
    /// What the oldest rule whose turn it is does with this request.
    pub(in crate::bed) fn of(rules: &[Rule], request: &Request, path_and_query: &str) -> Self {
        let mut script = Self::default();
        let mut claiming = Vec::new();
        for rule in rules {
            if rule.claims(request, path_and_query) {
                claiming.push(rule);
            }
        }
        if let Some(rule) = claiming.first() {
            rule.acts();
            rule.behaviours.iter().cloned().for_each(|behaviour| script.add(behaviour));
        }
        script
    }

    fn add(&mut self, behaviour: Behaviour) {
        match behaviour {
            Behaviour::Answer(canned) => self.instead = Some(Instead::Canned(canned)),
            Behaviour::AnswerUnread(canned) => self.instead = Some(Instead::CannedUnread(canned)),
            Behaviour::RedirectTo(origin) => self.instead = Some(Instead::Redirect(origin)),
            Behaviour::Delay(delay) => self.delay += delay,
            Behaviour::Hold(gate) => self.gates.push(gate),
            Behaviour::Stall => self.fate = Fate::Stalled,
            Behaviour::Drop => self.fate = Fate::Dropped,
            Behaviour::DropAfter => self.fate = Fate::DroppedAfter,
            Behaviour::CutRequest(at) => self.request_end = Some((at, End::Cut)),
            Behaviour::StallRequest(at) => self.request_end = Some((at, End::Stall)),
            Behaviour::CutResponse(at) => self.response_end = Some((at, End::Cut)),
            Behaviour::StallResponse(at) => self.response_end = Some((at, End::Stall)),
            Behaviour::Drip { piece_bytes, pause } => self.drip = Some((piece_bytes, pause)),
            Behaviour::WrongBytes => self.wrong_bytes = true,
            Behaviour::LateEnd(pause) => self.late_end = Some(pause),
            Behaviour::WrongLength(by) => self.longer_by += by,
            Behaviour::Overlook(name) => self.overlooked.push(name),
            Behaviour::Reset => self.reset = true,
            Behaviour::Call(moment, call) => self.calls.push((moment, call)),
            Behaviour::OmitHeader(_) | Behaviour::SetHeader(..) | Behaviour::AddHeader(..) => {
                self.headers.push(behaviour);
            }
        }
    }

    /// What happens before the request is looked at.
    pub(in crate::bed) async fn before(&mut self) -> Result<(), Dropped> {
        tokio::time::sleep(self.delay).await;
        self.call(|moment| moment == Moment::Before);
        for gate in &self.gates {
            gate.pass().await;
        }
        match self.fate {
            Fate::Stalled => std::future::pending().await,
            Fate::Dropped => Err(Dropped),
            Fate::Served | Fate::DroppedAfter => Ok(()),
        }
    }

    /// The names of the headers that are not looked at.
    pub(in crate::bed) fn overlooked(&self) -> &[String] {
        &self.overlooked
    }

    /// The request as far as it is looked at.
    pub(in crate::bed) fn seen(&self, mut request: Request) -> Request {
        request.headers.retain(|(name, _)| !self.overlooked.contains(name));
        request
    }

    /// What happens when the request is done and the answer is not sent.
    pub(in crate::bed) fn after(&mut self, answer: &mut Answer) -> Result<(), Dropped> {
        self.call(|moment| moment == Moment::Committed);
        if self.longer_by != 0 {
            answer.lengthen(self.longer_by);
        }
        for change in &self.headers {
            match change {
                Behaviour::OmitHeader(name) => answer.without(name),
                Behaviour::SetHeader(name, value) => {
                    answer.without(name);
                    answer.headers.push((name.clone(), value.clone()));
                }
                Behaviour::AddHeader(name, value) => answer.headers.push((name.clone(), value.clone())),
                other => unreachable!("{other:?} does not change a header"),
            }
        }
        if self.fate == Fate::DroppedAfter { Err(Dropped) } else { Ok(()) }
    }

    /// Calls the test once the request's body has come this far.
    pub(in crate::bed) fn received(&mut self, bytes: u64) {
        self.call(|moment| matches!(moment, Moment::RequestByte(at) if at <= bytes));
    }

    /// Calls the test once the answer's body has come this far.
    pub(in crate::bed) fn sending(&mut self, offset: u64) {
        self.call(|moment| matches!(moment, Moment::ResponseByte(at) if at <= offset));
    }

    /// The next offset in the answer's body at which something happens.
    pub(in crate::bed) fn next_stop(&self, offset: u64) -> u64 {
        let calls = self.calls.iter().filter_map(|(moment, _)| match moment {
            Moment::ResponseByte(at) => Some(*at),
            _ => None,
        });
        let end = self.response_end.map(|(at, _)| at);
        let drip = self.drip.map(|(piece_bytes, _)| offset + piece_bytes.max(1));
        calls.chain(end).chain(drip).filter(|at| *at > offset).min().unwrap_or(u64::MAX)
    }

    fn call(&mut self, now: impl Fn(Moment) -> bool) {
        self.calls.retain(|(moment, call)| {
            let due = now(*moment);
            if due {
                call.call();
            }
            !due
        });
    }
}
