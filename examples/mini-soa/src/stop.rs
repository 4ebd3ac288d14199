//! The wish to end, from SIGTERM to everybody who waits.

use nix::sys::signal::{SigSet, Signal};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether the program is to end.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Set by SIGTERM or SIGINT, which from now on don't kill.
    pub(crate) fn on_signal() -> Result<Self, String> {
        let signals: SigSet = [Signal::SIGTERM, Signal::SIGINT].into_iter().collect();
        // Threads that are started later inherit this.
        signals.thread_block().map_err(|error| format!("cannot block signals: {error}"))?;
        let stop = Self::default();
        let setter = stop.clone();
        std::thread::spawn(move || {
            if signals.wait().is_ok() {
                setter.set();
            }
        });
        Ok(stop)
    }

    /// It is time.
    pub(crate) fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits for the wish, or for this long. Whether it is time.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(guard, at_most, |stop| !*stop);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
