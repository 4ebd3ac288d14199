//! What others do outside, what it costs, and what nobody owns.

use crate::script::{Script, broken};
use crate::sim::{World, deploy, stray};
use gantry_engine::address::{Addr, Kind};
use gantry_engine::apply::Engine;
use gantry_engine::approval::Terms;
use gantry_engine::change::Change;
use gantry_engine::cost::{Money, Rate};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::{Outcome, Signal, State};
use gantry_engine::names::{OpId, PlatformName};
use gantry_engine::plan::{Action, FieldChange, Plan};
use gantry_engine::ports::{Clock, Drift, Drifted, Store};
use gantry_engine::project::Policy;
use gantry_engine::value::Value;
use gantry_testkit::fake::{FakePlatform, Weather, kind};
use gantry_testkit::life::Life;
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

fn addr(text: &str) -> Addr {
    text.parse().expect("a test's address is one")
}

fn scale(service: &str, replicas: u32) -> Change {
    Change::Scale { service: sample::service_name(service), replicas }
}

fn brings(plan: &Plan) -> BTreeSet<String> {
    let brings = plan.steps.iter().filter(|step| step.spec().is_some());
    brings
        .map(|step| format!("{}{}", if matches!(step.action, Action::Create { .. }) { "+" } else { "~" }, step.addr))
        .collect()
}

async fn record(world: &World, env: &str) -> Environment {
    world.store.environment(&sample::key(env)).await.expect("the store answers").expect("it has a record")
}

#[tokio::test]
async fn what_was_taken_away_is_made_again_and_dependents_move() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    world.cloud.vanish(&addr("dev/web/balancer"));
    let gone = Drift { addr: addr("dev/web/balancer"), how: Drifted::Gone };
    let told = world.engine(&Life::forever()).drift(&sample::key("dev")).await.unwrap();
    assert_eq!(told, std::slice::from_ref(&gone));
    let plan = world.plan("dev", deploy("web", None)).await.plan;
    assert_eq!((&plan.mends[..], &plan.drift[..]), (&[gone.clone()][..], &[][..]));
    let moves = ["+dev/web/balancer", "~dev/web/record", "~dev/web/service"].map(str::to_owned);
    assert_eq!(brings(&plan), moves.into(), "who refers to its address has to learn the new one");
    // What isn't its business is told, and stays.
    let other = world.plan("dev", scale("db", 0)).await.plan;
    assert_eq!((&other.mends[..], &other.drift[..]), (&[][..], &[gone][..]));
    let op = world.done("dev", deploy("web", None)).await;
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    assert!(world.plan("dev", deploy("web", None)).await.plan.is_empty(), "as it should be");
    world.check("dev", "mended").await;
}

