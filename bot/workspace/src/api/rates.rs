//! How often the app may call each method (page: Rate limits; vectors: `docs_methods/*.json`, `rate_limits`): what may come in a minute
//! may come at once, and then so much comes back each second.
//!
//! The page promises "some bursts" of `chat.postMessage` beyond one a second in a channel and doesn't say how many; here they are 20.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::args::Args;
use crate::directory::Directory;
use crate::wire::Fault;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// How many messages may come at once in a channel.
const POSTS: i32 = 20;

/// So many at once, and then one each time so much has passed.
struct Rate {
    burst: i32,
    every: SignedDuration,
}

/// What a method may take; `None` for those that have "hundreds a minute" or no number at all.
fn rate(method: &str) -> Option<Rate> {
    let by_minute = |calls: i32| Rate { burst: calls, every: MINUTE / calls };
    Some(match method {
        "chat.postMessage" => Rate { burst: POSTS, every: SignedDuration::from_secs(1) },
        "conversations.list" | "users.list" | "usergroups.list" | "usergroups.users.list" => by_minute(20),
        "apps.connections.open"
        | "chat.delete"
        | "chat.update"
        | "conversations.history"
        | "conversations.info"
        | "conversations.open"
        | "conversations.replies"
        | "reactions.add" => by_minute(50),
        "api.test"
        | "chat.postEphemeral"
        | "conversations.members"
        | "users.info"
        | "views.open"
        | "views.publish"
        | "views.push"
        | "views.update" => by_minute(100),
        _ => return None,
    })
}

/// Counts calls.
#[derive(Default)]
pub(crate) struct Rates(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// By method, and channel where those count by themselves: when the next call would have its time, if there were no bursts.
    next: BTreeMap<(String, String), Timestamp>,
    refused: u64,
}

impl Rates {
    /// Counts a call; or refuses it, with the seconds to wait.
    pub(crate) fn count(
        &self,
        method: &str,
        args: Option<&Args>,
        directory: &Directory,
        now: Timestamp,
    ) -> Option<Fault> {
        let Rate { burst, every } = rate(method)?;
        let named = || args?.get("channel");
        let channel = if method == "chat.postMessage" { named().unwrap_or_default() } else { String::new() };
        let channel = directory.find_channel(&channel).map_or(channel, |known| known.id.clone());
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Counted { next, refused } = &mut *counted;
        next.retain(|_, next| *next > now);
        let next = next.entry((method.to_owned(), channel)).or_insert(now);
        let ahead = next.duration_since(now) - every * (burst - 1);
        if ahead.is_positive() {
            *refused += 1;
            let seconds = ahead.as_millis().unsigned_abs().div_ceil(1_000);
            return Some(Fault::rate_limited(method, u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
        *next = next.saturating_add(every).unwrap_or(Timestamp::MAX);
        None
    }

    /// How many were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refused
    }
}
