//! `views.*`: modals, one on another, and Home tabs.

use serde_json::{Value, json};

use super::error::ApiError;
use super::{Call, Outcome};
use crate::state::{Change, Model};
use crate::view::{self, Refused, STACK, shape};

/// Vectors: `docs_methods/views.open.json`, `responses/views.open.*.json`. What the person saw is replaced.
pub(super) fn open(call: &Call<'_>) -> Outcome {
    let view = view(call, "modal")?;
    let user = trigger(call)?;
    call.hub.commit(|draft| {
        free(draft.model, &view, None)?;
        let before: Vec<String> = draft.model.modals(&user).iter().filter_map(id).map(str::to_owned).collect();
        if !before.is_empty() {
            draft.push(Change::Unmodal { user: user.clone(), views: before });
        }
        let shape = shape(draft, &view, &call.hub.mint.id("V"), None);
        draft.push(Change::Modal { user: user.clone(), view: shape.clone() });
        Ok(json!({ "view": shape }))
    })
}

/// Vectors: `methods/views.push.json`, `responses/views.push.*.json`; page: Modals, "up to 3 views".
pub(super) fn push(call: &Call<'_>) -> Outcome {
    let view = view(call, "modal")?;
    let user = trigger(call)?;
    call.hub.commit(|draft| {
        free(draft.model, &view, None)?;
        let stack = draft.model.modals(&user);
        let below = stack.last().ok_or(ApiError::new("not_found"))?;
        if stack.len() >= STACK {
            return Err(ApiError::new("push_limit_reached"));
        }
        let shape = shape(draft, &view, &call.hub.mint.id("V"), Some(below));
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
        let id = known.and_then(id).map_or_else(|| call.hub.mint.id("V"), str::to_owned);
        let shape = shape(draft, &view, &id, None);
        draft.push(Change::Home { user: user.clone(), view: shape.clone() });
        Ok(json!({ "view": shape }))
    })
}

/// Vectors: `docs_methods/views.update.json`, `responses/views.update.*.json`.
pub(super) fn update(call: &Call<'_>) -> Outcome {
    let view = view(call, "modal")?;
    let (by_id, by_name) = (call.args.get("view_id"), call.args.get("external_id"));
    call.hub.commit(|draft| {
        let named =
            |known: &Value| by_name.as_deref().is_some_and(|name| !name.is_empty() && known["external_id"] == name);
        let wanted = |known: &Value| by_id.as_deref().map_or_else(|| named(known), |id| known["id"] == id);
        let (user, known) = draft.model.modal(wanted).ok_or(ApiError::new("not_found"))?;
        if call.args.get("hash").is_some_and(|hash| known["hash"] != json!(hash)) {
            return Err(ApiError::new("hash_conflict"));
        }
        let own = id(known).unwrap_or_default();
        free(draft.model, &view, Some(own))?;
        let (user, own) = (user.clone(), own.to_owned());
        let mut shape = shape(draft, &view, &own, None);
        for place in ["root_view_id", "previous_view_id"] {
            shape[place] = known[place].clone();
        }
        draft.push(Change::Modal { user, view: shape.clone() });
        Ok(json!({ "view": shape }))
    })
}

fn id(view: &Value) -> Option<&str> {
    view["id"].as_str()
}

/// The person behind the call's trigger.
fn trigger(call: &Call<'_>) -> Result<String, ApiError> {
    let trigger = call.args.get("trigger_id").filter(|trigger| !trigger.is_empty());
    let trigger = trigger.ok_or_else(|| ApiError::with("invalid_arguments", vec!["invalid `trigger_id`".into()]))?;
    call.hub.grants.use_trigger(&trigger, call.hub.now()).map_err(ApiError::new)
}

fn view(call: &Call<'_>, kind: &str) -> Result<Value, ApiError> {
    let missing = || ApiError::with("invalid_arguments", vec!["missing required field: view".to_owned()]);
    let view = call.args.structure("view", "invalid_arguments")?.ok_or_else(missing)?;
    match view::check(&view, kind) {
        Ok(()) => Ok(view),
        Err(Refused::Invalid(faults)) => Err(ApiError::with("invalid_arguments", faults)),
        Err(Refused::TooLarge) => Err(ApiError::new("view_too_large")),
    }
}

/// An `external_id` is taken once (vector: `docs_methods/views.update.json`, `duplicate_external_id`).
fn free(model: &Model, view: &Value, own: Option<&str>) -> Result<(), ApiError> {
    let Some(name) = view["external_id"].as_str().filter(|name| !name.is_empty()) else { return Ok(()) };
    let taken = model.modal(|known| known["external_id"] == name && id(known) != own);
    if taken.is_some() { Err(ApiError::new("duplicate_external_id")) } else { Ok(()) }
}
