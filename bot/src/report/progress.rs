//! How far each component is: the step that most needs a look speaks for it.

use super::plan;
use super::voice::words;
use gantry_engine::journal::{Operation, StepState};
use gantry_engine::names::Component;
use gantry_templates::{Said, sentences as s};
use std::collections::BTreeMap;

/// How many components are shown.
const LINES: usize = 15;

struct Tally<'a> {
    done: usize,
    total: usize,
    speaks: &'a StepState,
}

/// Who needs a look most.
fn rank(state: &StepState) -> u8 {
    match state {
        StepState::Stuck { .. } => 0,
        StepState::Reverted { .. } => 1,
        StepState::Retrying { .. } => 2,
        StepState::Waiting { .. } => 3,
        StepState::Started { .. } => 4,
        StepState::Todo => 5,
        StepState::Done { .. } => 6,
    }
}

/// A line for each component. Where there are too many, those that need a look come first.
pub(super) fn lines(op: &Operation) -> Vec<Said> {
    let mut tallies: BTreeMap<&Component, Tally<'_>> = BTreeMap::new();
    for (step, state) in op.plan.steps.iter().zip(&op.steps) {
        let tally = tallies.entry(&step.addr.component).or_insert(Tally { done: 0, total: 0, speaks: state });
        tally.total += 1;
        tally.done += usize::from(matches!(state, StepState::Done { .. }));
        if rank(state) < rank(tally.speaks) {
            tally.speaks = state;
        }
    }
    let mut all: Vec<(&Component, Tally<'_>)> = tallies.into_iter().collect();
    let order = plan::order(&op.plan);
    all.sort_by_key(|(component, _)| order.get(component).copied());
    let more = all.len().saturating_sub(LINES);
    if more > 0 {
        all.sort_by_key(|(_, tally)| rank(tally.speaks));
    }
    let mut said: Vec<Said> = all.iter().take(LINES).map(|(component, tally)| line(component, tally)).collect();
    if more > 0 {
        said.push(words().say(&s::ProgressMore { components: more }));
    }
    said
}

fn line(component: &Component, tally: &Tally<'_>) -> Said {
    let words = words();
    let component = component.to_string();
    let (done, total) = (tally.done, tally.total);
    match tally.speaks {
        StepState::Todo if done == 0 => words.say(&s::Todo { component }),
        StepState::Todo | StepState::Started { .. } => words.say(&s::Started { component, done, total }),
        StepState::Waiting { note, .. } => words.say(&s::Moving { component, done, total, note: words.note(note) }),
        StepState::Retrying { at, failure, .. } => {
            let (at, failure) = (words.time(*at), words.failure(failure));
            words.say(&s::Retrying { component, done, total, at, failure })
        }
        StepState::Stuck { failure, .. } => {
            words.say(&s::Stuck { component, done, total, failure: words.failure(failure) })
        }
        StepState::Reverted { why, .. } => words.say(&s::TakenBack { component, why: why.clone() }),
        StepState::Done { .. } => words.say(&s::Done { component }),
    }
}
