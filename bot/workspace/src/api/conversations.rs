//! `conversations.*`: what channels there are, who is in them, what was said.

use serde_json::{Value, json};

use super::error::ApiError;
use super::page::paged;
use super::{Call, Outcome};
use crate::directory::Channel;
use crate::ids::Ts;
use crate::state::{Change, Post};
use crate::wire::{self, Message, Shut};

/// Page: conversations.list. Public channels, unless `types` says otherwise.
pub(super) fn list(call: &Call<'_>) -> Outcome {
    let mut types = call.args.names("types");
    if types.is_empty() {
        types.push("public_channel".into());
    }
    let wanted = |channel: &&Channel| {
        let kind = if channel.is_dm() { "im" } else { "public_channel" };
        types.iter().any(|asked| asked == kind)
    };
    let channels: Vec<&Channel> = call.directory().channels.iter().filter(wanted).collect();
    let page = paged(call.args, channels, |channel| channel.id.clone())?;
    let channels: Vec<Value> = page.items.iter().map(|channel| shape(call, channel)).collect();
    Ok(json!({ "channels": channels, "response_metadata": page.metadata() }))
}

/// Vectors: `docs_methods/conversations.info.json`, `responses/conversations.info.ok.json`.
pub(super) fn info(call: &Call<'_>) -> Outcome {
    let channel = call.channel()?;
    let mut shape = shape(call, channel);
    if call.args.flag("include_num_members") {
        shape["num_members"] = json!(channel.members.len());
    }
    Ok(json!({ "channel": shape }))
}

/// Vector: `responses/conversations.members.ok.json`.
pub(super) fn members(call: &Call<'_>) -> Outcome {
    let channel = call.channel()?;
    let page = paged(call.args, channel.members.iter().cloned().collect(), String::clone)?;
    Ok(json!({ "members": page.items, "response_metadata": page.metadata() }))
}

/// Vectors: `docs_methods/conversations.open.json`, `responses/conversations.open.ok.json`. One person at a time.
pub(super) fn open(call: &Call<'_>) -> Outcome {
    let users = call.args.names("users");
    let channel = match (call.args.get("channel").filter(|channel| !channel.is_empty()), users.as_slice()) {
        (Some(channel), _) => call.directory().channel(&channel).filter(|channel| channel.is_dm()),
        (None, []) => return Err(ApiError::new("users_list_not_supplied")),
        (None, [user]) => {
            call.directory().person(user).ok_or(ApiError::new("user_not_found"))?;
            call.directory().dm(user)
        }
        (None, _) => return Err(ApiError::new("too_many_users")),
    };
    let channel = channel.ok_or(ApiError::new("channel_not_found"))?;
    let known = call.hub.commit(|draft| {
        let known = draft.model.is_opened(&channel.id);
        if !known {
            draft.push(Change::Opened { channel: channel.id.clone() });
        }
        Ok::<_, ApiError>(known)
    })?;
    let mut answer = json!({ "channel": { "id": channel.id } });
    if call.args.flag("return_im") {
        answer["channel"] = shape(call, channel);
    }
    if known {
        answer["no_op"] = json!(true);
        answer["already_open"] = json!(true);
    }
    Ok(answer)
}

/// Newest first (page: conversations.history; vector: `responses/conversations.history.ok.json`).
pub(super) fn history(call: &Call<'_>) -> Outcome {
    let channel = readable(call)?;
    let window = Window::parse(call)?;
    let top = |post: &Post| post.thread_ts.is_none() || post.broadcast;
    let mut found = find(call, channel, |post| top(post) && window.holds(post.ts));
    found.reverse();
    let page = paged(call.args, found, Ts::to_string)?;
    Ok(json!({
        "has_more": page.has_more(),
        "pin_count": 0,
        "response_metadata": page.metadata(),
        "messages": show(call, channel, &page.items),
    }))
}

