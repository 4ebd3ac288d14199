//! One person's word, and why it may not count.

use crate::names::{Digest, GroupName, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One person's word on one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Whose.
    pub by: UserId,
    /// For or against.
    pub ballot: Ballot,
    /// The digest of the [`Motion`](super::Motion) that they saw.
    pub digest: Digest,
    /// The digest of that motion's plan; none in journals from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Digest>,
    /// The groups that they were in when they voted, as far as the terms asked.
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
    #[error("the requester can't approve their own plan; another member of {} can", any(.0))]
    OwnRequest(BTreeSet<GroupName>),
    /// Not in any of the groups.
    #[error("only members of {} can decide on this plan", any(.0))]
    NotMember(BTreeSet<GroupName>),
    /// Cast on another plan, or on the same under other rules.
    #[error("the plan, or the rule for it, has changed since it was shown; look at the new card")]
    OtherPlan,
}

fn any(groups: &BTreeSet<GroupName>) -> String {
    groups.iter().map(|group| format!("@{group}")).collect::<Vec<_>>().join(" or ")
}
