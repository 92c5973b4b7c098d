//! The types and calls of the contract, generated from `filters/wit/filter.wit`.

wasmtime::component::bindgen!({
    path: "filters/wit/filter.wit",
    world: "tag-filter",
    imports: { default: trappable },
});
