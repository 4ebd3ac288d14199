//! What the app receives: slash commands, events and clicks (vectors: `socket_mode/*`, `http/*`).

use serde_json::{Value, json};

use super::message::Message;
use crate::directory::{Channel, Directory, Person};
use crate::ids::Ts;
use crate::state::{Delivery, Kind};

/// Facts that each payload repeats.
pub(crate) struct About<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) verification: &'a str,
    pub(crate) person: &'a Person,
    pub(crate) channel: &'a Channel,
}

/// A slash command (vector: `socket_mode/envelope_slash_commands.json`).
pub(crate) fn slash_command(about: &About<'_>, command: &str, text: &str, ids: &Interaction) -> Value {
    json!({
        "token": about.verification,
        "team_id": about.directory.team_id,
        "team_domain": about.directory.domain,
        "channel_id": about.channel.id,
        "channel_name": about.channel.name,
        "user_id": about.person.id,
        "user_name": about.person.name,
        "command": command,
        "text": text,
        "api_app_id": about.directory.app.id,
        "is_enterprise_install": "false",
        "response_url": ids.response_url,
        "trigger_id": ids.trigger_id,
    })
}

/// What lets the app answer an interaction.
pub(crate) struct Interaction {
    pub(crate) trigger_id: String,
    pub(crate) response_url: String,
}

/// A click (vectors: `http/block_actions_message_button.json`, `http/block_actions_in_thread_ephemeral.json`).
pub(crate) fn block_actions(about: &About<'_>, message: &Message, action: &Value, ids: &Interaction) -> Value {
    let mut container = json!({
        "type": "message",
        "message_ts": message.ts,
        "channel_id": about.channel.id,
        "is_ephemeral": message.is_ephemeral,
    });
    if let Some(thread) = message.thread_ts {
        container["thread_ts"] = json!(thread);
    }
    let mut payload = json!({
        "type": "block_actions",
        "user": {
            "id": about.person.id,
            "username": about.person.name,
            "name": about.person.name,
            "team_id": about.directory.team_id,
        },
        "api_app_id": about.directory.app.id,
        "token": about.verification,
        "container": container,
        "trigger_id": ids.trigger_id,
        "team": { "id": about.directory.team_id, "domain": about.directory.domain },
        "enterprise": null,
        "is_enterprise_install": false,
        "channel": { "id": about.channel.id, "name": about.channel.name },
        "state": { "values": {} },
        "response_url": ids.response_url,
        "actions": [action],
    });
    // Slack leaves the message out where it is ephemeral: the vector has none.
    if !message.is_ephemeral {
        payload["message"] = json!(message);
    }
    payload
}

/// Wraps an event (vector: `socket_mode/envelope_events_api_app_mention.json`).
pub(crate) fn event_callback(directory: &Directory, verification: &str, event_id: &str, event: &Value) -> Value {
    let seconds = event["event_ts"].as_str().and_then(|ts| ts.parse::<Ts>().ok()).unwrap_or_default().seconds();
    let kind = event["type"].as_str().unwrap_or_default();
    let channel = event["channel"].as_str().unwrap_or_default();
    json!({
        "token": verification,
        "team_id": directory.team_id,
        "api_app_id": directory.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": seconds,
        "authorizations": [{
            "enterprise_id": null,
            "team_id": directory.team_id,
            "user_id": directory.app.bot_user,
            "is_bot": true,
            "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": false,
        "event_context": format!("1-{kind}-{}-{channel}", directory.team_id),
    })
}

/// A message event (vectors: `http/event_message_channels.json`, `http/event_message_im_in_thread.json`).
pub(crate) fn message_event(channel: &Channel, message: &Message) -> Value {
    let mut event = json!(message);
    event["channel"] = json!(channel.id);
    event["event_ts"] = json!(message.ts);
    event["channel_type"] = json!(if channel.is_dm() { "im" } else { "channel" });
    event
}

/// A mention (vector: `http/event_app_mention.json`): the same message under another type, without the channel's.
pub(crate) fn app_mention(channel: &Channel, message: &Message) -> Value {
    let mut event = message_event(channel, message);
    event["type"] = json!("app_mention");
    if let Some(fields) = event.as_object_mut() {
        fields.remove("channel_type");
    }
    event
}

/// An edit (vector: `http/event_message_changed.json`).
pub(crate) fn message_changed(channel: &Channel, at: Ts, new: &Message, old: &Message) -> Value {
    json!({
        "type": "message",
        "subtype": "message_changed",
        "message": new,
        "previous_message": old,
        "channel": channel.id,
        "hidden": true,
        "ts": at,
        "event_ts": at,
        "channel_type": if channel.is_dm() { "im" } else { "channel" },
    })
}

/// A deletion (vector: `http/event_message_deleted.json`).
pub(crate) fn message_deleted(channel: &Channel, at: Ts, old: &Message) -> Value {
    json!({
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": old,
        "channel": channel.id,
        "hidden": true,
        "deleted_ts": old.ts,
        "ts": at,
        "event_ts": at,
        "channel_type": if channel.is_dm() { "im" } else { "channel" },
    })
}

/// The envelope around a payload. Only events tell about retries.
pub(crate) fn envelope(delivery: &Delivery, attempt: u32, reason: &str) -> String {
    let mut envelope = json!({
        "envelope_id": delivery.envelope_id,
        "payload": delivery.payload,
        "type": delivery.kind,
        "accepts_response_payload": delivery.kind == Kind::SlashCommands || delivery.is_submission(),
    });
    if delivery.kind == Kind::EventsApi {
        envelope["retry_attempt"] = json!(attempt);
        envelope["retry_reason"] = json!(reason);
    }
    envelope.to_string()
}

/// The first frame on a socket (vector: `socket_mode/hello.json`).
pub(crate) fn hello(app_id: &str, connections: usize, host: &str) -> String {
    json!({
        "type": "hello",
        "num_connections": connections,
        "debug_info": { "host": host, "build_number": 1, "approximate_connection_time": 18060 },
        "connection_info": { "app_id": app_id },
    })
    .to_string()
}

/// The last frame on a socket (vectors: `socket_mode/disconnect_*.json`).
pub(crate) fn disconnect(reason: &str, host: &str) -> String {
    json!({ "type": "disconnect", "reason": reason, "debug_info": { "host": host } }).to_string()
}
