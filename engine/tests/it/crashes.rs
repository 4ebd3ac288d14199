//! A process that dies at every point around every effect: whatever it was doing, the next one finishes it, once.

use crate::sim::{World, deploy, stray};
use gantry_engine::change::Change;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::project::Protocol;
use gantry_testkit::fake::{Weather, kind};
use gantry_testkit::life::{Edge, Life};
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::sync::Arc;

/// Something that an operation does, from a world that was made ready for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    Deploy,
    Replace,
    Move,
    Teardown,
    TeardownWithData,
    Broken,
    BrokenFirst,
    Mend,
    Sweep,
}

impl Story {
    /// The world before, and the change.
    async fn begin(self, weather: Weather) -> (World, Change) {
        let world = World::new(weather);
        if !matches!(self, Self::Deploy | Self::BrokenFirst) {
            world.done("dev", deploy("web", None)).await;
        }
        let change = match self {
            Self::Deploy => deploy("web", None),
            Self::Replace => {
                world.edit(|project| {
                    let web = project.services.get_mut(&sample::service_name("web")).expect("it is there");
                    web.host = Some("shop".to_owned());
                    web.ports[0].protocol = Protocol::Tcp;
                });
                deploy("web", None)
            }
            Self::Move => {
                world.cloud.set_range("10.9.0.0/16");
                world.edit(|project| {
                    let cluster = project.clusters.get_mut(&sample::cluster_name("a")).expect("it is there");
                    cluster.node.memory_mib *= 2;
                });
                Change::Provision { lifetime: None }
            }
            Self::Mend => {
                for part in ["dev/web/service", "dev/web/balancer", "dev/cluster-b/role"] {
                    world.cloud.vanish(&part.parse().expect("an address"));
                }
                world.cloud.tamper(&"dev/cluster-b/group".parse().expect("an address"), "max", 9_i64);
                deploy("web", None)
            }
            Self::Sweep => {
                world.done("dev", Change::Teardown { volumes: false }).await;
                world.done("dev", deploy("db", None)).await;
                for part in ["network/main", "db/disk", "db/balancer", "web/service"] {
                    let kind = if part == "network/main" { kind::NETWORK } else { kind::DISK };
                    world.cloud.plant(&kind, part, &stray(&format!("dev/{part}"), 1));
                }
                world.clock.advance(SignedDuration::from_mins(5));
                Change::Sweep { volumes: true }
            }
            Self::Teardown => Change::Teardown { volumes: false },
            Self::TeardownWithData => Change::Teardown { volumes: true },
            Self::Broken | Self::BrokenFirst => deploy("web", Some("broken")),
        };
        (world, change)
    }

    async fn ask(self, world: &World, change: Change) -> OpId {
        let op = world.propose("dev", change).await;
        if self == Self::Sweep {
            world.confirm(op).await;
        }
        op
    }

    fn ends(self) -> State {
        match self {
            Self::Broken | Self::BrokenFirst => State::Reverted,
            _ => State::Succeeded,
        }
    }

    /// Runs it with a process that dies at a point, and one that follows. Gives how many points the first one passed.
    async fn run(self, weather: Weather, death: Option<usize>) -> usize {
        let context = format!("{self:?} with a death at {death:?}");
        let (world, change) = self.begin(weather).await;
        let op = self.ask(&world, change).await;
        let life = death.map_or_else(Life::forever, Life::until);
        let first = world.engine(&life);
        let ended = world
            .clock
            .run(async {
                tokio::select! {
                    biased;
                    () = life.stopped() => None,
                    state = world.finish(&first, op) => Some(state),
                }
            })
            .await;
        drop(first);
        let state = match ended {
            Some(state) => state,
            None => world.clock.run(world.finish(&world.engine(&Life::forever()), op)).await,
        };
        assert_eq!(state, self.ends(), "{context}: {:?}", world.operation(op).await.outcome);
        world.check_journal(op, &context).await;
        world.check("dev", &context).await;
        life.passed()
    }

    /// Runs it with a store whose line breaks at one write. Gives how many writes there were.
    async fn refused(self, write: u64, edge: Edge) -> u64 {
        let context = format!("{self:?} with write {write} refused {edge:?}");
        let (world, change) = self.begin(Weather::USUAL).await;
        let op = self.ask(&world, change).await;
        let store = Arc::new(world.store.refusing(move |number| (number == write).then_some(edge)));
        let engine = world.engine_over(store.clone(), &Life::forever());
        let state = world.clock.run(world.finish(&engine, op)).await;
        assert_eq!(state, self.ends(), "{context}");
        world.check_journal(op, &context).await;
        world.check("dev", &context).await;
        store.writes()
    }

    async fn matrix(self) {
        let points = self.run(Weather::USUAL, None).await;
        assert!(points > 20, "{self:?} has only {points} points");
        for point in 0..points {
            self.run(Weather::USUAL, Some(point)).await;
        }
    }
}

#[tokio::test]
async fn a_deploy_survives_a_death_at_every_point() {
    Story::Deploy.matrix().await;
}

#[tokio::test]
async fn a_replacement_survives_a_death_at_every_point() {
    Story::Replace.matrix().await;
}

#[tokio::test]
async fn a_move_to_another_network_survives_a_death_at_every_point() {
    Story::Move.matrix().await;
}

#[tokio::test]
async fn a_teardown_survives_a_death_at_every_point() {
    Story::Teardown.matrix().await;
}

#[tokio::test]
async fn a_teardown_with_its_data_survives_a_death_at_every_point() {
    Story::TeardownWithData.matrix().await;
}

#[tokio::test]
async fn a_reverted_rollout_survives_a_death_at_every_point() {
    Story::Broken.matrix().await;
}

#[tokio::test]
async fn a_first_rollout_that_is_reverted_survives_a_death_at_every_point() {
    Story::BrokenFirst.matrix().await;
}

#[tokio::test]
async fn mending_what_others_did_survives_a_death_at_every_point() {
    Story::Mend.matrix().await;
}

#[tokio::test]
async fn a_sweep_survives_a_death_at_every_point() {
    Story::Sweep.matrix().await;
}

#[tokio::test]
async fn each_write_may_be_refused_before_it_happened_or_after() {
    for story in [Story::Deploy, Story::Broken, Story::Teardown] {
        let writes = story.refused(u64::MAX, Edge::Before).await;
        assert!(writes > 5, "{story:?} has only {writes} writes");
        for write in 0..writes {
            story.refused(write, Edge::Before).await;
            story.refused(write, Edge::After).await;
        }
    }
}
