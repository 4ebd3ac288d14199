//! Waiting for a condition with a deadline. Nothing here hopes that a while is long enough.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// No condition of these tests takes longer on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(4);

/// Looks until there is something.
///
/// # Panics
/// When there is nothing within [`PATIENCE`].
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl FnMut() -> F) -> T {
    within(PATIENCE, what, look).await
}

/// Looks until there is something, so long at most.
///
/// # Panics
/// When there is nothing within that time.
pub async fn within<T, F: Future<Output = Option<T>>>(limit: Duration, what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        sleep(LOOK_AGAIN).await;
    }
}
