//! People who wait for what an app answers to their submission. In memory only: a restart ends the wait.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::view::Verdict;

#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<String, oneshot::Sender<Verdict>>>);

impl Answers {
    fn inner(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Verdict>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for the answer to an envelope.
    pub(crate) fn wait(&self, envelope_id: &str) -> oneshot::Receiver<Verdict> {
        let (sender, receiver) = oneshot::channel();
        self.inner().insert(envelope_id.to_owned(), sender);
        receiver
    }

    /// Tells whoever waits, if anybody does.
    pub(crate) fn tell(&self, envelope_id: &str, verdict: Verdict) {
        if let Some(sender) = self.inner().remove(envelope_id) {
            let _went_away = sender.send(verdict);
        }
    }
}
