//! What is known about changing the kinds, looked up by kind.

use super::kinds;
use gantry_engine::address::Kind;
use gantry_engine::plan::{Diff, Rules, Transition};

/// The rules of all kinds.
#[derive(Debug)]
pub(super) struct LocalRules;

impl Rules for LocalRules {
    fn transition(&self, diff: &Diff<'_>) -> Transition {
        // A kind that isn't ours has no driver here either; a new life of it is the safe answer.
        kinds::find(diff.kind).map_or(Transition::CreateFirst, |object| object.transition(diff.from, diff.to))
    }

    fn holds_data(&self, kind: &Kind) -> bool {
        kinds::find(kind).is_some_and(kinds::Object::holds_data)
    }
}
