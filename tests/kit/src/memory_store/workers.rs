//! Leases with fencing, and the queue of claims.

use super::state::{Asked, Result, State};
use gantry_engine::names::{Holder, OpId};
use gantry_engine::ports::{Admission, Claim, Lease, StoreError};
use jiff::Timestamp;

impl State {
    /// Refused unless the lease is the newest one of its operation and wasn't given back.
    pub(super) fn check(&self, lease: &Lease) -> Result<()> {
        let stored = self.stored(lease.op)?;
        let holds = stored.held.as_ref().is_some_and(|(holder, _)| holder == &lease.holder);
        if holds && stored.epoch == lease.epoch { Ok(()) } else { Err(StoreError::Fenced(lease.op)) }
    }

    pub(super) fn lease(
        &mut self,
        op: OpId,
        holder: &Holder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        let stored = self.stored_mut(op)?;
        if stored.held.as_ref().is_some_and(|(_, until)| *until > now) {
            return Ok(None);
        }
        stored.epoch += 1;
        stored.held = Some((holder.clone(), until));
        Ok(Some(Lease { op, holder: holder.clone(), epoch: stored.epoch }))
    }

    pub(super) fn renew(&mut self, lease: &Lease, until: Timestamp) -> Result<()> {
        self.check(lease)?;
        self.stored_mut(lease.op)?.held = Some((lease.holder.clone(), until));
        Ok(())
    }

    pub(super) fn release(&mut self, lease: &Lease) -> Result<()> {
        self.check(lease)?;
        self.stored_mut(lease.op)?.held = None;
        Ok(())
    }

    pub(super) fn claim(&mut self, lease: &Lease, claim: &Claim) -> Result<Admission> {
        self.check(lease)?;
        let place = match self.claims.iter().position(|asked| asked.op == lease.op) {
            Some(place) => place,
            None => {
                self.claims.push(Asked { op: lease.op, claim: claim.clone(), granted: false });
                self.claims.len() - 1
            }
        };
        self.claims[place].claim = claim.clone();
        let in_the_way = |(at, other): &(usize, &Asked)| {
            *at != place && (*at < place || other.granted) && claim.conflicts(&other.claim)
        };
        let ahead: Vec<OpId> = self.claims.iter().enumerate().filter(in_the_way).map(|(_, other)| other.op).collect();
        self.claims[place].granted = ahead.is_empty();
        Ok(if ahead.is_empty() { Admission::Granted } else { Admission::Queued { ahead } })
    }

    pub(super) fn unclaim(&mut self, lease: &Lease) -> Result<()> {
        self.check(lease)?;
        self.claims.retain(|asked| asked.op != lease.op);
        Ok(())
    }
}
