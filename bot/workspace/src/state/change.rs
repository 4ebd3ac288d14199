//! The changes that make up a workspace's history. They are a stored format: fields may be added with a default,
//! none may be renamed or removed, and a meaning never changes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::Ts;
use crate::wire::Shut;

/// A change with its place in history. Numbers only grow, also over restarts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Numbered {
    pub(crate) seq: u64,
    #[serde(flatten)]
    pub(crate) change: Change,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    /// Written first after a compaction: what was reached, though its traces may be gone.
    Mark {
        last_ts: Ts,
    },
    Posted {
        post: Box<Post>,
    },
    Edited {
        channel: String,
        ts: Ts,
        edit: Box<Edit>,
    },
    Deleted {
        channel: String,
        ts: Ts,
    },
    Reacted {
        channel: String,
        ts: Ts,
        reaction: String,
        user: String,
    },
    /// Somebody took their reaction back.
    Unreacted {
        channel: String,
        ts: Ts,
        reaction: String,
        user: String,
    },
    /// A direct conversation was opened by the bot.
    Opened {
        channel: String,
    },
    /// A channel was shut for the app, or opened again.
    Shut {
        channel: String,
        shut: Option<Shut>,
    },
    /// The Home tab of one person.
    Home {
        user: String,
        view: Value,
    },
    /// A modal of one person: opened, on top of those that are, or with new content.
    Modal {
        user: String,
        view: Value,
    },
    /// Modals that one person doesn't see any more.
    Unmodal {
        user: String,
        views: Vec<String>,
    },
    /// Something to be delivered to the bot.
    Queued {
        delivery: Box<Delivery>,
    },
    /// Acknowledged, or given up.
    Settled {
        envelope_id: String,
    },
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) channel: String,
    pub(crate) ts: Ts,
    pub(crate) user: String,
    /// Set for what the app posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bot_id: Option<String>,
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) blocks: Vec<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_msg_id: Option<String>,
    /// The parent, for a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) thread_ts: Option<Ts>,
    /// A reply that the channel shows too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) broadcast: bool,
    /// For an ephemeral message: the only person who sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only_for: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) edited: Option<Ts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reactions: Vec<Reaction>,
}

impl Post {
    pub(crate) fn visible_to(&self, user: &str) -> bool {
        self.only_for.as_deref().is_none_or(|only| only == user)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reaction {
    pub(crate) name: String,
    pub(crate) users: BTreeSet<String>,
}

/// What an edit leaves behind: the whole new content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Edit {
    pub(crate) at: Ts,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) blocks: Vec<Value>,
    #[serde(default)]
    pub(crate) attachments: Vec<Value>,
    #[serde(default)]
    pub(crate) metadata: Option<Value>,
}

/// An envelope that waits for the bot's acknowledgement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) envelope_id: String,
    pub(crate) kind: Kind,
    pub(crate) payload: Value,
    pub(crate) queued_at: Timestamp,
    /// Who caused it, and where: they are told when it can't be delivered.
    pub(crate) user: String,
    pub(crate) channel: String,
    #[serde(default)]
    pub(crate) thread_ts: Option<Ts>,
    /// What they did, in their words: the command, or the button's label.
    pub(crate) what: String,
}

impl Delivery {
    /// Whether a person waits before a modal for what comes of it.
    pub(crate) fn is_submission(&self) -> bool {
        self.payload["type"] == "view_submission"
    }
}

/// An envelope's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    SlashCommands,
    EventsApi,
    Interactive,
}
