//! The terms that a plan is shown under: all that is asked for at once, each with why, and which revision of the project
//! says so.

use crate::names::{Digest, GroupName};
use crate::policy::{Danger, Policy, VOTE_WITHIN};
use crate::value::Canon;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A policy that has to be satisfied, and what made a rule ask for it: nothing where it is the environment's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ask {
    /// Whose word.
    pub policy: Policy,
    /// Why.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub because: BTreeSet<Danger>,
}

impl From<Policy> for Ask {
    fn from(policy: Policy) -> Self {
        Self { policy, because: BTreeSet::new() }
    }
}

/// All that a plan needs. Every ask has to be satisfied; what another ask implies isn't asked for twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The project's revision that says so; none in journals from before it was kept.
    revision: Option<Digest>,
    /// Those that no other implies, in a fixed order. Empty where nobody is asked.
    asks: Vec<Ask>,
}

impl Terms {
    /// What several asks come to, whatever their order: those that no other implies. The reasons of one that is implied go
    /// over to those that imply it, and so does its deadline if it is the shorter.
    #[must_use]
    pub fn new(revision: Option<Digest>, asks: &[Ask]) -> Self {
        let strictly = |one: &Policy, other: &Policy| one.implies(other) && !other.implies(one);
        let is_strictest = |ask: &&Ask| !asks.iter().any(|other| strictly(&other.policy, &ask.policy));
        let mut strictest: Vec<Ask> = Vec::new();
        for ask in asks.iter().filter(|ask| ask.policy != Policy::None).filter(is_strictest) {
            if !strictest.iter().any(|other| other.policy.implies(&ask.policy)) {
                strictest.push(ask.clone());
            }
        }
        for ask in &mut strictest {
            for implied in asks {
                if ask.policy.implies(&implied.policy) {
                    ask.because.extend(&implied.because);
                    if let (Policy::Votes { within, .. }, Policy::Votes { within: other, .. }) =
                        (&mut ask.policy, &implied.policy)
                    {
                        *within = (*within).min(*other);
                    }
                }
            }
        }
        strictest.sort();
        Self { revision, asks: strictest }
    }

    /// All that has to be satisfied.
    #[must_use]
    pub fn asks(&self) -> &[Ask] {
        &self.asks
    }

    /// The project's revision that says so, if it was kept.
    #[must_use]
    pub fn revision(&self) -> Option<&Digest> {
        self.revision.as_ref()
    }

    /// Whether nobody is asked.
    #[must_use]
    pub fn ask_nobody(&self) -> bool {
        self.asks.is_empty()
    }

    /// The groups whose members are asked.
    #[must_use]
    pub fn groups(&self) -> BTreeSet<GroupName> {
        self.asks.iter().flat_map(|ask| ask.policy.groups()).cloned().collect()
    }

    /// When a plan that is shown at `at` is void without a decision: the shortest time that somebody has.
    #[must_use]
    pub fn deadline(&self, at: Timestamp) -> Option<Timestamp> {
        Some(at.saturating_add(self.within()?).unwrap_or(Timestamp::MAX))
    }

    /// How long people have.
    #[must_use]
    pub fn within(&self) -> Option<SignedDuration> {
        self.asks.iter().filter_map(|ask| ask.policy.within()).min()
    }

    /// The deadline as it was found before journals kept it: the requester had ten minutes then.
    pub(crate) fn deadline_before_it_was_kept(&self, at: Timestamp) -> Option<Timestamp> {
        let within = match self.asks.first()?.policy {
            Policy::Confirm => SignedDuration::from_mins(10),
            _ => VOTE_WITHIN,
        };
        Some(at.saturating_add(within).unwrap_or(Timestamp::MAX))
    }

