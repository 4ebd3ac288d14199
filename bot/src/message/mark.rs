//! What makes a message findable and readable by machines: a text in its first block's `block_id`. Version is in it, so
//! it changes with each edit, as Slack wants.

use gantry_engine::journal::State;
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::PostKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The longest `block_id` (docs.slack.dev, "Reference: Block Kit").
const BLOCK_ID: usize = 255;

/// The longest key that stands in a mark as it is; a longer one is shortened to a digest.
const KEY: usize = 150;

/// The mark of one version of a message: `g1|<key>|<version>|<state>|<delivery>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostMark {
    key: String,
    /// Which body of it, from 1.
    pub version: u64,
    /// What it means.
    pub state: MarkState,
    /// The delivery that it answers or tells about.
    pub delivery: Option<DeliveryId>,
}

/// What a message means, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum MarkState {
    /// An operation's card: where the operation stands.
    Operation(State),
    /// An answer.
    Answered,
    /// A refusal.
    Refused,
    /// What was said is no command.
    Invalid,
    /// A question: somebody has to choose.
    Asked,
    /// A piece of news.
    Note,
}

impl MarkState {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operation(state) => state.as_str(),
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Invalid => "invalid",
            Self::Asked => "asked",
            Self::Note => "note",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let ours = [Self::Answered, Self::Refused, Self::Invalid, Self::Asked, Self::Note];
        ours.into_iter().find(|state| state.as_str() == word).or_else(|| State::from_word(word).map(Self::Operation))
    }
}

impl From<MarkState> for &'static str {
    fn from(state: MarkState) -> Self {
        state.as_str()
    }
}

impl TryFrom<String> for MarkState {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::from_word(&word).ok_or_else(|| format!("`{word}` is no state of a message"))
    }
}

impl PostMark {
    /// The mark of a version of a message.
    #[must_use]
    pub fn new(key: &PostKey, version: u64, state: MarkState, delivery: Option<DeliveryId>) -> Self {
        Self { key: in_mark(&key.0), version, state, delivery }
    }

    /// The mark in a `block_id`; none if it isn't one of ours.
    #[must_use]
    pub fn parse(block_id: &str) -> Option<Self> {
        let mut parts = block_id.split('|');
        let ("g1", key, version, state) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        let delivery = parts.next().filter(|text| !text.is_empty()).map(|text| DeliveryId::new(unescaped(text)));
        let (version, state) = (version.parse().ok()?, MarkState::from_word(state)?);
        parts.next().is_none().then(|| Self { key: key.to_owned(), version, state, delivery })
    }

    /// Whether this is the mark of the message with that key.
    #[must_use]
    pub fn is_for(&self, key: &PostKey) -> bool {
        self.key == in_mark(&key.0)
    }

    /// The message's key; none where it was too long to stand in a mark.
    #[must_use]
    pub fn key(&self) -> Option<PostKey> {
        (!self.key.starts_with('#')).then(|| PostKey(unescaped(&self.key)))
    }
}

impl fmt::Display for PostMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, version, state, delivery } = self;
        let head = format!("g1|{key}|{version}|{}|", state.as_str());
        let delivery = escaped(delivery.as_ref().map_or("", DeliveryId::as_str));
        // An id that doesn't fit is left out: half of one would be another one.
        let fits = head.len() + delivery.len() <= BLOCK_ID;
        write!(f, "{head}{}", if fits { &delivery } else { "" })
    }
}

fn in_mark(key: &str) -> String {
    let escaped = escaped(key);
    if escaped.len() <= KEY && !escaped.starts_with('#') {
        return escaped;
    }
    format!("#{}", hex::encode(Sha256::digest(key.as_bytes())))
}

/// The separator can't stand in a part. What isn't ASCII can't either, so that bytes are characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'|' | b'%' | 0..=b' ' | 0x7f.. => out.push_str(&format!("%{byte:02x}")),
            byte => out.push(char::from(byte)),
        }
    }
    out
}

fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}
