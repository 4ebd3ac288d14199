//! A message as Slack shows it (vectors: `responses/conversations.replies.ok.json`, `http/event_message_channels.json`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::directory::Directory;
use crate::ids::Ts;
use crate::state::{Model, Post};

/// A message, with the facts about its thread.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// Always `message`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The author.
    pub user: String,
    /// Its name within the channel.
    pub ts: Ts,
    /// The text, in mrkdwn; the fallback where there are blocks.
    pub text: String,
    /// The team.
    pub team: String,
    /// Set for what a bot posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<String>,
    /// The bot's app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// The bot's face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_profile: Option<BotProfile>,
    /// A person's client names what it sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_msg_id: Option<String>,
    /// Block Kit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Value>,
    /// The older kind of cards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Value>,
    /// What the app noted for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// The thread it belongs to; a parent names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<Ts>,
    /// The parent's author, for a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_user_id: Option<String>,
    /// `thread_broadcast` for a reply that the channel shows too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// How many replies; only for a parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_count: Option<usize>,
    /// How many people replied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_users_count: Option<usize>,
    /// Who replied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reply_users: Vec<String>,
    /// The last reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_reply: Option<Ts>,
    /// By whom and when it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// Emoji put under it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Seen by one person only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_ephemeral: bool,
}

/// The bot's face beside its message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BotProfile {
    /// The bot.
    pub id: String,
    /// Its app.
    pub app_id: String,
    /// What people read.
    pub name: String,
    /// Its team.
    pub team_id: String,
    /// Whether it is switched off.
    pub deleted: bool,
    /// When it last changed, in seconds.
    pub updated: i64,
}

/// The last change of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Edited {
    /// Who changed it.
    pub user: String,
    /// When.
    pub ts: Ts,
}

/// One emoji under a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji's name, without colons.
    pub name: String,
    /// Who put it there.
    pub users: Vec<String>,
    /// How many.
    pub count: usize,
}

/// A kept message as it is shown now.
pub(crate) fn render(directory: &Directory, model: &Model, post: &Post) -> Message {
    let parent = post.thread_ts.filter(|ts| *ts != post.ts).and_then(|ts| model.message(&post.channel, ts));
    let mut message = Message {
        kind: "message".into(),
        user: post.user.clone(),
        ts: post.ts,
        text: post.text.clone(),
        team: directory.team_id.clone(),
        client_msg_id: post.client_msg_id.clone(),
        blocks: post.blocks.clone(),
        attachments: post.attachments.clone(),
        metadata: post.metadata.clone(),
        thread_ts: post.thread_ts,
        parent_user_id: parent.map(|parent| parent.user.clone()),
        subtype: post.broadcast.then(|| "thread_broadcast".into()),
        edited: post.edited.map(|ts| Edited { user: post.user.clone(), ts }),
        is_ephemeral: post.only_for.is_some(),
        ..Message::default()
    };
    if let Some(bot_id) = &post.bot_id {
        message.bot_id = Some(bot_id.clone());
        message.app_id = Some(directory.app.id.clone());
        message.bot_profile = Some(bot_profile(directory));
    }
    message.reactions = post.reactions.iter().map(reaction).collect();
    if post.thread_ts.is_none() {
        thread_facts(&mut message, model, post);
    }
    message
}

fn bot_profile(directory: &Directory) -> BotProfile {
    BotProfile {
        id: directory.app.bot_id.clone(),
        app_id: directory.app.id.clone(),
        name: directory.app.about.name.clone(),
        team_id: directory.team_id.clone(),
        ..BotProfile::default()
    }
}

fn reaction(kept: &crate::state::Reaction) -> Reaction {
    Reaction { name: kept.name.clone(), users: kept.users.iter().cloned().collect(), count: kept.users.len() }
}

/// A parent tells about its replies, and names itself as the thread.
fn thread_facts(message: &mut Message, model: &Model, post: &Post) {
    let mut users: Vec<String> = Vec::new();
    let mut count = 0;
    for reply in model.replies(&post.channel, post.ts) {
        count += 1;
        message.latest_reply = Some(reply.ts);
        if !users.contains(&reply.user) {
            users.push(reply.user.clone());
        }
    }
    if count > 0 {
        message.thread_ts = Some(post.ts);
        message.reply_count = Some(count);
        message.reply_users_count = Some(users.len());
        message.reply_users = users;
    }
}