#[tokio::test]
async fn what_was_changed_outside_is_put_right_and_says_so() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    world.cloud.tamper(&addr("dev/api/service"), "replicas", 9_i64);
    let plan = world.plan("dev", deploy("api", None)).await.plan;
    let [step] = &plan.steps[..] else { panic!("{:?}", plan.steps) };
    let Action::Update { changes, .. } = &step.action else { panic!("it is there") };
    let theirs = FieldChange {
        field: "replicas".to_owned(),
        from: Some(Value::text("9")),
        to: Some(Value::text("2")),
        outside: true,
    };
    assert_eq!(changes, &[theirs]);
    // One's own change of the same field is one change: from theirs to what is wanted now.
    let plan = world.plan("dev", scale("api", 4)).await.plan;
    let Action::Update { changes, .. } = &plan.steps[0].action else { panic!("it is there") };
    let [FieldChange { from, to, outside: true, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((from, to), (&Some(Value::text("9")), &Some(Value::Int(4))));
    let op = world.done("dev", deploy("api", None)).await;
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    let replicas = world.cloud.spec(&addr("dev/api/service")).unwrap().get("replicas").cloned();
    assert_eq!(replicas, Some(Value::Int(2)));
    assert_eq!(world.engine(&Life::forever()).drift(&sample::key("dev")).await.unwrap(), []);
}

#[tokio::test]
async fn a_change_outside_voids_an_approval() {
    let world = World::new(Weather::FAIR);
    world.done("dev", deploy("web", None)).await;
    let before = world.plan("dev", scale("api", 4)).await.plan.digest();
    assert_eq!(world.plan("dev", scale("api", 4)).await.plan.digest(), before);
    world.cloud.tamper(&addr("dev/api/service"), "version", "0.1");
    let after = world.plan("dev", scale("api", 4)).await.plan.digest();
    assert_ne!(after, before);
    world.cloud.tamper(&addr("dev/api/service"), "version", "0.2");
    assert_ne!(world.plan("dev", scale("api", 4)).await.plan.digest(), after, "changed once more");
    // What it doesn't touch isn't approved with it.
    let elsewhere = world.plan("dev", scale("db", 0)).await.plan.digest();
    world.cloud.tamper(&addr("dev/api/service"), "version", "0.3");
    assert_eq!(world.plan("dev", scale("db", 0)).await.plan.digest(), elsewhere);
}

/// Balancers of three services, a volume, two clusters of one node at least.
const WHOLE: Rate = Rate(3 * 25_000 + 1_000 + 2 * 10_000);

#[tokio::test]
async fn a_plan_says_what_it_costs_and_the_record_what_it_has_cost() {
    let world = World::new(Weather::USUAL);
    let plan = world.plan("dev", deploy("web", None)).await.plan;
    let cost = plan.cost.clone().expect("the fake has prices");
    assert_eq!((cost.before, cost.after), (Rate(0), WHOLE));
    assert_eq!(cost.components.values().copied().sum::<Rate>(), WHOLE);
    assert_eq!(cost.components[&addr("dev/db/volume").component], Rate(26_000));
    assert_eq!(cost.by_use.len(), 1);
    assert_eq!(plan.digest(), Plan { cost: None, ..plan.clone() }.digest(), "people approve steps");
    let begun = world.clock.now();
    world.done("dev", deploy("web", None)).await;
    let meter = record(&world, "dev").await.meter.expect("it has one");
    assert_eq!(meter.rate, WHOLE);
    let begun_with = meter.spent;
    assert_eq!(begun_with, WHOLE.over(meter.since.duration_since(begun)), "it ran while things were made");
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(meter.at(meter.since + SignedDuration::from_hours(1)), begun_with + Money(WHOLE.0));
    // Who changes nothing about it leaves the meter alone.
    world.done("dev", Change::Restart { service: sample::service_name("api") }).await;
    assert_eq!(record(&world, "dev").await.meter, Some(meter));
    world.done("dev", Change::Teardown { volumes: true }).await;
    let end = record(&world, "dev").await;
    let meter = end.meter.expect("it keeps it");
    assert_eq!((end.phase, meter.rate), (Phase::Gone, Rate(0)));
    assert!(meter.spent >= begun_with + Money(WHOLE.0), "{meter:?}");
    world.done("dev", deploy("db", None)).await;
    let reborn = record(&world, "dev").await.meter.expect("it has one");
    assert!(reborn.spent < Money(WHOLE.0), "another life, another bill: {reborn:?}");
}

#[tokio::test]
async fn what_stands_is_paid_for_though_nothing_came_of_it() {
    let world = World::new(Weather::USUAL);
    let op = world.done("dev", deploy("db", Some("broken"))).await;
    assert_eq!(world.operation(op).await.state(), State::Reverted);
    let meter = record(&world, "dev").await.meter.expect("it has one");
    assert_eq!(meter.rate, Rate(25_000 + 1_000 + 10_000), "balancer, volume and cluster stand");
}

async fn confirmed(world: &World, env: &str, volumes: bool) -> OpId {
    let op = world.propose(env, Change::Sweep { volumes }).await;
    let operation = world.operation(op).await;
    if !operation.plan.is_nothing() {
        assert_eq!(operation.terms, Terms::new(operation.terms.revision().cloned(), &[Policy::Confirm.into()]));
        world.confirm(op).await;
    }
    let engine = world.engine(&Life::forever());
    world.clock.run(world.finish(&engine, op)).await;
    op
}

fn there(world: &World, env: &str) -> Vec<(String, Kind)> {
    let marks = world.cloud.marks().into_iter().filter(|(mark, _)| mark.env() == sample::key(env));
    marks.map(|(mark, kind)| (format!("{}#{}", mark.addr, mark.incarnation), kind)).collect()
}

#[tokio::test]
async fn a_sweep_removes_what_no_living_environment_owns() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("db", None)).await;
    world.done("dev", Change::Teardown { volumes: false }).await;
    // Reborn, it goes on with the volume of its first life.
    world.done("dev", deploy("db", None)).await;
    let living = there(&world, "dev");
    assert!(living.contains(&("dev/db/volume#1".to_owned(), kind::VOLUME)), "{living:?}");
    world.cloud.plant(&kind::NETWORK, "old", &stray("dev/network/main", 1));
    world.cloud.plant(&kind::DISK, "old", &stray("dev/db/disk", 1));
    world.clock.advance(SignedDuration::from_mins(5));
    let op = confirmed(&world, "dev", true).await;
    let operation = world.operation(op).await;
    assert_eq!(operation.state(), State::Succeeded, "{:?}", operation.outcome);
    let order: Vec<_> = operation.plan.steps.iter().map(|step| step.addr.to_string()).collect();
    assert_eq!(order, ["dev/db/disk", "dev/network/main"], "networks have the higher rank");
    let receipt = operation.receipt.expect("a sweep has one");
    assert_eq!((receipt.destroyed, receipt.is_clean()), (2, true));
    assert_eq!(there(&world, "dev"), living);
    world.check("dev", "the living are untouched").await;
    assert!(world.plan("dev", deploy("db", None)).await.plan.is_empty());
}

