//! `users.*`: people and the bot.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::error::ApiError;
use super::page::paged;
use super::{Call, Outcome};
use crate::directory::Person;
use crate::ids::named;
use crate::seed::Standing;

/// Vectors: `docs_methods/users.info.json`, `responses/users.info.ok.json`.
pub(super) fn info(call: &Call<'_>) -> Outcome {
    let id = call.args.get("user").unwrap_or_default();
    let person = call.directory().person(&id).ok_or(ApiError::new("user_not_found"))?;
    Ok(json!({ "user": shape(call, person) }))
}

/// Page: users.list.
pub(super) fn list(call: &Call<'_>) -> Outcome {
    let page = paged(call.args, call.directory().people.iter().collect(), |person| person.id.clone())?;
    let members: Vec<Value> = page.items.iter().map(|person| shape(call, person)).collect();
    Ok(json!({
        "members": members,
        "cache_ts": call.hub.now().as_second(),
        "response_metadata": page.metadata(),
    }))
}

fn shape(call: &Call<'_>, person: &Person) -> Value {
    let now = call.hub.now();
    // A zone that the machine doesn't know is a mistake in the seed; people then live in UTC.
    let zone = TimeZone::get(&person.tz).unwrap_or(TimeZone::UTC);
    let info = zone.to_offset_info(now);
    let is_stranger = person.standing == Standing::Stranger;
    let elsewhere = named("T", "another team");
    let team = if is_stranger { &elsewhere } else { &call.directory().team_id };
    json!({
        "id": person.id,
        "team_id": team,
        "name": person.name,
        "deleted": person.standing == Standing::Deactivated,
        "color": "9f69e7",
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": info.abbreviation(),
        "tz_offset": info.offset().seconds(),
        "profile": {
            "real_name": person.real_name,
            "real_name_normalized": person.real_name,
            "display_name": person.name,
            "display_name_normalized": person.name,
            "status_text": "",
            "status_emoji": "",
            "team": team,
        },
        "is_admin": false,
        "is_owner": false,
        "is_primary_owner": false,
        "is_restricted": matches!(person.standing, Standing::Guest | Standing::ChannelGuest),
        "is_ultra_restricted": person.standing == Standing::ChannelGuest,
        "is_stranger": is_stranger,
        "is_bot": person.is_bot,
        "is_app_user": false,
        "updated": 0,
    })
}
