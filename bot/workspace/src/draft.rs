//! Changes in the making: timestamps are given, what the app has subscribed to is queued for it. Nothing is true before
//! the hub has written it.

use jiff::Timestamp;
use serde_json::Value;

use crate::directory::{Channel, Directory};
use crate::hub::Hub;
use crate::ids::{Ts, short};
use crate::state::{Change, Delivery, Edit, Kind, Model, Post};
use crate::wire::{self, Shut, payload};

pub(crate) struct Draft<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) model: &'a Model,
    pub(crate) now: Timestamp,
    last_ts: Ts,
    changes: Vec<Change>,
}

/// What a message says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) text: String,
    pub(crate) blocks: Vec<Value>,
    pub(crate) attachments: Vec<Value>,
    pub(crate) metadata: Option<Value>,
}

/// Where a message goes.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) channel: &'a Channel,
    pub(crate) thread_ts: Option<Ts>,
    pub(crate) broadcast: bool,
    /// For an ephemeral message: who sees it.
    pub(crate) only_for: Option<String>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(channel: &'a Channel, thread_ts: Option<Ts>) -> Self {
        Self { channel, thread_ts, broadcast: false, only_for: None }
    }

    pub(crate) fn only_for(self, user: &str) -> Self {
        Self { only_for: Some(user.to_owned()), ..self }
    }
}

