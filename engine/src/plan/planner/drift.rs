//! What isn't as it is wanted, and what becomes of it: told where it isn't the plan's business, put right where it is.

use super::Planner;
use crate::address::{Addr, Generation};
use crate::plan::FieldChange;
use crate::ports::{Drift, Drifted};
use crate::resource::{Actual, Fingerprint};
use crate::value::{Canon, Value};

impl Planner<'_> {
    /// What differs and stays so, and what was changed outside and is put right.
    pub(super) fn told(&self) -> (Vec<Drift>, Vec<Drift>) {
        let outside = self.outside.values().flatten();
        let (mends, stays): (Vec<&Drift>, Vec<&Drift>) =
            outside.partition(|drift| self.bringing(&drift.addr).is_some());
        let removed = |addr: &Addr| self.removals(addr).next().is_some();
        let stays = stays.into_iter().filter(|drift| !removed(&drift.addr)).cloned();
        let behind = self.drift.iter().filter(|addr| !self.outside.contains_key(*addr) && !self.lost_its_need(addr));
        let behind = behind.map(|addr| Drift { addr: addr.clone(), how: Drifted::Behind });
        let mut drift: Vec<Drift> = stays.chain(behind).collect();
        drift.sort();
        (drift, mends.into_iter().cloned().collect())
    }

    /// Whether nothing is the matter with it but that what it refers to was taken away.
    fn lost_its_need(&self, addr: &Addr) -> bool {
        let gone =
            |to: &Addr| self.outside.get(to).is_some_and(|all| all.iter().any(|drift| drift.how == Drifted::Gone));
        let (Some(wanted), Some((_, row))) = (self.desired.resources.get(addr), self.actual.newest(addr)) else {
            return false;
        };
        wanted.spec == row.spec && wanted.needs().into_iter().any(gone)
    }
}

/// What an address is now, all lives together, and what somebody made of it outside.
pub(super) fn fingerprint(actual: &Actual, outside: Option<&Vec<&Drift>>, addr: &Addr) -> Fingerprint {
    let mut canon = Canon::new("address");
    let all = (addr.clone(), Generation(0))..=(addr.clone(), Generation(u32::MAX));
    for ((_, generation), row) in actual.rows.range(all) {
        canon.text(row.fingerprint(*generation).0.as_str());
    }
    for drift in outside.into_iter().flatten() {
        match &drift.how {
            Drifted::Behind => canon.tag(b'b'),
            Drifted::Gone => canon.tag(b'g'),
            Drifted::Field { field, ours, theirs } => canon.tag(b'f').text(field).text(ours).text(theirs),
        };
    }
    Fingerprint(canon.digest())
}

/// The change from what somebody made of a field outside, to what it becomes.
pub(super) fn put_right(drift: &Drift, changes: &mut Vec<FieldChange>) -> Option<FieldChange> {
    let Drifted::Field { field, ours, theirs } = &drift.how else { return None };
    let own = changes.iter().position(|change| &change.field == field).map(|place| changes.remove(place));
    let to = own.map_or_else(|| Some(Value::text(ours.as_str())), |own| own.to);
    Some(FieldChange { field: field.clone(), from: Some(Value::text(theirs.as_str())), to, outside: true })
}
