//! `api.test`, `auth.test`.

use serde_json::json;

use super::{Call, Outcome};

/// Gives back what it was given (page: api.test).
pub(super) fn api_test(call: &Call<'_>) -> Outcome {
    let args = call.args.get("foo").map_or_else(|| json!({}), |given| json!({ "foo": given }));
    Ok(json!({ "args": args }))
}

/// Vector: `responses/auth.test.ok_2.json`.
pub(super) fn auth_test(call: &Call<'_>) -> Outcome {
    let directory = call.directory();
    Ok(json!({
        "url": format!("{}/", call.hub.base_url),
        "team": directory.team,
        "user": directory.app.about.bot,
        "team_id": directory.team_id,
        "user_id": directory.app.bot_user,
        "bot_id": directory.app.bot_id,
        "is_enterprise_install": false,
    }))
}
