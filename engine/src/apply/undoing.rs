//! The plan of an undo: to what an operation's journal says stood before it, if nobody has changed anything since.

use super::drive::told;
use super::engine::Engine;
use super::planning::{NoPlan, Planned};
use crate::change::{Change, Request};
use crate::cost::Cost;
use crate::environment::Phase;
use crate::journal::{Operation, State};
use crate::names::{EnvKey, OpId};
use crate::plan::{Action, Plan, PlanError, plan};
use crate::ports::{Findings, OpFilter, Store, StoreError, Survey};
use crate::project::Project;
use crate::propose::Refused;
use crate::resource::Actual;
use crate::undo::{Residue, has_applied};
use std::collections::BTreeSet;

impl Engine {
    pub(super) async fn undo(&self, request: &Request, project: &Project, op: OpId) -> Result<Planned, NoPlan> {
        let (operation, journal) = told(self.store.as_ref(), op).await?;
        let residue = Residue::of(&operation, &journal)?;
        let own = self.store.operation_of(&request.delivery).await?;
        let former = untouched_since(self.store.as_ref(), &operation, own).await??;
        let proposal = self.proposal(request, project, Some(&residue)).await?;
        let platform = self.platform_named(&request.key, &proposal.after.platform)?;
        let actual = self.actual(&proposal.after).await?;
        if let Some(by) = residue.touched_by(&actual, &former) {
            return Err(Refused::ChangedSince { op, by }.into());
        }
        let (desired, back) = residue.wanted(&actual, &request.key.env);
        let Survey { facts, findings } = match proposal.after.phase {
            Phase::Live => platform.survey(&proposal.after).await.map_err(NoPlan::Survey)?,
            Phase::Gone => Survey::default(),
        };
        let actual = Actual { back: back.clone(), ..self.looked_at(platform, &proposal, actual).await? };
        let steps = plan(&desired, &actual, platform.rules(), &proposal.scope, proposal.delta.clone());
        let mut plan = Plan { facts, back, ..steps.map_err(|error| in_use(error, op))? };
        if plan.is_empty() && !proposal.is_new {
            return Err(Refused::NothingStands(op).into());
        }
        residue.check(&plan, platform.rules())?;
        // What only goes needs nothing to be ready for it.
        if !findings.is_empty() && plan.steps.iter().any(|step| !matches!(step.action, Action::Delete { .. })) {
            return Err(Findings(findings).into());
        }
        plan.cost = platform.prices().map(|prices| Cost::of(prices, &actual, &plan, &request.key.env));
        Ok(self.under_terms(request, project, (proposal, plan), platform))
    }
}

/// Whether an operation that ended in the middle can still be undone or gone on with, as far as others go. Gives the
/// undos of it that ended in the middle themselves.
///
/// # Errors
/// [`StoreError`] where the store refuses; within, [`Refused`] says who came in between.
pub async fn untouched_since(
    store: &dyn Store,
    op: &Operation,
    own: Option<OpId>,
) -> Result<Result<BTreeSet<OpId>, Refused>, StoreError> {
    let mut former = BTreeSet::new();
    for (by, other) in later(store, &op.request.key, op.id).await? {
        // What asked later than this one waits for it.
        if own.is_some_and(|own| own == by || (own < by && other.admitted.is_none())) {
            continue;
        }
        let is_undo = matches!(other.request.change, Change::Undo { op: of } if of == op.id);
        let (goes_on, op) = (is_undo || other.request.resumes == Some(op.id), op.id);
        match &other.outcome {
            None if goes_on => return Ok(Err(Refused::GoesOn { op, by })),
            Some(outcome) if is_undo && outcome.state() == State::Succeeded => {
                return Ok(Err(Refused::UndoneAlready { op, by }));
            }
            _ if is_undo => drop(former.insert(by)),
            _ if has_applied(&other) => return Ok(Err(Refused::ChangedSince { op, by })),
            _ => {}
        }
    }
    Ok(Ok(former))
}

/// The operations of an environment that were asked for after one of them and that may have done something, or may
/// still; newest first.
async fn later(store: &dyn Store, key: &EnvKey, after: OpId) -> Result<Vec<(OpId, Operation)>, StoreError> {
    let all = store.operations(&OpFilter { key: Some(key.clone()), ..OpFilter::default() }).await?;
    let mut later = Vec::new();
    for record in all.into_iter().take_while(|record| record.id > after) {
        if !matches!(record.state, State::Rejected | State::Expired) {
            later.push((record.id, told(store, record.id).await?.0));
        }
    }
    Ok(later)
}

/// Something that stays needs what would go.
fn in_use(error: PlanError, op: OpId) -> NoPlan {
    match error {
        PlanError::Dangling { from, to } => Refused::NeededNow { op, from, to }.into(),
        error @ PlanError::Cycle(_) => error.into(),
    }
}
