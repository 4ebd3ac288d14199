//! Acting as people: typing, commanding, clicking. The bot isn't a person here: it acts through the Web API only.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::error::ControlError;
use super::{Body, views};
use crate::directory::{Channel, Directory, Person};
use crate::draft::{Cause, Place};
use crate::grants::Response;
use crate::hub::Hub;
use crate::ids::Ts;
use crate::limits::POST_TEXT;
use crate::state::{Change, Kind, Post};
use crate::typed::{Form, escape, typed};
use crate::wire::payload::{self, About, Interaction};
use crate::wire::{self, Action, Fault, Mark, Say, Shut, Shutting, Slash, Trigger};

pub(super) type Answer<T> = Result<Json<T>, ControlError>;

/// A person by handle or id, but not the bot.
pub(super) fn person<'a>(directory: &'a Directory, who: &str) -> Result<&'a Person, ControlError> {
    let unknown = || {
        let names: Vec<&str> = directory.people.iter().filter(|p| !p.is_bot).map(|p| p.name.as_str()).collect();
        ControlError::not_found(
            "user_not_found",
            format!("nobody here is called {who:?}; there are {}", names.join(", ")),
        )
    };
    directory.find_person(who).filter(|person| !person.is_bot).ok_or_else(unknown)
}

/// A channel by name or id that the person is in. `@gantry` is their direct conversation with the bot.
pub(super) fn channel<'a>(directory: &'a Directory, which: &str, user: &str) -> Result<&'a Channel, ControlError> {
    let to_bot = which.trim_start_matches('@') == directory.app.about.bot || which == directory.app.bot_user;
    let found = if to_bot { directory.dm(user) } else { directory.find_channel(which) };
    found.filter(|channel| channel.members.contains(user)).ok_or_else(|| {
        let theirs = directory.channels.iter().filter(|c| !c.is_dm() && c.members.contains(user));
        let names: Vec<String> = theirs.map(|c| format!("#{}", c.name)).collect();
        ControlError::not_found(
            "channel_not_found",
            format!("they are in no channel {which:?}, but in {}", names.join(", ")),
        )
    })
}

/// `POST /_/message`
pub(super) async fn message(State(hub): State<Arc<Hub>>, Body(say): Body<Say>) -> Answer<Mark> {
    let person = person(&hub.directory, &say.who)?;
    let channel = channel(&hub.directory, &say.channel, &person.id)?;
    let text = typed(&hub.directory, say.text.trim(), Form::Message);
    check_text(&text)?;
    if text.is_empty() {
        return Err(ControlError::refused("no_text", "there is nothing to say".into()));
    }
    let ts = hub.commit(|draft| {
        if draft.model.shut(&channel.id) == Some(Shut::Archived) {
            return Err(ControlError::refused("is_archived", format!("#{} is archived", channel.name)));
        }
        let thread_ts = match say.thread_ts {
            None => None,
            Some(ts) => {
                let parent = draft.model.message(&channel.id, ts).filter(|post| post.only_for.is_none());
                let parent = parent.ok_or_else(|| no_message(ts))?;
                Some(parent.thread_ts.unwrap_or(ts))
            }
        };
        let post = draft.post_as_person(Place::new(channel, thread_ts), text, &person.id);
        Ok::<_, ControlError>(post.ts)
    })?;
    Ok(Json(Mark { channel: channel.id.clone(), ts }))
}

