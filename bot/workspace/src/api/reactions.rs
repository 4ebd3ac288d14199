//! `reactions.add`.

use serde_json::json;

use super::error::ApiError;
use super::{Call, Outcome};
use crate::state::Change;

/// Vectors: `docs_methods/reactions.add.json`, `responses/reactions.add.*.json`.
pub(super) fn add(call: &Call<'_>) -> Outcome {
    let name = call.args.get("name").unwrap_or_default();
    let well_formed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '+' | '\'' | ':');
    if name.is_empty() || name.len() > 100 || !name.chars().all(well_formed) {
        return Err(ApiError::new("invalid_name"));
    }
    let Some(ts) = call.args.get("timestamp").filter(|ts| !ts.is_empty()) else {
        return Err(ApiError::new("no_item_specified"));
    };
    let channel = call.channel()?;
    let ts = ts.parse().map_err(|_| ApiError::new("bad_timestamp"))?;
    let user = call.directory().app.bot_user.clone();
    call.hub.commit(|draft| {
        let post = draft.model.message(&channel.id, ts).filter(|post| post.only_for.is_none());
        let post = post.ok_or(ApiError::new("message_not_found"))?;
        if post.reactions.iter().any(|reaction| reaction.name == name && reaction.users.contains(&user)) {
            return Err(ApiError::new("already_reacted"));
        }
        draft.push(Change::Reacted { channel: channel.id.clone(), ts, reaction: name.clone(), user });
        Ok(json!({}))
    })
}