/// The parent, then its replies, oldest first (vector: `responses/conversations.replies.ok.json`).
pub(super) fn replies(call: &Call<'_>) -> Outcome {
    let channel = readable(call)?;
    let missing = || ApiError::new("thread_not_found");
    let ts = call.args.ts("ts").ok_or_else(missing)?.map_err(|_| missing())?;
    let parent = call.hub.read(|model| {
        let post = model.message(&channel.id, ts).filter(|post| post.only_for.is_none())?;
        Some(post.thread_ts.unwrap_or(post.ts))
    });
    let parent = parent.ok_or_else(missing)?;
    let window = Window::parse(call)?;
    let found =
        find(call, channel, |post| post.ts == parent || (post.thread_ts == Some(parent) && window.holds(post.ts)));
    let page = paged(call.args, found, Ts::to_string)?;
    Ok(
        json!({ "has_more": page.has_more(), "response_metadata": page.metadata(), "messages": show(call, channel, &page.items) }),
    )
}

/// A channel that the bot may read (page: conversations.history, `not_in_channel`).
fn readable<'a>(call: &Call<'a>) -> Result<&'a Channel, ApiError> {
    let channel = call.channel()?;
    if call.bot_is_in(channel) { Ok(channel) } else { Err(ApiError::new("not_in_channel")) }
}

/// Ephemeral messages can't be read back (page: chat.postEphemeral).
fn find(call: &Call<'_>, channel: &Channel, wanted: impl Fn(&Post) -> bool) -> Vec<Ts> {
    call.hub.read(|model| {
        let posts = model.messages(&channel.id).filter(|post| post.only_for.is_none() && wanted(post));
        posts.map(|post| post.ts).collect()
    })
}

fn show(call: &Call<'_>, channel: &Channel, found: &[Ts]) -> Vec<Message> {
    call.hub.read(|model| {
        let posts = found.iter().filter_map(|ts| model.message(&channel.id, *ts));
        posts.map(|post| wire::render(call.directory(), model, post)).collect()
    })
}

/// `oldest`, `latest`, `inclusive`.
struct Window {
    oldest: Option<Ts>,
    latest: Option<Ts>,
    inclusive: bool,
}

impl Window {
    fn parse(call: &Call<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            oldest: call.args.bound("oldest", "invalid_ts_oldest")?,
            latest: call.args.bound("latest", "invalid_ts_latest")?,
            inclusive: call.args.flag("inclusive"),
        })
    }

    fn holds(&self, ts: Ts) -> bool {
        let edge = |bound: Option<Ts>| self.inclusive && bound == Some(ts);
        let after = self.oldest.is_none_or(|oldest| oldest < ts) || edge(self.oldest);
        let before = self.latest.is_none_or(|latest| ts < latest) || edge(self.latest);
        after && before
    }
}

/// Vectors: `responses/conversations.info.ok.json` (a direct conversation), `docs_methods/conversations.info.json` (a channel).
fn shape(call: &Call<'_>, channel: &Channel) -> Value {
    if let Some(user) = &channel.dm_with {
        return json!({
            "id": channel.id, "created": 0, "is_im": true, "is_org_shared": false, "user": user,
            "last_read": "0000000000.000000", "unread_count": 0, "unread_count_display": 0,
            "is_open": true, "is_archived": false, "is_user_deleted": false, "priority": 0,
        });
    }
    let note = |value: &str| json!({ "value": value, "creator": "", "last_set": 0 });
    json!({
        "id": channel.id, "name": channel.name, "name_normalized": channel.name, "created": 0,
        "creator": call.directory().app.bot_user, "context_team_id": call.directory().team_id,
        "is_channel": true, "is_group": false, "is_im": false, "is_mpim": false, "is_private": false,
        "is_archived": call.shut(channel) == Some(Shut::Archived), "is_general": channel.name == "general", "is_shared": false,
        "is_ext_shared": false, "is_org_shared": false, "is_member": call.bot_is_in(channel),
        "unlinked": 0, "previous_names": [], "priority": 0,
        "topic": note(""), "purpose": note(&channel.purpose),
    })
}
