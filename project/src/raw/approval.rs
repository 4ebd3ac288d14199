//! `approval`, `rollback`, and `[[protect]]`.

use super::{At, Length};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Whose word a change needs.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Approval {
    /// A word for the simple cases.
    Word(Word),
    /// How many votes a change needs, and whose.
    Votes(Votes),
}

/// The simple cases of approval.
#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// Nobody's: a change runs at once.
    None,
    /// The requester's own, within 60 seconds of seeing the plan.
    Confirm,
}

/// Votes that a change needs.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[environments.NAME.approval]")]
pub(crate) struct Votes {
    /// How many. The requester's own never counts.
    #[schemars(required, range(min = 1, max = 100), example = 1, extend("x-also" = ["count"]))]
    pub(crate) votes: Option<u32>,
    /// Whose votes count: members of a user group, or of any of several.
    #[schemars(required, example = &"@platform", example = ["@platform", "@security"], extend("x-also" = ["group", "groups", "by"]))]
    pub(crate) from: Option<From>,
    /// How long they have: after half of it the thread reminds them, and after it the plan is void. A day if it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"4h", extend("x-also" = ["deadline", "timeout", "expiry"]))]
    pub(crate) within: Option<Length>,
}

/// Whose votes count.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum From {
    /// A group.
    One(String),
    /// Any of several groups.
    Any(#[schemars(length(min = 1))] Vec<String>),
}

impl From {
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(group) => std::slice::from_ref(group),
            Self::Any(groups) => groups,
        }
        .iter()
        .map(String::as_str)
    }
}

/// One rule for plans that need more than their environment asks for: the words of all rules that apply are needed, and the
/// environment's too. Any one condition is enough for a rule to apply.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[[protect]]")]
pub(crate) struct Protect {
    /// What a plan does, or would lead to.
    #[schemars(length(min = 1), example = ["loses_data", "replaces"], extend("x-also" = ["if", "on", "conditions"]))]
    pub(crate) when: Option<Vec<At<When>>>,
    /// The plan makes the environment dearer, and it then costs more than this an hour.
    #[schemars(example = &"$5", extend("x-also" = ["hourly", "cost"]))]
    pub(crate) cost_per_hour: Option<At<Dollars>>,
    /// The plan makes the environment dearer or its life longer, and it then costs more than this from now until its end.
    /// Without an end it is more than any amount.
    #[schemars(example = &"$200", extend("x-also" = ["total", "cost_total"]))]
    pub(crate) cost_in_all: Option<At<Dollars>>,
    /// Where: names or patterns of environments. Left out, everywhere.
    #[schemars(length(min = 1), example = ["prod"], extend("x-also" = ["envs", "in", "where"]))]
    pub(crate) environments: Option<Vec<At<String>>>,
    /// Whose word such a plan needs.
    #[schemars(required, example = json!({ "votes": 2, "from": "@platform" }), extend("x-also" = ["approve", "policy"]))]
    pub(crate) approval: Option<At<Approval>>,
}

/// What a plan does, or would lead to.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// A volume, or whatever else holds data, is deleted.
    LosesData,
    /// Anything is deleted.
    Deletes,
    /// Anything is replaced by a new one.
    Replaces,
    /// The environment would live longer than its `max`; without such a rule that is refused.
    BeyondMax,
    /// It comes within a `[[freeze]]`, which holds it back where there is no such rule.
    Frozen,
}

super::at::text!(
    /// An amount of money.
    Dollars,
    "dollars",
    r"^\$[0-9]+(\.[0-9]{1,6})?$"
);
