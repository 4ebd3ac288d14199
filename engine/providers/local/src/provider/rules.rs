//! What is known about changing the kinds, looked up by kind.

use super::kinds;
use gantry_engine::address::Kind;
use gantry_engine::plan::{Rules, Transition};
use gantry_engine::value::Spec;

/// The rules of all kinds.
#[derive(Debug)]
pub(super) struct LocalRules;

impl Rules for LocalRules {
    fn transition(&self, kind: &Kind, from: &Spec, to: &Spec) -> Transition {
        // A kind that isn't ours has no driver here either; a new life of it is the safe answer.
        kinds::find(kind).map_or(Transition::CreateFirst, |object| object.transition(from, to))
    }

    fn holds_data(&self, kind: &Kind) -> bool {
        kinds::find(kind).is_some_and(kinds::Object::holds_data)
    }
}
