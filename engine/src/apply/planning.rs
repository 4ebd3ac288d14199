//! Making a plan: read the records, survey the outside, lower, plan. Reads only.

use super::engine::Engine;
use crate::approval::{Sight, Terms, terms};
use crate::change::{Change, Request};
use crate::cost::Cost;
use crate::environment::{Delta, Environment, Phase};
use crate::journal::{Entry, Operation, Stamped, WhatChanged};
use crate::lock::Holdup;
use crate::names::{EnvKey, OpId, PlatformName, ProjectName};
use crate::plan::{Plan, PlanError, plan};
use crate::ports::{Claim, Findings, NewOperation, Platform, Proposed, StoreError, Survey};
use crate::project::Project;
use crate::propose::{Proposal, Refused, World, propose};
use crate::provider::{Facts, ProviderError};
use crate::resource::{Actual, Desired};
use crate::undo::Residue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A plan with what it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The record that would be.
    pub proposal: Proposal,
    /// The steps.
    pub plan: Plan,
    /// Whose word it needs.
    pub terms: Terms,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    /// No such project.
    #[error("there is no project `{0}` here")]
    NoProject(ProjectName),
    /// The request can't be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No such platform.
    #[error("{env} wants the platform `{platform}`; this installation has {}", have.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NoPlatform {
        /// The environment.
        env: EnvKey,
        /// What it wants.
        platform: PlatformName,
        /// What there is.
        have: Vec<PlatformName>,
    },
    /// The outside couldn't be asked.
    #[error("the platform can't be asked now ({0}); try again in a moment")]
    Survey(ProviderError),
    /// The platform can't do what the record wants, or the outside isn't ready for it.
    #[error(transparent)]
    Findings(#[from] Findings),
    /// References lead nowhere or in a circle.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A lock or a freeze holds it back.
    #[error("{0}; ask for it again then")]
    Held(Box<Holdup>),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NoPlan {
    /// Whether the same may work in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        use ProviderError::{NotYet, Throttled, Transient};
        matches!(self, Self::Survey(NotYet(_) | Throttled { .. } | Transient(_)) | Self::Store(_))
    }
}

impl Engine {
    /// The plan for a request, as the world is now. Nothing is stored.
    ///
    /// # Errors
    /// [`NoPlan`] says why there is none, and the remedy.
    pub async fn plan(&self, request: &Request) -> Result<Planned, NoPlan> {
        let key = &request.key;
        let project = self.project(key).ok_or_else(|| NoPlan::NoProject(key.project.clone()))?;
        if let Change::Undo { op } = request.change {
            return self.undo(request, &project, op).await;
        }
        let mut proposal = self.proposal(request, &project, None).await?;
        if let Change::Sweep { volumes } = request.change {
            return self.sweep(request, proposal, &project, volumes).await;
        }
        let platform = self.platform_named(key, &proposal.after.platform)?;
        let actual = self.actual(&proposal.after).await?;
        let (desired, facts) = self.desired(platform, &proposal.after).await?;
        let actual = self.looked_at(platform, &proposal, actual).await?;
        let delta = proposal.delta.clone();
        let mut plan = Plan { facts, ..plan(&desired, &actual, platform.rules(), &proposal.scope, delta)? };
        if plan.is_empty() && !proposal.is_new {
            // Everything is as it is wanted: there is nothing that anybody could have a word in.
            (plan.delta, proposal.delta) = (Delta::default(), Delta::default());
        }
        plan.cost = platform.prices().map(|prices| Cost::of(prices, &actual, &plan, &key.env));
        Ok(self.under_terms(request, &project, (proposal, plan), platform))
    }

    /// A plan with whose word it needs, as things are now.
    pub(super) fn under_terms(
        &self,
        request: &Request,
        project: &Project,
        (proposal, plan): (Proposal, Plan),
        platform: &Arc<dyn Platform>,
    ) -> Planned {
        let (rules, now) = (platform.rules(), self.clock.now());
        let is_frozen = request.change.waits_for_freezes() && project.frozen(&request.key.env, now).is_some();
        let terms = terms(project, Sight { request, proposal: &proposal, plan: &plan, rules, is_frozen, now });
        Planned { proposal, plan, terms }
    }

    /// With what somebody changed outside, where something stands that stays.
    pub(super) async fn looked_at(
        &self,
        platform: &Arc<dyn Platform>,
        proposal: &Proposal,
        actual: Actual,
    ) -> Result<Actual, NoPlan> {
        let after = &proposal.after;
        let moves_end_only = proposal.scope.components.as_ref().is_some_and(BTreeSet::is_empty);
        // Who is born again may find data of an earlier life; who is born for the first time finds nothing.
        let has_rows = actual.rows.keys().any(|(addr, _)| addr.env == after.key.env);
        if after.phase == Phase::Gone || moves_end_only || !has_rows {
            return Ok(actual);
        }
        let drift = platform.drift(after, &actual).await.map_err(NoPlan::Survey)?;
        Ok(actual.drifted(&after.key.env, drift))
    }

