//! What has to go before something new can be made, and what follows from that.
//!
//! Where a resource is removed before its next generation is made, whatever referred to it and is removed too has to go
//! before it: a dependent that would have been made first is removed first as well. Otherwise its new generation would
//! wait for a resource that waits for its old one to go. It is no use meanwhile anyway: what it needs isn't there.

use super::{Draft, Key, Removal};
use crate::address::Addr;
use crate::plan::Action;
use crate::resource::Actual;
use std::collections::{BTreeMap, BTreeSet};

/// Makes dependents of what is removed first removed first too. Gives every removal that something new waits for.
pub(super) fn spread(drafts: &mut BTreeMap<Key, Draft<'_>>, actual: &Actual) -> BTreeSet<Key> {
    let first = |(key, draft): (&Key, &Draft<'_>)| Some((key.0.clone(), draft.after_removal?, Removal::Yes));
    let mut open: Vec<Key> = drafts.iter().filter_map(first).collect();
    let mut early = BTreeSet::new();
    if open.is_empty() {
        return early;
    }
    let dependents = dependents(actual);
    while let Some(key) = open.pop() {
        if early.contains(&key) {
            continue;
        }
        for dependent in dependents.get(&key.0).into_iter().flatten() {
            let Some(Action::Delete { replaced_by }) = drafts.get(dependent).map(|draft| &draft.action) else {
                continue;
            };
            let next = replaced_by.map(|next| (dependent.0.clone(), next, Removal::No));
            if let Some(next) = next.and_then(|next| drafts.get_mut(&next)) {
                next.after_removal.get_or_insert(dependent.1);
            }
            open.push(dependent.clone());
        }
        early.insert(key);
    }
    early
}

/// By address, the removals that there would be of what refers to it now.
fn dependents(actual: &Actual) -> BTreeMap<&Addr, Vec<Key>> {
    let mut dependents: BTreeMap<&Addr, Vec<Key>> = BTreeMap::new();
    for ((addr, generation), row) in &actual.rows {
        for r in row.spec.refs() {
            dependents.entry(&r.addr).or_default().push((addr.clone(), *generation, Removal::Yes));
        }
    }
    dependents
}
