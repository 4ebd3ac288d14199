//! Speaking.

use super::client::{CallError, Metadata, SlackClient};
use crate::chat::{Chat, ChatError};
use crate::message::{Form, Home, Marked, PostMark};
use async_trait::async_trait;
use gantry_engine::names::{ChannelId, MessageTs, UserId};
use gantry_engine::ports::PostKey;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::PoisonError;

/// How many messages a page has, and how many pages are searched for one that may have been sent. In a thread Slack gives the
/// earliest first, so all of it is searched; in a channel the newest, and it was sent shortly before its reply was lost or
/// the bot was.
const PAGE: &str = "200";
const PAGES_OF_THREAD: usize = 50;
const PAGES_OF_CHANNEL: usize = 5;

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
    #[serde(default)]
    response_metadata: Metadata,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    #[serde(default)]
    blocks: Vec<Value>,
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
            Err(error) => Err(match ChatError::from(error) {
                ChatError::Gone(code) => ChatError::Closed(code),
                error => error,
            }),
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
        let (method, pages) = match thread {
            Some(_) => ("conversations.replies", PAGES_OF_THREAD),
            None => ("conversations.history", PAGES_OF_CHANNEL),
        };
        let is_it = |message: &Message| {
            let id = message.blocks.first().and_then(|block| block.get("block_id")).and_then(Value::as_str);
            id.and_then(PostMark::parse).is_some_and(|mark| mark.is_for(key))
        };
        let mut cursor = String::new();
        for _ in 0..pages {
            let mut params = vec![("channel", channel.as_str()), ("limit", PAGE), ("cursor", cursor.as_str())];
            params.extend(thread.map(|thread| ("ts", thread.as_str())));
            let page: Page = self.get(method, &params).await?;
            if let Some(message) = page.messages.iter().find(|message| is_it(message)) {
                return Ok(Some(MessageTs::new(&message.ts)));
            }
            cursor = page.response_metadata.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        Ok(None)
    }
}
