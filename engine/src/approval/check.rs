//! The check: whether the votes on a motion are enough. [`Approved`] can only be built by it; what runs takes that, never a
//! bare plan.

use super::terms::{Ask, Terms};
use super::vote::{Ballot, Ineligible, Vote};
use crate::change::{Actor, Request};
use crate::names::{Digest, UserId};
use crate::policy::Policy;
use crate::value::Canon;
use std::collections::BTreeMap;

/// What people decide on: a plan under its terms.
#[derive(Debug, Clone, Copy)]
pub struct Motion<'a> {
    /// The plan's digest.
    pub plan: &'a Digest,
    /// Whose word it needs.
    pub terms: &'a Terms,
    /// Who asked for it, and how.
    pub request: &'a Request,
}

/// How one ask stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What is asked for.
    pub ask: Ask,
    /// Who has approved, as far as it counts here.
    pub have: Vec<UserId>,
}

impl Tally {
    /// How many votes it needs in all.
    #[must_use]
    pub fn wanted(&self) -> u32 {
        match &self.ask.policy {
            Policy::None => 0,
            Policy::Confirm => 1,
            Policy::Votes { count, .. } => *count,
        }
    }

    /// How many are missing.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.wanted().saturating_sub(u32::try_from(self.have.len()).unwrap_or(u32::MAX))
    }
}

/// What is still missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// More votes: how each ask stands.
    Needs(Vec<Tally>),
    /// Somebody is against it.
    Rejected(Vote),
}

/// A plan's digest with the word it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    digest: Digest,
    by: Vec<UserId>,
}

impl Approved {
    /// Whether the votes cast on exactly this motion are enough. A person's newest vote counts; one standing rejection
    /// blocks. What is past the votes (a bypass, the schedule) needs none.
    ///
    /// # Errors
    /// [`Refusal`] says what is missing or who is against it.
    pub fn check(motion: &Motion<'_>, votes: &[Vote]) -> Result<Self, Refusal> {
        let newest = motion.newest(votes);
        if let Some(against) = newest.values().find(|vote| vote.ballot == Ballot::Reject) {
            return Err(Refusal::Rejected((*against).clone()));
        }
        let tally = motion.tally(votes);
        if motion.asks_somebody() && tally.iter().any(|ask| ask.missing() > 0) {
            return Err(Refusal::Needs(tally));
        }
        Ok(Self { digest: motion.plan.clone(), by: newest.into_keys().cloned().collect() })
    }

    /// The plan that was approved.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Who approved it; empty where nobody had to.
    #[must_use]
    pub fn by(&self) -> &[UserId] {
        &self.by
    }
}

impl Motion<'_> {
    /// What a vote is bound to: the plan, whose word it needs, and the project's revision that says so.
    #[must_use]
    pub fn digest(&self) -> Digest {
        if self.terms.revision().is_none() {
            // From before terms were kept: the votes on it are on the plan alone.
            return self.plan.clone();
        }
        let mut canon = Canon::new("gantry motion 1");
        canon.text(self.plan.as_str());
        self.terms.canonical(&mut canon);
        canon.digest()
    }

    /// How each ask stands.
    #[must_use]
    pub fn tally(&self, votes: &[Vote]) -> Vec<Tally> {
        let newest = self.newest(votes);
        let approvals = || newest.values().filter(|vote| vote.ballot == Ballot::Approve);
        let one = |ask: &Ask| {
            let counts = |vote: &&&Vote| match &ask.policy {
                Policy::Votes { from, .. } => !vote.groups.is_disjoint(from),
                Policy::None | Policy::Confirm => true,
            };
            Tally { ask: ask.clone(), have: approvals().filter(counts).map(|vote| vote.by.clone()).collect() }
        };
        self.terms.asks().iter().map(one).collect()
    }

    /// The votes that count: each person's newest.
    #[must_use]
    pub fn standing<'v>(&self, votes: &'v [Vote]) -> Vec<&'v Vote> {
        self.newest(votes).into_values().collect()
    }

    /// Whether anybody's word is waited for.
    #[must_use]
    pub fn asks_somebody(&self) -> bool {
        !self.terms.ask_nobody() && !self.request.bypass && self.request.by != Actor::Schedule
    }

    /// Whether a vote counts.
    ///
    /// # Errors
    /// [`Ineligible`] says why not.
    pub fn eligible(&self, vote: &Vote) -> Result<(), Ineligible> {
        self.counts(vote)?;
        if vote.digest == self.digest() { Ok(()) } else { Err(Ineligible::OtherPlan) }
    }

    fn counts(&self, vote: &Vote) -> Result<(), Ineligible> {
        let own = self.request.by.user() == Some(&vote.by);
        let groups = self.terms.groups();
        match groups.is_empty() {
            _ if !self.asks_somebody() => Err(Ineligible::NotAsked),
            true if !own => Err(Ineligible::OnlyRequester),
            true => Ok(()),
            // Taking one's own request back is always possible.
            false if own && vote.ballot == Ballot::Reject => Ok(()),
            false if own => Err(Ineligible::OwnRequest(groups)),
            false if vote.groups.is_disjoint(&groups) => Err(Ineligible::NotMember(groups)),
            false => Ok(()),
        }
    }

    /// Each person's newest vote that counts.
    fn newest<'v>(&self, votes: &'v [Vote]) -> BTreeMap<&'v UserId, &'v Vote> {
        let digest = self.digest();
        let counts = |vote: &&Vote| vote.digest == digest && self.counts(vote).is_ok();
        votes.iter().filter(counts).map(|vote| (&vote.by, vote)).collect()
    }
}
