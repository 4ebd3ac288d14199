//! The daemon's one look at the clock. Everything else takes the time as an argument.

use jiff::Timestamp;

/// The time.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge: the loop, the handlers and the shim read the clock here and pass it on"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Milliseconds from one instant to a later one; zero when it isn't later.
pub(super) fn millis_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
