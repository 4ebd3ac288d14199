//! Steps on their way when providers are slow, lose calls or never come to an end.

use crate::script::{Answer, Script, Verb, broken, done, pending};
use crate::sim::World;
use gantry_engine::apply::{Drive, Engine};
use gantry_engine::change::{Change, Request};
use gantry_engine::journal::{Entry, FailureKind, Signal, State, StepState};
use gantry_engine::names::OpId;
use gantry_engine::ports::{Clock, Proposed};
use gantry_engine::provider::ProviderError;
use gantry_testkit::fake::Weather;
use gantry_testkit::life::Life;
use jiff::SignedDuration;
use std::time::Duration;
use tokio::sync::Notify;

const PROVISION: Change = Change::Provision { lifetime: None };

async fn propose(world: &World, engine: &Engine, change: Change) -> OpId {
    let request: Request = world.request("dev", change);
    let (Proposed::New(op) | Proposed::Already(op), _) = engine.propose(request).await.expect("it can be asked for");
    op
}

/// Drives it once, in time that flies. People signal after a while, if they do.
async fn drive(world: &World, engine: &Engine, op: OpId, signal: Option<(SignedDuration, Signal)>) -> Drive {
    let bell = Notify::new();
    let people = async {
        if let Some((after, signal)) = signal {
            world.clock.sleep_until(world.clock.now() + after).await;
            world.signal(op, signal).await;
            bell.notify_one();
        }
    };
    let (drive, ()) = world.clock.run(async { tokio::join!(engine.drive(op, &bell), people) }).await;
    drive.expect("the store answers")
}

/// An environment of so many things, made at once.
async fn built(world: &World, script: &Script) -> Engine {
    let engine = script.engine(world);
    let op = propose(world, &engine, PROVISION).await;
    assert_eq!(drive(world, &engine, op, None).await, Drive::Closed);
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    engine
}

#[tokio::test]
async fn a_removal_that_never_ends_is_a_question_for_people() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |verb, _| if verb == Verb::Put { done() } else { pending() });
    let engine = built(&world, &script).await;
    let op = propose(&world, &engine, Change::Teardown { volumes: false }).await;
    let begun = world.clock.now();
    assert_eq!(drive(&world, &engine, op, None).await, Drive::People { until: None });
    let took = world.clock.now().duration_since(begun);
    assert!(took >= engine.tuning.step && took < engine.tuning.step * 2, "{took:#}");
    let StepState::Stuck { failure, .. } = &world.operation(op).await.steps[0] else { panic!("it is stuck") };
    assert_eq!(failure.kind, FailureKind::Deadline);
}

#[tokio::test]
async fn a_cancelled_removal_is_asked_after_as_before() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |verb, count| match (verb, count) {
        (Verb::Remove, ..40) => pending(),
        _ => done(),
    });
    let engine = built(&world, &script).await;
    let op = propose(&world, &engine, Change::Teardown { volumes: false }).await;
    let begun = world.clock.now();
    let cancel = Some((SignedDuration::from_secs(11), Signal::Cancel));
    assert_eq!(drive(&world, &engine, op, cancel).await, Drive::Closed);
    let took = world.clock.now().duration_since(begun);
    assert!(took > SignedDuration::from_mins(3), "40 answers that say `in 5 seconds` were had in {took:#}");
    assert_eq!(world.operation(op).await.state(), State::Cancelled);
}

#[tokio::test]
async fn taking_back_is_tried_again_when_the_call_is_lost() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |verb, count| match (verb, count) {
        (Verb::Abort, ..3) => broken(),
        _ => pending(),
    });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    let cancel = Some((SignedDuration::from_secs(11), Signal::Cancel));
    assert_eq!(drive(&world, &engine, op, cancel).await, Drive::Closed);
    assert_eq!(script.asked(Verb::Abort), 3, "two were lost");
}

#[tokio::test]
async fn who_was_away_for_long_asks_before_taking_back() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |verb, count| match (verb, count) {
        (Verb::Put, 1) => pending(),
        _ => done(),
    });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    let bell = Notify::new();
    // It goes away in the first wait.
    let wait = async {
        while script.asked(Verb::Put) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = engine.drive(op, &bell) => panic!("it isn't done"),
        () = wait => {}
    }
    world.clock.advance(engine.tuning.step * 2);
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed);
    assert_eq!((script.asked(Verb::Abort), world.operation(op).await.state()), (0, State::Succeeded));
}

#[tokio::test]
async fn an_answer_makes_lost_calls_before_it_count_no_more() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |_, count| match count {
        60 => done(),
        count if count % 2 == 0 => broken(),
        _ => pending(),
    });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed, "a lost call now and then is no trouble");
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
}

#[tokio::test]
async fn calls_that_are_always_lost_are_a_question_for_people() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |_, count| if count == 1 { pending() } else { broken() });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    assert_eq!(drive(&world, &engine, op, None).await, Drive::People { until: None });
}

