//! The answers of the empty WASI as values.

use super::super::limits::RANDOM_BYTES_MAX;
use super::super::log::Output;
use super::super::state::{State, Stop};
use super::answer::Answer;
use wasmtime::component::{ResourceAny, ResourceDynamic, Val};
use wasmtime::{Result, StoreContextMut, format_err};

/// Bytes that may be written at once: what WASI's `blocking-write-and-flush` takes at most.
const WRITE_BYTES_MAX: u64 = 4096;
/// What is behind a handle: the standard input, or anything that is only waited for.
const NOTHING: u32 = 0;
/// The standard output.
const STDOUT: u32 = 1;
/// The standard error.
const STDERR: u32 = 2;

/// The value of `answer`; `given` is the type of the handle in it. None where the function gives
/// nothing back.
pub(super) fn reply(
    store: &mut StoreContextMut<'_, State>,
    answer: Answer,
    given: u32,
    parameters: &[Val],
) -> Result<Option<Val>> {
    let behind = release(store, parameters)?;
    store.data_mut().count(moved(answer, parameters))?;
    Ok(Some(match answer {
        Answer::Done => return Ok(None),
        Answer::Exit => return Err(Stop::Exit.into()),
        Answer::Empty => Val::List(Vec::new()),
        Answer::Absent => Val::Option(None),
        Answer::Yes => Val::Bool(true),
        Answer::Number(number) => Val::U64(number),
        Answer::Epoch => time(0, 0),
        Answer::Nanosecond => time(0, 1),
        Answer::Handle => handle(store, NOTHING, given)?,
        Answer::Stream(Output::Stdout) => handle(store, STDOUT, given)?,
        Answer::Stream(Output::Stderr) => handle(store, STDERR, given)?,
        Answer::Room => success(Some(Val::U64(WRITE_BYTES_MAX))),
        Answer::Flushed => success(None),
        Answer::Write => {
            let bytes = list(parameters.get(1))?.iter().map(byte).collect::<Result<Vec<u8>>>()?;
            let output = if behind == Some(STDERR) { Output::Stderr } else { Output::Stdout };
            store.data_mut().log.print(output, &bytes);
            success(None)
        }
        Answer::Closed => {
            let closed = Val::Variant("closed".to_owned(), None);
            Val::Result(Err(Some(Box::new(closed))))
        }
        Answer::All => {
            let waited_for = u32::try_from(list(parameters.first())?.len())?;
            Val::List((0..waited_for).map(Val::U32).collect())
        }
        Answer::RandomBytes => {
            let count = usize::try_from(asked_for(parameters)?)?;
            let state = store.data_mut();
            Val::List((0..count).map(|_| Val::U8(state.random().to_le_bytes()[0])).collect())
        }
        Answer::RandomNumber => Val::U64(store.data_mut().random()),
        Answer::RandomPair => {
            let state = store.data_mut();
            Val::Tuple(vec![Val::U64(state.random()), Val::U64(state.random())])
        }
    }))
}

/// Gives back every handle that was lent for the call, which could not end otherwise, and says what
/// is behind the first.
fn release(store: &mut StoreContextMut<'_, State>, parameters: &[Val]) -> Result<Option<u32>> {
    let mut first = None;
    for parameter in parameters {
        match parameter {
            Val::Resource(resource) => {
                let behind = drop_handle(store, *resource)?;
                first.get_or_insert(behind);
            }
            Val::List(values) => {
                for value in values {
                    if let Val::Resource(resource) = value {
                        drop_handle(store, *resource)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(first)
}

fn drop_handle(store: &mut StoreContextMut<'_, State>, resource: ResourceAny) -> Result<u32> {
    Ok(ResourceDynamic::try_from_resource_any(resource, &mut *store)?.rep())
}

/// Bytes that a call moves between guest and host.
fn moved(answer: Answer, parameters: &[Val]) -> u64 {
    match (answer, parameters) {
        (Answer::RandomBytes, [Val::U64(count), ..]) => *count,
        (_, [.., Val::List(values)]) => values.len() as u64,
        _ => 0,
    }
}

fn asked_for(parameters: &[Val]) -> Result<u64> {
    match parameters {
        [Val::U64(count)] if *count <= RANDOM_BYTES_MAX => Ok(*count),
        [Val::U64(_)] => Err(Stop::Random.into()),
        _ => Err(strange()),
    }
}

fn handle(store: &mut StoreContextMut<'_, State>, behind: u32, given: u32) -> Result<Val> {
    let resource = ResourceDynamic::new_own(behind, given).try_into_resource_any(&mut *store)?;
    Ok(Val::Resource(resource))
}

fn success(value: Option<Val>) -> Val {
    Val::Result(Ok(value.map(Box::new)))
}

fn time(seconds: u64, nanoseconds: u32) -> Val {
    let field = |name: &str, value| (name.to_owned(), value);
    Val::Record(vec![field("seconds", Val::U64(seconds)), field("nanoseconds", Val::U32(nanoseconds))])
}

fn list(value: Option<&Val>) -> Result<&[Val]> {
    match value {
        Some(Val::List(values)) => Ok(values),
        _ => Err(strange()),
    }
}

fn byte(value: &Val) -> Result<u8> {
    match value {
        Val::U8(byte) => Ok(*byte),
        _ => Err(strange()),
    }
}

fn strange() -> wasmtime::Error {
    format_err!("a function of WASI has other parameters than it should")
}
