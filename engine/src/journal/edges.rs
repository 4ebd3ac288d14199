//! Which steps of a running plan can go on, kept up to date entry by entry. It knows no times and no people: what comes
//! next is decided elsewhere.

use super::step::StepState;
use crate::plan::{Plan, Step, StepId};
use crate::value::{Outputs, When};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Which steps can go on, kept up to date entry by entry, so that a plan of any size costs a step's neighbours only.
#[derive(Debug, Clone, Default)]
pub(super) struct Edges {
    dependents: Vec<Vec<(StepId, When)>>,
    missing: Vec<u32>,
    known: BTreeSet<(StepId, StepId)>,
    pub(super) ready: BTreeSet<StepId>,
    pub(super) moving: BTreeSet<StepId>,
    pub(super) retrying: BTreeMap<StepId, Timestamp>,
    pub(super) stuck: BTreeSet<StepId>,
    pub(super) reverted: BTreeSet<StepId>,
    pub(super) done: usize,
}

impl Edges {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut edges = Self::default();
        edges.extend(&plan.steps);
        edges
    }

    /// Steps that the plan has besides.
    pub(super) fn extend(&mut self, steps: &[Step]) {
        let edges = self;
        edges.dependents.resize(edges.dependents.len() + steps.len(), Vec::new());
        edges.missing.resize(edges.missing.len() + steps.len(), 0);
        for step in steps {
            let before = step.after.iter().map(|id| (id, When::Ready));
            for (id, when) in before.chain(step.after_known.iter().map(|id| (id, When::Known))) {
                if let Some(list) = edges.dependents.get_mut(id.0 as usize) {
                    list.push((step.id, when));
                    edges.missing[step.id.0 as usize] += 1;
                }
            }
        }
        let free = steps.iter().map(|step| step.id).filter(|id| edges.missing[id.0 as usize] == 0);
        edges.ready.extend(free.collect::<Vec<_>>());
    }

    pub(super) fn note(&mut self, id: StepId, plan: &Plan, state: &StepState) {
        self.ready.remove(&id);
        self.moving.remove(&id);
        self.retrying.remove(&id);
        self.stuck.remove(&id);
        match state {
            StepState::Todo => {
                self.ready.insert(id);
            }
            StepState::Started { .. } => {
                self.moving.insert(id);
            }
            StepState::Waiting { outputs, .. } => {
                self.moving.insert(id);
                self.free(id, plan, Some(outputs));
            }
            StepState::Retrying { at, .. } => {
                self.retrying.insert(id, *at);
            }
            StepState::Stuck { .. } => {
                self.stuck.insert(id);
            }
            StepState::Reverted { .. } => {
                self.reverted.insert(id);
            }
            StepState::Done { .. } => {
                self.done += 1;
                self.free(id, plan, None);
            }
        }
    }

    /// Frees the dependents of a step: all of them once it is done, those whose outputs are known before.
    fn free(&mut self, id: StepId, plan: &Plan, so_far: Option<&Outputs>) {
        let Some(dependents) = self.dependents.get(id.0 as usize) else { return };
        for (dependent, when) in dependents {
            let knows = |outputs: &Outputs| *when == When::Known && has_all(plan, id, *dependent, outputs);
            if so_far.is_some_and(|outputs| !knows(outputs)) {
                continue;
            }
            // A step may be known first and done later: it frees each dependent once.
            if *when == When::Known && !self.known.insert((id, *dependent)) {
                continue;
            }
            let missing = &mut self.missing[dependent.0 as usize];
            *missing -= 1;
            if *missing == 0 {
                self.ready.insert(*dependent);
            }
        }
    }
}

/// Whether outputs hold all that a dependent's spec refers to.
fn has_all(plan: &Plan, of: StepId, dependent: StepId, outputs: &Outputs) -> bool {
    let (Some(of), Some(dependent)) = (plan.step(of), plan.step(dependent)) else { return false };
    let refs = dependent.spec().map(|spec| spec.refs()).unwrap_or_default();
    refs.into_iter().filter(|r| r.addr == of.addr).all(|r| outputs.contains_key(&r.output))
}
