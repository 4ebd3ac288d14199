//! The real clock: the one place of the bot that reads the time.

use async_trait::async_trait;
use gantry_engine::ports::Clock;
use jiff::Timestamp;
use std::time::Duration;

/// How long a sleep lasts at most before the time is looked at again: a machine that was suspended, or whose clock was
/// set, must not oversleep an expiry.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        while let Ok(left) = Duration::try_from(at.duration_since(self.now())) {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
        }
    }
}