#[tokio::test]
async fn an_inventory_that_cant_be_had_can_be_cancelled() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |verb, _| if verb == Verb::Inventory { broken() } else { done() });
    let engine = built(&world, &script).await;
    let op = propose(&world, &engine, Change::Teardown { volumes: false }).await;
    let cancel = Some((SignedDuration::from_mins(2), Signal::Cancel));
    assert_eq!(drive(&world, &engine, op, cancel).await, Drive::Closed);
    assert_eq!(world.operation(op).await.state(), State::Cancelled);
}

#[tokio::test]
async fn a_plan_that_cant_be_had_can_be_cancelled() {
    let world = World::new(Weather::FAIR);
    let op = world.propose("dev", PROVISION).await;
    world.cloud.set_weather(Weather { fail: 100, ..Weather::FAIR });
    let begun = world.clock.now();
    let cancel = Some((SignedDuration::from_secs(3), Signal::Cancel));
    assert_eq!(drive(&world, &world.engine(&Life::forever()), op, cancel).await, Drive::Closed);
    assert_eq!(world.operation(op).await.state(), State::Cancelled);
    assert_eq!(world.clock.now().duration_since(begun), SignedDuration::from_secs(3));
}

fn throttled() -> Answer {
    Err(ProviderError::Throttled { again: Duration::from_secs(7) })
}

fn not_yet() -> Answer {
    Err(ProviderError::NotYet("it can't be seen".to_owned()))
}

#[tokio::test]
async fn a_driver_is_told_how_long_ago_something_may_have_been_made() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |_, count| match count {
        1 => throttled(),
        2 => broken(),
        3 => throttled(),
        4 | 5 => not_yet(),
        _ => done(),
    });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed);
    // Refusals have no effect of their own, so the clock runs on from the reply that was lost.
    assert_eq!(script.tried(), [None, None, Some(0), Some(7), Some(9), Some(17)]);
    let begun = script.begun();
    assert!(
        begun[0] == 0 && begun[2..].windows(2).all(|two| two[0] < two[1]),
        "the step's time never restarts: {begun:?}"
    );
}

/// Drives until a driver was asked so often, and then no more: a process that dies while its answer is on the way.
async fn dies_after(script: &Script, engine: &Engine, op: OpId, puts: u32) {
    let bell = Notify::new();
    let asked = async {
        while script.asked(Verb::Put) < puts {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = engine.drive(op, &bell) => panic!("it isn't done"),
        () = asked => {}
    }
}

#[tokio::test]
async fn who_takes_over_doesnt_know_what_the_last_call_did() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |_, count| match count {
        1 => pending(),
        2 => not_yet(),
        _ => done(),
    });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    dies_after(&script, &engine, op, 1).await;
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed);
    assert_eq!(
        script.tried(),
        [None, Some(0), Some(2)],
        "from when it was taken over, in the journal for whoever is next"
    );
    assert_eq!(script.begun()[..2], [0, 300], "the step's time runs on from its beginning");
    let resumed = |entry: &Entry| matches!(entry, Entry::Resumed { .. });
    assert_eq!(world.journal(op).await.iter().filter(|stamped| resumed(&stamped.entry)).count(), 1);
}

#[tokio::test]
async fn what_an_operation_before_left_open_may_be_there() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |_, count| if count < 3 { broken() } else { done() });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    let cancel = Some((SignedDuration::from_secs(1), Signal::Cancel));
    drive(&world, &engine, op, cancel).await;
    assert_eq!(world.operation(op).await.state(), State::Cancelled);
    world.clock.advance(SignedDuration::from_mins(5));
    let op = propose(&world, &engine, PROVISION).await;
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed);
    assert_eq!(script.tried(), [None, Some(0), Some(0)], "nobody wrote down when, so it counts from now");
}

#[tokio::test]
async fn patience_is_counted_by_what_failed() {
    let world = World::new(Weather::FAIR);
    // Far more refusals than a name that is taken is worth, and then that.
    let script = Script::new(1, |_, count| match count {
        ..100 => throttled(),
        100..110 => Err(ProviderError::Conflict("it is taken".to_owned())),
        _ => done(),
    });
    let engine = script.engine(&world);
    let op = propose(&world, &engine, PROVISION).await;
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed);
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
}

#[tokio::test]
async fn what_is_still_in_use_goes_in_the_end() {
    let world = World::new(Weather::FAIR);
    let script = Script::new(1, |verb, count| match (verb, count) {
        (Verb::Remove, ..40) => Err(ProviderError::Conflict("an interface is still there".to_owned())),
        _ => done(),
    });
    let engine = built(&world, &script).await;
    let op = propose(&world, &engine, Change::Teardown { volumes: false }).await;
    let begun = world.clock.now();
    assert_eq!(drive(&world, &engine, op, None).await, Drive::Closed);
    assert!(world.clock.now().duration_since(begun) > SignedDuration::from_mins(10));
}
