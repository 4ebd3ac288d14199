//! Processes that die around every effect and every write, and others that go on where they were. In the end everything
//! is as if nobody had died.
//!
//! In one run many die, one after another: the next takes over in the middle of what the last one left. All calls that
//! come to a point at which the process is to die are held there until nothing else moves; then it dies with all of them.

use crate::judge::{self, Count};
use crate::process::{KINDS, Point, Points, Process};
use crate::world::{Left, MINI_SOA, TEARDOWN, World, chosen, deploy, number};
use gantry_engine::address::Kind;
use gantry_engine::change::Change;
use gantry_engine::journal::State;
use gantry_testkit::dice::Dice;
use gantry_testkit::life::Life;
use std::collections::BTreeSet;
use std::time::Instant;

/// The kinds that the example doesn't have: its zone is there already.
const NOT_IN_IT: [&str; 1] = ["aws.hosted-zone"];

/// How many points short lives have. The shortest get as far as taking over, and no further.
const SHORTEST: u64 = 4;
const LONGEST: u64 = 48;

/// A life: from nothing, to a new version, to nothing.
fn story() -> [(&'static str, Change); 3] {
    [("provision", deploy("web", None)), ("deploy", deploy("web", Some("1.1"))), ("teardown", TEARDOWN)]
}

/// What a run came to.
struct Run {
    /// What was there after each part.
    counts: Vec<Count>,
    deaths: Vec<usize>,
    /// How many points the processes passed, in each part.
    passed: Vec<usize>,
}

/// Tells the story with processes that die, and checks what must hold whoever dies.
async fn tell(context: &str, mut processes: impl FnMut(Left) -> Process) -> Run {
    let world = World::new(MINI_SOA, 0);
    let mut run = Run { counts: Vec::new(), deaths: Vec::new(), passed: Vec::new() };
    for (part, change) in story() {
        let context = format!("{context}, {part}");
        let (began, mut lives) = (Instant::now(), Vec::new());
        let op = world.propose(change).await;
        let next = |left| {
            let process = processes(left);
            lives.push(process.life.clone());
            process
        };
        let (state, deaths) = world.finish(op, next).await;
        assert_eq!(state, State::Succeeded, "{context}: {:?}", world.operation(op).await.outcome);
        judge::check_journal(&world, op, &context).await;
        run.counts.push(judge::count(&world));
        assert_eq!(judge::twice(&world), Vec::<String>::new(), "{context}: two with the same mark");
        run.deaths.push(deaths);
        run.passed.push(lives.iter().map(Life::passed).sum());
        let passed = run.passed.last().expect("it was just pushed");
        println!("{context}: {deaths} deaths, {passed} points, {:.1?}", began.elapsed());
    }
    judge::check_gone(&world, context).await;
    run
}

fn same(disturbed: &[Count], undisturbed: &[Count], context: &str) {
    for ((part, _), (is, should)) in story().iter().zip(disturbed.iter().zip(undisturbed)) {
        assert_eq!(is, should, "{context}: what is there after the {part}");
    }
}

fn every_point() -> BTreeSet<Point> {
    let point = |kind, removing, after| Point { kind: Kind::new(kind), removing, after };
    let kinds = KINDS.into_iter().filter(|kind| !NOT_IN_IT.contains(kind));
    let sides = |kind| [(false, false), (false, true), (true, false), (true, true)].map(|(r, a)| point(kind, r, a));
    kinds.flat_map(sides).collect()
}

/// Processes that each die at a point drawn by dice, so that all of it is cut into pieces.
async fn short_lives(seed: usize) -> Run {
    let mut dice = Dice::new(seed as u64);
    let mut life = move || usize::try_from(SHORTEST + dice.below(LONGEST - SHORTEST)).expect("it is small");
    let processes = move |_| Process::new(Life::until(life()), &Points::default());
    tell(&format!("short lives {seed}"), processes).await
}

/// What is compared is a world at rest: while a new version comes up there is a machine more, and AWS keeps it for a
/// quarter of an hour.
#[tokio::test]
async fn a_new_version_leaves_no_machine_more() {
    let undisturbed = tell("undisturbed", |_| Process::forever()).await;
    let machines = |count: &Count| (count["ec2/instance"], count["ecs/container-instance"]);
    let [provisioned, deployed, gone] = &undisturbed.counts[..] else { panic!("the story has three parts") };
    assert_eq!(machines(deployed), machines(provisioned));
    assert!(!gone.contains_key("ec2/instance"), "{gone:?}");
}

#[tokio::test]
async fn short_lives_leave_no_trace() {
    let undisturbed = tell("undisturbed", |_| Process::forever()).await;
    let run = short_lives(0).await;
    same(&run.counts, &undisturbed.counts, "short lives");
    assert!(run.deaths.iter().sum::<usize>() > 20, "they died often: {:?}", run.deaths);
}

/// The full matrix: each part of the story with one death at each point, before and after every write and every effect.
/// An hour; `GANTRY_TRIAL_EVERY=20` takes every twentieth point. Prints what it came to.
#[tokio::test]
#[ignore = "an hour: the full matrix"]
async fn full_matrix() {
    let undisturbed = tell("undisturbed", |_| Process::forever()).await;
    let most = undisturbed.passed.iter().copied().max().unwrap_or_default();
    let (mut runs, mut deaths) = (0, 0);
    for point in chosen(0..most) {
        let context = format!("a death at point {point}");
        let dies = |left: Left| if left.deaths == 0 { Life::until(point) } else { Life::forever() };
        let run = tell(&context, |left| Process::new(dies(left), &Points::default())).await;
        same(&run.counts, &undisturbed.counts, &context);
        (runs, deaths) = (runs + 1, deaths + run.deaths.iter().sum::<usize>());
    }
    println!("{runs} runs, {deaths} deaths: no duplicate, nothing left");
}

/// `GANTRY_TRIAL_LIVES` (25) runs of short lives.
#[tokio::test]
#[ignore = "minutes: short lives of many seeds"]
async fn many_short_lives() {
    let undisturbed = tell("undisturbed", |_| Process::forever()).await;
    for seed in chosen(0..number("GANTRY_TRIAL_LIVES", 25)) {
        same(&short_lives(seed).await.counts, &undisturbed.counts, &format!("short lives {seed}"));
    }
}

/// Deaths in a row: each process dies one point later than the last one did, until a step more is done; the next dies at
/// once again.
#[tokio::test]
#[ignore = "minutes: thousands of deaths"]
async fn a_death_at_every_point_in_a_row() {
    let undisturbed = tell("undisturbed", |_| Process::forever()).await;
    let (mut until, mut done) = (0, 0);
    let run = tell("in a row", |left| {
        until = if left.deaths == 0 || left.done > done { 0 } else { until + 1 };
        done = left.done;
        Process::new(Life::until(until), &Points::default())
    });
    same(&run.await.counts, &undisturbed.counts, "in a row");
}

#[tokio::test]
async fn a_death_around_an_effect_of_each_kind_leaves_no_trace() {
    let undisturbed = tell("undisturbed", |_| Process::forever()).await;
    let points = Points::default();
    points.lock().unwrap().extend(every_point());
    let run = tell("around effects", |_| Process::new(Life::forever(), &points)).await;
    same(&run.counts, &undisturbed.counts, "around effects");
    let unmet = points.lock().unwrap().clone();
    assert_eq!(unmet, BTreeSet::new(), "every point was met");
}
