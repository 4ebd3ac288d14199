//! Single operations, from the request to their end.

use crate::sim::{World, deploy};
use gantry_engine::address::{Generation, Mark};
use gantry_engine::apply::Tuning;
use gantry_engine::change::Change;
use gantry_engine::journal::{Entry, FailureKind, Outcome, Serving, Signal, State, StepState};
use gantry_engine::names::{InstallationId, Version};
use gantry_engine::plan::Action;
use gantry_engine::ports::Store;
use gantry_testkit::fake::{Weather, kind};
use gantry_testkit::life::Life;
use gantry_testkit::sample;
use jiff::SignedDuration;
use tokio::sync::Notify;

#[tokio::test]
async fn a_deploy_brings_what_it_needs_and_says_where_it_is() {
    let world = World::new(Weather::USUAL);
    let op = world.done("dev", deploy("web", None)).await;
    let Outcome::Succeeded { outputs } = world.outcome(op).await else { panic!("it works") };
    assert_eq!(outputs.get("web").map(String::as_str), Some("http://www.dev.shop.fake/"));
    assert_eq!(outputs.keys().collect::<Vec<_>>(), ["api", "db", "web"]);
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    assert_eq!(env.services.len(), 3, "web needs api, api needs db");
    assert!(world.plan("dev", deploy("web", None)).await.plan.is_empty(), "nothing more to do");
    world.check("dev", "deployed").await;
}

#[tokio::test]
async fn what_scales_by_itself_is_no_drift_and_voids_no_plan() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let change = || Change::Scale { service: sample::service_name("api"), replicas: 5 };
    let before = world.plan("dev", change()).await.plan;
    // Each call to the cloud lets groups change their size.
    for _ in 0..20 {
        world.plan("dev", change()).await;
    }
    let after = world.plan("dev", change()).await.plan;
    assert_eq!((after.digest(), &after.drift[..]), (before.digest(), &[][..]));
    let kinds: Vec<_> = after.steps.iter().map(|step| step.kind.clone()).collect();
    assert_eq!(kinds, [kind::SERVICE]);
}

#[tokio::test]
async fn a_broken_version_is_reverted_and_the_old_one_serves_on() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let op = world.done("dev", deploy("web", Some("broken"))).await;
    let Outcome::Reverted { services, .. } = world.outcome(op).await else { panic!("it is taken back") };
    let (serving, why) = &services[&sample::service_name("web")];
    assert!(matches!(serving, Serving::Release { version, .. } if version == &Version::new("1.0")), "{serving:?}");
    assert!(why.contains("exit status 1"), "{why}");
    let env = world.store.environment(&sample::key("dev")).await.unwrap().expect("it lives");
    assert_eq!(env.services[&sample::service_name("web")].version, Version::new("1.0"));
    assert!(world.plan("dev", deploy("web", None)).await.plan.is_empty(), "the record is as it really is");
    world.check("dev", "reverted").await;
    let operation = world.operation(op).await;
    let tidied = operation.plan.steps.last().expect("it has steps");
    assert_eq!(
        (tidied.addr.to_string().as_str(), &tidied.action),
        ("dev/web/recipe-r2", &Action::Delete { replaced_by: None })
    );
    let Some(Outcome::Reverted { standing, .. }) = operation.outcome else { panic!("it is taken back") };
    assert_eq!(standing.created, [], "what it made for the broken release is gone");
}

#[tokio::test]
async fn what_a_first_release_needs_stays_for_the_next_try() {
    let world = World::new(Weather::USUAL);
    let op = world.done("dev", deploy("web", Some("broken"))).await;
    let Outcome::Reverted { standing, .. } = world.outcome(op).await else { panic!("it is taken back") };
    assert!(standing.created.contains(&"dev/web/balancer".parse().unwrap()), "{standing:?}");
    world.check("dev", "reverted").await;
    let next = world.plan("dev", deploy("web", None)).await.plan;
    let balancers = next.steps.iter().filter(|step| step.kind == kind::BALANCER);
    assert_eq!(balancers.count(), 0, "it is there already");
}

#[tokio::test]
async fn a_name_that_is_taken_parks_until_somebody_mends_it() {
    let world = World::new(Weather::USUAL);
    let mark = Mark {
        installation: InstallationId::new("somebody-else"),
        project: sample::project_name("other"),
        incarnation: 1,
        addr: "x/y/z".parse().unwrap(),
        generation: Generation::FIRST,
    };
    world.cloud.plant(&kind::RECORD, "www.dev.shop.fake", &mark);
    let op = world.propose("dev", deploy("web", None)).await;
    let engine = world.engine(&Life::forever());
    let bell = Notify::new();
    world.clock.run(engine.drive(op, &bell)).await.unwrap();
    let operation = world.operation(op).await;
    assert_eq!(operation.state(), State::Parked);
    let stuck: Vec<_> = (operation.plan.steps.iter().zip(&operation.steps))
        .filter_map(|(step, state)| match state {
            StepState::Stuck { failure, .. } => Some((step.kind.clone(), failure.kind)),
            _ => None,
        })
        .collect();
    assert_eq!(stuck, [(kind::RECORD, FailureKind::Conflict)], "everything else went on");
    world.cloud.vanish(&mark.addr);
    world.signal(op, Signal::Retry).await;
    assert_eq!(world.clock.run(world.finish(&engine, op)).await, State::Succeeded);
    world.check("dev", "mended").await;
}

