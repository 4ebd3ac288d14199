//! When what may be sent: pauses after failures, closed channels, and the pace of each message's edits and of all. Pure, but for
//! what it remembers.

use super::pace::Pace;
use gantry_engine::names::ChannelId;
use gantry_engine::ports::{Post, PostKey};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A message is edited at most this often; what is newest by then is sent. One message alone stays below Slack's 50 a minute
/// so; all of them together have a [pace](Pace), too.
const EDITS: SignedDuration = SignedDuration::from_millis(1_200);

/// The first and the longest pause after a failure that may pass.
const FIRST: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_secs(60);

/// The pause after what only somebody can mend.
const BARRED: SignedDuration = SignedDuration::from_secs(60);

/// How long a channel that can't be written isn't tried again, whatever there is to be said.
const CLOSED: SignedDuration = SignedDuration::from_secs(10);

/// What is paused together: new messages by channel, whose order matters; and edits of one message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// New messages of a channel.
    Channel(ChannelId),
    /// Edits of a message.
    Edits(PostKey),
}

impl Lane {
    pub(super) fn of(post: &Post) -> Self {
        if post.ts.is_some() { Self::Edits(post.draft.key.clone()) } else { Self::Channel(post.draft.channel.clone()) }
    }
}

#[derive(Debug, Default)]
pub(super) struct Lanes {
    paused: BTreeMap<Lane, Pause>,
    closed: BTreeMap<ChannelId, Closed>,
    pub(super) pace: Pace,
}

/// A channel that can't be written.
#[derive(Debug)]
struct Closed {
    why: String,
    /// When it is tried again, if there is something to be said.
    until: Timestamp,
}

/// Whether a channel may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Door {
    Open,
    /// It couldn't be written, and wasn't tried for a while.
    Ajar,
    /// It couldn't be written just now, and why.
    Closed(String),
}

#[derive(Debug)]
struct Pause {
    until: Timestamp,
    failures: u32,
}

pub(super) fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

impl Lanes {
    /// Until when nothing may be sent in a lane, if so.
    pub(super) fn paused(&self, lane: &Lane, now: Timestamp) -> Option<Timestamp> {
        self.paused.get(lane).map(|pause| pause.until).filter(|until| *until > now)
    }

    /// A call failed, and may work the next time.
    pub(super) fn failed(&mut self, lane: Lane, now: Timestamp) -> Timestamp {
        let pause = self.paused.entry(lane).or_insert(Pause { until: now, failures: 0 });
        pause.until = later(now, FIRST.saturating_mul(1 << pause.failures.min(6)).min(LONGEST));
        pause.failures += 1;
        pause.until
    }

    /// A call was refused until somebody mends something.
    pub(super) fn barred(&mut self, lane: Lane, now: Timestamp) -> Timestamp {
        let until = later(now, BARRED);
        self.paused.insert(lane, Pause { until, failures: 0 });
        until
    }

    /// A channel can't be written.
    pub(super) fn close(&mut self, channel: &ChannelId, why: &str, now: Timestamp) {
        self.closed.insert(channel.clone(), Closed { why: why.to_owned(), until: later(now, CLOSED) });
    }

    /// Whether a channel may be tried; whoever is told that it is ajar tries.
    pub(super) fn door(&mut self, channel: &ChannelId, now: Timestamp) -> Door {
        match self.closed.get(channel) {
            None => Door::Open,
            Some(closed) if closed.until > now => Door::Closed(closed.why.clone()),
            Some(_) => {
                self.closed.remove(channel);
                Door::Ajar
            }
        }
    }

    /// A message was sent: new ones go on, its own edits wait a little.
    pub(super) fn sent(&mut self, post: &Post, now: Timestamp) {
        self.paused.remove(&Lane::of(post));
        // Those that failed are remembered a while longer, for their next pause to be longer too.
        self.paused.retain(|_, pause| later(pause.until, LONGEST) > now);
        if post.draft.only_for.is_none() {
            let pause = Pause { until: later(now, EDITS), failures: 0 };
            self.paused.insert(Lane::Edits(post.draft.key.clone()), pause);
        }
    }
}
