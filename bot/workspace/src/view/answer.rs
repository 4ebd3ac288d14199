//! What an app answers to a submission (page: "Modals", "Updating, pushing and closing views"; vector: `http/view_submission.json`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{check, shape};
use crate::draft::Draft;
use crate::state::Change;

/// Slack's client says this where an app doesn't answer, or answers what makes no sense.
const TROUBLE: &str = "We had some trouble connecting. Try again?";
/// Page: Modals, "up to 3 views at a time".
pub(crate) const STACK: usize = 3;

/// What came of a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdict {
    /// What is wrong, by `block_id`; the modal stays.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, String>,
    /// Why it could not be sent, or not be understood; the modal stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl Verdict {
    /// Whether the app took it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.errors.is_empty() && self.trouble.is_none()
    }

    /// The app didn't answer.
    pub(crate) fn trouble() -> Self {
        Self { trouble: Some(TROUBLE.to_owned()), ..Self::default() }
    }
}

/// Does what the app's answer says with a person's submitted view.
pub(crate) fn answer(draft: &mut Draft<'_>, user: &str, view: &Value, payload: &Value) -> Verdict {
    let id = view["id"].as_str().unwrap_or_default();
    match payload["response_action"].as_str() {
        None => close(draft, user, vec![id.to_owned()]),
        Some("clear") => {
            let all = draft.model.modals(user).iter().filter_map(|view| view["id"].as_str());
            close(draft, user, all.map(str::to_owned).collect());
        }
        Some("errors") => return errors(view, &payload["errors"]),
        Some(action @ ("update" | "push")) => {
            let full = action == "push" && draft.model.modals(user).len() >= STACK;
            if full || check(&payload["view"], "modal").is_err() {
                tracing::warn!(action, "the app answered a submission with a view that Slack would refuse");
                return Verdict::trouble();
            }
            let shape = match action {
                "push" => {
                    let fresh = draft.hub.mint.id("V");
                    shape(draft, &payload["view"], &fresh, Some(view))
                }
                _ => shape(draft, &payload["view"], id, None),
            };
            draft.push(Change::Modal { user: user.to_owned(), view: shape });
        }
        Some(other) => {
            tracing::warn!(action = other, "the app answered a submission with an unknown action");
            return Verdict::trouble();
        }
    }
    Verdict::default()
}

fn close(draft: &mut Draft<'_>, user: &str, views: Vec<String>) {
    draft.push(Change::Unmodal { user: user.to_owned(), views });
}

/// Errors stand at input blocks; others have no place to stand.
fn errors(view: &Value, given: &Value) -> Verdict {
    let is_input = |id: &str| {
        let blocks = view["blocks"].as_array().into_iter().flatten();
        blocks.into_iter().any(|block| block["type"] == "input" && block["block_id"] == id)
    };
    let all: BTreeMap<String, String> = serde_json::from_value(given.clone()).unwrap_or_default();
    if all.is_empty() || !all.keys().all(|id| is_input(id)) {
        tracing::warn!(?all, "the app names errors at blocks that are no inputs");
        return Verdict::trouble();
    }
    Verdict { errors: all, trouble: None }
}
