//! `chat.*`: posting, changing and removing the app's messages.

use serde_json::{Value, json};

use super::args::Args;
use super::error::ApiError;
use super::{Call, Outcome};
use crate::directory::Channel;
use crate::draft::{Content, Place};
use crate::ids::Ts;
use crate::limits::{self, Refused};
use crate::state::{Model, Post};
use crate::wire::{self, Shut};

/// Vectors: `docs_methods/chat.postMessage.json`, `responses/chat.postMessage.ok.json`.
pub(super) fn post_message(call: &Call<'_>) -> Outcome {
    let channel = destination(call)?;
    let mut content = content(call.args)?;
    // Page: chat.postMessage, "Truncating content": longer text is cut, not refused.
    content.text = content.text.chars().take(limits::POST_TEXT).collect();
    let broadcast = call.args.flag("reply_broadcast");
    call.hub.commit(|draft| {
        let thread_ts = thread(call.args, draft.model, channel)?;
        let place = Place { broadcast: broadcast && thread_ts.is_some(), ..Place::new(channel, thread_ts) };
        let post = draft.post_as_bot(place, content);
        let message = wire::render(call.directory(), draft.model, &post);
        Ok(json!({ "channel": channel.id, "ts": post.ts, "message": message }))
    })
}

/// Vectors: `docs_methods/chat.postEphemeral.json`, `responses/chat.postEphemeral.ok.json`.
pub(super) fn post_ephemeral(call: &Call<'_>) -> Outcome {
    let channel = destination(call)?;
    let user = call.args.need("user")?;
    if !channel.members.contains(&user) {
        return Err(ApiError::new("user_not_in_channel"));
    }
    let content = content(call.args)?;
    if content.text.chars().count() > limits::POST_TEXT {
        return Err(ApiError::new("msg_too_long"));
    }
    call.hub.commit(|draft| {
        // Page: chat.postEphemeral: a thread that doesn't exist is ignored, the message goes to the channel.
        let thread_ts = thread(call.args, draft.model, channel).unwrap_or_default();
        let post = draft.post_as_bot(Place::new(channel, thread_ts).only_for(&user), content);
        Ok(json!({ "message_ts": post.ts }))
    })
}

/// Vectors: `docs_methods/chat.update.json`, `responses/chat.update.ok.json`.
pub(super) fn update(call: &Call<'_>) -> Outcome {
    let channel = call.channel()?;
    let ts = call.args.ts("ts").unwrap_or(Err(ApiError::new("message_not_found")))?;
    if call.shut(channel) == Some(Shut::Archived) {
        return Err(ApiError::new("is_inactive"));
    }
    let content = content(call.args)?;
    if content.text.chars().count() > limits::UPDATE_TEXT {
        return Err(ApiError::new("msg_too_long"));
    }
    call.hub.commit(|draft| {
        let old = own(draft.model, channel, ts, "cant_update_message")?;
        let post = draft.edit(old, content);
        let message = wire::render(call.directory(), draft.model, &post);
        Ok(json!({ "channel": channel.id, "ts": ts, "text": post.text, "message": message }))
    })
}

/// Vectors: `docs_methods/chat.delete.json`, `responses/chat.delete.ok.json`.
pub(super) fn delete(call: &Call<'_>) -> Outcome {
    let channel = call.channel()?;
    let ts = call.args.ts("ts").unwrap_or(Err(ApiError::new("message_not_found")))?;
    call.hub.commit(|draft| {
        let old = own(draft.model, channel, ts, "cant_delete_message")?;
        draft.delete(old);
        Ok(json!({ "channel": channel.id, "ts": ts }))
    })
}

/// Vectors: `docs_methods/chat.getPermalink.json`, `responses/chat.getPermalink.ok.json`. The address leads to the page here.
pub(super) fn get_permalink(call: &Call<'_>) -> Outcome {
    let channel = call.channel()?;
    let ts = call.args.ts("message_ts").unwrap_or(Err(ApiError::new("message_not_found")))?;
    let found = call.hub.read(|model| model.message(&channel.id, ts).map(|post| post.thread_ts));
    let thread = found.ok_or(ApiError::new("message_not_found"))?;
    let name = ts.to_string().replace('.', "");
    let mut permalink = format!("{}/archives/{}/p{name}", call.hub.base_url, channel.id);
    if let Some(thread) = thread {
        permalink.push_str(&format!("?thread_ts={thread}&cid={}", channel.id));
    }
    Ok(json!({ "channel": channel.id, "permalink": permalink }))
}

