//! A view as it is kept and given back (vectors: `responses/views.open.ok.json`, `responses/views.publish.ok.json`).

use serde_json::{Value, json};

use crate::draft::{Draft, name_blocks};

/// Fields that a view may bring; the rest is ours to say.
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

/// The view under an id, on top of another one if it is pushed. Its hash is new each time.
pub(crate) fn shape(draft: &mut Draft<'_>, view: &Value, id: &str, below: Option<&Value>) -> Value {
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
        "root_view_id": below.map_or_else(|| json!(id), |below| below["root_view_id"].clone()),
        "previous_view_id": below.map_or(Value::Null, |below| below["id"].clone()),
        "app_id": directory.app.id,
        "bot_id": directory.app.bot_id,
    });
    for field in GIVEN {
        if !view[field].is_null() {
            shape[field] = view[field].clone();
        }
    }
    let blocks = shape["blocks"].as_array().cloned().unwrap_or_default();
    shape["blocks"] = json!(name_blocks(blocks, ts));
    shape
}
