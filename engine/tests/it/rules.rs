//! Which plans need more than their environment asks for, and which need less.

use crate::sim::{World, deploy};
use gantry_engine::change::{Change, Extension};
use gantry_engine::cost::{Money, Rate};
use gantry_engine::freeze::{Freeze, Window};
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::policy::{Danger, Policy, Protection};
use gantry_engine::ports::Store;
use gantry_engine::project::EnvPattern;
use gantry_testkit::fake::Weather;
use gantry_testkit::life::Life;
use gantry_testkit::sample;
use jiff::SignedDuration;

const NOTHING: [(Policy, Vec<Danger>); 0] = [];

fn protecting(environments: &[&str], when: Danger, approval: Policy) -> World {
    let world = World::new(Weather::FAIR);
    protect(&world, environments, when, approval);
    world
}

fn protect(world: &World, environments: &[&str], when: Danger, approval: Policy) {
    let environments = environments.iter().map(|name| EnvPattern((*name).to_owned())).collect();
    world.edit(|project| project.protections.push(Protection { when: [when].into(), environments, approval }));
}

/// What is asked for, each with why.
async fn asked(world: &World, env: &str, change: Change) -> Vec<(Policy, Vec<Danger>)> {
    let terms = world.plan(env, change).await.terms;
    terms.asks().iter().map(|ask| (ask.policy.clone(), ask.because.iter().copied().collect())).collect()
}

fn two() -> Policy {
    Policy::votes(2, "platform")
}

fn extend(hours: i64) -> Change {
    Change::Extend(Extension::By(SignedDuration::from_hours(hours)))
}

async fn finish(world: &World, op: OpId) -> State {
    world.clock.run(world.finish(&world.engine(&Life::forever()), op)).await
}

#[tokio::test]
async fn what_deletes_needs_more_where_the_rule_says_so() {
    let world = protecting(&["dev"], Danger::Deletes, two());
    for env in ["dev", "brief"] {
        world.done(env, deploy("db", None)).await;
    }
    assert_eq!(asked(&world, "dev", deploy("api", None)).await, NOTHING, "what only creates is as before");
    let teardown = || Change::Teardown { volumes: false };
    assert_eq!(asked(&world, "dev", teardown()).await, [(two(), vec![Danger::Deletes])]);
    assert_eq!(asked(&world, "brief", teardown()).await, NOTHING, "the rule isn't for it");
}

#[tokio::test]
async fn who_loses_data_is_told_apart_from_who_only_deletes() {
    let world = protecting(&[], Danger::LosesData, two());
    world.done("dev", deploy("db", None)).await;
    assert_eq!(asked(&world, "dev", Change::Teardown { volumes: false }).await, NOTHING, "the volume stays");
    assert_eq!(asked(&world, "dev", Change::Teardown { volumes: true }).await, [(two(), vec![Danger::LosesData])]);
}

#[tokio::test]
async fn the_strictest_of_all_that_apply_is_asked_for_with_every_reason() {
    let world = protecting(&["dev", "brief"], Danger::Deletes, Policy::Confirm);
    protect(&world, &["dev"], Danger::LosesData, two());
    protect(&world, &["dev"], Danger::LosesData, Policy::votes(1, "security"));
    world.done("dev", deploy("db", None)).await;
    let all = vec![Danger::LosesData, Danger::Deletes];
    let both = [(Policy::votes(1, "security"), all.clone()), (two(), all)];
    assert_eq!(asked(&world, "dev", Change::Teardown { volumes: true }).await, both);
}

#[tokio::test]
async fn what_makes_it_dear_needs_more_and_what_makes_it_cheaper_does_not() {
    let (cheap, dear) = (Rate(1), Rate(u64::MAX / 2));
    let world = protecting(&["dev"], Danger::CostsPerHour(cheap), two());
    let asks = [(two(), vec![Danger::CostsPerHour(cheap)])];
    assert_eq!(asked(&world, "dev", deploy("api", None)).await, asks);
    world.done("brief", deploy("api", None)).await;
    let world = protecting(&[], Danger::CostsPerHour(dear), two());
    world.done("dev", deploy("api", None)).await;
    protect(&world, &[], Danger::CostsPerHour(cheap), two());
    let restart = Change::Restart { service: sample::service_name("api") };
    assert_eq!(asked(&world, "dev", restart).await, NOTHING, "it costs what it did");
    assert_eq!(asked(&world, "dev", extend(1)).await, NOTHING);
}

#[tokio::test]
async fn what_it_costs_until_the_end_grows_with_its_life() {
    let world = World::new(Weather::FAIR);
    world.done("dev", deploy("api", None)).await;
    let cost = world.plan("dev", extend(1)).await.plan.cost.expect("the fake cloud has prices");
    let danger = Danger::CostsInAll(Money(cost.after.over(SignedDuration::from_hours(10)).0));
    protect(&world, &[], danger, two());
    assert_eq!(asked(&world, "dev", extend(1)).await, NOTHING, "nine hours are less");
    assert_eq!(asked(&world, "dev", extend(3)).await, [(two(), vec![danger])]);
}

