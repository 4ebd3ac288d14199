//! The least that a step can cost: in calls that change something, by what its kind is made of, and in time.

use crate::line::TICK;
use gantry_engine::address::Addr;
use gantry_engine::journal::{Entry, Operation, Stamped};
use gantry_engine::plan::{Action, Step, StepId};
use gantry_engine::value::{Spec, Value};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// When a step started, when what others need of it was known, and when it was done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) started: Timestamp,
    known: Option<Timestamp>,
    pub(crate) done: Option<Timestamp>,
}

impl Times {
    /// How long after its start it was known, and done.
    pub(crate) fn offsets(&self) -> Offsets {
        let after = |at: Option<Timestamp>| at.expect("it succeeded").duration_since(self.started);
        Offsets { known: after(self.known), done: after(self.done) }
    }
}

/// How long something takes until it is known, and until it is done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offsets {
    pub(crate) known: SignedDuration,
    pub(crate) done: SignedDuration,
}

/// Each step's times, as its journal has them.
pub(crate) fn times(journal: &[Stamped]) -> BTreeMap<StepId, Times> {
    let mut times = BTreeMap::new();
    for Stamped { at, entry, .. } in journal {
        match entry {
            Entry::Started { step, .. } => {
                times.entry(*step).or_insert(Times { started: *at, known: None, done: None });
            }
            Entry::Waiting { step, outputs, .. } if !outputs.is_empty() => {
                times.entry(*step).and_modify(|times| times.known = times.known.or(Some(*at)));
            }
            Entry::Succeeded { step, .. } => {
                times.entry(*step).and_modify(|times| {
                    times.known = times.known.or(Some(*at));
                    times.done = Some(*at);
                });
            }
            _ => {}
        }
    }
    times
}

/// How many calls that change something a step needs: one, and what its kind can't do in one. `before` are the specs of
/// what is there, for steps that remove.
pub(crate) fn writes(step: &Step, before: &BTreeMap<Addr, Spec>) -> usize {
    let removes = matches!(step.action, Action::Delete { .. });
    let spec = step.spec().or_else(|| before.get(&step.addr));
    let more = match (step.kind.as_str(), removes) {
        // Two attributes, each with a call of its own.
        ("aws.vpc", false) => 2,
        // Attached and detached.
        ("aws.internet-gateway", _) => 1,
        // The role in it.
        ("aws.instance-profile", _) => 1,
        // Its retention; its idle timeout; how long its targets drain.
        ("aws.log-group" | "aws.load-balancer" | "aws.target-group", false) => 1,
        // The release that it serves, once it does.
        ("aws.service", false) => 1,
        // Deregistered, then deleted.
        ("aws.task-definition", true) => 1,
        // A snapshot, and a note of it on the volume.
        ("aws.volume", true) if field(spec, "snapshot") == Some(&Value::Bool(true)) => 2,
        // Each policy.
        ("aws.role", _) => {
            let managed = match field(spec, "managed") {
                Some(Value::List(managed)) => managed.len(),
                _ => 0,
            };
            managed + usize::from(field(spec, "policy").is_some())
        }
        _ => 0,
    };
    1 + more
}

fn field<'s>(spec: Option<&'s Spec>, name: &str) -> Option<&'s Value> {
    spec?.get(name)
}

/// The least time that a step takes: what AWS takes for it, known to within a tick, its calls that change something one
/// after another, and if AWS takes any time, one look that finds it done.
pub(crate) fn time(platforms_own: Offsets, writes: usize, latency: SignedDuration) -> Offsets {
    let own = |time: SignedDuration| (time - TICK).max(SignedDuration::ZERO);
    let Offsets { known, done } = Offsets { known: own(platforms_own.known), done: own(platforms_own.done) };
    let looks = i32::from(done.is_positive());
    let writes = i32::try_from(writes).expect("a few calls");
    let done = done + latency * (writes + looks);
    Offsets { known: (known + latency).min(done), done }
}

/// The longest chain of steps that wait for one another, each as long as told.
pub(crate) fn path(operation: &Operation, takes: &BTreeMap<StepId, Offsets>) -> (SignedDuration, Vec<StepId>) {
    // When each is known and done, counted from the beginning, and what it waited for. Steps come after what they wait for.
    let mut ends: BTreeMap<StepId, (Offsets, Option<StepId>)> = BTreeMap::new();
    let mut open: Vec<_> = operation.plan.steps.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|step| {
            let done = step.after.iter().map(|id| ends.get(id).map(|(ends, _)| (ends.done, Some(*id))));
            let known = step.after_known.iter().map(|id| ends.get(id).map(|(ends, _)| (ends.known, Some(*id))));
            let Some(waits) = done.chain(known).collect::<Option<Vec<_>>>() else { return true };
            let (start, last) = waits.into_iter().max().unwrap_or_default();
            let Offsets { known, done } = takes[&step.id];
            ends.insert(step.id, (Offsets { known: start + known, done: start + done }, last));
            false
        });
        assert!(open.len() < before, "steps wait for one another");
    }
    let last = ends.iter().max_by_key(|(_, (ends, _))| ends.done).map(|(id, _)| *id);
    let mut chain: Vec<StepId> = std::iter::successors(last, |id| ends[id].1).collect();
    chain.reverse();
    (last.map(|id| ends[&id].0.done).unwrap_or_default(), chain)
}