/// Who and what caused a delivery.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) user: String,
    pub(crate) channel: String,
    pub(crate) thread_ts: Option<Ts>,
    pub(crate) what: String,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(hub: &'a Hub, model: &'a Model, now: Timestamp) -> Self {
        Self { hub, model, now, last_ts: model.last_ts(), changes: Vec::new() }
    }

    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    pub(crate) fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    fn directory(&self) -> &'a Directory {
        &self.hub.directory
    }

    /// The next timestamp: later than all before.
    pub(crate) fn ts(&mut self) -> Ts {
        self.last_ts = Ts::after(self.last_ts, self.now);
        self.last_ts
    }

    /// A message of the app.
    pub(crate) fn post_as_bot(&mut self, place: Place<'_>, content: Content) -> Post {
        let app = &self.directory().app;
        self.post(place, content, &app.bot_user, Some(app.bot_id.clone()))
    }

    /// A message of a person; `text` is in its final form.
    pub(crate) fn post_as_person(&mut self, place: Place<'_>, text: String, user: &str) -> Post {
        let blocks = vec![crate::typed::rich_text("", &text)];
        let post = self.post(place, Content { text, blocks, ..Content::default() }, user, None);
        if post.text.contains(&format!("<@{}>", self.directory().app.bot_user)) && post.channel.starts_with('C') {
            self.event("app_mention", &post, payload::app_mention);
        }
        post
    }

    fn post(&mut self, place: Place<'_>, content: Content, user: &str, bot_id: Option<String>) -> Post {
        let ts = self.ts();
        let post = Post {
            channel: place.channel.id.clone(),
            ts,
            user: user.to_owned(),
            client_msg_id: bot_id.is_none().then(|| self.hub.mint.uuid()),
            bot_id,
            text: content.text,
            blocks: name_blocks(content.blocks, ts),
            attachments: content.attachments,
            metadata: content.metadata,
            thread_ts: place.thread_ts,
            broadcast: place.broadcast,
            only_for: place.only_for,
            edited: None,
            reactions: Vec::new(),
        };
        self.push(Change::Posted { post: Box::new(post.clone()) });
        if post.only_for.is_none() {
            self.event("message", &post, payload::message_event);
        }
        post
    }

    /// New content for a message of the app.
    pub(crate) fn edit(&mut self, old: &Post, content: Content) -> Post {
        let at = self.ts();
        let edit = Edit {
            at,
            text: content.text,
            blocks: name_blocks(content.blocks, at),
            attachments: content.attachments,
            metadata: content.metadata.or_else(|| old.metadata.clone()),
        };
        let new = Post {
            text: edit.text.clone(),
            blocks: edit.blocks.clone(),
            attachments: edit.attachments.clone(),
            metadata: edit.metadata.clone(),
            edited: Some(at),
            ..old.clone()
        };
        self.push(Change::Edited { channel: old.channel.clone(), ts: old.ts, edit: Box::new(edit) });
        if old.only_for.is_none() {
            let before = wire::render(self.directory(), self.model, old);
            self.event("message", &new, |channel, after| payload::message_changed(channel, at, after, &before));
        }
        new
    }

    pub(crate) fn delete(&mut self, old: &Post) {
        let at = self.ts();
        self.push(Change::Deleted { channel: old.channel.clone(), ts: old.ts });
        if old.only_for.is_none() {
            self.event("message", old, |channel, message| payload::message_deleted(channel, at, message));
        }
    }

    /// Queues an event for the app if it subscribed to this kind and is in the channel.
    fn event(&mut self, kind: &str, post: &Post, shape: impl FnOnce(&Channel, &wire::Message) -> Value) {
        let directory = self.directory();
        let Some(channel) = directory.channel(&post.channel) else { return };
        let subscription = match kind {
            "message" if channel.is_dm() => "message.im",
            "message" => "message.channels",
            other => other,
        };
        let wanted = directory.app.about.events.iter().any(|event| event == subscription);
        let removed = self.model.shut(&channel.id) == Some(Shut::Removed);
        if !wanted || removed || !channel.members.contains(&directory.app.bot_user) {
            return;
        }
        let event = shape(channel, &wire::render(directory, self.model, post));
        let event_id = self.hub.mint.id("Ev");
        let payload = payload::event_callback(directory, &self.hub.secrets.verification_token, &event_id, &event);
        let cause = Cause {
            user: post.user.clone(),
            channel: post.channel.clone(),
            thread_ts: post.thread_ts,
            what: kind.to_owned(),
        };
        self.deliver(Kind::EventsApi, payload, cause);
    }

    /// Queues something for the app. Gives its envelope's id.
    pub(crate) fn deliver(&mut self, kind: Kind, payload: Value, cause: Cause) -> String {
        let delivery = Delivery {
            envelope_id: self.hub.mint.uuid(),
            kind,
            payload,
            queued_at: self.now,
            user: cause.user,
            channel: cause.channel,
            thread_ts: cause.thread_ts,
            what: cause.what,
        };
        let envelope_id = delivery.envelope_id.clone();
        self.push(Change::Queued { delivery: Box::new(delivery) });
        envelope_id
    }
}

/// Blocks and buttons as Slack gives them back: those that came without an id get one (page: Reference: Block Kit,
/// `block_id`), and a field says whether it may be left out.
pub(crate) fn name_blocks(mut blocks: Vec<Value>, ts: Ts) -> Vec<Value> {
    for (index, block) in blocks.iter_mut().enumerate() {
        name(block, "block_id", ts, &format!("{index}"));
        // What wasn't said comes back said: `view_submission` shows a field that must be filled in as `"optional": false`.
        if block["type"] == "input" && block["optional"].is_null() {
            block["optional"] = false.into();
        }
        if let Some(accessory) = block.get_mut("accessory").filter(|accessory| accessory.is_object()) {
            name(accessory, "action_id", ts, &format!("{index}/accessory"));
        }
        let elements = if block["type"] == "actions" { block["elements"].as_array_mut() } else { None };
        for (place, element) in elements.into_iter().flatten().enumerate() {
            name(element, "action_id", ts, &format!("{index}/{place}"));
        }
    }
    blocks
}

fn name(value: &mut Value, field: &str, ts: Ts, place: &str) {
    if value[field].as_str().is_none_or(str::is_empty)
        && let Some(fields) = value.as_object_mut()
    {
        fields.insert(field.to_owned(), short(ts, place).into());
    }
}
