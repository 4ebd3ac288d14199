//! The proof at the end of a teardown: created = destroyed + kept on purpose + left over.

use crate::address::{Addr, Generation, Kind, Mark};
use crate::resource::PhysicalId;
use serde::{Deserialize, Serialize};

/// One thing that a provider found by its mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its mark.
    pub mark: Mark,
    /// What it is.
    pub kind: Kind,
    /// The provider's name for it.
    pub id: PhysicalId,
}

/// One thing in a receipt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// Where.
    pub addr: Addr,
    /// Which life of the address.
    pub generation: Generation,
    /// What it is.
    pub kind: Kind,
    /// The provider's name for it.
    pub id: PhysicalId,
}

/// What became of everything an environment ever had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// How many resources existed when the teardown began, or were found by their mark afterwards.
    pub created: u32,
    /// How many are gone.
    pub destroyed: u32,
    /// What stays because somebody wanted it to.
    pub kept: Vec<Item>,
    /// What is still there though nobody wants it.
    pub left: Vec<Item>,
}

impl Receipt {
    /// Sums up what an inventory found against what was destroyed, and what removals left on purpose. `keep` says what
    /// else stays on purpose.
    #[must_use]
    pub fn new(destroyed: u32, stays: Vec<Item>, found: Vec<Found>, keep: impl Fn(&Found) -> bool) -> Self {
        let mut receipt = Self { destroyed, kept: stays, ..Self::default() };
        for thing in found {
            let to = if keep(&thing) { &mut receipt.kept } else { &mut receipt.left };
            let Mark { addr, generation, .. } = thing.mark;
            to.push(Item { addr, generation, kind: thing.kind, id: thing.id });
        }
        receipt.kept.sort();
        receipt.left.sort();
        let there = receipt.kept.len() + receipt.left.len();
        receipt.created = destroyed + u32::try_from(there).unwrap_or(u32::MAX);
        receipt
    }

    /// Whether nothing is left that nobody wants.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.left.is_empty()
    }
}
