//! Random bad days, each a function of its seed: calls fail, replies are lost, the store's line breaks, processes die
//! again and again, people cancel. In the end everything is as if it had been a fine day.
//!
//! `GANTRY_STORMS=5000 cargo nextest run -p gantry-engine storms` makes more of them.

use crate::sim::{World, deploy};
use gantry_engine::change::Change;
use gantry_engine::journal::{Signal, State};
use gantry_engine::names::OpId;
use gantry_testkit::dice::Dice;
use gantry_testkit::fake::{Weather, kind};
use gantry_testkit::life::{Edge, Life};
use gantry_testkit::sample;
use std::sync::{Arc, Mutex};

/// Storms in a usual test run.
const STORMS: u64 = 200;

/// More deaths than that in one operation are no storm but the end of the world.
const DEATHS: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "how many storms there are is asked of who runs the test")]
fn storms() -> u64 {
    std::env::var("GANTRY_STORMS").ok().and_then(|text| text.parse().ok()).unwrap_or(STORMS)
}

/// Dice that everybody in a storm throws.
#[derive(Clone)]
struct Shared(Arc<Mutex<Dice>>);

impl Shared {
    fn throw<T>(&self, throw: impl FnOnce(&mut Dice) -> T) -> T {
        throw(&mut self.0.lock().expect("nobody panics while throwing"))
    }
}

/// What somebody asks for next.
fn change(world: &World, dice: &mut Dice) -> Change {
    match dice.below(7) {
        0 => {
            world.cloud.set_range(&format!("10.{}.0.0/16", dice.below(3)));
            Change::Provision { lifetime: None }
        }
        1 => {
            let host = format!("www{}", dice.below(3));
            world.edit(|project| {
                project.services.get_mut(&sample::service_name("web")).expect("it is there").host = Some(host);
            });
            deploy("web", None)
        }
        2 => deploy("web", Some("broken")),
        3 => deploy("api", Some("2.0")),
        4 => Change::Teardown { volumes: dice.percent(50) },
        _ => deploy("web", None),
    }
}

/// Somebody does something to one of our things, past us.
fn meddle(world: &World, dice: &mut Dice) {
    let marks = world.cloud.marks();
    let Some(most) = u64::try_from(marks.len()).ok().filter(|most| *most > 0) else { return };
    let (mark, kind) = &marks[usize::try_from(dice.below(most)).expect("it is small")];
    if kind == &kind::SERVICE && dice.percent(50) {
        world.cloud.tamper(&mark.addr, "replicas", 7_i64);
    } else {
        world.cloud.vanish(&mark.addr);
    }
}

/// Drives an operation through a storm.
async fn weather_out(world: &World, dice: &Shared, op: OpId) -> State {
    let cancelled = dice.throw(|dice| dice.percent(10));
    if cancelled && world.operation(op).await.outcome.is_none() {
        world.signal(op, Signal::Cancel).await;
    }
    for death in 0..=DEATHS {
        let last = death == DEATHS || dice.throw(|dice| dice.percent(40));
        let life = if last {
            Life::forever()
        } else {
            Life::until(usize::try_from(dice.throw(|dice| dice.below(80))).expect("it is small"))
        };
        let thrown = dice.clone();
        let store = world.store.seen_by(&life).refusing(move |_| {
            thrown.throw(|dice| {
                let edge = if dice.percent(50) { Edge::Before } else { Edge::After };
                dice.percent(4).then_some(edge)
            })
        });
        let engine = world.engine_over(Arc::new(store), &life);
        let ended = world
            .clock
            .run(async {
                tokio::select! {
                    biased;
                    () = life.stopped() => None,
                    state = world.finish(&engine, op) => Some(state),
                }
            })
            .await;
        if let Some(state) = ended {
            return state;
        }
    }
    unreachable!("the last process doesn't die")
}

async fn storm(seed: u64) {
    let context = format!("storm {seed}");
    let world = World::new(Weather::storm(seed));
    let dice = Shared(Arc::new(Mutex::new(Dice::new(seed))));
    for _ in 0..3 {
        let change = dice.throw(|dice| change(&world, dice));
        // What can't be asked for isn't (a teardown of nothing).
        let Some(op) = world.ask("dev", change).await else { continue };
        weather_out(&world, &dice, op).await;
        dice.throw(|dice| {
            if dice.percent(20) {
                meddle(&world, dice);
            }
        });
        world.check_journal(op, &context).await;
        world.check_nothing_twice(&context);
    }
    // A fine day: all that is left is found, whatever the storm left behind.
    world.cloud.set_weather(Weather { seed, ..Weather::USUAL });
    world.done("dev", deploy("web", Some("9.9"))).await;
    world.done("dev", Change::Provision { lifetime: None }).await;
    let drift = world.plan("dev", deploy("web", Some("9.9"))).await.plan.drift;
    assert_eq!(drift, [], "{context}: all is as it should be");
    world.check("dev", &context).await;
    let end = world.done("dev", Change::Teardown { volumes: true }).await;
    assert_eq!(world.operation(end).await.state(), State::Succeeded, "{context}");
    world.check("dev", &context).await;
    assert_eq!(world.cloud.marks(), [], "{context}: nothing is left");
}

#[tokio::test]
async fn every_storm_passes() {
    for seed in 0..storms() {
        storm(seed).await;
    }
}
