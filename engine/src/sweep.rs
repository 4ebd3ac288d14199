//! What is left over: things that carry an environment's marks and belong to no living one, and the plan that removes
//! them. Pure; which things there are, an inventory tells.
//!
//! It knows no specs, so it doesn't know who refers to whom: all may go at once, and what is still in use is tried again.

use crate::environment::{Environment, Phase};
use crate::plan::{Action, Plan, Rules, Step, StepId};
use crate::receipt::Found;
use crate::resource::Actual;

/// What belongs to no living environment. A living one owns what its own incarnation made, and what its rows name: data
/// of an earlier life that it goes on with.
#[must_use]
pub fn leftovers(found: Vec<Found>, record: Option<&Environment>, actual: &Actual) -> Vec<Found> {
    let Some(living) = record.filter(|env| env.phase == Phase::Live) else { return found };
    let owned = |thing: &Found| {
        let row = actual.rows.get(&(thing.mark.addr.clone(), thing.mark.generation));
        thing.mark.incarnation == living.incarnation
            || row.is_some_and(|row| row.incarnation == thing.mark.incarnation && row.kind == thing.kind)
    };
    found.into_iter().filter(|thing| !owned(thing)).collect()
}

/// The steps that remove what is left over; what holds data only where that was asked for.
#[must_use]
pub fn plan(leftovers: Vec<Found>, volumes: bool, rules: &dyn Rules) -> Plan {
    let mut sweeps = leftovers;
    sweeps.retain(|thing| volumes || !rules.holds_data(&thing.kind));
    sweeps.sort_by_cached_key(|thing| {
        (rules.rank(&thing.kind), thing.mark.clone(), thing.kind.clone(), thing.id.clone())
    });
    let ranks: Vec<u8> = sweeps.iter().map(|thing| rules.rank(&thing.kind)).collect();
    let id = |place: usize| StepId(u32::try_from(place).unwrap_or(u32::MAX));
    let steps = sweeps.iter().enumerate().map(|(place, thing)| Step {
        id: id(place),
        addr: thing.mark.addr.clone(),
        generation: thing.mark.generation,
        kind: thing.kind.clone(),
        action: Action::Delete { replaced_by: None },
        after: before(&ranks, place).map(id).collect(),
        after_known: Vec::new(),
    });
    Plan { steps: steps.collect(), sweeps, ..Plan::default() }
}

/// The places of the rank before.
fn before(ranks: &[u8], place: usize) -> std::ops::Range<usize> {
    let end = ranks.partition_point(|rank| *rank < ranks[place]);
    let start = end.checked_sub(1).map_or(0, |last| ranks.partition_point(|rank| *rank < ranks[last]));
    start..end
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn each_rank_waits_for_the_one_before() {
        let ranks = [0, 0, 3, 3, 7];
        let all: Vec<_> = (0..ranks.len()).map(|place| before(&ranks, place)).collect();
        assert_eq!(all, [0..0, 0..0, 0..2, 0..2, 2..4]);
    }
}
