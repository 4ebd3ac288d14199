//! Opens the forms that are asked for, right after their deliveries are stored and beside everything that waits: Slack gives
//! three seconds. Where it is too late the delivery is left to whoever answers in words.

use crate::chat::Chat;
use crate::form::Desk;
use crate::handle::Handler;
use crate::intake::Incoming;
use crate::report;
use futures::FutureExt;
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{PostDraft, Store, StoreError};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

/// Who opens forms.
#[derive(Clone)]
pub(super) struct Opener {
    store: Arc<dyn Store>,
    chat: Arc<dyn Chat>,
    handler: Handler,
    desk: Arc<Desk>,
    arrived: Arc<Notify>,
    news: Arc<Notify>,
}

impl Opener {
    /// `bells`: for what is left to others, and for what is to be posted.
    pub(super) fn new(
        store: &Arc<dyn Store>,
        chat: &Arc<dyn Chat>,
        handler: &Handler,
        desk: &Arc<Desk>,
        bells: (Arc<Notify>, Arc<Notify>),
    ) -> Self {
        let (store, chat, handler, desk) = (store.clone(), chat.clone(), handler.clone(), desk.clone());
        Self { store, chat, handler, desk, arrived: bells.0, news: bells.1 }
    }

    pub(super) async fn run(&self, asked: &mut UnboundedReceiver<(DeliveryId, Incoming)>) {
        let mut opening = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = opening.join_next() => {}
                next = asked.recv() => match next {
                    Some((id, incoming)) => drop(opening.spawn(self.clone().one(id, incoming))),
                    None => return,
                },
            }
        }
    }

    async fn one(self, id: DeliveryId, incoming: Incoming) {
        // Whatever breaks, it is left to whoever answers in words.
        let opened = AssertUnwindSafe(self.open(&id, &incoming)).catch_unwind().await;
        match opened.unwrap_or(Ok(None)) {
            Ok(Some(posts)) => {
                if let Err(error) = self.store.handled(&id, posts.into()).await {
                    tracing::warn!(delivery = %id, %error, "that a form was opened couldn't be noted");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(delivery = %id, %error, "a form couldn't be made"),
        }
        self.desk.done(&id);
        self.arrived.notify_one();
        self.news.notify_one();
    }

    /// What to post once it is open, or instead of it; none where somebody else has to answer.
    async fn open(&self, id: &DeliveryId, incoming: &Incoming) -> Result<Option<Vec<PostDraft>>, StoreError> {
        let view = match self.handler.form(incoming).await? {
            Ok(view) => view,
            Err(answer) => return Ok(Some(vec![report::answer(id, incoming, &answer)])),
        };
        // What asks for a form by a command or a click is delivered under its trigger.
        match self.chat.open(id.as_str(), &report::form(&view)).await {
            Ok(()) => Ok(Some(Vec::new())),
            Err(why) => {
                tracing::info!(delivery = %id, %why, "a form couldn't be opened; it is answered in words");
                Ok(None)
            }
        }
    }
}
