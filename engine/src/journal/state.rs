//! Where an operation stands, in one word: for lists, and for searching. Which word fits is the operation's to say.

use serde::{Deserialize, Serialize};

/// Where an operation stands, as lists show it. Computed from the journal; stored beside it only for searching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// People are asked.
    Voting,
    /// Approved, about to be admitted.
    Ready,
    /// Approved; others are ahead.
    Queued,
    /// Approved; a lock or a freeze holds it back.
    Held,
    /// Steps run.
    Running,
    /// Somebody ended it; steps in flight end.
    Cancelling,
    /// Something failed; people have to decide.
    Parked,
    /// Over: as planned.
    Succeeded,
    /// Over: a rollout was taken back.
    Reverted,
    /// Over: it can't be done.
    Failed,
    /// Over: somebody ended it.
    Cancelled,
    /// Over: somebody who was asked said no.
    Rejected,
    /// Over: nobody decided in time.
    Expired,
}

impl State {
    /// Every state, in the order of an operation's life.
    pub const ALL: [Self; 13] = [
        Self::Voting,
        Self::Ready,
        Self::Queued,
        Self::Held,
        Self::Running,
        Self::Cancelling,
        Self::Parked,
        Self::Succeeded,
        Self::Reverted,
        Self::Failed,
        Self::Cancelled,
        Self::Rejected,
        Self::Expired,
    ];

    /// The word for it, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Voting => "voting",
            Self::Ready => "ready",
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Parked => "parked",
            Self::Succeeded => "succeeded",
            Self::Reverted => "reverted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_closed(self) -> bool {
        self >= Self::Succeeded
    }
}
