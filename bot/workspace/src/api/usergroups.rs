//! `usergroups.*`: groups and who is in them.

use serde_json::{Value, json};

use super::error::ApiError;
use super::{Call, Outcome};

/// Vectors: `docs_methods/usergroups.list.json`, `responses/usergroups.list.ok.json`. Counts are numbers,
/// as Slack's SDK types have them; the vector's example shows strings.
pub(super) fn list(call: &Call<'_>) -> Outcome {
    let directory = call.directory();
    let groups = directory.groups.iter().map(|group| {
        let mut shape = json!({
            "id": group.id,
            "team_id": directory.team_id,
            "is_usergroup": true,
            "is_subteam": true,
            "name": group.name,
            "description": "",
            "handle": group.handle,
            "is_external": false,
            "date_create": 0,
            "date_update": 0,
            "date_delete": 0,
            "auto_type": null,
            "created_by": directory.app.bot_user,
            "updated_by": directory.app.bot_user,
            "deleted_by": null,
            "prefs": { "channels": [], "groups": [] },
            "user_count": group.members.len(),
        });
        if call.args.flag("include_users") {
            shape["users"] = json!(group.members);
        }
        shape
    });
    Ok(json!({ "usergroups": groups.collect::<Vec<Value>>() }))
}

/// Vectors: `docs_methods/usergroups.users.list.json`, `responses/usergroups.users.list.ok.json`.
pub(super) fn users(call: &Call<'_>) -> Outcome {
    let id = call.args.need("usergroup")?;
    let group = call.directory().groups.iter().find(|group| group.id == id);
    let group = group.ok_or(ApiError::new("no_such_subteam"))?;
    Ok(json!({ "users": group.members }))
}
