//! What a form has to remember until it is sent. It travels with the view, so it carries no authority: everything is
//! checked again when the words are said.

use crate::intake::Way;
use gantry_engine::names::{ChannelId, Digest, MessageTs};
use serde::{Deserialize, Serialize};

/// Where a form was asked for, and what about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memo {
    /// By which way the words will have come.
    pub way: Way,
    /// In which channel it was asked for.
    pub channel: ChannelId,
    /// In which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageTs>,
    /// The plan that was shown beside the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// What it is about, if it asks for nothing else: an operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The person's time zone, as an IANA name.
    pub zone: String,
}

impl Memo {
    /// As it travels.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a memo is always JSON")
    }

    /// As it came back; none where it isn't ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
