//! Names for things: ids in Slack's form, and the timestamps that name messages.
//!
//! Ids of people, channels and groups are derived from their names, so they are the same after every start.
//! Ids of what happens (envelopes, events, triggers) are fresh ones: a bot remembers those, so they must not come again.
//! No clock is read here; whoever needs a timestamp passes `now` in.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Characters of an id behind its prefix. Slack says only that ids are opaque; today's have this length.
const ID_LENGTH: usize = 9;
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The id of a named thing: the prefix says its kind (`U`, `C`, `T`, ..), the rest comes from the name.
pub(crate) fn named(prefix: &str, name: &str) -> String {
    let digest = Sha256::new().chain_update(prefix).chain_update("/").chain_update(name).finalize();
    format!("{prefix}{}", letters(&digest, ID_LENGTH))
}

/// A short id for a block or an element that was posted without one (page: Reference: Block Kit, `block_id`).
pub(crate) fn short(ts: Ts, place: &str) -> String {
    let digest = Sha256::new().chain_update(ts.to_string()).chain_update(place).finalize();
    letters(&digest, 5)
}

fn letters(digest: &[u8], count: usize) -> String {
    let alphabet = ALPHABET.iter().copied().cycle();
    digest
        .iter()
        .take(count)
        .filter_map(|byte| alphabet.clone().nth(usize::from(*byte) % ALPHABET.len()))
        .map(char::from)
        .collect()
}

/// Hands out ids that never come again, in this run or another: a random salt and a counter, hashed.
#[derive(Debug)]
pub(crate) struct Mint {
    salt: [u8; 16],
    next: AtomicU64,
}

impl Mint {
    pub(crate) fn new(salt: [u8; 16]) -> Self {
        Self { salt, next: AtomicU64::new(1) }
    }

    fn digest(&self, kind: &str) -> Vec<u8> {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        Sha256::new().chain_update(self.salt).chain_update(kind).chain_update(count.to_be_bytes()).finalize().to_vec()
    }

    /// An id in Slack's form, such as `Ev0A1B2C3D4`.
    pub(crate) fn id(&self, prefix: &str) -> String {
        format!("{prefix}{}", letters(&self.digest(prefix), ID_LENGTH))
    }

    /// Hex digits, for tickets and addresses that must not be guessed.
    pub(crate) fn hex(&self, kind: &str) -> String {
        hex::encode(&self.digest(kind)[..16])
    }

    /// An id in the form of a UUID, as envelopes have it (vector: `socket_mode/hello.json` and its neighbours).
    pub(crate) fn uuid(&self) -> String {
        let h = self.hex("uuid");
        format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }
}

/// When a message was written, and its name within its channel: `1700000000.000100`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ts(i64);

/// The distance between two messages of one instant, in microseconds.
const TS_STEP: i64 = 100;

impl Ts {
    /// The first timestamp of all: smaller than any message's.
    pub const ZERO: Self = Self(0);

    /// The timestamp for something that happens `now`, always later than `last`, whatever the clock does.
    pub fn after(last: Self, now: Timestamp) -> Self {
        Self(now.as_microsecond().max(last.0.saturating_add(TS_STEP)))
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0 / 1_000_000
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl From<Ts> for String {
    fn from(ts: Ts) -> Self {
        ts.to_string()
    }
}

/// What isn't a message timestamp.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a message timestamp: expected seconds, a dot and six digits, such as 1700000000.000100")]
pub struct NotATs(String);

impl FromStr for Ts {
    type Err = NotATs;

    fn from_str(text: &str) -> Result<Self, NotATs> {
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let refused = || NotATs(text.chars().take(40).collect());
        let (seconds, micros) = text.split_once('.').ok_or_else(refused)?;
        if micros.len() != 6 || seconds.is_empty() || seconds.len() > 11 || !digits(seconds) || !digits(micros) {
            return Err(refused());
        }
        let number = |s: &str| s.parse::<i64>().map_err(|_| refused());
        Ok(Self(number(seconds)? * 1_000_000 + number(micros)?))
    }
}

impl TryFrom<String> for Ts {
    type Error = NotATs;

    fn try_from(text: String) -> Result<Self, NotATs> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_stable_ids_and_kinds_differ() {
        assert_eq!(named("U", "developer"), named("U", "developer"));
        assert_ne!(named("U", "developer")[1..], named("C", "developer")[1..]);
        assert_eq!(named("U", "developer").len(), 10);
    }

    #[test]
    fn fresh_ids_do_not_come_again_even_after_a_new_start() {
        let (one, two) = (Mint::new([1; 16]), Mint::new([2; 16]));
        let ids = [one.id("Ev"), one.id("Ev"), two.id("Ev"), two.id("Ev")];
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
    }

    #[test]
    fn timestamps_never_go_back_or_repeat() {
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let before: Timestamp = "2026-11-20T11:00:00Z".parse().unwrap();
        let first = Ts::after(Ts::ZERO, noon);
        let second = Ts::after(first, noon);
        let third = Ts::after(second, before);
        assert!(first < second && second < third);
        assert_eq!(first.to_string(), "1795176000.000000");
        assert_eq!(second.to_string(), "1795176000.000100");
    }

    #[test]
    fn only_slack_s_form_is_a_timestamp() {
        assert_eq!("1700000000.000100".parse::<Ts>().unwrap().to_string(), "1700000000.000100");
        for wrong in ["", ".", "1700000000", "1700000000.1", "17e5.000100", "-1.000000", "1.00000é"] {
            assert!(wrong.parse::<Ts>().is_err(), "{wrong:?} was taken");
        }
    }
}
