//! When an environment's end comes near: which warnings are due, and when to look again. Level-triggered: the same
//! time gives the same answer, however often it is asked, so nothing has to remember what was said.

use crate::change::{Actor, Change, Place, Request};
use crate::environment::{Environment, Phase};
use crate::names::{ChannelId, DeliveryId};
use jiff::{SignedDuration, Timestamp};

/// How long before the end people are warned, the earliest first.
pub const WARN_BEFORE: [SignedDuration; 4] = [
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(1),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(1),
];

/// What is due for an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Nothing before then; none if it has no end.
    Nothing {
        /// When to look again.
        until: Option<Timestamp>,
    },
    /// A warning, this long before the end.
    Warning {
        /// The distance that it belongs to.
        distance: SignedDuration,
        /// The end.
        end: Timestamp,
        /// When to look again.
        until: Timestamp,
    },
    /// Its end.
    End,
}

/// What is due for an environment at a time. A warning earlier than a quarter into its life says nothing new, so it
/// isn't one; of several distances that have passed only the nearest counts.
#[must_use]
pub fn due(env: &Environment, now: Timestamp) -> Due {
    let Some(end) = env.expiry.filter(|_| env.phase == Phase::Live) else { return Due::Nothing { until: None } };
    if end <= now {
        return Due::End;
    }
    let life = end.duration_since(env.created);
    let mut until = end;
    let mut nearest = None;
    for distance in WARN_BEFORE.into_iter().filter(|distance| *distance * 4 <= life * 3) {
        match end.checked_sub(distance) {
            Ok(at) if at <= now => nearest = Some(distance),
            Ok(at) => {
                until = until.min(at);
            }
            Err(_) => {}
        }
    }
    match nearest {
        Some(distance) => Due::Warning { distance, end, until },
        None => Due::Nothing { until: Some(until) },
    }
}

/// How long after a teardown that failed, or was cancelled, the end asks for another one.
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(30);

/// The teardown that an end asks for. Its delivery id is a function of the environment's life, its end and how long that
/// is past, so it is asked once in a while, however often the schedule wakes.
#[must_use]
pub fn teardown(env: &Environment, end: Timestamp, fallback: &ChannelId, now: Timestamp) -> Request {
    let channel = env.home.clone().unwrap_or_else(|| fallback.clone());
    let asked = now.duration_since(end).as_secs() / ASK_AGAIN.as_secs();
    Request {
        key: env.key.clone(),
        change: Change::Teardown { volumes: false },
        by: Actor::Schedule,
        because: None,
        bypass: false,
        words: format!("teardown {}", env.key.env),
        delivery: DeliveryId::new(format!("expiry:{}#{}:{}/{asked}", env.key, env.incarnation, end.as_second())),
        place: Place { channel, thread: None },
        at: now,
        waits: true,
    }
}