/// `POST /_/command`
pub(super) async fn command(State(hub): State<Arc<Hub>>, Body(slash): Body<Slash>) -> Answer<Trigger> {
    let person = person(&hub.directory, &slash.who)?;
    let channel = channel(&hub.directory, &slash.channel, &person.id)?;
    let app = &hub.directory.app;
    if slash.thread_ts.is_some() {
        // Page: Implementing slash commands: "can't be used in message threads".
        let message =
            format!("{} is not supported in threads. Mention @{} there instead.", slash.command, app.about.bot);
        return Err(ControlError::refused("not_in_threads", message));
    }
    if slash.command != app.about.command {
        let message = format!("{} is not a valid command; there is {}", slash.command, app.about.command);
        return Err(ControlError::not_found("unknown_command", message));
    }
    let raw = slash.text.trim();
    let text = if app.about.should_escape { typed(&hub.directory, raw, Form::Command) } else { escape(raw) };
    check_text(&text)?;
    let ids = interaction(&hub, person, channel, None);
    let about = About { directory: &hub.directory, verification: &hub.secrets.verification_token, person, channel };
    let payload = payload::slash_command(&about, &slash.command, &text, &ids);
    let cause = Cause { user: person.id.clone(), channel: channel.id.clone(), thread_ts: None, what: slash.command };
    hub.commit(|draft| {
        draft.deliver(Kind::SlashCommands, payload, cause);
        Ok::<_, ControlError>(())
    })?;
    Ok(Json(Trigger { trigger_id: ids.trigger_id }))
}

/// `POST /_/click`
pub(super) async fn click(State(hub): State<Arc<Hub>>, Body(action): Body<Action>) -> Answer<Trigger> {
    if let Some(view_id) = &action.view_id {
        return views::click(&hub, &action, view_id).map(Json);
    }
    let person = person(&hub.directory, &action.who)?;
    let channel = channel(&hub.directory, &action.channel, &person.id)?;
    let trigger_id = hub.commit(|draft| {
        let post = draft.model.message(&channel.id, action.message_ts).filter(|post| post.visible_to(&person.id));
        let post = post.ok_or_else(|| no_message(action.message_ts))?;
        let blocks: Vec<Value> = all_blocks(post).cloned().collect();
        let (block_id, button) = find_button(&blocks, &action, &format!("message {}", post.ts))?;
        let ids = interaction(&hub, person, channel, Some(post));
        let at = draft.ts();
        let label = button["text"]["text"].as_str().unwrap_or_default().to_owned();
        let clicked = clicked(&block_id, button, at);
        let about = About { directory: &hub.directory, verification: &hub.secrets.verification_token, person, channel };
        let shown = wire::render(&hub.directory, draft.model, post);
        let payload = payload::block_actions(&about, &shown, &clicked, &ids);
        let cause =
            Cause { user: person.id.clone(), channel: channel.id.clone(), thread_ts: post.thread_ts, what: label };
        draft.deliver(Kind::Interactive, payload, cause);
        Ok::<_, ControlError>(ids.trigger_id)
    })?;
    Ok(Json(Trigger { trigger_id }))
}

/// `POST /_/disconnect`
pub(super) async fn disconnect(State(hub): State<Arc<Hub>>, Body(body): Body<Value>) -> Answer<Value> {
    let reason = body["reason"].as_str().unwrap_or("refresh_requested");
    Ok(Json(json!({ "sockets": hub.courier.disconnect(reason) })))
}

/// `POST /_/shut`
pub(super) async fn shut(
    State(hub): State<Arc<Hub>>,
    Body(Shutting { channel, shut }): Body<Shutting>,
) -> Answer<Value> {
    let found = hub.directory.find_channel(&channel);
    let missing = || ControlError::not_found("channel_not_found", format!("there is no channel {channel:?}"));
    let channel = found.ok_or_else(missing)?.id.clone();
    hub.commit(|draft| {
        draft.push(Change::Shut { channel, shut });
        Ok::<_, ControlError>(())
    })?;
    Ok(Json(json!({})))
}

/// `POST /_/faults`
pub(super) async fn fault(State(hub): State<Arc<Hub>>, Body(fault): Body<Fault>) -> Answer<Value> {
    if fault.error.is_none() && fault.status.is_none() && !fault.drop_reply_after_effect {
        let message = "say what is to happen: error, status or drop_reply_after_effect".to_owned();
        return Err(ControlError::new(http::StatusCode::BAD_REQUEST, "invalid_request", message));
    }
    hub.faults.add(fault);
    Ok(Json(json!({})))
}