    /// Whether whoever agreed to these terms has agreed to the others: they ask for no more, in the same project file.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        other.ask_nobody() || self.revision == other.revision && self.ask_no_less(other)
    }

    /// Whether whoever satisfies these satisfies the others.
    #[must_use]
    pub fn ask_no_less(&self, other: &Self) -> bool {
        let implied = |ask: &Ask| self.asks.iter().any(|own| own.policy.implies(&ask.policy));
        other.asks.iter().all(implied)
    }

    pub(super) fn canonical(&self, to: &mut Canon) {
        to.text(self.revision.as_ref().map_or("", Digest::as_str)).count(self.asks.len());
        for ask in &self.asks {
            match &ask.policy {
                Policy::None => to.tag(b'n'),
                Policy::Confirm => to.tag(b'c'),
                Policy::Votes { count, from, .. } => {
                    to.tag(b'v').count(*count as usize).count(from.len());
                    from.iter().fold(&mut *to, |to, group| to.text(group.as_str()))
                }
            };
        }
    }
}

impl From<Policy> for Terms {
    fn from(policy: Policy) -> Self {
        Self::new(None, &[policy.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(count: u32, from: &[&str]) -> Policy {
        Policy::Votes { count, from: from.iter().map(GroupName::new).collect(), within: VOTE_WITHIN }
    }

    fn because(policy: Policy, danger: Danger) -> Ask {
        Ask { policy, because: [danger].into() }
    }

    fn policies(asks: &[Ask]) -> Vec<Policy> {
        Terms::new(None, asks).asks().iter().map(|ask| ask.policy.clone()).collect()
    }

    #[test]
    fn what_another_implies_is_not_asked_for_twice() {
        assert_eq!(policies(&[Policy::None.into()]), []);
        assert_eq!(policies(&[Policy::None.into(), Policy::Confirm.into()]), [Policy::Confirm]);
        assert_eq!(policies(&[Policy::Confirm.into(), votes(1, &["a"]).into()]), [votes(1, &["a"])]);
        assert_eq!(policies(&[votes(1, &["a"]).into(), votes(2, &["a"]).into()]), [votes(2, &["a"])]);
        assert_eq!(policies(&[votes(1, &["a", "b"]).into(), votes(1, &["a"]).into()]), [votes(1, &["a"])]);
        let both = [votes(1, &["a"]), votes(1, &["b"])];
        assert_eq!(policies(&both.clone().map(Ask::from)), both, "neither implies the other");
    }

    #[test]
    fn the_order_of_rules_changes_nothing() {
        let short =
            Policy::Votes { count: 1, from: [GroupName::new("a")].into(), within: SignedDuration::from_hours(1) };
        let asks = [
            because(votes(2, &["a"]), Danger::LosesData),
            because(short, Danger::Deletes),
            because(votes(1, &["a", "b"]), Danger::Replaces),
            because(votes(1, &["b"]), Danger::BeyondMaximum),
            Policy::Confirm.into(),
        ];
        let terms = Terms::new(None, &asks);
        for turn in 0..asks.len() {
            let mut turned = asks.clone();
            turned.rotate_left(turn);
            assert_eq!(Terms::new(None, &turned), terms);
            turned.reverse();
            assert_eq!(Terms::new(None, &turned), terms);
        }
        let [one, two] = terms.asks() else { panic!("{terms:?}") };
        assert_eq!(one.because, [Danger::Replaces, Danger::BeyondMaximum].into());
        assert_eq!(two.because, [Danger::LosesData, Danger::Deletes, Danger::Replaces].into());
        let hour = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        assert_eq!(terms.deadline(Timestamp::UNIX_EPOCH), Some(hour), "the shortest");
    }

    #[test]
    fn terms_cover_those_that_ask_for_no_more_in_the_same_file() {
        let terms = |revision: &str, policy: Policy| Terms::new(Some(Digest::new(revision)), &[policy.into()]);
        let two = terms("r1", votes(2, &["a"]));
        assert!(two.cover(&two) && two.cover(&terms("r1", votes(1, &["a"]))) && two.cover(&terms("r2", Policy::None)));
        assert!(!two.cover(&terms("r2", votes(2, &["a"]))), "another file");
        assert!(!two.cover(&terms("r1", votes(3, &["a"]))) && !two.cover(&terms("r1", votes(1, &["b"]))));
    }
}
