//! What goes: lives and addresses that nobody wants any more. What takes their place is decided before.

use super::{Draft, Key, PlanError, Planner, Removal};
use crate::address::{Addr, Generation};
use std::collections::BTreeSet;

impl<'a> Planner<'a> {
    /// Removes what nobody wants any more: older lives, and addresses that are gone from what is wanted. What something
    /// outside of the scope still holds on to stays, and is drift like that something.
    pub(super) fn clear_away(&mut self) {
        let actual = self.actual;
        let held = self.held_outside();
        for ((addr, generation), row) in &actual.rows {
            let newest = actual.newest(addr).map(|(newest, _)| newest);
            let wanted = self.desired.resources.contains_key(addr) && newest == Some(*generation);
            if wanted || self.drafts.contains_key(&(addr.clone(), *generation, Removal::Yes)) {
                continue;
            }
            if addr.env != self.scope.env {
                continue;
            }
            if !self.scope.holds(addr) || (newest == Some(*generation) && held.contains(addr)) {
                self.drift.insert(addr.clone());
            } else if self.scope.remove_data || !self.rules.holds_data(&row.kind) {
                let replaced_by = newest.filter(|newest| newest > generation);
                self.remove(addr, *generation, &row.kind, replaced_by);
            }
        }
    }

    /// What resources refer to that this plan leaves as they are, since they are outside of its scope.
    fn held_outside(&self) -> BTreeSet<&'a Addr> {
        let actual = self.actual;
        let stays = |addr: &Addr| {
            let left = self.bringing(addr).is_none() || self.bystanders.contains(addr);
            left && addr.env == self.scope.env && !self.scope.holds(addr)
        };
        let holders = actual.rows.iter().filter(|((addr, _), _)| stays(addr));
        holders.flat_map(|(_, row)| row.spec.refs()).map(|r| &r.addr).collect()
    }

    /// Nothing that is wanted may refer to what this plan removes for good.
    pub(super) fn check_needs_stay(&self) -> Result<(), PlanError> {
        for (from, resource) in &self.desired.resources {
            for to in resource.needs() {
                if !self.desired.resources.contains_key(to) && self.removals(to).next().is_some() {
                    return Err(PlanError::Dangling { from: from.clone(), to: to.clone() });
                }
            }
        }
        Ok(())
    }

    /// The steps that remove an address, one for each of its lives.
    pub(super) fn removals(&self, addr: &Addr) -> impl Iterator<Item = (&Key, &Draft<'a>)> {
        let all = (addr.clone(), Generation(0), Removal::No)..=(addr.clone(), Generation(u32::MAX), Removal::Yes);
        self.drafts.range(all).filter(|(key, _)| key.2 == Removal::Yes)
    }
}
