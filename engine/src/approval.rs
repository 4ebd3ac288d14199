//! Whose word a plan has. [`Approved`] can only be built by [`Approved::check`]; what runs takes it, never a bare plan.

use crate::change::Actor;
use crate::names::{Digest, GroupName, UserId};
use crate::project::Policy;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How long a requester has to confirm their own plan.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// How long others have to vote.
pub const VOTE_WITHIN: SignedDuration = SignedDuration::from_hours(24);

impl Policy {
    /// When a proposal made at `at` is void without a decision.
    #[must_use]
    pub fn deadline(&self, at: Timestamp) -> Option<Timestamp> {
        let within = match self {
            Self::None => return None,
            Self::Confirm => CONFIRM_WITHIN,
            Self::Votes { .. } => VOTE_WITHIN,
        };
        Some(at.saturating_add(within).unwrap_or(Timestamp::MAX))
    }
}

/// One person's word on one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Whose.
    pub by: UserId,
    /// For or against.
    pub ballot: Ballot,
    /// The digest of the plan that they saw.
    pub digest: Digest,
    /// The groups that they were in when they voted, as far as the policy asked.
    pub groups: BTreeSet<GroupName>,
    /// Why, in their words.
    pub because: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// For or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ballot {
    /// For.
    Approve,
    /// Against.
    Reject,
}

/// Why somebody's vote doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ineligible {
    /// Nobody is asked.
    #[error("this plan needs nobody's approval")]
    NotAsked,
    /// Only the requester confirms.
    #[error("only the requester can confirm this plan")]
    OnlyRequester,
    /// The requester can't vote on their own plan.
    #[error("the requester can't approve their own plan; another member of @{0} can")]
    OwnRequest(GroupName),
    /// Not in the group.
    #[error("only members of @{0} can decide on this plan")]
    NotMember(GroupName),
    /// Cast on another plan.
    #[error("the plan has changed since it was shown; look at the new one")]
    OtherPlan,
}

/// What is still missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// More votes.
    Needs {
        /// So many in all.
        wanted: u32,
        /// Who has approved already.
        have: Vec<UserId>,
    },
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
    /// Whether the votes cast on exactly this plan are enough. A person's newest vote counts; one standing rejection
    /// blocks.
    ///
    /// # Errors
    /// [`Refusal`] says what is missing or who is against it.
    pub fn check(digest: &Digest, votes: &[Vote], policy: &Policy, requester: &Actor) -> Result<Self, Refusal> {
        let mut newest: BTreeMap<&UserId, &Vote> = BTreeMap::new();
        for vote in votes.iter().filter(|vote| eligible(vote, digest, policy, requester).is_ok()) {
            newest.insert(&vote.by, vote);
        }
        if let Some(against) = newest.values().find(|vote| vote.ballot == Ballot::Reject) {
            return Err(Refusal::Rejected((*against).clone()));
        }
        let have: Vec<UserId> = newest.into_keys().cloned().collect();
        let wanted = match (policy, requester) {
            (Policy::None, _) | (_, Actor::Schedule) => 0,
            (Policy::Confirm, Actor::User(_)) => 1,
            (Policy::Votes { count, .. }, Actor::User(_)) => *count,
        };
        if have.len() < wanted as usize {
            return Err(Refusal::Needs { wanted, have });
        }
        Ok(Self { digest: digest.clone(), by: have })
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

/// Whether a vote counts.
///
/// # Errors
/// [`Ineligible`] says why not.
pub fn eligible(vote: &Vote, digest: &Digest, policy: &Policy, requester: &Actor) -> Result<(), Ineligible> {
    let own = requester.user() == Some(&vote.by);
    match policy {
        Policy::None => return Err(Ineligible::NotAsked),
        Policy::Confirm if !own => return Err(Ineligible::OnlyRequester),
        Policy::Confirm => {}
        // Taking one's own request back is always possible.
        Policy::Votes { .. } if own && vote.ballot == Ballot::Reject => {}
        Policy::Votes { from, .. } if own => return Err(Ineligible::OwnRequest(from.clone())),
        Policy::Votes { from, .. } if !vote.groups.contains(from) => return Err(Ineligible::NotMember(from.clone())),
        Policy::Votes { .. } => {}
    }
    if &vote.digest == digest { Ok(()) } else { Err(Ineligible::OtherPlan) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(by: &str, ballot: Ballot, digest: &str) -> Vote {
        Vote {
            by: UserId::new(by),
            ballot,
            digest: Digest::new(digest),
            groups: [GroupName::new("platform")].into(),
            because: None,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn check(votes: &[Vote], policy: &Policy) -> Result<Approved, Refusal> {
        Approved::check(&Digest::new("d1"), votes, policy, &Actor::User(UserId::new("U1")))
    }

    fn two() -> Policy {
        Policy::Votes { count: 2, from: GroupName::new("platform") }
    }

    #[test]
    fn own_votes_strangers_and_votes_on_other_plans_never_count() {
        let mut stranger = vote("U9", Ballot::Approve, "d1");
        stranger.groups.clear();
        let votes = [
            vote("U1", Ballot::Approve, "d1"),
            stranger,
            vote("U3", Ballot::Approve, "d0"),
            vote("U2", Ballot::Approve, "d1"),
            vote("U2", Ballot::Approve, "d1"),
        ];
        assert_eq!(check(&votes, &two()), Err(Refusal::Needs { wanted: 2, have: vec![UserId::new("U2")] }));
    }

    #[test]
    fn the_newest_vote_counts_and_a_standing_rejection_blocks() {
        let mut votes = vec![vote("U2", Ballot::Approve, "d1"), vote("U3", Ballot::Reject, "d1")];
        assert!(matches!(check(&votes, &two()), Err(Refusal::Rejected(v)) if v.by.as_str() == "U3"));
        votes.push(vote("U3", Ballot::Approve, "d1"));
        assert_eq!(check(&votes, &two()).unwrap().by().len(), 2);
    }

    #[test]
    fn only_the_requester_confirms() {
        assert!(check(&[vote("U2", Ballot::Approve, "d1")], &Policy::Confirm).is_err());
        assert!(check(&[vote("U1", Ballot::Approve, "d1")], &Policy::Confirm).is_ok());
        assert!(check(&[], &Policy::None).unwrap().by().is_empty());
    }
}
