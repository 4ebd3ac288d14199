//! Which of a project's rules apply to a plan: a pure function of the plan, the records, the project and the time.

use super::terms::{Ask, Terms};
use crate::change::{Actor, Request};
use crate::plan::{Action, Plan, Rules};
use crate::policy::{Danger, Protection};
use crate::project::Project;
use crate::propose::Proposal;
use jiff::Timestamp;

/// What is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// What was asked.
    pub(crate) request: &'a Request,
    /// The record that would be.
    pub(crate) proposal: &'a Proposal,
    /// The steps.
    pub(crate) plan: &'a Plan,
    /// What the platform knows of its kinds.
    pub(crate) rules: &'a dyn Rules,
    /// Whether a freeze is about it now.
    pub(crate) is_frozen: bool,
    /// When.
    pub(crate) now: Timestamp,
}

/// Whose word a plan needs: its environment's policy, and whatever the rules want that apply. What changes nothing needs
/// nobody's, and the schedule's was given with the card that showed the end.
pub(crate) fn terms(project: &Project, sight: Sight<'_>) -> Terms {
    let Sight { request, proposal, plan, .. } = sight;
    let revision = Some(project.revision.clone());
    if request.by == Actor::Schedule || plan.is_nothing() {
        return Terms::new(revision, &[]);
    }
    let ask = |rule: &Protection| {
        let because = rule.when.iter().filter(|danger| sight.shows(**danger)).copied().collect();
        Ask { policy: rule.approval.clone(), because }
    };
    let rules = project.protections.iter().filter(|rule| rule.is_for(&request.key.env)).map(ask);
    let applying = rules.filter(|ask| !ask.because.is_empty());
    let asks: Vec<Ask> = std::iter::once(proposal.policy.clone().into()).chain(applying).collect();
    Terms::new(revision, &asks)
}

impl Sight<'_> {
    fn shows(&self, danger: Danger) -> bool {
        let steps = || self.plan.steps.iter();
        match danger {
            Danger::LosesData => {
                steps().any(|step| matches!(step.action, Action::Delete { .. }) && self.rules.holds_data(&step.kind))
            }
            Danger::Deletes => steps().any(|step| matches!(step.action, Action::Delete { replaced_by: None })),
            Danger::Replaces => steps().any(|step| matches!(step.action, Action::Create { replaces: Some(_), .. })),
            Danger::BeyondMaximum => self.proposal.is_beyond_maximum(),
            Danger::Frozen => self.is_frozen,
            // What makes nothing dearer isn't held up because it is dear already.
            Danger::CostsPerHour(above) => self.is_dearer() && self.plan.cost.as_ref().is_some_and(|c| c.after > above),
            Danger::CostsInAll(above) => {
                let comes_to = self.plan.cost.as_ref().filter(|cost| cost.after.0 > 0).map(|cost| {
                    let left = self.proposal.after.expiry.map(|end| end.duration_since(self.now));
                    left.map(|left| cost.after.over(left))
                });
                let is_above = comes_to.is_some_and(|money| money.is_none_or(|money| money > above));
                (self.is_dearer() || self.proposal.is_longer) && is_above
            }
        }
    }

    fn is_dearer(&self) -> bool {
        self.plan.cost.as_ref().is_some_and(|cost| cost.after > cost.before)
    }
}
