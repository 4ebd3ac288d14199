//! Time, as an argument.

use async_trait::async_trait;
use jiff::Timestamp;

/// Tells the time and wakes at it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Returns when it is that time, or at once if it has passed.
    async fn sleep_until(&self, at: Timestamp);
}
