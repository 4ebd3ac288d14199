//! After a revert: what the operation made for a release that doesn't serve, and nobody wants now, goes again.
//!
//! Only where another release serves. Where nothing did before, what surrounds the service is what the next try needs.

use super::drive::Run;
use crate::address::{Addr, Generation};
use crate::environment::Delta;
use crate::journal::{Entry, Serving, StepState};
use crate::names::Component;
use crate::plan::{Action, Plan, Scope, Step, StepId, plan};
use crate::ports::StoreError;
use crate::resource::Actual;
use std::collections::{BTreeMap, BTreeSet};

impl Run<'_> {
    /// Adds the steps that take it away, if there are any.
    pub(super) async fn tidy(&mut self) -> Result<(), StoreError> {
        let steps = self.unwanted().await?;
        self.append(Entry::Tidied { steps }.into()).await.map(drop)
    }

    async fn unwanted(&self) -> Result<Vec<Step>, StoreError> {
        let components = self.taken_back();
        let current = self.engine.store.environment(&self.op.request.key).await?;
        let Some(env) = self.op.really_done().apply(current.as_ref()).filter(|_| !components.is_empty()) else {
            return Ok(Vec::new());
        };
        let platform = self.platform().await?;
        let actual = self.engine.actual(&env).await?;
        let Ok(desired) = platform.lower(&env, &self.op.plan.facts) else { return Ok(Vec::new()) };
        let scope = Scope { env: env.key.env.clone(), components: Some(components), addrs: None, remove_data: false };
        let Ok(plan) = plan(&desired, &actual, platform.rules(), &scope, Delta::default()) else {
            return Ok(Vec::new());
        };
        Ok(self.own_removals(&plan, &actual))
    }

    /// The components of services that something served before, and serves again.
    fn taken_back(&self) -> BTreeSet<Component> {
        let steps = self.op.plan.steps.iter().zip(&self.op.steps);
        let back =
            steps.filter(|(_, state)| matches!(state, StepState::Reverted { serving: Serving::Release { .. }, .. }));
        back.map(|(step, _)| step.addr.component.clone()).collect()
    }

    /// Of a plan, the removals of what this operation made and nothing that stays refers to, as steps that follow its own.
    fn own_removals(&self, plan: &Plan, actual: &Actual) -> Vec<Step> {
        let steps = self.op.plan.steps.iter().zip(&self.op.steps);
        let made = steps
            .filter(|(step, state)| matches!((&step.action, state), (Action::Create { .. }, StepState::Done { .. })));
        let made: BTreeSet<(&Addr, Generation)> = made.map(|(step, _)| (&step.addr, step.generation)).collect();
        let for_good = |step: &Step| step.action == Action::Delete { replaced_by: None };
        let own = |step: &&Step| for_good(step) && made.contains(&(&step.addr, step.generation));
        let mut goes: Vec<&Step> = plan.steps.iter().filter(own).collect();
        // What was moved to something new isn't moved back here, and goes on using it.
        loop {
            let going: BTreeSet<(&Addr, Generation)> = goes.iter().map(|step| (&step.addr, step.generation)).collect();
            let stays = actual.rows.iter().filter(|((addr, generation), _)| !going.contains(&(addr, *generation)));
            let used: BTreeSet<&Addr> = stays.flat_map(|(_, row)| row.spec.refs()).map(|r| &r.addr).collect();
            let before = goes.len();
            goes.retain(|step| !used.contains(&step.addr));
            if goes.len() == before {
                return renumbered(&goes, self.op.plan.steps.len());
            }
        }
    }
}

/// The same steps with numbers from `first` on.
fn renumbered(steps: &[&Step], first: usize) -> Vec<Step> {
    let number = |place: usize| StepId(u32::try_from(first + place).unwrap_or(u32::MAX));
    let numbers: BTreeMap<StepId, StepId> =
        steps.iter().enumerate().map(|(place, step)| (step.id, number(place))).collect();
    let list = |ids: &[StepId]| ids.iter().filter_map(|id| numbers.get(id).copied()).collect();
    let renumbered = |step: &&Step| Step {
        id: numbers[&step.id],
        after: list(&step.after),
        after_known: list(&step.after_known),
        ..(*step).clone()
    };
    steps.iter().map(renumbered).collect()
}
