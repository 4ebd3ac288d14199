//! The shapes of the control API: what the page, the command line and tests say to act as people. Ours, not Slack's.

use serde::{Deserialize, Serialize};

use super::message::Message;
use super::views::ShortcutInfo;
use crate::ids::Ts;

/// A message that a person types.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Say {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// Where: a name or an id.
    pub channel: String,
    /// In which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<Ts>,
    /// What they type. `@name`, `@group` and `#channel` become references.
    pub text: String,
}

/// A slash command that a person types.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Slash {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// Where: a name or an id.
    pub channel: String,
    /// The command, with its slash.
    pub command: String,
    /// What follows it.
    #[serde(default)]
    pub text: String,
    /// Refused if set: commands don't work in threads, as in Slack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<Ts>,
}

/// A click on a button. One of `action_id` and `label` is needed; `block_id` narrows it down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Action {
    /// Who: a handle or an id.
    #[serde(rename = "as")]
    pub who: String,
    /// Where: a name or an id. Nowhere for a button of a view.
    #[serde(default)]
    pub channel: String,
    /// On which message.
    #[serde(default)]
    pub message_ts: Ts,
    /// In which view, if it is in a modal or a Home tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_id: Option<String>,
    /// The button's `action_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_id: Option<String>,
    /// Its block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_id: Option<String>,
    /// What the button reads, ignoring case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Where a typed message landed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// The channel's id.
    pub channel: String,
    /// The message's name within it.
    pub ts: Ts,
}

/// What a command or click set off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trigger {
    /// The id that the bot gets too.
    pub trigger_id: String,
}

/// Everything that doesn't change while the workspace runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// The team's name.
    pub team: String,
    /// The team's id.
    pub team_id: String,
    /// The app.
    pub app: AppInfo,
    /// The people and the bot.
    pub users: Vec<PersonInfo>,
    /// The groups.
    pub groups: Vec<GroupInfo>,
    /// The channels and direct conversations.
    pub channels: Vec<ChannelInfo>,
    /// How many sockets the bot has open.
    pub sockets: usize,
    /// The number of the last change: ask for events after it.
    pub seq: u64,
}

/// The installed app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppInfo {
    /// Its id.
    pub id: String,
    /// What people read.
    pub name: String,
    /// Its bot user.
    pub bot_user: String,
    /// Its slash command.
    pub command: String,
    /// What the command box shows behind the command.
    pub usage_hint: String,
    /// What its menus offer.
    pub shortcuts: Vec<ShortcutInfo>,
}

/// A person, or the bot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonInfo {
    /// The id.
    pub id: String,
    /// The handle.
    pub name: String,
    /// What people read.
    pub real_name: String,
    /// The IANA time zone.
    pub tz: String,
    /// Whether it is the bot.
    pub is_bot: bool,
}

/// A user group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupInfo {
    /// The id.
    pub id: String,
    /// The handle.
    pub handle: String,
    /// The members' ids.
    pub members: Vec<String>,
}

/// A channel, or a direct conversation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The person of a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dm_with: Option<String>,
    /// Who is in it.
    pub members: Vec<String>,
    /// The last message in it that isn't ephemeral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Ts>,
}

/// Something that changed what people see.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A new message; for an ephemeral one `message.is_ephemeral` is set.
    Posted {
        /// Where.
        channel: String,
        /// What.
        message: Box<Message>,
    },
    /// A message has new content or reactions.
    Changed {
        /// Where.
        channel: String,
        /// What it is now.
        message: Box<Message>,
    },
    /// A message is gone.
    Deleted {
        /// Where.
        channel: String,
        /// Which.
        ts: Ts,
    },
    /// The app published a Home tab for this person.
    Home {
        /// What it shows.
        view: serde_json::Value,
    },
    /// The modal that this person has before them is another one, or none.
    Modal {
        /// What it shows.
        view: Option<serde_json::Value>,
    },
    /// Events were missed that are no longer kept: read everything anew.
    Reset,
}

/// What keeps the app from writing in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shut {
    /// It is archived: nobody writes in it (page: chat.postMessage, `is_archived`; chat.update, `is_inactive`).
    Archived,
    /// The app was removed from it (page: chat.postMessage, `not_in_channel`). Its messages can still be edited.
    Removed,
}

/// A channel that is shut for the app, or open again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shutting {
    /// Which: a name or an id.
    pub channel: String,
    /// How; open again if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<Shut>,
}

/// A disturbance for tests: what the next calls of a method meet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// The Web API method; `*` is each of them.
    pub method: String,
    /// Nothing is done; the answer is `ok: false` with this code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Nothing is done; the answer has this HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds for the `Retry-After` header beside a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// It is done, but the answer is lost on its way.
    #[serde(default)]
    pub drop_reply_after_effect: bool,
    /// How often; once if left out. 0 ends what was to come of that method.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    fn none(method: &str) -> Self {
        let method = method.to_owned();
        Self { method, error: None, status: None, retry_after: None, drop_reply_after_effect: false, times: 1 }
    }

    /// The next call is refused with this code.
    pub fn error(method: &str, code: &str) -> Self {
        Self { error: Some(code.to_owned()), ..Self::none(method) }
    }

    /// The next call is answered 429, with so many seconds to wait.
    pub fn rate_limited(method: &str, retry_after: u32) -> Self {
        Self { status: Some(429), retry_after: Some(retry_after), ..Self::none(method) }
    }

    /// The next call is answered with this HTTP status.
    pub fn status(method: &str, status: u16) -> Self {
        Self { status: Some(status), ..Self::none(method) }
    }

    /// The next call does its work, and the answer never arrives.
    pub fn lost_reply(method: &str) -> Self {
        Self { drop_reply_after_effect: true, ..Self::none(method) }
    }

    /// So many calls in a row.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}
