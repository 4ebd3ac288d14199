//! What Slack delivers, reduced to the few fields that mean something here, and turned into our own form.
//!
//! Both ways in meet here: signed HTTP and Socket Mode carry the same payloads. They are read as JSON and asked for no more
//! than is used: the library's own types refuse a click with `team: null` (as installations for a whole organisation
//! send it), know nothing of the thread of an ephemeral message, and would lose whole deliveries for a field that
//! nobody needs. What comes in a shape that we don't know is said to the log, by its fields' names alone: what
//! they hold is people's. Nothing is verified, stored or answered here.

mod command;
mod event;
mod interaction;
#[cfg(test)]
mod tests;

pub(super) use command::Command;
pub(super) use interaction::ABOUT;

use crate::intake::{Arrival, Faults};
use gantry_engine::names::UserId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// What an interactive payload is to us, if anything.
pub(super) fn interactive(payload: Value) -> Option<Arrival> {
    known::<interaction::Interaction>("interaction", payload)?.heard()
}

/// What an event is to the bot `me`, if anything. Notices about the app itself aren't.
pub(super) fn event(mut payload: Value, me: &UserId) -> Option<Arrival> {
    let is_event = payload["type"] == "event_callback";
    if is_event { known::<event::Event>("event", payload["event"].take())?.heard(me) } else { None }
}

/// What Slack wants to hear when it asks whether an address is ours (docs.slack.dev, "`url_verification`").
pub(super) fn challenge(payload: &Value) -> Option<&str> {
    payload["challenge"].as_str().filter(|_| payload["type"] == "url_verification")
}

/// A payload as we know it. Where it is another, it comes no better a second time, so it is acknowledged all the same.
pub(super) fn known<T: DeserializeOwned>(what: &'static str, payload: Value) -> Option<T> {
    let (kind, fields) = (payload["type"].as_str().unwrap_or_default().to_owned(), names(&payload));
    match serde_json::from_value(payload) {
        Ok(known) => Some(known),
        Err(error) => {
            let why = why(&error);
            tracing::error!(what, kind, fields, why, "a delivery in a shape that isn't known is given up");
            None
        }
    }
}

/// What is wrong with a payload, without what stands in it: "invalid type: string "…", expected .." tells that.
pub(super) fn why(error: &dyn std::fmt::Display) -> String {
    let error = error.to_string();
    error.rsplit_once(", expected ").map_or(error.clone(), |(_, expected)| format!("expected {expected}"))
}

/// The names of an object's fields.
fn names(payload: &Value) -> String {
    let fields = payload.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    fields.collect::<Vec<_>>().join(" ")
}

/// What is answered to a form with faults (docs.slack.dev, "Modals", "Displaying errors in views").
pub(super) fn shown(faults: &Faults) -> Option<Value> {
    (!faults.is_empty()).then(|| json!({ "response_action": "errors", "errors": faults }))
}
