//! What comes in, in our own form: stored before it is acknowledged, handled afterwards, once.

use gantry_engine::names::{ChannelId, DeliveryId, Digest, MessageTs, UserId};
use gantry_engine::ports::{Accepted, Clock, Delivery, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Notify;

/// Words that somebody said to the bot, by whatever way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// By which way.
    pub way: Way,
    /// Who.
    pub user: UserId,
    /// In which channel.
    pub channel: ChannelId,
    /// In which thread: the one it was said in, or the one that an answer opens.
    pub thread: Option<MessageTs>,
    /// What; for a click, the words that the button stands for.
    pub text: String,
    /// The plan that was shown beside the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// By which way words came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A slash command.
    Command,
    /// A message that mentions the bot.
    Mention,
    /// A direct message.
    Direct,
    /// A button.
    Click,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Mention => "mention",
            Self::Direct => "direct",
            Self::Click => "click",
        }
    }
}

/// Stores what comes in.
#[derive(Clone)]
pub struct Inbox {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    arrived: Arc<Notify>,
}

impl Inbox {
    /// An inbox over a store; `arrived` is rung for each new delivery.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, arrived: Arc<Notify>) -> Self {
        Self { store, clock, arrived }
    }

    /// Stores a delivery. When this returns it may be acknowledged: it is durable, and a repeat changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]: then it must not be acknowledged, so that it comes again.
    pub async fn accept(&self, id: DeliveryId, incoming: &Incoming) -> Result<(), StoreError> {
        let unreadable = |why: serde_json::Error| StoreError::Unreadable { what: id.to_string(), why: why.to_string() };
        let body = serde_json::to_string(incoming).map_err(unreadable)?;
        let kind = incoming.way.word().to_owned();
        let accepted = self.store.accept(Delivery { id: id.clone(), kind, body, at: self.clock.now() }).await?;
        match accepted {
            Accepted::New => self.arrived.notify_one(),
            Accepted::Duplicate => tracing::debug!(delivery = %id, "a repeated delivery"),
        }
        Ok(())
    }
}
