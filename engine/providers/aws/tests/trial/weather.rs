//! Bad days: calls are throttled, time out, break, lose their replies, and reads lag behind. Everything converges, nothing
//! is made twice, and the calls stay within bounds.

use crate::judge::{self, Count};
use crate::process::Process;
use crate::world::{Calls, MINI_SOA, SMALL, TEARDOWN, World, chosen, deploy, number};
use gantry_engine::change::{Actor, Change};
use gantry_engine::journal::{Entry, Signal, State};
use gantry_engine::names::UserId;
use gantry_engine::ports::Clock;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Instant;
use tokio::sync::Notify;

/// So many times the calls of a fine day may a bad one take.
const MOST: f64 = 3.0;

/// A day in figures: something is made and taken down again.
struct Day {
    /// What was there in between, and at the end.
    counts: [Count; 2],
    calls: Calls,
    took: SignedDuration,
}

async fn day(project: &str, seed: u64, is_bad: bool) -> Day {
    let context = format!("{} day {seed}", if is_bad { "bad" } else { "fine" });
    let began = Instant::now();
    let world = World::new(project, seed);
    if is_bad {
        world.standin.faults(json!({
            "throttle": 0.3, "lost_reply": 0.1, "timeout_before": 0.1, "error_5xx": 0.05, "read_lag": [0, 60],
        }));
    }
    let mut day = Day { counts: [Count::new(), Count::new()], calls: Calls::default(), took: SignedDuration::ZERO };
    for (counted, change) in day.counts.iter_mut().zip([deploy("web", None), TEARDOWN]) {
        let then = world.clock.now();
        let op = world.propose(change).await;
        let (state, _) = world.finish(op, |_| Process::forever()).await;
        assert_eq!(state, State::Succeeded, "{context}: {:?}", world.operation(op).await.outcome);
        day.took += world.clock.now().duration_since(then);
        judge::check_journal(&world, op, &context).await;
        *counted = judge::count(&world);
        assert_eq!(judge::twice(&world), Vec::<String>::new(), "{context}: two with the same mark");
    }
    judge::check_gone(&world, &context).await;
    day.calls = world.calls();
    println!("{context}: {}, {} s of its time, {:.1?} of ours", day.calls, day.took.as_secs(), began.elapsed());
    day
}

/// Bad days of one project, compared with a fine one. Gives how many calls they took, beside the fine one's.
async fn days(project: &str, seeds: impl Iterator<Item = u64>) {
    let fine = day(project, 0, false).await;
    let (mut sum, mut days, mut worst) = (Calls::default(), 0, 0.0_f64);
    for seed in seeds {
        let bad = day(project, seed, true).await;
        assert_eq!(bad.counts, fine.counts, "seed {seed}: what is there in between, and at the end");
        let writes = times(bad.calls.writes, fine.calls.writes);
        assert!(writes <= MOST, "seed {seed}: {writes:.2} times the calls that change something");
        let all = times(bad.calls.reads + bad.calls.writes, fine.calls.reads + fine.calls.writes);
        assert!(all <= MOST, "seed {seed}: {all:.2} times the calls");
        worst = worst.max(all);
        (sum.reads, sum.writes, days) = (sum.reads + bad.calls.reads, sum.writes + bad.calls.writes, days + 1);
    }
    let fair = Calls { reads: days * fine.calls.reads, writes: days * fine.calls.writes };
    let (reads, writes) = (times(sum.reads, fair.reads), times(sum.writes, fair.writes));
    let all = times(sum.reads + sum.writes, fair.reads + fair.writes);
    println!(
        "{days} bad days: all converge, {writes:.2} x the writes, {reads:.2} x the reads, {all:.2} x all calls, {worst:.2} x \
         on the worst"
    );
}

fn times(bad: usize, fine: usize) -> f64 {
    let exact = |calls: usize| f64::from(u32::try_from(calls).expect("nobody calls so often"));
    exact(bad) / exact(fine)
}

#[tokio::test]
async fn bad_days_of_the_example() {
    days(MINI_SOA, 0..2).await;
}

#[tokio::test]
async fn bad_days_of_something_small() {
    days(SMALL, 0..12).await;
}

#[tokio::test]
async fn more_bad_days_of_something_small() {
    days(SMALL, 12..23).await;
}

/// Cancelled in the middle and taken down, or undone, at once: reads don't show yet what was made last.
#[tokio::test]
async fn what_was_made_a_moment_ago_goes_too() {
    for (seconds, is_undone) in [(2, true), (2, false), (70, true), (70, false), (135, true), (135, false)] {
        let world = World::new(SMALL, seconds);
        world.standin.faults(json!({ "read_lag": [60, 60] }));
        let op = world.propose(deploy("web", None)).await;
        let (process, bell) = (Process::forever(), Notify::new());
        let engine = world.engine(&process);
        let cancel = async {
            world.clock.sleep_until(world.clock.now() + SignedDuration::from_secs(seconds as i64)).await;
            let by = Actor::User(UserId::new("U1"));
            world.say(op, Entry::Signalled { signal: Signal::Cancel, by, because: None }).await;
            bell.notify_one();
        };
        world.run(&process, async { tokio::join!(engine.drive(op, &bell), cancel) }).await;
        let (state, _) = world.finish(op, |_| Process::forever()).await;
        assert_eq!(state, State::Cancelled);
        let made = world.operation(op).await.done();
        if seconds == 70 {
            // Somebody sets the clock back: what was made is of tomorrow now.
            world.clock.put(world.clock.now() - SignedDuration::from_hours(24));
        }
        let then = world.clock.now();
        let op = world.propose(if is_undone { Change::Undo { op } } else { TEARDOWN }).await;
        world.finish(op, |_| Process::forever()).await;
        let took = world.clock.now().duration_since(then);
        assert!(took < SignedDuration::from_hours(1), "it waits for no clock: {took:#}");
        let context = format!("{made} steps in {seconds} s, {}", if is_undone { "undone" } else { "taken down" });
        println!("{context}");
        judge::check_journal(&world, op, &context).await;
        assert_eq!(judge::ours(&world), Vec::<String>::new(), "{context}");
    }
}

/// `GANTRY_TRIAL_DAYS` (1,000) bad days, one in ten of them the whole example's. An hour; prints what they came to.
#[tokio::test]
#[ignore = "an hour: a thousand bad days"]
async fn a_thousand_bad_days() {
    let all = number("GANTRY_TRIAL_DAYS", 1_000) as u64;
    days(MINI_SOA, chosen(1_000..1_000 + all / 10)).await;
    days(SMALL, chosen(2_000..2_000 + all - all / 10)).await;
}
