//! Looking: the state, and messages as one person sees them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::error::ControlError;
use super::people::{channel, person};
use crate::hub::Hub;
use crate::ids::Ts;
use crate::seed::SeedShortcut;
use crate::state::{Model, Post};
use crate::wire::{self, AppInfo, ChannelInfo, GroupInfo, Message, PersonInfo, ShortcutInfo};

/// `GET /_/state`
pub(super) async fn state(State(hub): State<Arc<Hub>>) -> Json<wire::State> {
    let directory = &hub.directory;
    let app = AppInfo {
        id: directory.app.id.clone(),
        name: directory.app.about.name.clone(),
        bot_user: directory.app.bot_user.clone(),
        command: directory.app.about.command.clone(),
        usage_hint: directory.app.about.usage_hint.clone(),
        shortcuts: directory.app.about.shortcuts.iter().map(shortcut).collect(),
    };
    let users = directory.people.iter().map(|p| PersonInfo {
        id: p.id.clone(),
        name: p.name.clone(),
        real_name: p.real_name.clone(),
        tz: p.tz.clone(),
        is_bot: p.is_bot,
    });
    let groups = directory.groups.iter().map(|g| GroupInfo {
        id: g.id.clone(),
        handle: g.handle.clone(),
        members: g.members.clone(),
    });
    let (seq, channels) = hub.read(|model| (model.seq(), channels(&hub, model)));
    Json(wire::State {
        team: directory.team.clone(),
        team_id: directory.team_id.clone(),
        app,
        users: users.collect(),
        groups: groups.collect(),
        channels,
        sockets: hub.courier.sockets(),
        seq,
    })
}

fn shortcut(seed: &SeedShortcut) -> ShortcutInfo {
    let SeedShortcut { name, callback_id, on_messages } = seed.clone();
    ShortcutInfo { name, callback_id, on_messages }
}

fn channels(hub: &Hub, model: &Model) -> Vec<ChannelInfo> {
    let shape = |c: &crate::directory::Channel| ChannelInfo {
        id: c.id.clone(),
        name: c.name.clone(),
        purpose: c.purpose.clone(),
        dm_with: c.dm_with.clone(),
        members: c.members.iter().cloned().collect(),
        latest: model.messages(&c.id).rfind(|post| post.only_for.is_none()).map(|post| post.ts),
    };
    hub.directory.channels.iter().map(shape).collect()
}

#[derive(Deserialize)]
pub(super) struct Look {
    channel: String,
    #[serde(rename = "as")]
    who: String,
    #[serde(default)]
    thread_ts: Option<Ts>,
    /// Only so many of the newest; all if left out.
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /_/messages`: a channel's own messages, or a thread with its parent, oldest first.
pub(super) async fn messages(
    State(hub): State<Arc<Hub>>,
    Query(look): Query<Look>,
) -> Result<Json<Vec<Message>>, ControlError> {
    let person = person(&hub.directory, &look.who)?;
    let channel = channel(&hub.directory, &look.channel, &person.id)?;
    let wanted = |post: &Post| match look.thread_ts {
        None => post.thread_ts.is_none() || post.broadcast,
        Some(thread) => post.ts == thread || post.thread_ts == Some(thread),
    };
    Ok(Json(hub.read(|model| {
        let posts = model.messages(&channel.id).filter(|post| wanted(post) && post.visible_to(&person.id));
        let newest = posts.rev().take(look.limit.unwrap_or(usize::MAX));
        let mut messages: Vec<Message> = newest.map(|post| wire::render(&hub.directory, model, post)).collect();
        messages.reverse();
        messages
    })))
}
