//! What people say to the control API about modals, Home tabs and shortcuts. Ours, not Slack's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::Ts;

/// What a person has filled into a modal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Submit {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// Which modal.
    pub view_id: String,
    /// By `block_id`: a text, or a list of texts where several can be chosen. What is left out stays as it starts.
    #[serde(default)]
    pub values: Map<String, Value>,
}

/// A modal that a person closes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Close {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// Which modal.
    pub view_id: String,
    /// Whether those below it are closed too.
    #[serde(default)]
    pub all: bool,
}

/// A person opens the app's Home tab.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Visit {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
}

/// A person chooses something that the app's menu offers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Shortcut {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// What.
    pub callback_id: String,
    /// In which channel the message is, for what a message's menu offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// On which message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ts: Option<Ts>,
}

/// An emoji that a person puts under a message, or takes away again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct React {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// Where: a name or an id.
    pub channel: String,
    /// Under which message.
    pub message_ts: Ts,
    /// The emoji's name, without colons.
    pub name: String,
}

/// The Home tab as the app published it for one person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Home {
    /// The view, if there is one.
    pub view: Option<Value>,
}

/// The modal that one person has before them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Modal {
    /// The view, if there is one.
    pub view: Option<Value>,
}

/// Something that the app's menu offers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShortcutInfo {
    /// What people read.
    pub name: String,
    /// What the app is told.
    pub callback_id: String,
    /// Whether it is in each message's menu.
    pub on_messages: bool,
}
