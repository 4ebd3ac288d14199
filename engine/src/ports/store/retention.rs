//! What is forgotten after a while. Never what something living needs: operations with their journals, records, releases,
//! revisions and rows stay, and so does what a delivery did, so that a late repeat finds it.

use super::Result;
use crate::audit::Chain;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// How long Slack may deliver the same thing again: it tries an event once an hour for a day where "delayed events" are on
/// (<https://docs.slack.dev/apis/events-api/#delayed-events>), and twice that is kept.
const REPEATED: SignedDuration = SignedDuration::from_hours(48);

/// How long things are kept that nothing living needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// Deliveries that were handled; at least two days, whatever is said.
    pub deliveries: SignedDuration,
    /// The words of messages that were sent.
    pub messages: SignedDuration,
    /// Lines of the audit log; none keeps them for ever.
    pub audit: Option<SignedDuration>,
}

impl Default for Keeping {
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        Self { deliveries: days(7), messages: days(90), audit: None }
    }
}

impl Keeping {
    /// What may be forgotten now.
    #[must_use]
    pub fn horizon(&self, now: Timestamp) -> Horizon {
        let before = |kept: SignedDuration| now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        Horizon {
            now,
            deliveries: before(self.deliveries.max(REPEATED)),
            messages: before(self.messages),
            audit: self.audit.map(before),
        }
    }
}

/// What may be forgotten: what was over before these moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Now.
    pub now: Timestamp,
    /// Deliveries that came before.
    pub deliveries: Timestamp,
    /// The words of messages that were seen to be sent before.
    pub messages: Timestamp,
    /// Lines that were written before; none of them goes where this isn't said.
    pub audit: Option<Timestamp>,
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Deliveries.
    pub deliveries: u64,
    /// Messages whose words went.
    pub messages: u64,
    /// Lines of the audit log.
    pub lines: u64,
}

/// What is left of the lines of the audit log that were pruned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The newest of them.
    pub last: Chain,
    /// When they were pruned.
    pub at: Timestamp,
}

/// Forgetting.
#[async_trait]
pub trait Retention: Send + Sync {
    /// Forgets what is beyond the horizon, at most so much of each at once; whoever calls looks whether there was
    /// something. Of a message only its words go: where it is stays, so that nothing is said twice. Of the audit log the
    /// oldest lines go, an anchor stays, and a line at its end tells of it.
    async fn prune(&self, horizon: &Horizon, most: usize) -> Result<Pruned>;
    /// What is left of the pruned lines of the audit log; none where there are none.
    async fn anchor(&self) -> Result<Option<Anchor>>;
}
