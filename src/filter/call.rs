//! One call of a component: a fresh instance that knows nothing of the calls before, within a budget.

use super::bindings::{TagFilter, TagFilterIndices};
use super::error::Wrong;
use super::limits::Budget;
use super::state::State;
use super::trap::explain;
use super::{Line, Measured};
use wasmtime::component::InstancePre;
use wasmtime::{Result, Store};

/// What a call came to.
pub(super) struct Called<T> {
    pub(super) answer: Result<T, Wrong>,
    pub(super) log: Vec<Line>,
    pub(super) used: Measured,
}

/// What is called: a component that is linked, and where its functions are.
pub(super) struct Linked {
    pub(super) instances: InstancePre<State>,
    pub(super) functions: TagFilterIndices,
}

/// Makes an instance and lets `ask` call it.
pub(super) fn call<T>(
    linked: &Linked,
    budget: &Budget,
    ask: impl FnOnce(&TagFilter, &mut Store<State>) -> Result<T>,
) -> Called<T> {
    let mut store = Store::new(linked.instances.engine(), State::new(budget));
    store.limiter(|state| &mut state.room);
    store.set_hostcall_fuel(budget.out_bytes);
    let answer = store.set_fuel(budget.fuel).map_err(|error| (Phase::Start, error)).and_then(|()| {
        let instance = linked.instances.instantiate(&mut store).map_err(|error| (Phase::Start, error))?;
        // Only here the shapes of its functions are compared.
        let bound = linked.functions.load(&mut store, &instance).map_err(|error| (Phase::Bind, error))?;
        ask(&bound, &mut store).map_err(|error| (Phase::Call, error))
    });
    let fuel = budget.fuel.saturating_sub(store.get_fuel().unwrap_or_default());
    let State { log, room, .. } = store.into_data();
    let log = log.finish();
    let answer = answer.map_err(|(phase, error)| explain(phase, &error, budget, &log));
    Called { answer, log, used: Measured { fuel, memory_bytes: room.bytes } }
}

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The instance was made.
    Start,
    /// Its functions were looked at.
    Bind,
    /// One of them was called.
    Call,
}