    pub(super) async fn proposal(
        &self,
        request: &Request,
        project: &Project,
        residue: Option<&Residue>,
    ) -> Result<Proposal, NoPlan> {
        let current = self.store.environment(&request.key).await?;
        let releases = self.store.releases(&request.key).await?;
        let others = self.store.environments().await?;
        let world = World { project, current: current.as_ref(), releases: &releases, others: &others, residue };
        Ok(propose(request, &world)?)
    }

    /// The resources that are there: the environment's own, and those of environments that it refers to.
    pub(super) async fn actual(&self, env: &Environment) -> Result<Actual, StoreError> {
        let mut actual = self.store.rows(&env.key).await?;
        for other in &env.uses {
            let key = EnvKey { project: env.key.project.clone(), env: other.clone() };
            actual.rows.extend(self.store.rows(&key).await?.rows);
        }
        Ok(actual)
    }

    async fn desired(&self, platform: &Arc<dyn Platform>, env: &Environment) -> Result<(Desired, Facts), NoPlan> {
        if env.phase == Phase::Gone {
            within_bounds(platform, env).await?;
            return Ok((Desired::default(), Facts::default()));
        }
        let Survey { facts, findings } = platform.survey(env).await.map_err(NoPlan::Survey)?;
        if !findings.is_empty() {
            return Err(Findings(findings).into());
        }
        Ok((platform.lower(env, &facts)?, facts))
    }

    /// Plans a request and stores it as an operation, once per delivery.
    ///
    /// # Errors
    /// [`NoPlan`] says why there is none, and the remedy.
    pub async fn propose(&self, request: Request) -> Result<(Proposed, Planned), NoPlan> {
        let planned = self.plan(&request).await?;
        if let Some(by) = self.held(&request, &planned).await?.filter(|_| !request.waits) {
            return Err(NoPlan::Held(Box::new(by)));
        }
        let (policy, terms) = (planned.proposal.policy.clone(), planned.terms.clone());
        let at = request.at;
        // The plan may have taken its time, and people can only look at it now.
        let deadline = terms.deadline(self.clock.now());
        let (key, delivery, place) = (request.key.clone(), request.delivery.clone(), request.place.clone());
        let first = Entry::Proposed {
            request: Box::new(request),
            plan: Box::new(planned.plan.clone()),
            policy,
            deadline,
            terms: Some(terms),
        };
        let stamped = [Stamped { seq: 1, at, entry: first.clone() }];
        // The number isn't known before it is stored, and the state doesn't depend on it.
        let state = Operation::fold(OpId(0), &stamped).map_or(crate::journal::State::Voting, |op| op.state());
        let services = planned.proposal.services.clone();
        let new = NewOperation { first, key, services, delivery, place, state, at };
        Ok((self.store.propose(new).await?, planned))
    }
}

/// What an operation has to have for itself to run a plan.
pub(super) fn claim(key: &EnvKey, planned: &Planned) -> Claim {
    let plan = &planned.plan;
    let whole = plan.delta.birth.is_some() || plan.delta.end || planned.proposal.scope.components.is_none();
    let components = planned.proposal.scope.components.iter().flatten().cloned();
    let all = components.chain(plan.steps.iter().map(|step| step.addr.component.clone()));
    Claim { key: key.clone(), components: (!whole).then(|| all.collect()) }
}

/// What moved on since an operation's plan was shown.
pub(super) fn what_changed(op: &Operation, fresh: &Planned) -> Vec<WhatChanged> {
    let mut changed = Vec::new();
    let (before, after) = (&op.plan, &fresh.plan);
    let other_file = op.terms.revision().is_some_and(|revision| Some(revision) != fresh.terms.revision());
    if before.delta.revision != after.delta.revision || other_file {
        changed.push(WhatChanged::Revision);
    }
    if !op.terms.ask_no_less(&fresh.terms) {
        changed.push(WhatChanged::Rule);
    }
    let services: BTreeSet<_> = before.delta.services.keys().chain(after.delta.services.keys()).collect();
    let moved = services.into_iter().filter(|name| before.delta.services.get(*name) != after.delta.services.get(*name));
    changed.extend(moved.cloned().map(WhatChanged::Service));
    // What only one of them touches is another plan's matter, not a world that moved on.
    let both = before.base.iter().filter_map(|(addr, was)| Some((addr, was, after.base.get(addr)?)));
    changed.extend(both.filter(|(_, was, is)| was != is).map(|(addr, ..)| WhatChanged::Resource(addr.clone())));
    if changed.is_empty() {
        changed.push(WhatChanged::Steps);
    }
    changed
}

/// Refuses to plan anything where the platform may do nothing for an environment.
pub(super) async fn within_bounds(platform: &Arc<dyn Platform>, env: &Environment) -> Result<(), NoPlan> {
    match platform.out_of_bounds(env).await.map_err(NoPlan::Survey)? {
        Some(finding) => Err(Findings::from(finding).into()),
        None => Ok(()),
    }
}