#[tokio::test]
async fn a_cancelled_rollout_is_taken_back_and_says_what_stands() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let op = world.propose("dev", deploy("web", Some("stuck"))).await;
    let engine = world.engine(&Life::forever());
    let bell = Notify::new();
    let cancel = async {
        use gantry_engine::ports::Clock;
        world.clock.sleep_until(world.clock.now() + SignedDuration::from_mins(2)).await;
        world.signal(op, Signal::Cancel).await;
        bell.notify_one();
    };
    let (drive, ()) = world.clock.run(async { tokio::join!(engine.drive(op, &bell), cancel) }).await;
    drive.unwrap();
    assert_eq!(world.operation(op).await.state(), State::Cancelled);
    let spec = world.cloud.spec(&"dev/web/service".parse().unwrap()).expect("it serves");
    assert_eq!(spec.get("version").and_then(|v| v.as_text()), Some("1.0"));
    let Outcome::Cancelled { standing, .. } = world.outcome(op).await else { panic!("it is cancelled") };
    let recipe = "dev/web/recipe-r2".parse().unwrap();
    assert_eq!(standing.created, [recipe], "a cancel begins nothing, so this stays");
    let next = world.plan("dev", deploy("web", None)).await.plan;
    let next: Vec<_> = next.steps.iter().map(|step| (&step.addr, &step.action)).collect();
    assert_eq!(next, [(&standing.created[0], &Action::Delete { replaced_by: None })], "as before but for that");
    world.check("dev", "cancelled").await;
}

#[tokio::test]
async fn a_rollout_that_never_ends_is_taken_back_after_its_time() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let op = world.propose("dev", deploy("web", Some("stuck"))).await;
    let begun = jiff::Timestamp::as_second(gantry_engine::ports::Clock::now(&*world.clock));
    let engine = world.engine(&Life::forever());
    assert_eq!(world.clock.run(world.finish(&engine, op)).await, State::Reverted);
    let took = gantry_engine::ports::Clock::now(&*world.clock).as_second() - begun;
    assert!(took >= Tuning::default().step.as_secs() && took < 2 * Tuning::default().step.as_secs(), "{took} s");
    world.check("dev", "too late").await;
}

#[tokio::test]
async fn what_is_replaced_goes_after_everybody_has_moved() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    world.cloud.set_range("10.7.0.0/16");
    let op = world.done("dev", Change::Provision { lifetime: None }).await;
    let plan = world.operation(op).await.plan;
    let step = |wanted: fn(&Action) -> bool| {
        plan.steps.iter().find(|step| step.kind == kind::NETWORK && wanted(&step.action)).expect("it is replaced").id
    };
    let made = step(|action| matches!(action, Action::Create { replaces: Some(_), .. }));
    let gone = step(|action| matches!(action, Action::Delete { replaced_by: Some(_) }));
    let journal = world.journal(op).await;
    let went = journal.iter().position(|s| matches!(&s.entry, Entry::Started { step, .. } if *step == gone)).unwrap();
    let others = journal[..went].iter().filter_map(|s| match &s.entry {
        Entry::Succeeded { step, .. } => Some(*step),
        _ => None,
    });
    let others: Vec<_> = others.collect();
    assert!(others.contains(&made));
    assert_eq!(others.len(), plan.steps.len() - 1, "balancers and groups are on the new one: {others:?}");
    world.check("dev", "moved").await;
}

#[tokio::test]
async fn a_teardown_gives_a_receipt_that_adds_up() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let there = world.cloud.marks().len();
    let op = world.done("dev", Change::Teardown { volumes: false }).await;
    let receipt = world.operation(op).await.receipt.expect("a teardown has one");
    assert_eq!(receipt.created as usize, there);
    assert_eq!((receipt.destroyed as usize, receipt.kept.len(), receipt.left.len()), (there - 1, 1, 0));
    assert_eq!(receipt.kept[0].addr.to_string(), "dev/db/volume");
    // Born again, it finds its data.
    world.done("dev", deploy("web", None)).await;
    let volumes = world.cloud.marks().into_iter().filter(|(_, k)| k == &kind::VOLUME).count();
    assert_eq!(volumes, 1);
    world.check("dev", "reborn").await;
    world.done("dev", Change::Teardown { volumes: true }).await;
    assert_eq!(world.cloud.marks(), []);
}

#[tokio::test]
async fn what_others_removed_is_made_again_when_it_is_touched() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    world.cloud.vanish(&"dev/web/service".parse().unwrap());
    world.done("dev", deploy("web", Some("2.0"))).await;
    world.check("dev", "made again").await;
    // And a teardown of what isn't there any more is no trouble.
    world.cloud.vanish(&"dev/api/balancer".parse().unwrap());
    let op = world.done("dev", Change::Teardown { volumes: true }).await;
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    assert_eq!(world.cloud.marks(), []);
}

#[tokio::test]
async fn intents_come_before_effects_and_each_try_has_one_token() {
    let world = World::new(Weather::storm(7));
    let op = world.done("dev", deploy("web", None)).await;
    let mut tokens = std::collections::BTreeMap::new();
    for stamped in world.journal(op).await {
        if let Entry::Started { step, token, .. } = stamped.entry {
            assert_eq!(tokens.entry(step).or_insert_with(|| token.clone()), &token, "step {step} tried anew");
        }
    }
    assert_eq!(tokens.len(), world.operation(op).await.steps.len());
}
