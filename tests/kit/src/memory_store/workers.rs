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
        // A holder that asks again is a new process of that name: it gets a new epoch, and the old process is fenced.
        let held = stored.held.as_ref().is_some_and(|(by, until)| *until > now && by != holder);
        if held || stored.record.state.is_closed() {
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
        let stored = self.stored_mut(lease.op)?;
        if stored.held.is_some() || stored.epoch != lease.epoch {
            self.check(lease)?;
        }
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
        if self.claims[place].granted && &self.claims[place].claim == claim {
            return Ok(Admission::Granted);
        }
        self.claims[place].claim = claim.clone();
        let conflicting = |(at, other): &(usize, &Asked)| *at != place && claim.conflicts(&other.claim);
        let (held, waiting): (Vec<_>, Vec<_>) =
            self.claims.iter().enumerate().filter(conflicting).partition(|(_, other)| other.granted);
        let earlier = waiting.into_iter().filter(|(at, _)| *at < place);
        let ahead: Vec<OpId> = held.into_iter().chain(earlier).map(|(_, other)| other.op).collect();
        self.claims[place].granted = ahead.is_empty();
        Ok(if ahead.is_empty() { Admission::Granted } else { Admission::Queued { ahead } })
    }

    pub(super) fn unclaim(&mut self, lease: &Lease) -> Result<()> {
        self.check(lease)?;
        self.claims.retain(|asked| asked.op != lease.op);
        Ok(())
    }
}
