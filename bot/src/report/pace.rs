//! How fast messages may be sent: what Slack counts together is counted together here, so that it is hardly ever refused.
//! Pure, but for what it remembers.
//!
//! Whoever has to wait gets a time of their own, and keeps it: a card that changes all the time doesn't hold back the others.

use super::lanes::{Lane, later};
use gantry_engine::names::ChannelId;
use gantry_engine::ports::Post;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long a time that was given is kept for whoever doesn't come for it.
const KEPT: SignedDuration = SignedDuration::from_mins(1);

/// What Slack counts together (docs.slack.dev, "Rate limits": by method, app and workspace, and `chat.postMessage` by channel).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    Posts(ChannelId),
    Edits,
    /// Messages for one person's eyes.
    Whispers,
}

/// So many at once, and then one each time so much has passed.
struct Rate {
    burst: i32,
    every: SignedDuration,
}

impl Count {
    fn of(post: &Post) -> Self {
        match post {
            Post { draft, .. } if draft.only_for.is_some() => Self::Whispers,
            Post { ts: Some(_), .. } => Self::Edits,
            Post { draft, .. } => Self::Posts(draft.channel.clone()),
        }
    }

    /// A message a second in a channel, and short bursts; 50 edits and 100 messages for one person a minute (tiers 3 and 4): what
    /// comes at once and what follows in the same minute make no more than that.
    fn rate(&self) -> Rate {
        let (burst, millis) = match self {
            Self::Posts(_) => (10, 1_000),
            Self::Edits => (20, 2_000),
            Self::Whispers => (40, 1_000),
        };
        Rate { burst, every: SignedDuration::from_millis(millis) }
    }
}

#[derive(Debug, Default)]
struct Counter {
    /// When the next one would have its time, if there were no bursts.
    next: Timestamp,
    /// Slack wants to hear nothing before then.
    shut: Timestamp,
    /// Who has been given which time.
    given: BTreeMap<Lane, Timestamp>,
}

/// All that is counted.
#[derive(Debug, Default)]
pub(super) struct Pace {
    counters: BTreeMap<Count, Counter>,
}

impl Pace {
    /// Counts a message that is about to be sent; or tells when it may be.
    pub(super) fn turn(&mut self, post: &Post, now: Timestamp) -> Option<Timestamp> {
        let (count, lane) = (Count::of(post), Lane::of(post));
        let Rate { burst, every } = count.rate();
        self.counters.retain(|_, counter| later(counter.next.max(counter.shut), KEPT) > now);
        let Counter { next, shut, given } = self.counters.entry(count).or_default();
        let at = given.remove(&lane).unwrap_or_else(|| {
            let regular = now.max(*next);
            *next = later(regular, every);
            now.max(later(regular, -every.saturating_mul(burst - 1)))
        });
        let at = at.max(*shut);
        if at <= now {
            return None;
        }
        given.retain(|_, at| later(*at, KEPT) > now);
        given.insert(lane, at);
        Some(at)
    }

    /// Slack says that it was too much, whoever it was, and wants to hear nothing of the kind for so long.
    pub(super) fn refused(&mut self, post: &Post, now: Timestamp, wait: SignedDuration) -> Timestamp {
        let counter = self.counters.entry(Count::of(post)).or_default();
        counter.shut = counter.shut.max(later(now, wait));
        counter.shut
    }
}
