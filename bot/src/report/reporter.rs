//! Tells what the journals say: reads operations with news, projects them, stores the messages and the marker in one
//! transaction. It sends nothing.

use super::project::{ReportContext, project};
use super::voice::in_zone;
use crate::handle::zone;
use crate::message::Body;
use crate::metrics;
use gantry_engine::apply::{Projects, told, untouched_since};
use gantry_engine::change::Change;
use gantry_engine::journal::{Illegal, Operation, Stamped, State};
use gantry_engine::ports::{Clock, OpFilter, OpRecord, Platforms, PostDraft, PostKey, Report, Store, StoreError};
use gantry_engine::undo::{has_applied, leaves_something};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Notify;

/// Steps write many entries in a row: a card is drawn at most this often.
const PAUSE: SignedDuration = SignedDuration::from_millis(250);

/// How long to wait at the most: entries may have been written by another process.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// How many operations back it is looked for one that ended in the middle and can't be taken back any more.
const FORMER: usize = 5;

/// Turns journals into stored messages.
pub struct Reporter {
    store: Arc<dyn Store>,
    platforms: Platforms,
    projects: Option<Arc<dyn Projects>>,
    clock: Arc<dyn Clock>,
    news: Arc<Notify>,
    told: Arc<Notify>,
}

impl Reporter {
    /// A reporter that is woken by `news` and rings `told` once messages are stored.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        platforms: Platforms,
        clock: Arc<dyn Clock>,
        news: Arc<Notify>,
        told: Arc<Notify>,
    ) -> Self {
        Self { store, platforms, projects: None, clock, news, told }
    }

    /// The same, telling times in the zone of the project that an operation is of.
    #[must_use]
    pub fn knowing(self, projects: Arc<dyn Projects>) -> Self {
        Self { projects: Some(projects), ..self }
    }

    /// Reports for ever. Dropping it at any point loses nothing: what wasn't marked is told again, with the same keys.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "operations couldn't be reported; it is tried again");
            }
            // Whoever rang may have stored a message of their own.
            self.told.notify_one();
            self.sleep(PAUSE).await;
            tokio::select! {
                () = self.news.notified() => {}
                () = self.sleep(LOOK_AGAIN) => {}
            }
        }
    }

    async fn sleep(&self, wait: SignedDuration) {
        let until = self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.clock.sleep_until(until).await;
    }

    /// Reports every operation with news, once.
    ///
    /// # Errors
    /// [`StoreError`] where the store can't be read at all; an operation that can't be told is left for the next round.
    pub async fn round(&self) -> Result<(), StoreError> {
        for record in self.store.unreported().await? {
            if let Err(error) = self.one(&record).await {
                tracing::error!(op = %record.id, %error, "an operation can't be reported");
            }
        }
        Ok(())
    }

    async fn one(&self, record: &OpRecord) -> Result<(), StoreError> {
        let (op, journal) = told(self.store.as_ref(), record.id).await?;
        let mut posts = self.posts(record, &op, &journal).await?;
        for former in self.former(record).await? {
            let (op_before, journal) = told(self.store.as_ref(), former.id).await?;
            if self.concerns(&op, &op_before).await? {
                // Its card, and the note of its end.
                let before_the_end = OpRecord { reported: op_before.seq.saturating_sub(1), ..former };
                posts.extend(self.posts(&before_the_end, &op_before, &journal).await?);
            }
        }
        self.store.report(Report { op: record.id, upto: op.seq, posts }).await?;
        // Nothing follows an end, so each is reported once.
        if op.state().is_closed() {
            metrics::ended(op.request.change.verb(), op.state());
        }
        Ok(())
    }

    async fn posts(
        &self,
        record: &OpRecord,
        op: &Operation,
        journal: &[Stamped],
    ) -> Result<Vec<PostDraft>, StoreError> {
        let env = self.store.environment(&record.key).await?;
        let unreadable = |why: Illegal| StoreError::Unreadable { what: record.id.to_string(), why: why.to_string() };
        let of = self.projects.as_ref().and_then(|projects| projects.project(&record.key.project));
        let zone = zone(of.as_ref().map(|project| project.time_zone.as_str()));
        let moved_on = leaves_something(op) && untouched_since(self.store.as_ref(), op, None).await?.is_err();
        let cx = ReportContext { env, platforms: self.platforms.clone(), moved_on };
        in_zone(&zone, || project(journal, record, &cx)).map_err(unreadable)
    }

    /// The operations before one that may have ended in the middle, the newest ones.
    async fn former(&self, record: &OpRecord) -> Result<Vec<OpRecord>, StoreError> {
        let limit = FORMER + 1;
        let all =
            self.store.operations(&OpFilter { key: Some(record.key.clone()), limit, ..OpFilter::default() }).await?;
        let ended = |former: &OpRecord| matches!(former.state, State::Cancelled | State::Failed | State::Reverted);
        Ok(all.into_iter().filter(|former| former.id < record.id && ended(former)).collect())
    }

    /// Whether the buttons below what ended in the middle may be other ones by what another operation does.
    async fn concerns(&self, op: &Operation, former: &Operation) -> Result<bool, StoreError> {
        if op.request.resumes == Some(former.id) || op.request.change == (Change::Undo { op: former.id }) {
            return Ok(true);
        }
        let Some(card) = self.store.post(&PostKey::card(former.id)).await?.filter(|_| has_applied(op)) else {
            return Ok(false);
        };
        let body: Option<Body> = serde_json::from_str(&card.draft.body).ok();
        let goes_on = format!("resume {}", former.id);
        Ok(body.is_some_and(|body| body.message.buttons().any(|button| button.value.words == goes_on)))
    }
}
