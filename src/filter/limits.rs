//! How much a filter may use. Each number has its reason; those that a user may need to change are
//! fields.

/// What a user can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most linear memory of a call, in bytes; what is above [`MEMORY_BYTES_CEILING`] counts as that.
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

/// Most linear memories of a component: QuickJS with its WASI stubbed out has two.
pub(super) const MEMORIES_MAX: usize = 8;
/// Most tables: a linked Python has one for each of its libraries.
pub(super) const TABLES_MAX: usize = 32;
/// Most instances of core modules: a linked Python has about twenty.
pub(super) const INSTANCES_MAX: usize = 64;
/// Most entries of all tables together, eight bytes each: Python, the largest, has some ten thousand
/// functions.
pub(super) const TABLE_ENTRIES_MAX: usize = 100_000;
/// Stack of the filter's code, in bytes: half of it is too little for deep expressions in
/// interpreters.
pub(super) const WASM_STACK_BYTES: usize = 1 << 20;
/// Stack of the thread that compiles or runs a filter, in bytes: its own, the host's below it, and a
/// compiler that goes as deep as the code it reads.
pub(super) const THREAD_STACK_BYTES: usize = 8 << 20;

/// Data that every call may give back, in bytes.
const OUT_BYTES: usize = 1 << 20;
/// Data for each image, in bytes: a decision with two names takes about a hundred.
const OUT_BYTES_FOR_AN_IMAGE: usize = 1 << 10;
/// Most calls to the host. They cost time but hardly fuel: a loop that waits for the clock, or logs.
const CALLS_MAX: u64 = 10_000;
/// More of them where there are many images, so that each can have a few lines of log.
const CALLS_FOR_AN_IMAGE: u64 = 10;
/// Bytes that a call to the host moves for each call that it counts as.
pub(super) const BYTES_OF_A_CALL: u64 = 1 << 10;

/// Longest message in the log, in bytes; what is longer is cut.
pub(super) const MESSAGE_BYTES_MAX: usize = 4 << 10;
/// All messages of a call, in bytes.
pub(super) const LOG_BYTES_MAX: usize = 64 << 10;
/// Longest reason of a `drop`, in bytes; what is longer is cut.
pub(super) const REASON_BYTES_MAX: usize = 1 << 10;
/// Longest error that a filter returns, in bytes; what is longer is cut.
pub(super) const ERROR_BYTES_MAX: usize = 4 << 10;
/// Most names of one image: floating tags and a few repositories.
pub(super) const DESTINATIONS_MAX: usize = 64;
/// Most random bytes that one call gets.
pub(super) const RANDOM_BYTES_MAX: u64 = 64 << 10;

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) fuel: u64,
    pub(super) memory_bytes: u64,
    pub(super) out_bytes: usize,
    pub(super) calls: u64,
    /// How many images the call is about; none when it prepares.
    pub(super) images: Option<usize>,
}

impl Budget {
    /// For a call that is about configuration only.
    pub(super) fn to_prepare(limits: Limits) -> Self {
        Self { images: None, ..Self::to_decide(limits, 0) }
    }

    /// For a call about so many images.
    pub(super) fn to_decide(limits: Limits, images: usize) -> Self {
        let count = images as u64;
        Self {
            fuel: FUEL_FOR_A_CALL.saturating_add(limits.fuel_for_an_image.saturating_mul(count)),
            memory_bytes: limits.memory_bytes_max.min(MEMORY_BYTES_CEILING),
            out_bytes: OUT_BYTES.saturating_add(images.saturating_mul(OUT_BYTES_FOR_AN_IMAGE)),
            calls: CALLS_MAX.max(count.saturating_mul(CALLS_FOR_AN_IMAGE)),
            images: Some(images),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes_max: MEMORY_BYTES_MAX, fuel_for_an_image: FUEL_FOR_AN_IMAGE }
    }
}
