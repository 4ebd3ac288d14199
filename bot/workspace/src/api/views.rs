//! `views.*`: modals and Home tabs are kept and given back. The page doesn't show modals yet.

use serde_json::{Value, json};

use super::error::ApiError;
use super::{Call, Outcome};
use crate::draft::Draft;
use crate::state::Change;

/// Page: Modals, "up to 100 blocks".
const BLOCKS: usize = 100;
/// Fields that a view may bring; the rest is ours to say (vector: `responses/views.open.ok.json`).
const GIVEN: [&str; 9] = [
    "title",
    "close",
    "submit",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
];

/// Vectors: `docs_methods/views.open.json`, `responses/views.open.*.json`.
pub(super) fn open(call: &Call<'_>) -> Outcome {
    let view = view(call, "modal")?;
    let trigger = call.args.get("trigger_id").filter(|trigger| !trigger.is_empty());
    let trigger = trigger.ok_or_else(|| ApiError::with("invalid_arguments", vec!["invalid `trigger_id`".into()]))?;
    let user = call.hub.grants.use_trigger(&trigger, call.hub.now()).map_err(ApiError::new)?;
    call.hub.commit(|draft| {
        let shape = shape(draft, &view, &call.hub.mint.id("V"));
        draft.push(Change::Modal { user: user.clone(), view: shape.clone() });
        Ok(json!({ "view": shape }))
    })
}

/// Vectors: `docs_methods/views.publish.json`, `responses/views.publish.*.json`.
pub(super) fn publish(call: &Call<'_>) -> Outcome {
    let view = view(call, "home")?;
    let user = call.args.get("user_id").unwrap_or_default();
    if call.directory().person(&user).is_none() {
        return Err(ApiError::with("invalid_arguments", vec!["invalid `user_id`".into()]));
    }
    call.hub.commit(|draft| {
        let known = draft.model.homes().get(&user);
        if let (Some(hash), Some(known)) = (call.args.get("hash"), known)
            && known["hash"] != json!(hash)
        {
            return Err(ApiError::new("hash_conflict"));
        }
        let id = known.and_then(|known| known["id"].as_str()).map_or_else(|| call.hub.mint.id("V"), str::to_owned);
        let shape = shape(draft, &view, &id);
        draft.push(Change::Home { user: user.clone(), view: shape.clone() });
        Ok(json!({ "view": shape }))
    })
}

/// Vectors: `docs_methods/views.update.json`, `responses/views.update.*.json`.
pub(super) fn update(call: &Call<'_>) -> Outcome {
    let view = view(call, "modal")?;
    let id = call.args.get("view_id").unwrap_or_default();
    call.hub.commit(|draft| {
        let known = draft.model.modals().iter().find(|(_, known)| known["id"] == json!(id));
        let (user, known) = known.ok_or(ApiError::new("not_found"))?;
        if call.args.get("hash").is_some_and(|hash| known["hash"] != json!(hash)) {
            return Err(ApiError::new("hash_conflict"));
        }
        let user = user.clone();
        let shape = shape(draft, &view, &id);
        draft.push(Change::Modal { user, view: shape.clone() });
        Ok(json!({ "view": shape }))
    })
}

fn view(call: &Call<'_>, kind: &str) -> Result<Value, ApiError> {
    let wrong = |what: &str| ApiError::with("invalid_arguments", vec![what.to_owned()]);
    let view =
        call.args.structure("view", "invalid_arguments")?.ok_or_else(|| wrong("missing required field: view"))?;
    if view["type"] != json!(kind) {
        return Err(wrong(&format!("[ERROR] must be a view of type {kind} [json-pointer:/view/type]")));
    }
    if kind == "modal" && view["title"]["text"].as_str().is_none_or(str::is_empty) {
        return Err(wrong("missing required field: title"));
    }
    match view["blocks"].as_array() {
        None => Err(wrong("missing required field: blocks")),
        Some(blocks) if blocks.len() > BLOCKS => {
            Err(wrong("[ERROR] must be less than 101 items [json-pointer:/view/blocks]"))
        }
        Some(_) => Ok(view),
    }
}

fn shape(draft: &mut Draft<'_>, view: &Value, id: &str) -> Value {
    let ts = draft.ts();
    let directory = &draft.hub.directory;
    let mut shape = json!({
        "id": id,
        "team_id": directory.team_id,
        "type": view["type"],
        "title": null, "close": null, "submit": null,
        "blocks": [],
        "private_metadata": "", "callback_id": "", "external_id": "",
        "state": { "values": {} },
        "hash": format!("{}.{}", ts.seconds(), draft.hub.mint.id("")),
        "clear_on_close": false, "notify_on_close": false,
        "root_view_id": id,
        "previous_view_id": null,
        "app_id": directory.app.id,
        "bot_id": directory.app.bot_id,
    });
    for field in GIVEN {
        if !view[field].is_null() {
            shape[field] = view[field].clone();
        }
    }
    let blocks = shape["blocks"].as_array().cloned().unwrap_or_default();
    shape["blocks"] = json!(crate::draft::name_blocks(blocks, ts));
    shape
}
