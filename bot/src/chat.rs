//! The chat workspace, as the bot needs it for speaking. What is said to the bot comes in elsewhere.

use crate::message::{Form, Home, Marked};
use async_trait::async_trait;
use gantry_engine::names::{ChannelId, MessageTs, UserId};
use gantry_engine::ports::PostKey;
use std::time::Duration;

/// Why a message couldn't be sent: the variant says what the caller may do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// Too many calls: try again after so long. Nothing was done.
    #[error("too many calls; again in {} s", .after.as_secs())]
    RateLimited {
        /// After so long.
        after: Duration,
    },
    /// It can never work: don't try again.
    #[error("{0}")]
    Gone(String),
    /// Nothing can be said in that channel (`channel_not_found`, `is_archived`), until somebody changes that.
    #[error("{0}")]
    Closed(String),
    /// Nothing was done, and nothing will be until somebody changes something: try again now and then.
    #[error("{code}: {remedy}")]
    Barred {
        /// The workspace's code (`token_revoked`, `missing_scope`).
        code: String,
        /// What somebody has to do.
        remedy: &'static str,
    },
    /// It may work the next time. It may have been done.
    #[error("{0}")]
    Transient(String),
}

/// Speaks in the workspace. Every call answers within bounded time; one that got no answer is [`ChatError::Transient`].
/// A person's id in the place of a channel's means the direct conversation with them.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Posts a message, top level or in a thread.
    async fn post(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<MessageTs, ChatError>;

    /// Gives a message new content.
    async fn edit(&self, channel: &ChannelId, ts: &MessageTs, message: &Marked) -> Result<(), ChatError>;

    /// Shows a message to one person only. It can't be edited or found again.
    async fn ephemeral(
        &self,
        channel: &ChannelId,
        user: &UserId,
        thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<(), ChatError>;

    /// Shows a form to whoever did what the trigger stands for: within three seconds, and once. A trigger that was used
    /// already has shown it already.
    async fn open(&self, trigger: &str, form: &Form) -> Result<(), ChatError>;

    /// Gives a person's Home tab new content.
    async fn publish(&self, user: &UserId, home: &Home) -> Result<(), ChatError>;

    /// Looks for our message whose mark [is for](crate::message::PostMark::is_for) a key; in a channel's newest
    /// messages, or in a thread.
    async fn find(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        key: &PostKey,
    ) -> Result<Option<MessageTs>, ChatError>;
}
