//! Tells what the journals say: reads operations with news, projects them, stores the messages and the marker in one
//! transaction. It sends nothing.

use super::project::{ReportContext, project};
use super::voice::in_zone;
use crate::handle::zone;
use gantry_engine::apply::Projects;
use gantry_engine::ports::{Clock, OpRecord, Platforms, Report, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Notify;

/// Steps write many entries in a row: a card is drawn at most this often.
const PAUSE: SignedDuration = SignedDuration::from_millis(250);

/// How long to wait at the most: entries may have been written by another process.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(2);

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
        let journal = self.store.history(record.id, 0).await?;
        let env = self.store.environment(&record.key).await?;
        let upto = journal.last().map_or(0, |stamped| stamped.seq);
        let unreadable = |why: gantry_engine::journal::Illegal| StoreError::Unreadable {
            what: record.id.to_string(),
            why: why.to_string(),
        };
        let of = self.projects.as_ref().and_then(|projects| projects.project(&record.key.project));
        let zone = zone(of.as_ref().map(|project| project.time_zone.as_str()));
        let cx = ReportContext { env, platforms: self.platforms.clone() };
        let posts = in_zone(&zone, || project(&journal, record, &cx)).map_err(unreadable)?;
        self.store.report(Report { op: record.id, upto, posts }).await
    }
}
