//! On the way to running: words that come at the last moment, plans that change, ends that move.

use crate::sim::{World, deploy};
use futures::FutureExt;
use gantry_engine::apply::Drive;
use gantry_engine::approval::{Ballot, Ineligible, Vote};
use gantry_engine::change::{Change, Extension};
use gantry_engine::environment::Phase;
use gantry_engine::expiry;
use gantry_engine::journal::{Entry, Signal, Stamped, State, WhatChanged};
use gantry_engine::names::{ChannelId, Digest, GroupName, OpId, UserId};
use gantry_engine::ports::{Clock, Proposed, Store};
use gantry_engine::project::{Policy, Project};
use gantry_testkit::fake::Weather;
use gantry_testkit::life::Life;
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::sync::Arc;
use tokio::sync::Notify;

fn scale(replicas: u32) -> Change {
    Change::Scale { service: sample::service_name("api"), replicas }
}

async fn approve(world: &World, op: OpId, by: &str) {
    let digest = world.operation(op).await.motion().digest();
    let groups = [GroupName::new("platform")].into();
    let at = world.clock.now();
    let vote = Vote { by: UserId::new(by), ballot: Ballot::Approve, digest, plan: None, groups, because: None, at };
    world.write(op, Entry::Voted(vote)).await;
}

async fn approved(world: &World, change: Change) -> OpId {
    let op = world.propose("prod", change).await;
    approve(world, op, "U2").await;
    op
}

async fn finish(world: &World, op: OpId) -> State {
    world.clock.run(world.finish(&world.engine(&Life::forever()), op)).await
}

fn places(journal: &[Stamped], is: impl Fn(&Entry) -> bool) -> Vec<usize> {
    journal.iter().enumerate().filter(|(_, stamped)| is(&stamped.entry)).map(|(place, _)| place).collect()
}

/// Drives a deploy with a line to the store on which somebody cancels just before a write of it.
async fn cancelled_at(write: u64) -> bool {
    let world = Arc::new(World::new(Weather::FAIR));
    let op = world.propose("dev", deploy("db", None)).await;
    let people = world.clone();
    let store = world.store.refusing(move |number| {
        let open = || people.operation(op).now_or_never().is_some_and(|op| op.outcome.is_none());
        if number == write && open() {
            people.signal(op, Signal::Cancel).now_or_never().expect("the store in memory doesn't wait");
        }
        None
    });
    let engine = world.engine_over(Arc::new(store), &Life::forever());
    let state = world.clock.run(world.finish(&engine, op)).await;
    let journal = world.journal(op).await;
    let Some(cancel) = places(&journal, |entry| matches!(entry, Entry::Signalled { .. })).pop() else { return false };
    let begun = |entry: &Entry| matches!(entry, Entry::Admitted { .. } | Entry::Started { .. });
    let late: Vec<_> = places(&journal, begun).into_iter().filter(|place| *place > cancel).collect();
    assert_eq!(late, [0; 0], "begun after the cancel at write {write}: {journal:#?}");
    assert!(matches!(state, State::Cancelled | State::Succeeded), "{state:?}");
    true
}

#[tokio::test]
async fn nothing_is_begun_after_a_cancel() {
    let mut write = 0;
    while cancelled_at(write).await {
        write += 1;
    }
    assert!(write > 10, "only {write} writes");
}

#[tokio::test]
async fn a_word_at_the_last_moment_counts() {
    let world = Arc::new(World::new(Weather::FAIR));
    let op = world.propose("staging", deploy("db", None)).await;
    world.clock.set(world.operation(op).await.deadline.expect("it has one"));
    let people = world.clone();
    // The first write is the lease, the second the end that was decided on.
    let store = world.store.refusing(move |number| {
        if number == 1 {
            approve(&people, op, "U1").now_or_never().expect("the store in memory doesn't wait");
        }
        None
    });
    let engine = world.engine_over(Arc::new(store), &Life::forever());
    assert_eq!(world.clock.run(world.finish(&engine, op)).await, State::Succeeded);
}

/// A plan for `prod` that changes after it was approved. Gives how many points the process passed that found out.
async fn changed_while_approved(death: usize) -> usize {
    let world = World::new(Weather::FAIR);
    let first = approved(&world, deploy("api", None)).await;
    assert_eq!(finish(&world, first).await, State::Succeeded);
    let waits = approved(&world, scale(3)).await;
    let other = approved(&world, scale(4)).await;
    assert_eq!(finish(&world, other).await, State::Succeeded);
    let life = Life::until(death);
    let engine = world.engine(&life);
    let bell = Notify::new();
    tokio::select! {
        biased;
        () = life.stopped() => {}
        drive = engine.drive(waits, &bell) => assert!(matches!(drive, Ok(Drive::People { until: Some(_) })), "{drive:?}"),
    }
    assert_eq!(finish(&world, waits).await, State::Voting, "it changed");
    let next = approved(&world, scale(5)).await;
    let bell = Notify::new();
    let drive = world.clock.run(world.engine(&Life::forever()).drive(next, &bell)).await;
    assert_eq!(drive, Ok(Drive::Closed), "who waits for people is in nobody's way; died at {death}");
    life.passed()
}

#[tokio::test]
async fn who_waits_for_people_is_in_nobodys_way() {
    let points = changed_while_approved(usize::MAX).await;
    assert!(points > 4, "only {points} points");
    for point in 0..points {
        changed_while_approved(point).await;
    }
}

