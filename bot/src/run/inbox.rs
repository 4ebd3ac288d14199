//! Deliveries that wait: each channel's in the order they came, channels side by side.

use crate::form::Desk;
use crate::handle::{Answer, Handler, No};
use crate::intake::Incoming;
use crate::report;
use futures::FutureExt;
use futures::future::join_all;
use gantry_engine::apply::NoPlan;
use gantry_engine::names::{ChannelId, DeliveryId};
use gantry_engine::ports::{Clock, Delivery, Store, StoreError, Told};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many deliveries are looked at at once.
const BATCH: usize = 64;

/// How long to wait before deliveries are tried again that couldn't be handled.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// How long a delivery is tried again whose handling panics: what went wrong may have been the machine's, as a thread that it
/// refused. Then it is answered so, since everybody behind it waits.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// How long to wait at the most: a delivery may have been stored by another process.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

pub(super) struct Consumer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    handler: Handler,
    desk: Arc<Desk>,
    arrived: Arc<Notify>,
    news: Arc<Notify>,
    /// Since when the handling of deliveries panics.
    panicked: Mutex<BTreeMap<DeliveryId, Timestamp>>,
}

impl Consumer {
    /// `bells`: rung for new deliveries, and to be rung when there is something to post.
    pub(super) fn new(handler: Handler, desk: Arc<Desk>, bells: (Arc<Notify>, Arc<Notify>)) -> Self {
        let (store, clock) = (handler.engine.store.clone(), handler.engine.clock.clone());
        Self { store, clock, handler, desk, arrived: bells.0, news: bells.1, panicked: Mutex::default() }
    }

    pub(super) async fn run(&self) {
        loop {
            let wait = match self.round().await {
                Ok(0) => LOOK_AGAIN,
                Ok(_) if self.panicked().is_empty() => continue,
                Ok(_) => TRY_AGAIN,
                Err(error) => {
                    tracing::warn!(%error, "deliveries couldn't be handled; they are tried again");
                    TRY_AGAIN
                }
            };
            let until = self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = self.arrived.notified() => {}
                () = self.clock.sleep_until(until) => {}
            }
        }
    }

    async fn round(&self) -> Result<usize, StoreError> {
        let mut waiting = self.store.unhandled(BATCH).await?;
        // Whoever opens a form says so, or leaves it here after all, and rings then.
        waiting.retain(|delivery| !self.desk.is_opening(&delivery.id));
        let count = waiting.len();
        let mut lanes: BTreeMap<Option<ChannelId>, Vec<(Delivery, Option<Incoming>)>> = BTreeMap::new();
        for delivery in waiting {
            let incoming: Option<Incoming> = serde_json::from_str(&delivery.body).ok();
            let lane = incoming.as_ref().map(|incoming| incoming.channel.clone());
            lanes.entry(lane).or_default().push((delivery, incoming));
        }
        let lanes = lanes.into_values().map(|lane| async {
            for (delivery, incoming) in lane {
                if !self.one(&delivery, incoming.as_ref()).await? {
                    break;
                }
            }
            Ok::<(), StoreError>(())
        });
        join_all(lanes).await.into_iter().collect::<Result<(), _>>()?;
        Ok(count)
    }

    /// Handles a delivery; tells whether that is over with it.
    async fn one(&self, delivery: &Delivery, incoming: Option<&Incoming>) -> Result<bool, StoreError> {
        let id = &delivery.id;
        let told = match incoming {
            Some(incoming) => match AssertUnwindSafe(self.told(id, incoming)).catch_unwind().await {
                Ok(told) => told?,
                Err(_) if self.may_try_again(id) => return Ok(false),
                Err(_) => {
                    tracing::error!(delivery = %id, "handling a delivery panics again and again; it is answered so");
                    report::answers(id, incoming, &Answer::No(No::Broken)).into()
                }
            },
            None => {
                // Written by a newer version, or damaged: nobody here can ever read it.
                tracing::error!(delivery = %id, "a stored delivery can't be read and is given up");
                Told::default()
            }
        };
        self.store.handled(id, told).await?;
        self.panicked().remove(id);
        self.news.notify_one();
        Ok(true)
    }

    /// Has a delivery its effect, and tells what to say.
    async fn told(&self, id: &DeliveryId, incoming: &Incoming) -> Result<Told, StoreError> {
        let answer = match self.handler.handle(id, incoming).await {
            // It would be the same the next time, and everybody behind it would wait.
            Err(error @ (StoreError::Unreadable { .. } | StoreError::NoSuchOperation(_))) => {
                tracing::error!(delivery = %id, %error, "a delivery can't be handled and is answered so");
                Some(Answer::No(No::Plan(NoPlan::Store(error))))
            }
            answer => answer?,
        };
        let zone = self.handler.zone_of(incoming).await;
        let events = answer.iter().filter_map(|answer| self.handler.refusal(incoming, answer)).collect();
        let posts = answer.map(|answer| report::in_zone(&zone, || report::answers(id, incoming, &answer)));
        Ok(Told { posts: posts.unwrap_or_default(), events })
    }

    /// Whether a delivery is tried again whose handling has just panicked.
    fn may_try_again(&self, id: &DeliveryId) -> bool {
        let now = self.clock.now();
        let since = *self.panicked().entry(id.clone()).or_insert(now);
        now.duration_since(since) < PATIENCE
    }

    fn panicked(&self) -> MutexGuard<'_, BTreeMap<DeliveryId, Timestamp>> {
        self.panicked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
