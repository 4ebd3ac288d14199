//! Whose word a change needs, as a project says it: a policy for each environment, and rules that want more where a
//! plan is dangerous. Whether a rule applies, and what several come to together, is the room `approval`'s matter.

use crate::cost::{Money, Rate};
use crate::names::{EnvName, GroupName};
use crate::project::{EnvPattern, jiff_seconds};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a requester has to confirm their own plan.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// How long others have to vote where the project doesn't say.
pub const VOTE_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Whose word a change needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Nobody's.
    None,
    /// The requester's own, after seeing the plan.
    Confirm,
    /// Other people's.
    Votes {
        /// So many.
        count: u32,
        /// Members of any of these groups, never the requester.
        #[serde(with = "one_or_more")]
        from: BTreeSet<GroupName>,
        /// How long they have.
        #[serde(default = "a_day", with = "jiff_seconds")]
        within: SignedDuration,
    },
}

impl Policy {
    /// So many votes from one group, within a day.
    #[must_use]
    pub fn votes(count: u32, from: &str) -> Self {
        Self::Votes { count, from: [GroupName::new(from)].into(), within: VOTE_WITHIN }
    }

    /// The same, or the requester's own word where others are asked.
    #[must_use]
    pub fn at_most_confirm(&self) -> Self {
        if *self == Self::None { Self::None } else { Self::Confirm }
    }

    /// The groups whose members it asks.
    pub fn groups(&self) -> impl Iterator<Item = &GroupName> {
        let from = if let Self::Votes { from, .. } = self { Some(from) } else { None };
        from.into_iter().flatten()
    }

    /// How long people have; none where nobody is asked.
    #[must_use]
    pub fn within(&self) -> Option<SignedDuration> {
        match self {
            Self::None => None,
            Self::Confirm => Some(CONFIRM_WITHIN),
            Self::Votes { within, .. } => Some(*within),
        }
    }

    /// Whether whoever satisfies this one satisfies the other, however long they have. Votes of others weigh more than
    /// the requester's own word.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::None) | (Self::Confirm | Self::Votes { .. }, Self::Confirm) => true,
            (Self::Votes { count, from, .. }, Self::Votes { count: fewer, from: wider, .. }) => {
                count >= fewer && from.is_subset(wider)
            }
            (Self::None, _) | (Self::Confirm, Self::Votes { .. }) => false,
        }
    }
}

/// What makes a plan dangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Danger {
    /// Data is deleted for good.
    LosesData,
    /// Something is deleted.
    Deletes,
    /// Something is replaced by a new one.
    Replaces,
    /// The environment lives longer than its maximum. Without a rule for it, that is refused.
    BeyondMaximum,
    /// It comes within a freeze. Without a rule for it, that holds it back.
    Frozen,
    /// It comes to cost more than so much an hour.
    CostsPerHour(Rate),
    /// It comes to cost more than so much until its end; one without an end costs more than any amount.
    CostsInAll(Money),
}

/// A rule of the project: where a plan is dangerous in one of these ways, it needs this beside what its environment asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// In which ways; any of them is enough.
    pub when: BTreeSet<Danger>,
    /// Where; empty means everywhere.
    pub environments: Vec<EnvPattern>,
    /// Whose word it needs then.
    pub approval: Policy,
}

impl Protection {
    /// Whether it is about an environment.
    #[must_use]
    pub fn is_for(&self, env: &EnvName) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|pattern| pattern.matches(env))
    }
}

fn a_day() -> SignedDuration {
    VOTE_WITHIN
}

/// One name stands alone, as it always did; several are a list.
mod one_or_more {
    use super::{BTreeSet, Deserialize, GroupName, Serialize};
    use serde::{Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        One(GroupName),
        More(BTreeSet<GroupName>),
    }

    pub(super) fn serialize<S: Serializer>(groups: &BTreeSet<GroupName>, to: S) -> Result<S::Ok, S::Error> {
        match groups.first() {
            Some(only) if groups.len() == 1 => only.serialize(to),
            _ => groups.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<GroupName>, D::Error> {
        Ok(match Stored::deserialize(from)? {
            Stored::One(group) => [group].into(),
            Stored::More(groups) => groups,
        })
    }
}
