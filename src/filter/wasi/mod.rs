//! An empty WASI 0.2: what toolchains link without being asked is there to be linked, and answers
//! that there is nothing. No environment, no files, no clock that goes, no network; what is printed
//! goes to the log.
//!
//! It is made for each component from what that imports, under exactly those names, so it fits every
//! 0.2.x. A definition under another version would be shadowed, or shadow.

mod answer;
mod reply;

use super::state::{State, Stop};
use answer::{Answer, answer};
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType, Val};
use wasmtime::{Engine, Result, StoreContextMut, format_err};

/// The types of handles that a component knows. Interfaces share them under several names; the host
/// has one type, by number, for each.
#[derive(Default)]
struct Handles {
    known: Vec<ResourceType>,
}

impl Handles {
    /// The number of a type, which it gets when it is first seen.
    fn number(&mut self, of: ResourceType) -> Result<u32> {
        let at = self.known.iter().position(|known| *known == of).unwrap_or_else(|| {
            self.known.push(of);
            self.known.len() - 1
        });
        Ok(u32::try_from(at)?)
    }
}

/// Defines in `linker` every interface of WASI that `component` imports.
pub(super) fn link(linker: &mut Linker<State>, machine: &Engine, component: &Component) -> Result<()> {
    let mut handles = Handles::default();
    let component = component.component_type();
    for (name, import) in component.imports(machine).filter(|(name, _)| name.starts_with("wasi:")) {
        let ComponentItem::ComponentInstance(instance) = import.ty else {
            return Err(format_err!("`{name}` is no interface"));
        };
        let mut linked = linker.instance(name)?;
        for (item, export) in instance.exports(machine) {
            match export.ty {
                ComponentItem::ComponentFunc(function) => {
                    define(&mut linked, name, item, &function, &mut handles)?;
                }
                ComponentItem::Resource(resource) => {
                    let ours = ResourceType::host_dynamic(handles.number(resource)?);
                    // Handles are numbers: nothing is behind them that could be closed.
                    linked.resource(item, ours, |_, _| Ok(()))?;
                }
                ComponentItem::Type(_) => {}
                _ => return Err(format_err!("`{name}` has `{item}`, which no interface of WASI has")),
            }
        }
    }
    Ok(())
}

/// Defines the function `item` of the interface `name`.
fn define(
    linked: &mut LinkerInstance<'_, State>,
    name: &str,
    item: &str,
    function: &ComponentFunc,
    handles: &mut Handles,
) -> Result<()> {
    let interface = name.split_once('@').map_or(name, |(interface, _)| interface);
    // What the function gives back, if that is a handle.
    let given = match function.results().next() {
        Some(Type::Own(resource)) => handles.number(resource)?,
        _ => 0,
    };
    match answer(interface, item) {
        Some(known) => linked.func_new(item, move |store, _, parameters, results| {
            call(store, known, given, parameters, results)
        }),
        None => {
            let name = format!("{interface}#{item}");
            linked.func_new(item, move |_, _, _, _| Err(Stop::NotGiven(name.clone()).into()))
        }
    }
}

fn call(
    mut store: StoreContextMut<'_, State>,
    answer: Answer,
    given: u32,
    parameters: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let reply = reply::reply(&mut store, answer, given, parameters)?;
    match (results, reply) {
        ([], None) => Ok(()),
        ([result], Some(reply)) => {
            *result = reply;
            Ok(())
        }
        _ => Err(format_err!("a function of WASI has another number of results than it should")),
    }
}
