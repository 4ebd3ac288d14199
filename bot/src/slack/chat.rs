//! Speaking.

use super::client::{CallError, SlackClient};
use crate::chat::{Chat, ChatError};
use crate::message::{Form, Home, Marked, PostMark};
use async_trait::async_trait;
use gantry_engine::names::{ChannelId, MessageTs, UserId};
use gantry_engine::ports::PostKey;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::PoisonError;

/// How many of the newest messages are searched for one that may have been sent: it is among them, since it is looked
/// for right after the reply was lost.
const SEARCHED: &str = "100";

/// Codes that may go away by themselves (docs.slack.dev, errors common to all methods). Everything else that Slack says
/// is final for the same call.
const PASSING: [&str; 5] =
    ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"];

/// Codes that say that nothing can be said in a channel (docs.slack.dev, `chat.postMessage` and `chat.update`); those that
/// begin with `restricted_action` do, too, but for one about the thread.
const CLOSED: [&str; 5] = ["channel_not_found", "ekm_access_denied", "is_archived", "is_inactive", "not_in_channel"];

fn is_closed(code: &str) -> bool {
    let restricted = code.starts_with("restricted_action") && code != "restricted_action_thread_locked";
    restricted || CLOSED.contains(&code)
}

#[derive(Deserialize)]
struct Posted {
    ts: String,
}

#[derive(Deserialize)]
struct Done {}

#[derive(Deserialize)]
struct Opened {
    channel: Conversation,
}

#[derive(Deserialize)]
struct Conversation {
    id: String,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    #[serde(default)]
    blocks: Vec<Value>,
}

impl From<CallError> for ChatError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Limited(after) => Self::RateLimited { after },
            CallError::Code(code) if PASSING.contains(&code.as_str()) => Self::Transient(code),
            CallError::Code(code) if is_closed(&code) => Self::Closed(code),
            CallError::Code(code) => Self::Gone(code),
            CallError::Lost(why) => Self::Transient(why),
        }
    }
}

fn content(channel: &ChannelId, thread: Option<&MessageTs>, message: &Marked) -> Value {
    let mut body = json!({
        "channel": channel.as_str(),
        "text": message.text(),
        "blocks": message.blocks(),
    });
    if let Some(thread) = thread {
        body["thread_ts"] = thread.as_str().into();
    }
    body
}

impl SlackClient {
    /// The channel to speak in: for a person, the direct conversation with them. (What is posted to a person's id arrives,
    /// but can't be edited or found under it.)
    async fn place(&self, channel: &ChannelId) -> Result<ChannelId, ChatError> {
        if !channel.as_str().starts_with(['U', 'W']) {
            return Ok(channel.clone());
        }
        let known = self.directs.lock().unwrap_or_else(PoisonError::into_inner).get(channel).cloned();
        if let Some(direct) = known {
            return Ok(direct);
        }
        match self.post::<Opened>("conversations.open", &json!({ "users": channel.as_str() })).await {
            Ok(opened) => {
                let direct = ChannelId::new(opened.channel.id);
                self.directs.lock().unwrap_or_else(PoisonError::into_inner).insert(channel.clone(), direct.clone());
                Ok(direct)
            }
            // An app that was installed before this needed its scope.
            Err(CallError::Code(code)) if code == "missing_scope" => Ok(channel.clone()),
            Err(CallError::Code(code)) if !PASSING.contains(&code.as_str()) => Err(ChatError::Closed(code)),
            Err(error) => Err(error.into()),
        }
    }
}

#[async_trait]
impl Chat for SlackClient {
    async fn post(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<MessageTs, ChatError> {
        let mut body = content(&self.place(channel).await?, thread, message);
        body["unfurl_links"] = false.into();
        body["unfurl_media"] = false.into();
        let posted: Posted = self.post("chat.postMessage", &body).await?;
        Ok(MessageTs::new(posted.ts))
    }

    async fn edit(&self, channel: &ChannelId, ts: &MessageTs, message: &Marked) -> Result<(), ChatError> {
        let mut body = content(&self.place(channel).await?, None, message);
        body["ts"] = ts.as_str().into();
        self.post::<Done>("chat.update", &body).await?;
        Ok(())
    }

    async fn ephemeral(
        &self,
        channel: &ChannelId,
        user: &UserId,
        thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<(), ChatError> {
        let mut body = content(channel, thread, message);
        body["user"] = user.as_str().into();
        self.post::<Done>("chat.postEphemeral", &body).await?;
        Ok(())
    }

    async fn open(&self, trigger: &str, form: &Form) -> Result<(), ChatError> {
        let body = json!({ "trigger_id": trigger, "view": form.to_json() });
        match self.post::<Done>("views.open", &body).await {
            Ok(Done {}) => Ok(()),
            Err(CallError::Code(code)) if code == "exchanged_trigger_id" => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn publish(&self, user: &UserId, home: &Home) -> Result<(), ChatError> {
        let body = json!({ "user_id": user.as_str(), "view": home.to_json() });
        self.post::<Done>("views.publish", &body).await?;
        Ok(())
    }

    async fn find(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        key: &PostKey,
    ) -> Result<Option<MessageTs>, ChatError> {
        let channel = self.place(channel).await?;
        let page: Page = match thread {
            Some(thread) => {
                let params = [("channel", channel.as_str()), ("ts", thread.as_str()), ("limit", SEARCHED)];
                self.get("conversations.replies", &params).await?
            }
            None => {
                let params = [("channel", channel.as_str()), ("limit", SEARCHED)];
                self.get("conversations.history", &params).await?
            }
        };
        let is_it = |message: &Message| {
            let id = message.blocks.first().and_then(|block| block.get("block_id")).and_then(Value::as_str);
            id.and_then(PostMark::parse).is_some_and(|mark| mark.is_for(key))
        };
        Ok(page.messages.iter().find(|message| is_it(message)).map(|message| MessageTs::new(&message.ts)))
    }
}
