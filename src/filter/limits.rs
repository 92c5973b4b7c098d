//! How much a filter may use. Each number has its reason; those that a user may need to change are
//! fields.

/// What a user can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most linear memory of a call, in bytes.
    pub memory_bytes_max: u64,
    /// Fuel for each image of a call, beside [`FUEL_FOR_A_CALL`].
    pub fuel_for_an_image: u64,
}

/// Fuel that every call has, however few images there are: about two seconds.
pub const FUEL_FOR_A_CALL: u64 = 5_000_000_000;
/// Default of [`Limits::fuel_for_an_image`]: the slowest interpreter that was measured takes a
/// fifth of it.
pub const FUEL_FOR_AN_IMAGE: u64 = 5_000_000;
/// Default of [`Limits::memory_bytes_max`]: 50,000 fully described tags in the hungriest interpreter
/// that was measured take 192 MiB.
pub const MEMORY_BYTES_MAX: u64 = 256 << 20;
/// Most that [`Limits::memory_bytes_max`] can be set to.
pub const MEMORY_BYTES_CEILING: u64 = 1 << 30;

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes_max: MEMORY_BYTES_MAX, fuel_for_an_image: FUEL_FOR_AN_IMAGE }
    }
}
