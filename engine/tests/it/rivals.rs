//! More than one at a time: a paused process that comes back, two processes on one operation, operations on one
//! environment.

use crate::sim::{World, deploy};
use gantry_engine::apply::{Drive, Engine};
use gantry_engine::change::Change;
use gantry_engine::journal::{Entry, State};
use gantry_engine::names::OpId;
use gantry_engine::ports::{Clock, StoreError};
use gantry_testkit::fake::Weather;
use gantry_testkit::life::Life;
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::Notify;

/// A process of which the line to the store can be held up; its calls to the cloud go on.
fn held_up(world: &World, life: &Life) -> Engine {
    world.engine_over(Arc::new(world.store.seen_by(life)), &Life::forever())
}

/// One process is held up at a write until another one has taken over and finished. Gives how many points there were.
async fn overtaken(point: usize) -> usize {
    let context = format!("held up at {point}");
    let world = World::new(Weather::USUAL);
    let op = world.propose("dev", deploy("web", None)).await;
    let life = Life::pausing_at(point);
    let old = held_up(&world, &life);
    let bell = Notify::new();
    let mut driving = pin!(old.drive(op, &bell));
    let ended = world
        .clock
        .run(async {
            tokio::select! {
                biased;
                () = life.stopped() => None,
                end = &mut driving => Some(end),
            }
        })
        .await;
    if ended.is_none() {
        let after = world.clock.now() + SignedDuration::from_mins(5);
        world.clock.set(after);
        let new = world.engine(&Life::forever());
        assert_eq!(world.clock.run(world.finish(&new, op)).await, State::Succeeded, "{context}");
        let journal = world.journal(op).await;
        life.resume();
        // It learns that it is too late, whatever it was about to write: nothing of it is left.
        match world.clock.run(driving).await {
            Ok(Drive::Closed | Drive::Busy { .. }) | Err(StoreError::Fenced(_)) => {}
            other => panic!("{context}: {other:?}"),
        }
        assert_eq!(world.journal(op).await, journal, "{context}: the old one wrote");
    }
    world.check_journal(op, &context).await;
    world.check("dev", &context).await;
    life.passed()
}

#[tokio::test]
async fn a_process_that_comes_back_too_late_changes_nothing() {
    let points = overtaken(usize::MAX).await;
    assert!(points > 20, "only {points} points");
    for point in 0..points {
        overtaken(point).await;
    }
}

#[tokio::test]
async fn of_many_processes_one_drives() {
    let world = World::new(Weather::USUAL);
    let op = world.propose("dev", deploy("web", None)).await;
    let engines: Vec<Engine> = (0..4).map(|_| world.engine(&Life::forever())).collect();
    let all = futures::future::join_all(engines.iter().map(|engine| world.finish(engine, op)));
    let states = world.clock.run(all).await;
    assert_eq!(states, [State::Succeeded; 4]);
    world.check_journal(op, "four at once").await;
    world.check("dev", "four at once").await;
}

/// When an operation was admitted and when it was over, as places in time.
async fn span(world: &World, op: OpId) -> (jiff::Timestamp, jiff::Timestamp) {
    let journal = world.journal(op).await;
    let admitted = journal.iter().find(|stamped| matches!(stamped.entry, Entry::Admitted { .. }));
    (admitted.expect("it ran").at, journal.last().expect("it is over").at)
}

#[tokio::test]
async fn a_second_operation_on_the_same_waits_and_plans_afresh() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let first = world.propose("dev", deploy("web", Some("2.0"))).await;
    let second = world.propose("dev", deploy("web", Some("3.0"))).await;
    let (one, other) = (world.engine(&Life::forever()), world.engine(&Life::forever()));
    let both = async { tokio::join!(world.finish(&one, first), world.finish(&other, second)) };
    assert_eq!(world.clock.run(both).await, (State::Succeeded, State::Succeeded));
    assert!(span(&world, second).await.0 >= span(&world, first).await.1, "one after the other");
    let journal = world.journal(second).await;
    let queued = journal.iter().any(|stamped| stamped.entry == Entry::Queued { ahead: vec![first] });
    assert!(queued, "it says who is ahead");
    let replanned = journal.iter().any(|stamped| matches!(stamped.entry, Entry::Replanned { .. }));
    assert!(replanned, "the world had moved on");
    let spec = world.cloud.spec(&"dev/web/service".parse().unwrap()).expect("it serves");
    assert_eq!(spec.get("version").and_then(|v| v.as_text()), Some("3.0"), "the later wish holds");
    world.check("dev", "two on one").await;
}

#[tokio::test]
async fn operations_on_different_environments_run_side_by_side() {
    let world = World::new(Weather::USUAL);
    let first = world.propose("dev", deploy("web", None)).await;
    let second = world.propose("brief", deploy("web", None)).await;
    let (one, other) = (world.engine(&Life::forever()), world.engine(&Life::forever()));
    let both = async { tokio::join!(world.finish(&one, first), world.finish(&other, second)) };
    assert_eq!(world.clock.run(both).await, (State::Succeeded, State::Succeeded));
    let (a, b) = (span(&world, first).await, span(&world, second).await);
    assert!(a.0 < b.1 && b.0 < a.1, "they overlap");
    world.check("dev", "side by side").await;
    world.check("brief", "side by side").await;
    // The project says that this one's volumes go with it.
    world.done("brief", Change::Teardown { volumes: false }).await;
    world.check("brief", "gone").await;
    assert!(world.cloud.marks().iter().all(|(mark, _)| mark.env() == sample::key("dev")));
}
