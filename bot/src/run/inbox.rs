//! Deliveries that wait: each channel's in the order they came, channels side by side. A channel that takes long holds up no other:
//! what comes elsewhere meanwhile is taken in beside it.

use crate::form::Desk;
use crate::handle::{Answer, Handler, No};
use crate::intake::Incoming;
use crate::report;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use gantry_engine::apply::NoPlan;
use gantry_engine::names::{ChannelId, DeliveryId};
use gantry_engine::ports::{Clock, Delivery, Store, StoreError, Told};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many deliveries are looked at at first, and at the most where all of those are of channels that are busy.
const BATCH: usize = 64;
const MOST: usize = 4_096;

/// How long to wait before deliveries are tried again that couldn't be handled.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// How long a delivery is tried again whose handling panics: what went wrong may have been the machine's, as a thread that it
/// refused. Then it is answered so, since everybody behind it waits.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// How long to wait at the most: a delivery may have been stored by another process.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Whose deliveries are handled one after the other: a channel's, or those that can't be read.
type Lane = Option<ChannelId>;

/// What waits in each lane, in order.
type Lanes = BTreeMap<Lane, Vec<(Delivery, Option<Incoming>)>>;

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
        let mut busy = BTreeSet::new();
        let mut lanes = FuturesUnordered::new();
        loop {
            let mut over = Vec::new();
            let found = {
                let mut look = pin!(self.idle(&busy));
                // Lanes go on meanwhile: one that stood still could hold what the look waits for, a connection to the store.
                loop {
                    tokio::select! {
                        found = &mut look => break found,
                        Some(lane) = lanes.next() => over.push(lane),
                    }
                }
            };
            let wait = match found {
                Ok(found) => {
                    for (lane, waiting) in found {
                        busy.insert(lane.clone());
                        lanes.push(self.lane(lane, waiting));
                    }
                    LOOK_AGAIN
                }
                Err(error) => {
                    tracing::warn!(%error, "deliveries can't be read; it is tried again");
                    TRY_AGAIN
                }
            };
            if over.is_empty() {
                tokio::select! {
                    Some(lane) = lanes.next() => over.push(lane),
                    () = self.arrived.notified() => {}
                    () = self.rest(wait) => {}
                }
            }
            over.extend(std::iter::from_fn(|| lanes.next().now_or_never().flatten()));
            for lane in over {
                busy.remove(&lane);
            }
        }
    }

    async fn rest(&self, wait: SignedDuration) {
        self.clock.sleep_until(self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)).await;
    }

    /// What waits in lanes that aren't busy.
    async fn idle(&self, busy: &BTreeSet<Lane>) -> Result<Lanes, StoreError> {
        let mut window = BATCH;
        loop {
            let waiting = self.store.unhandled(window).await?;
            let all = waiting.len() < window || window >= MOST;
            let mut lanes = Lanes::new();
            // Whoever opens a form says so, or leaves it here after all, and rings then.
            for delivery in waiting.into_iter().filter(|delivery| !self.desk.is_opening(&delivery.id)) {
                let incoming: Option<Incoming> = serde_json::from_str(&delivery.body).ok();
                let lane = incoming.as_ref().map(|incoming| incoming.channel.clone());
                if !busy.contains(&lane) {
                    lanes.entry(lane).or_default().push((delivery, incoming));
                }
            }
            if all || !lanes.is_empty() {
                return Ok(lanes);
            }
            window *= 2;
        }
    }

    /// Handles what waits in a lane; one whose next delivery can't be handled rests.
    async fn lane(&self, lane: Lane, waiting: Vec<(Delivery, Option<Incoming>)>) -> Lane {
        for (delivery, incoming) in waiting {
            match self.one(&delivery, incoming.as_ref()).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a delivery couldn't be handled; it is tried again"),
            }
            self.rest(TRY_AGAIN).await;
            break;
        }
        lane
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
            Err(error) if error.is_of_one() => {
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
