//! Write filters for crossdock in Rust: types, configuration, log and panics. A filter is a plain
//! function, which `cargo test` runs natively, and one `filter!` that exports it:
//!
//! ```
//! use crossdock_filter::{Decision, NoConfig};
//!
//! crossdock_filter::filter!(|_config: NoConfig, image| match image.tag.contains("-rc") {
//!     true => Decision::drop("a release candidate"),
//!     false => Decision::Keep,
//! });
//! ```
//!
//! Rules that compare tags with each other implement [`Filter`] for a type of theirs, and export it
//! with `filter!(TheType);`.

mod config;
mod export;
mod values;

/// What is generated from `wit/filter.wit`.
#[doc(hidden)]
#[allow(missing_docs, reason = "generated; wit/filter.wit has the documentation")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "tag-filter",
        additional_derives: [PartialEq],
        default_bindings_module: "crossdock_filter::bindings",
        pub_export_macro: true,
        runtime_path: "::crossdock_filter::wit_bindgen::rt",
    });
}

extern crate self as crossdock_filter;

pub use bindings::crossdock::filter::log::Level;
pub use bindings::crossdock::filter::types::{
    Decision, Destination, Facts, Image, Platform, Repository, Request,
};
pub use config::NoConfig;
#[doc(hidden)]
pub use export::{Exported, checked};
pub use export::{Filter, log};
#[doc(hidden)]
pub use wit_bindgen;

/// Exports a filter: a type that implements [`Filter`], or a function of one image, with the facts
/// that it needs before it where it needs any.
///
/// ```
/// # use crossdock_filter::{Decision, Facts, NoConfig};
/// crossdock_filter::filter!(needs Facts::PLATFORMS, |_config: NoConfig, image| {
///     if image.platforms.is_empty() { Decision::drop("runs nowhere") } else { Decision::Keep }
/// });
/// ```
#[macro_export]
macro_rules! filter {
    (|$config:ident: $type:ty, $image:ident| $decision:expr) => {
        $crate::filter!(needs $crate::Facts::empty(), |$config: $type, $image| $decision);
    };
    (needs $facts:expr, |$config:ident: $type:ty, $image:ident| $decision:expr) => {
        struct PerImage;
        impl $crate::Filter for PerImage {
            type Config = $type;
            fn prepare(_: &$type) -> Result<$crate::Facts, String> {
                Ok($facts)
            }
            fn decide($config: &$type, request: &$crate::Request) -> Result<Vec<$crate::Decision>, String> {
                Ok(request.images.iter().map(|$image: &$crate::Image| $decision).collect())
            }
        }
        $crate::filter!(PerImage);
    };
    ($filter:ident) => {
        #[cfg(target_family = "wasm")]
        mod exported {
            type Exported = $crate::Exported<super::$filter>;
            $crate::bindings::export!(Exported with_types_in $crate::bindings);
        }
        // Elsewhere nothing is exported, and still all of it is checked.
        #[cfg(not(target_family = "wasm"))]
        const _: fn() = $crate::checked::<$filter>;
    };
}