#[tokio::test]
async fn another_rule_wants_another_approval() {
    let world = World::new(Weather::FAIR);
    let op = approved(&world, deploy("api", None)).await;
    world.edit(|project| {
        let prod = project.environments.iter_mut().find(|settings| settings.pattern.0 == "prod").expect("it is there");
        prod.approval = Policy::votes(2, "platform");
    });
    assert_eq!(finish(&world, op).await, State::Voting, "it is asked about anew");
    assert_eq!(world.operation(op).await.changed, [WhatChanged::Rule]);
    approve(&world, op, "U2").await;
    assert_eq!(finish(&world, op).await, State::Voting, "under the new rule");
    approve(&world, op, "U3").await;
    assert_eq!(finish(&world, op).await, State::Succeeded);
}

#[tokio::test]
async fn a_rule_that_asks_for_less_keeps_the_votes() {
    let world = World::new(Weather::FAIR);
    let vote = |count| move |project: &mut Project| project.environments[3].approval = Policy::votes(count, "platform");
    world.edit(vote(2));
    let op = approved(&world, deploy("api", None)).await;
    approve(&world, op, "U3").await;
    world.edit(vote(1));
    assert_eq!(finish(&world, op).await, State::Succeeded);
    assert_eq!(world.operation(op).await.admitted.expect("it ran").by().len(), 2);
}

#[tokio::test]
async fn a_vote_is_bound_to_the_revision_of_the_project_file() {
    let world = World::new(Weather::FAIR);
    let op = approved(&world, deploy("api", None)).await;
    assert_eq!(finish(&world, op).await, State::Succeeded);
    let op = approved(&world, scale(3)).await;
    let before = world.operation(op).await;
    world.edit(|project| project.revision = Digest::new("revision-2"));
    assert_eq!(finish(&world, op).await, State::Voting);
    let after = world.operation(op).await;
    assert_eq!((&after.digest, &after.changed[..]), (&before.digest, &[WhatChanged::Revision][..]), "the same steps");
    assert_ne!(after.motion().digest(), before.motion().digest());
    let stale = Vote { digest: before.motion().digest(), ..before.votes[0].clone() };
    assert_eq!(after.motion().eligible(&stale), Err(Ineligible::OtherPlan), "an old card's button");
    approve(&world, op, "U2").await;
    assert_eq!(finish(&world, op).await, State::Succeeded);
}

#[tokio::test]
async fn an_end_that_moved_takes_nothing_down() {
    let world = World::new(Weather::FAIR);
    world.done("dev", deploy("db", None)).await;
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    let end = env.expiry.expect("it has an end");
    world.clock.set(end);
    let request = expiry::teardown(&env, end, &ChannelId::new("C1"), world.clock.now());
    let proposed = world.engine(&Life::forever()).propose(request).await.expect("it is due");
    let (Proposed::New(op) | Proposed::Already(op), _) = proposed;
    world.done("dev", Change::Extend(Extension::By(SignedDuration::from_hours(2)))).await;
    assert_eq!(finish(&world, op).await, State::Failed);
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    assert_eq!((env.phase, env.expiry), (Phase::Live, Some(end + SignedDuration::from_hours(2))));
    // The new end is one like any other.
    let end = env.expiry.expect("it has an end");
    world.clock.set(end);
    let request = expiry::teardown(&env, end, &ChannelId::new("C1"), world.clock.now());
    let proposed = world.engine(&Life::forever()).propose(request).await.expect("it is due");
    let (Proposed::New(op) | Proposed::Already(op), _) = proposed;
    assert_eq!(finish(&world, op).await, State::Succeeded);
}

#[tokio::test]
async fn the_number_of_tasks_follows_the_project_unless_somebody_chose_it() {
    let world = World::new(Weather::FAIR);
    let api = sample::service_name("api");
    let edit = |replicas| {
        world.edit(|project| {
            project.services.get_mut(&sample::service_name("api")).unwrap().replicas = replicas;
        });
    };
    world.done("dev", deploy("api", None)).await;
    edit(3);
    world.done("dev", deploy("api", None)).await;
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    assert_eq!(env.services[&api].replicas, 3);
    world.done("dev", scale(5)).await;
    edit(4);
    assert_eq!(world.plan("dev", deploy("api", None)).await.plan.delta.services[&api].replicas, 5);
    world.edit(|project| {
        let volume = project.services[&sample::service_name("db")].volume.clone();
        project.services.get_mut(&sample::service_name("api")).unwrap().volume = volume;
    });
    assert_eq!(world.ask("dev", deploy("api", None)).await, None, "five tasks can't share a volume");
}

#[tokio::test]
async fn back_to_what_runs_is_nothing_to_do() {
    let world = World::new(Weather::FAIR);
    let api = sample::service_name("api");
    world.done("dev", deploy("api", None)).await;
    world.done("dev", Change::Restart { service: api.clone() }).await;
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    let to = Some(env.services[&api].release);
    assert!(world.plan("dev", Change::Rollback { service: api, to }).await.plan.is_empty());
}

#[tokio::test]
async fn what_has_become_nothing_to_do_is_no_failure_and_needs_nobodys_word_when_it_is_asked_for() {
    let world = World::new(Weather::FAIR);
    let op = approved(&world, deploy("api", None)).await;
    assert_eq!(finish(&world, op).await, State::Succeeded);
    let one = approved(&world, scale(3)).await;
    let two = approved(&world, scale(3)).await;
    assert_eq!(finish(&world, one).await, State::Succeeded);
    // The other was approved as a change; it is none any more, so nobody has to say anything to that.
    assert_eq!(finish(&world, two).await, State::Succeeded);
    let two = world.operation(two).await;
    assert!(two.plan.is_nothing() && two.terms.ask_nobody() && !two.void_votes().is_empty());
    let three = world.propose("prod", scale(3)).await;
    assert!(world.operation(three).await.plan.is_nothing());
    assert_eq!(finish(&world, three).await, State::Succeeded, "nobody has to say anything");
}