#[tokio::test]
async fn a_life_beyond_the_maximum_is_refused_unless_a_rule_says_whose_word_it_needs() {
    let world = World::new(Weather::FAIR);
    world.done("dev", deploy("db", None)).await;
    assert_eq!(world.ask("dev", extend(100)).await, None);
    protect(&world, &["dev"], Danger::BeyondMaximum, Policy::Confirm);
    assert_eq!(asked(&world, "dev", extend(10)).await, NOTHING);
    assert_eq!(asked(&world, "dev", extend(100)).await, [(Policy::Confirm, vec![Danger::BeyondMaximum])]);
    let op = world.propose("dev", extend(100)).await;
    assert_eq!(finish(&world, op).await, State::Voting);
    world.confirm(op).await;
    assert_eq!(finish(&world, op).await, State::Succeeded);
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    assert!(env.expiry > env.latest);
    assert_eq!(world.ask("dev", Change::Keep).await, None, "for ever is another matter");
}

#[tokio::test]
async fn going_back_to_the_last_good_release_needs_less() {
    let world = World::new(Weather::FAIR);
    world.edit(|project| project.environments[3].approval = Policy::None);
    let api = sample::service_name("api");
    for version in ["1.1", "1.2", "1.3"] {
        world.done("prod", deploy("api", Some(version))).await;
    }
    world.edit(|project| project.environments[3].approval = two());
    let env = world.store.environment(&sample::key("prod")).await.unwrap().expect("it lives");
    let running = env.services[&api].release;
    let back = |to| Change::Rollback { service: sample::service_name("api"), to };
    let number = |back: u32| Some(gantry_engine::environment::ReleaseNo(running.0 - back));
    assert_eq!(asked(&world, "prod", back(None)).await, [(Policy::Confirm, vec![])]);
    assert_eq!(asked(&world, "prod", back(number(1))).await, [(Policy::Confirm, vec![])], "named or not");
    assert_eq!(
        asked(&world, "prod", back(number(2))).await,
        [(two(), vec![])],
        "further back is a change like any other"
    );
    world.edit(|project| project.environments[3].rollback = Policy::None);
    assert_eq!(asked(&world, "prod", back(None)).await, NOTHING);
}

#[tokio::test]
async fn within_a_freeze_a_change_needs_more_and_the_way_back_does_not() {
    let world = protecting(&[], Danger::Frozen, two());
    for version in ["1.1", "1.2"] {
        world.done("dev", deploy("db", Some(version))).await;
    }
    assert_eq!(asked(&world, "dev", deploy("api", None)).await, NOTHING, "no freeze holds");
    let moment = |text: &str| text.parse().expect("a moment");
    let freeze = Freeze {
        environments: vec![EnvPattern("dev".to_owned())],
        window: Window::Between { from: moment("2026-11-19"), until: moment("2026-11-21") },
        zone: "UTC".to_owned(),
        because: "the sale".to_owned(),
        line: 1,
    };
    world.edit(|project| project.freezes.push(freeze));
    assert_eq!(asked(&world, "dev", deploy("api", None)).await, [(two(), vec![Danger::Frozen])]);
    assert_eq!(asked(&world, "brief", deploy("api", None)).await, NOTHING, "not frozen");
    let back = Change::Rollback { service: sample::service_name("db"), to: None };
    assert_eq!(asked(&world, "dev", back).await, NOTHING);
}

#[tokio::test]
async fn a_bypass_has_a_reason_and_a_record_of_what_it_skipped() {
    let world = World::new(Weather::FAIR);
    let engine = world.engine(&Life::forever());
    let mut request = world.request("prod", deploy("db", None));
    request.bypass = true;
    assert!(engine.propose(request.clone()).await.is_err(), "nobody would know why");
    request.because = Some("it burns".to_owned());
    let (proposed, _) = engine.propose(request).await.unwrap();
    let (gantry_engine::ports::Proposed::New(op) | gantry_engine::ports::Proposed::Already(op)) = proposed;
    assert_eq!(finish(&world, op).await, State::Succeeded);
    let op = world.operation(op).await;
    assert_eq!(op.terms.asks()[0].policy, Policy::votes(1, "platform"));
    assert_eq!(op.admitted.expect("it ran").by(), []);
}

#[tokio::test]
async fn a_rule_that_appears_while_people_vote_asks_anew() {
    let world = World::new(Weather::FAIR);
    world.done("dev", deploy("db", None)).await;
    world.edit(|project| project.environments[0].approval = Policy::Confirm);
    let op = world.propose("dev", Change::Teardown { volumes: true }).await;
    world.confirm(op).await;
    protect(&world, &[], Danger::LosesData, two());
    assert_eq!(finish(&world, op).await, State::Voting);
    let op = world.operation(op).await;
    assert_eq!(op.terms.asks()[0].because, [Danger::LosesData].into());
    assert!(!op.plan.is_empty() && op.admitted.is_none());
}