/// Where to post: a channel by id or name, or a person by id, whose direct conversation it is
/// (page: chat.postMessage, "Channels").
fn destination<'a>(call: &Call<'a>) -> Result<&'a Channel, ApiError> {
    let which = call.args.get("channel").unwrap_or_default();
    let directory = call.directory();
    let channel = directory.find_channel(&which).or_else(|| directory.dm(&which));
    let channel = channel.ok_or(ApiError::new("channel_not_found"))?;
    if call.shut(channel) == Some(Shut::Archived) {
        return Err(ApiError::new("is_archived"));
    }
    if call.bot_is_in(channel) { Ok(channel) } else { Err(ApiError::new("not_in_channel")) }
}

/// The thread to post in. A reply's timestamp leads to its thread. A thread that isn't there is an error here;
/// Slack has been seen to post into the channel instead, which hides the caller's mistake.
fn thread(args: &Args, model: &Model, channel: &Channel) -> Result<Option<Ts>, ApiError> {
    let Some(ts) = args.ts("thread_ts") else { return Ok(None) };
    let missing = || ApiError::new("thread_not_found");
    let parent = model.message(&channel.id, ts.map_err(|_| missing())?).ok_or_else(missing)?;
    if parent.only_for.is_some() {
        return Err(ApiError::new("cannot_reply_to_message"));
    }
    Ok(Some(parent.thread_ts.unwrap_or(parent.ts)))
}

/// A message that the app may change: its own, and not an ephemeral one (page: chat.update, "Ephemeral messages").
fn own<'m>(model: &'m Model, channel: &Channel, ts: Ts, code: &'static str) -> Result<&'m Post, ApiError> {
    let post = model.message(&channel.id, ts).filter(|post| post.only_for.is_none());
    let post = post.ok_or(ApiError::new("message_not_found"))?;
    if post.bot_id.is_some() { Ok(post) } else { Err(ApiError::new(code)) }
}

/// What to say. An update with text and no blocks leaves no blocks (page: chat.update, "Updating blocks").
fn content(args: &Args) -> Result<Content, ApiError> {
    let text = args.get("text").unwrap_or_default();
    let markdown = args.get("markdown_text");
    let blocks = args.list("blocks", "invalid_blocks_format")?.unwrap_or_default();
    let attachments = args.list("attachments", "invalid_attachments")?.unwrap_or_default();
    if markdown.is_some() && (!text.is_empty() || !blocks.is_empty()) {
        return Err(ApiError::new("markdown_text_conflict"));
    }
    let text = markdown.unwrap_or(text);
    if text.is_empty() && blocks.is_empty() && attachments.is_empty() {
        return Err(ApiError::new("no_text"));
    }
    if attachments.len() > limits::ATTACHMENTS {
        return Err(ApiError::new("too_many_attachments"));
    }
    limits::blocks(&blocks).map_err(|refused| match refused {
        Refused::Invalid(messages) => ApiError::with("invalid_blocks", messages),
        Refused::TooLong => ApiError::new("msg_blocks_too_long"),
    })?;
    let metadata = args.structure("metadata", "invalid_metadata_format")?;
    if metadata.as_ref().is_some_and(|value| !well_formed_metadata(value)) {
        return Err(ApiError::new("invalid_metadata_format"));
    }
    Ok(Content { text, blocks, attachments, metadata })
}

/// `{event_type, event_payload}`, or an empty object to take it away (vector: `docs_methods/chat.update.json`).
fn well_formed_metadata(value: &Value) -> bool {
    let Some(fields) = value.as_object() else { return false };
    fields.is_empty() || (value["event_type"].is_string() && value["event_payload"].is_object())
}
