//! What an environment costs in calls and time, beside the least that it could.
//!
//! The least in calls is what each step's kind needs ([`least::writes`]); reads are counted apart. The least in time is the
//! critical path: the longest chain of steps that wait for one another, each with what AWS takes for it and its least
//! calls. What AWS takes is measured in a world of its own, with the same dice, over a line on which nothing else takes
//! time; so neither our pauses nor our calls are in it.

use crate::least::{self, Offsets};
use crate::line::Line;
use crate::process::Process;
use crate::world::{Calls, MINI_SOA, TEARDOWN, World, deploy};
use gantry_engine::address::Addr;
use gantry_engine::change::Change;
use gantry_engine::journal::{Operation, State};
use gantry_engine::plan::StepId;
use gantry_engine::value::Spec;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A deploy that has nothing to do may ask so often.
const HANDFUL: usize = 12;
/// So many calls that change something may be for nothing in one operation.
const IN_VAIN: usize = 3;
/// How long it may take beside the critical path, in hundredths.
const MOST: i128 = 110;
/// How long the platform takes for each answer, beside what AWS works on by itself.
const LATENCY: SignedDuration = SignedDuration::from_millis(400);

/// A life: from nothing, to a new version, to nothing.
fn story() -> [(&'static str, Change); 3] {
    [("provision", deploy("web", None)), ("a new version", deploy("web", Some("1.1"))), ("teardown", TEARDOWN)]
}

/// An operation that succeeded, and what it cost.
struct Done {
    operation: Operation,
    calls: Calls,
    took: SignedDuration,
    steps: BTreeMap<StepId, Offsets>,
}

/// Asks for a change and does it.
async fn done(world: &World, change: Change, line: Option<&Arc<Line>>) -> Done {
    let op = world.propose(change).await;
    world.calls();
    let process = |_| line.iter().fold(Process::forever(), |process, line| process.over(line));
    let (state, _) = world.finish(op, process).await;
    let (operation, times) = (world.operation(op).await, least::times(&world.journal(op).await));
    assert_eq!(state, State::Succeeded, "{:?}", operation.outcome);
    let began = times.values().map(|times| times.started).min().expect("it has steps");
    let ended = times.values().filter_map(|times| times.done).max().expect("they succeeded");
    let steps = times.iter().map(|(id, times)| (*id, times.offsets())).collect();
    Done { operation, calls: world.calls(), took: ended.duration_since(began), steps }
}

/// How many calls that change something an operation needs. What it makes is remembered for what removes it.
fn least_writes(operation: &Operation, specs: &mut BTreeMap<Addr, Spec>) -> BTreeMap<StepId, usize> {
    let steps = operation.plan.steps.iter().map(|step| (step.id, least::writes(step, specs))).collect();
    let made = operation.plan.steps.iter().filter_map(|step| Some((step.addr.clone(), step.spec()?.clone())));
    specs.extend(made);
    steps
}

#[tokio::test]
async fn calls_beside_the_least() {
    let world = World::new(MINI_SOA, 0);
    let mut specs = BTreeMap::new();
    for (what, change) in story() {
        let Done { operation, calls, .. } = done(&world, change, None).await;
        let least: usize = least_writes(&operation, &mut specs).values().sum();
        println!("{what}: {} steps, {calls}, of which {least} writes have to be", operation.steps.len());
        assert!((least..=least + IN_VAIN).contains(&calls.writes), "{what}: {calls} beside {least}");
        if what == "provision" {
            again(&world).await;
        }
    }
}

/// The same once more: nothing to do, and a handful of calls to know that.
async fn again(world: &World) {
    let process = Process::forever();
    let engine = world.engine(&process);
    world.calls();
    let request = world.request(deploy("web", None));
    let planned = world.run(&process, engine.plan(&request)).await.expect("nobody dies").expect("a plan");
    assert!(planned.plan.is_empty(), "{:?}", planned.plan.steps);
    let calls = world.calls();
    println!("the same again: nothing to change, {calls}");
    assert!(calls.writes == 0 && calls.reads <= HANDFUL, "{calls}");
}

#[tokio::test]
#[ignore = "minutes: two worlds, one of which is asked twice a second"]
async fn time_beside_the_critical_path() {
    let (ours, floor) = (World::new(MINI_SOA, 0), World::new(MINI_SOA, 0));
    let (slow, eager) = (Line::slow(&ours, LATENCY), Line::eager(&floor));
    let mut specs = BTreeMap::new();
    for (what, change) in story() {
        let own = done(&floor, change.clone(), Some(&eager)).await;
        let Done { operation, took, steps, .. } = done(&ours, change, Some(&slow)).await;
        assert_eq!(operation.plan.steps, own.operation.plan.steps, "the same is done in both worlds");
        let writes = least_writes(&operation, &mut specs);
        let least = own.steps.iter().map(|(id, own)| (*id, least::time(*own, writes[id], LATENCY))).collect();
        let (path, chain) = least::path(&operation, &least);
        println!("{what}: {} s, critical path {} s, AWS alone {} s", secs(took), secs(path), secs(own.took));
        for id in chain {
            let addr = operation.step(id).map(|(step, _)| &step.addr).expect("its step");
            println!("  {addr}: {} s of at least {} s", secs(steps[&id].done), secs(least[&id].done));
        }
        assert!(took.as_millis() * 100 <= path.as_millis() * MOST, "{what}: {took:#} beside {path:#}");
    }
}

fn secs(time: SignedDuration) -> String {
    format!("{:.1}", time.as_secs_f64())
}
