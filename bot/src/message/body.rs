//! A message as it is stored until it is sent, and as it is sent: with its mark, which needs the version that the store
//! counts.

use super::{MarkState, Message, PostMark};
use gantry_engine::names::{DeliveryId, Digest, EnvKey, OpId, UserId};
use gantry_engine::ports::{Post, PostKey};
use serde::{Deserialize, Serialize};

/// What a [`PostDraft`](gantry_engine::ports::PostDraft)'s body holds. A stored format: fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// What the message means, for machines.
    pub state: MarkState,
    /// The delivery that it answers or tells about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// What it is about: who is told of it elsewhere, where its channel can't be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The message.
    pub message: Message,
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// An operation: its requester is told, and who is asked for a vote.
    Operation(OpId),
    /// An environment: its owner is told.
    Environment(EnvKey),
    /// What this person said or holds.
    Person(UserId),
}

/// A stored body that isn't one.
#[derive(Debug, thiserror::Error)]
#[error("the body of message {} can't be read: {why}", .key.0)]
pub struct BadBody {
    key: PostKey,
    why: serde_json::Error,
}

impl Body {
    /// A body.
    #[must_use]
    pub fn new(state: MarkState, delivery: Option<DeliveryId>, message: Message) -> Self {
        Self { state, delivery, about: None, message }
    }

    /// The same, about something.
    #[must_use]
    pub fn about(self, about: About) -> Self {
        Self { about: Some(about), ..self }
    }

    /// The motion that an operation's card asks to approve, if it asks.
    #[must_use]
    pub fn asks_for(&self, op: OpId) -> Option<Digest> {
        let words = format!("approve {op}");
        self.message.buttons().find(|button| button.value.words == words)?.value.digest.clone()
    }

    /// A stored body.
    ///
    /// # Errors
    /// [`BadBody`] where it isn't ours.
    pub fn of(post: &Post) -> Result<Self, BadBody> {
        serde_json::from_str(&post.draft.body).map_err(|why| BadBody { key: post.draft.key.clone(), why })
    }

    /// As it is stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a message is always JSON")
    }
}

/// A message that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// What it is.
    pub mark: PostMark,
    message: Message,
}

impl Marked {
    /// Stamps a stored message's newest body with the mark of its version.
    ///
    /// # Errors
    /// [`BadBody`] where the body isn't ours.
    pub fn stamp(post: &Post) -> Result<Self, BadBody> {
        let body = Body::of(post)?;
        let mark = PostMark::new(&post.draft.key, post.version, body.state, body.delivery);
        Ok(Self { mark, message: body.message })
    }

    /// The sentence for notifications and screen readers.
    #[must_use]
    pub fn text(&self) -> &str {
        self.message.text.as_str()
    }

    /// What it says, without the mark.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The blocks as Slack takes them; the first one carries the mark.
    #[must_use]
    pub fn blocks(&self) -> Vec<serde_json::Value> {
        let json = |block| serde_json::to_value(block).expect("a block is always JSON");
        let mut blocks: Vec<serde_json::Value> = self.message.blocks.iter().map(json).collect();
        if let Some(first) = blocks.first_mut() {
            first["block_id"] = self.mark.to_string().into();
        }
        blocks
    }
}