fn check_text(text: &str) -> Result<(), ControlError> {
    if text.chars().count() <= POST_TEXT {
        return Ok(());
    }
    Err(ControlError::refused("msg_too_long", format!("a message has at most {POST_TEXT} characters")))
}

pub(super) fn no_message(ts: Ts) -> ControlError {
    ControlError::not_found("message_not_found", format!("they see no message {ts} in that channel"))
}

/// A trigger id for whatever the person just did.
pub(super) fn trigger(hub: &Hub, person: &Person) -> String {
    let now = hub.now();
    let trigger_id = format!("{}.{}.{}", now.as_millisecond(), hub.directory.team_id, hub.mint.hex("trigger"));
    hub.grants.add_trigger(&trigger_id, &person.id, now);
    trigger_id
}

/// A trigger id and a response address for whatever the person just did.
pub(super) fn interaction(hub: &Hub, person: &Person, channel: &Channel, about: Option<&Post>) -> Interaction {
    let (now, trigger_id) = (hub.now(), trigger(hub, person));
    let key = hub.mint.hex("response");
    let response = Response::new(&person.id, &channel.id, now);
    let response = match about {
        Some(post) => response.about(post.ts, post.thread_ts),
        None => response,
    };
    hub.grants.add_response(&key, response);
    Interaction { trigger_id, response_url: format!("{}/hooks/{key}", hub.base_url) }
}

fn all_blocks(post: &Post) -> impl Iterator<Item = &Value> {
    let attached = post.attachments.iter().filter_map(|attachment| attachment["blocks"].as_array()).flatten();
    post.blocks.iter().chain(attached)
}

/// All buttons of a message or a view, each with its block.
fn buttons(blocks: &[Value]) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for block in blocks {
        let block_id = block["block_id"].as_str().unwrap_or_default();
        let elements = block["elements"].as_array().into_iter().flatten();
        let inside = elements.chain(std::iter::once(&block["accessory"])).filter(|element| element["type"] == "button");
        found.extend(inside.map(|button| (block_id.to_owned(), button)));
    }
    found
}

pub(super) fn find_button<'a>(
    blocks: &'a [Value],
    action: &Action,
    place: &str,
) -> Result<(String, &'a Value), ControlError> {
    if action.action_id.is_none() && action.label.is_none() {
        let message = "say which button: action_id or label".to_owned();
        return Err(ControlError::new(http::StatusCode::BAD_REQUEST, "invalid_request", message));
    }
    let label = |button: &'a Value| button["text"]["text"].as_str().unwrap_or_default();
    let same = |asked: &Option<String>, is: &str| asked.as_deref().is_none_or(|asked| asked == is);
    let reads = |button: &'a Value| {
        action.label.as_deref().is_none_or(|asked| asked.trim().to_lowercase() == label(button).trim().to_lowercase())
    };
    let all = buttons(blocks);
    let found = all.iter().find(|(block_id, button)| {
        same(&action.block_id, block_id)
            && same(&action.action_id, button["action_id"].as_str().unwrap_or_default())
            && reads(button)
    });
    found.cloned().ok_or_else(|| {
        let there: Vec<&str> = all.iter().map(|(_, button)| label(button)).collect();
        let there = if there.is_empty() { "it has none".to_owned() } else { format!("it has {}", there.join(", ")) };
        ControlError::not_found("no_such_button", format!("{place} has no such button; {there}"))
    })
}

/// A button as the payload tells about it (vector: `http/block_actions_message_button.json`).
pub(super) fn clicked(block_id: &str, button: &Value, at: Ts) -> Value {
    let mut clicked = json!({
        "type": "button",
        "action_id": button["action_id"],
        "block_id": block_id,
        "text": button["text"],
        "action_ts": at,
    });
    for field in ["value", "style"] {
        if !button[field].is_null() {
            clicked[field] = button[field].clone();
        }
    }
    clicked
}
