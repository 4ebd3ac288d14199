//! Messages: how they should be, and how far they are.

use crate::audit::Event;
use crate::names::{ChannelId, MessageTs, OpId, UserId};
use serde::{Deserialize, Serialize};

/// What makes a post one: the same key is the same message for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PostKey(pub String);

impl PostKey {
    /// The key of the card that opens an operation's thread: how a thread leads back to its operation.
    #[must_use]
    pub fn card(op: OpId) -> Self {
        Self(format!("{op}/card"))
    }

    /// The operation whose card this is.
    #[must_use]
    pub fn card_of(&self) -> Option<OpId> {
        let op = self.0.strip_suffix("/card")?.parse().ok()?;
        (Self::card(op) == *self).then_some(op)
    }

    /// The key of a message's copy elsewhere. A copy follows its original: with another body of that, it has that body.
    #[must_use]
    pub fn copy(&self, channel: &ChannelId) -> Self {
        Self(format!("{}@{channel}", self.0))
    }

    /// The key of the message that this is a copy of.
    #[must_use]
    pub fn original(&self) -> Option<Self> {
        self.0.split_once('@').map(|(original, _)| Self(original.to_owned()))
    }
}

/// Where a post goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thread {
    /// Top level.
    None,
    /// Under a message.
    Under(MessageTs),
    /// Under another post, once it has been sent.
    UnderPost(PostKey),
}

/// A message as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostDraft {
    /// What makes it one. Given again with another body, the message is edited, and its [copies](PostKey::copy) are.
    pub key: PostKey,
    /// In which channel.
    pub channel: ChannelId,
    /// In which thread.
    pub thread: Thread,
    /// Only for this person (such a message can't be edited).
    pub only_for: Option<UserId>,
    /// The message as JSON, in the bot's own form.
    pub body: String,
}

/// A message on its way, or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// How it should be.
    pub draft: PostDraft,
    /// Counts its bodies, from 1.
    pub version: u64,
    /// The body that was sent last; 0 for none.
    pub sent: u64,
    /// Whether a try to send it for the first time was begun: then it may be there although no reply came.
    pub tried: bool,
    /// Where it is, once it was sent.
    pub ts: Option<MessageTs>,
}

/// Why a body of a message isn't sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// It can't be; another body of the message is tried again.
    Never(String),
    /// Its channel can't be written: it waits until that [opens](super::Store::reopen).
    Closed(String),
}

/// A report on an operation: messages and the marker, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// On which operation.
    pub op: OpId,
    /// Up to which entry.
    pub upto: u64,
    /// The messages.
    pub posts: Vec<PostDraft>,
}

/// What goes with a write, in its transaction: messages that tell of it, and what the record says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The messages.
    pub posts: Vec<PostDraft>,
    /// The lines of the audit log.
    pub events: Vec<Event>,
}

impl From<Vec<PostDraft>> for Told {
    fn from(posts: Vec<PostDraft>) -> Self {
        Self { posts, events: Vec::new() }
    }
}