#[tokio::test]
async fn data_is_swept_only_when_asked() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("db", None)).await;
    world.done("dev", Change::Teardown { volumes: false }).await;
    let op = confirmed(&world, "dev", false).await;
    let operation = world.operation(op).await;
    assert_eq!((operation.state(), operation.plan.steps.len()), (State::Succeeded, 0));
    assert_eq!(operation.receipt.expect("it has one").kept.len(), 1);
    let op = confirmed(&world, "dev", true).await;
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    assert_eq!(world.cloud.marks(), []);
    world.check("dev", "its row went with it").await;
}

#[tokio::test]
async fn an_environment_that_nobody_knows_is_swept_too() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("db", None)).await;
    world.cloud.plant(&kind::DISK, "lost", &stray("pr-7/db/disk", 3));
    world.clock.advance(SignedDuration::from_mins(5));
    let engine = world.engine(&Life::forever());
    let left = engine.leftovers(&sample::project_name("shop")).await.unwrap();
    assert_eq!(left.keys().map(|key| key.env.to_string()).collect::<Vec<_>>(), ["pr-7"], "dev lives");
    assert_eq!(left[&sample::key("pr-7")][0].mark, stray("pr-7/db/disk", 3));
    let op = confirmed(&world, "pr-7", false).await;
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    assert_eq!(there(&world, "pr-7"), []);
    assert_eq!(world.store.environment(&sample::key("pr-7")).await.unwrap(), None, "it still has no record");
    world.clock.advance(SignedDuration::from_mins(5));
    assert!(engine.leftovers(&sample::project_name("shop")).await.unwrap().is_empty());
}

#[tokio::test]
async fn every_platform_is_asked_and_one_that_nobody_uses_stops_nothing() {
    let world = World::new(Weather::FAIR);
    world.cloud.plant(&kind::DISK, "lost", &stray("pr-7/db/disk", 3));
    let mut engine = world.engine(&Life::forever());
    let other = PlatformName::new("elsewhere").unwrap();
    let all = async |engine: &Engine| {
        let left = engine.leftovers(&sample::project_name("shop")).await;
        left.map(|left| left[&sample::key("pr-7")].len())
    };
    engine.platforms.insert(other.clone(), Arc::clone(&engine.platforms[&FakePlatform::platform_name()]));
    assert_eq!(all(&engine).await.unwrap(), 2, "no environment of the project is there any more");
    let script = Script::new(1, |_, _| broken());
    engine.platforms.insert(other, Arc::new(script.clone()));
    assert_eq!(all(&engine).await.unwrap(), 1, "what can't be asked hides nothing");
    engine.platforms.insert(FakePlatform::platform_name(), Arc::new(script));
    assert!(all(&engine).await.is_err(), "but where environments are it matters");
}

#[tokio::test]
async fn a_sweep_can_be_cancelled_and_says_what_it_did() {
    let world = World::new(Weather::USUAL);
    world.cloud.plant(&kind::DISK, "lost", &stray("dev/db/disk", 1));
    world.clock.advance(SignedDuration::from_mins(5));
    let op = world.propose("dev", Change::Sweep { volumes: false }).await;
    world.signal(op, Signal::Cancel).await;
    let engine = world.engine(&Life::forever());
    assert_eq!(world.clock.run(world.finish(&engine, op)).await, State::Cancelled);
    let Outcome::Cancelled { .. } = world.outcome(op).await else { panic!("it is cancelled") };
    assert_eq!(there(&world, "dev").len(), 1);
}
