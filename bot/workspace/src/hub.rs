//! The one place where state changes: a change is drafted against the model, written to the log, applied, and only then
//! seen by anyone (the page, the bot's sockets).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::{broadcast, watch};

use crate::answers::Answers;
use crate::api::{Faults, Rates};
use crate::directory::Directory;
use crate::draft::Draft;
use crate::grants::Grants;
use crate::ids::Mint;
use crate::secrets::Secrets;
use crate::socket::{Courier, Timings};
use crate::state::{Change, Log, LogError, Model, Numbered};

/// Where "now" comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A call of the Web API, as it came.
#[derive(Clone, Copy, Debug)]
pub struct ApiCall<'a> {
    /// The method, such as `chat.postMessage`.
    pub method: &'a str,
    /// Arguments in the address.
    pub query: &'a str,
    /// What the body is.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// Is told of each call, before anything comes of it.
pub type Watch = Arc<dyn Fn(ApiCall<'_>) + Send + Sync>;

/// How many changes are kept in memory for pages that were away for a moment.
const RECENT: usize = 2_048;

/// Everything the handlers share.
pub(crate) struct Hub {
    pub(crate) directory: Directory,
    pub(crate) secrets: Secrets,
    pub(crate) timings: Timings,
    pub(crate) mint: Mint,
    pub(crate) grants: Grants,
    pub(crate) faults: Faults,
    /// How often methods are called, if that is counted.
    pub(crate) rates: Option<Rates>,
    pub(crate) answers: Answers,
    pub(crate) courier: Courier,
    /// `http://127.0.0.1:PORT`
    pub(crate) base_url: String,
    pub(crate) watch: Option<Watch>,
    clock: Clock,
    kept: Mutex<Kept>,
    changes: broadcast::Sender<()>,
    stop: watch::Sender<bool>,
}

struct Kept {
    model: Model,
    log: Log,
    recent: VecDeque<Arc<Numbered>>,
}

/// What a hub is made of, besides what it makes itself.
pub(crate) struct Parts {
    pub(crate) directory: Directory,
    pub(crate) secrets: Secrets,
    pub(crate) timings: Timings,
    pub(crate) limits: bool,
    pub(crate) salt: [u8; 16],
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) watch: Option<Watch>,
}

impl Hub {
    pub(crate) fn new(parts: Parts, log: Log, model: Model) -> Self {
        Self {
            directory: parts.directory,
            secrets: parts.secrets,
            courier: Courier::new(parts.timings.clone()),
            timings: parts.timings,
            mint: Mint::new(parts.salt),
            grants: Grants::default(),
            faults: Faults::default(),
            rates: parts.limits.then(Rates::default),
            answers: Answers::default(),
            base_url: parts.base_url,
            clock: parts.clock,
            watch: parts.watch,
            kept: Mutex::new(Kept { model, log, recent: VecDeque::new() }),
            changes: broadcast::Sender::new(1),
            stop: watch::Sender::new(false),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Looks at the present.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.kept().model)
    }

    /// Drafts changes, and makes them happen if the draft is good. Nothing happens otherwise.
    pub(crate) fn commit<T, E: From<LogError>>(
        &self,
        write: impl FnOnce(&mut Draft<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.now();
        let mut kept = self.kept();
        let mut draft = Draft::new(self, &kept.model, now);
        let value = write(&mut draft)?;
        let changes = draft.into_changes();
        let first = kept.model.seq() + 1;
        let numbered: Vec<Numbered> = (first..).zip(changes).map(|(seq, change)| Numbered { seq, change }).collect();
        kept.log.append(&numbered)?;
        for numbered in numbered {
            kept.model.apply(&numbered);
            if let Change::Queued { delivery } = &numbered.change {
                self.courier.enqueue(delivery);
            }
            kept.recent.push_back(Arc::new(numbered));
        }
        let Kept { model, log, .. } = &mut *kept;
        if let Err(error) = log.tidy(model) {
            // Everything is in the log already; it only stays longer than it need be.
            tracing::warn!(%error, "the log could not be rewritten");
        }
        let excess = kept.recent.len().saturating_sub(RECENT);
        kept.recent.drain(..excess);
        drop(kept);
        let _nobody_listens = self.changes.send(());
        Ok(value)
    }

    /// The changes after number `after`, or `None` if some of them are no longer kept.
    pub(crate) fn since(&self, after: u64) -> Option<Vec<Arc<Numbered>>> {
        let kept = self.kept();
        let oldest = kept.recent.front().map_or(kept.model.seq() + 1, |numbered| numbered.seq);
        let known = (oldest..=kept.model.seq() + 1).contains(&(after + 1));
        known.then(|| kept.recent.iter().filter(|numbered| numbered.seq > after).cloned().collect())
    }

    /// A signal whenever something changed.
    pub(crate) fn changed(&self) -> broadcast::Receiver<()> {
        self.changes.subscribe()
    }

    /// A way to wait for the workspace's end.
    pub(crate) fn stopping(&self) -> Stopping {
        Stopping(self.stop.subscribe())
    }

    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// The lock is held only for in-memory work and one write. A panic inside can't leave the model half changed in a way
    /// that matters more than the panic itself, so a poisoned lock is taken over.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the workspace's end.
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Returns when the workspace stops, at once if it has.
    pub(crate) async fn wait(&mut self) {
        // An error means that the hub is gone: a stop too.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    pub(crate) fn has_come(&self) -> bool {
        *self.0.borrow()
    }
}
