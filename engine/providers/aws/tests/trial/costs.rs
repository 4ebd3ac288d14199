//! What an environment costs in calls and time, beside the least that it could.
//!
//! The least in calls is one that changes something for each step, and what its kind can't do in one: attributes of a VPC
//! and of a load balancer, a rule on its own. Reads are counted apart. The least in time is the critical path: the longest
//! chain of steps, each as long as it took, that had to wait for one another.

use crate::process::Process;
use crate::world::{MINI_SOA, TEARDOWN, World, deploy};
use gantry_engine::change::Change;
use gantry_engine::journal::{Entry, Operation, Stamped, State};
use gantry_engine::names::OpId;
use gantry_engine::plan::StepId;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A deploy that has nothing to do may ask so often.
const HANDFUL: usize = 12;
/// How long it may take beside the critical path, in hundredths.
const MOST: i128 = 110;
/// How long the platform takes for each answer, beside what AWS works on by itself.
const LATENCY: SignedDuration = SignedDuration::from_millis(400);

/// When a step started, when what others need of it was known, and when it was done.
#[derive(Debug, Clone, Copy)]
struct Times {
    started: Timestamp,
    known: Option<Timestamp>,
    done: Option<Timestamp>,
}

fn times(journal: &[Stamped]) -> BTreeMap<StepId, Times> {
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

/// The longest chain: how long all of it would take if nothing but the steps' own time counted.
fn critical_path(operation: &Operation, times: &BTreeMap<StepId, Times>) -> SignedDuration {
    // When each is known, and when it is done, counted from the beginning. Steps come after what they wait for.
    let mut ends: BTreeMap<StepId, (SignedDuration, SignedDuration)> = BTreeMap::new();
    let mut open: Vec<_> = operation.plan.steps.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|step| {
            let done = step.after.iter().map(|id| ends.get(id).map(|(_, done)| *done));
            let known = step.after_known.iter().map(|id| ends.get(id).map(|(known, _)| *known));
            let Some(waits) = done.chain(known).collect::<Option<Vec<_>>>() else { return true };
            let start = waits.into_iter().max().unwrap_or_default();
            let Times { started, known, done } = times[&step.id];
            let after = |at: Option<Timestamp>| start + at.expect("it succeeded").duration_since(started);
            ends.insert(step.id, (after(known), after(done)));
            false
        });
        assert!(open.len() < before, "steps wait for one another");
    }
    ends.values().map(|(_, done)| *done).max().unwrap_or_default()
}

/// Steps with their calls, and their time beside the critical path.
async fn told(world: &World, what: &str, op: OpId) -> (SignedDuration, SignedDuration) {
    let (operation, times) = (world.operation(op).await, times(&world.journal(op).await));
    let began = times.values().map(|times| times.started).min().expect("it has steps");
    let ended = times.values().filter_map(|times| times.done).max().expect("they succeeded");
    let (path, took) = (critical_path(&operation, &times), ended.duration_since(began));
    let mut writes = BTreeMap::<_, usize>::new();
    for call in world.standin.calls().into_iter().filter(|call| call.mutating) {
        *writes.entry(call.action).or_default() += 1;
    }
    println!("{what}: {writes:?}");
    let (steps, calls) = (operation.steps.len(), world.calls());
    println!("{what}: {steps} steps, {calls}; {} s, critical path {} s", took.as_secs(), path.as_secs());
    (took, path)
}

/// Asks for a change and does it, over a line on which every question takes its time.
async fn slowly(world: &World, change: Change) -> OpId {
    let op = world.propose(change).await;
    let (state, _) = world.finish(op, |_| Process::forever().slow(&world.clock, LATENCY)).await;
    assert_eq!(state, State::Succeeded);
    op
}

fn within(took: SignedDuration, path: SignedDuration) {
    assert!(took.as_millis() * 100 <= path.as_millis() * MOST, "{took:#} beside {path:#}");
}

#[tokio::test]
async fn calls_and_time_beside_the_least() {
    let world = World::new(MINI_SOA, 0);
    world.calls();
    let up = slowly(&world, deploy("web", None)).await;
    let (took, path) = told(&world, "provision", up).await;
    within(took, path);

    // The same once more: nothing to do, and a handful of calls to know that.
    let process = Process::forever();
    let engine = world.engine(&process);
    world.calls();
    let request = world.request(deploy("web", None));
    let planned = world.run(&process, engine.plan(&request)).await.expect("nobody dies").expect("a plan");
    assert!(planned.plan.is_empty(), "{:?}", planned.plan.steps);
    let calls = world.calls();
    println!("the same again: nothing to change, {calls}");
    assert!(calls.writes == 0 && calls.reads <= HANDFUL, "{calls}");

    let op = slowly(&world, deploy("web", Some("1.1"))).await;
    let (took, path) = told(&world, "deploy", op).await;
    within(took, path);
    let down = slowly(&world, TEARDOWN).await;
    let (took, path) = told(&world, "teardown", down).await;
    within(took, path);
}
