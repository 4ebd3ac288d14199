//! An operation that was cancelled at any point, and its undo: everything is as it was, whatever dies meanwhile.

use crate::sim::{World, deploy};
use gantry_engine::address::{Addr, Kind};
use gantry_engine::apply::NoPlan;
use gantry_engine::change::{Change, Extension};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::{Outcome, Signal, State};
use gantry_engine::names::OpId;
use gantry_engine::ports::Store;
use gantry_engine::project::Protocol;
use gantry_engine::propose::Refused;
use gantry_engine::value::Spec;
use gantry_testkit::fake::Weather;
use gantry_testkit::life::Life;
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// Something that is cancelled, in a world that was made ready for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    First,
    Provision,
    Again,
    Replace,
    Move,
    Scale,
    Teardown,
}

impl Story {
    const ALL: [Self; 7] =
        [Self::First, Self::Provision, Self::Again, Self::Replace, Self::Move, Self::Scale, Self::Teardown];

    /// The world before, and the change.
    async fn begin(self) -> (World, Change) {
        let world = World::new(Weather::FAIR);
        if !matches!(self, Self::First | Self::Provision) {
            let all = if self == Self::Again { "api" } else { "web" };
            world.done("dev", deploy(all, None)).await;
        }
        let change = match self {
            Self::First => deploy("web", None),
            Self::Provision => Change::Provision { lifetime: None },
            Self::Again => deploy("web", Some("2.0")),
            Self::Replace => {
                world.edit(|project| {
                    let web = project.services.get_mut(&sample::service_name("web")).expect("it is there");
                    web.host = Some("shop".to_owned());
                    web.ports[0].protocol = Protocol::Tcp;
                });
                deploy("web", Some("2.0"))
            }
            Self::Move => {
                world.cloud.set_range("10.9.0.0/16");
                world.edit(|project| {
                    let cluster = project.clusters.get_mut(&sample::cluster_name("a")).expect("it is there");
                    cluster.node.memory_mib *= 2;
                });
                Change::Provision { lifetime: None }
            }
            Self::Scale => Change::Scale { service: sample::service_name("api"), replicas: 5 },
            Self::Teardown => Change::Teardown { volumes: false },
        };
        (world, change)
    }
}

/// What stands and what is wanted, but for what counts only (generations, versions of the record).
#[derive(Debug, PartialEq, Eq)]
struct Stand {
    things: BTreeSet<(Addr, Kind, String)>,
    record: Option<Environment>,
}

async fn stand(world: &World) -> Stand {
    let rows = world.store.rows(&sample::key("dev")).await.expect("the store answers").rows;
    let spec = |spec: &Spec| format!("{spec:?}");
    let things = rows.into_iter().map(|((addr, _), row)| (addr, row.kind, spec(&row.spec))).collect();
    let record = world.store.environment(&sample::key("dev")).await.expect("the store answers");
    let record =
        record.filter(|env| env.phase == Phase::Live).map(|env| Environment { version: 0, meter: None, ..env });
    Stand { things, record }
}

/// Asks for a change and cancels it after so many effects of its process; none where it was faster.
async fn cut(world: &World, change: Change, point: usize) -> Option<OpId> {
    let op = world.propose("dev", change).await;
    let life = Life::until(point);
    let first = world.engine(&life);
    let ended = world.clock.run(async {
        tokio::select! {
            biased;
            () = life.stopped() => None,
            state = world.finish(&first, op) => Some(state),
        }
    });
    // One that dies after the last write has ended it.
    if ended.await.is_some() || world.operation(op).await.outcome.is_some() {
        return None;
    }
    world.signal(op, Signal::Cancel).await;
    let state = world.clock.run(world.finish(&world.engine(&Life::forever()), op)).await;
    assert_eq!(state, State::Cancelled);
    Some(op)
}

async fn refused(world: &World, op: OpId) -> Refused {
    match world.engine(&Life::forever()).plan(&world.request("dev", Change::Undo { op })).await {
        Err(NoPlan::Refused(why)) => why,
        other => panic!("it isn't refused: {other:?}"),
    }
}

async fn nothing_stands(world: &World, op: OpId) -> bool {
    let planned = world.engine(&Life::forever()).plan(&world.request("dev", Change::Undo { op })).await;
    matches!(planned, Err(NoPlan::Refused(Refused::NothingStands(of))) if of == op)
}

/// Undoes an operation in a process that dies at a point, and another that goes on.
async fn undo(world: &World, op: OpId, death: Option<usize>) -> (OpId, bool) {
    let undo = world.propose("dev", Change::Undo { op }).await;
    let life = death.map_or_else(Life::forever, Life::until);
    let first = world.engine(&life);
    let ended = world.clock.run(async {
        tokio::select! {
            biased;
            () = life.stopped() => None,
            state = world.finish(&first, undo) => Some(state),
        }
    });
    let died = ended.await.is_none();
    let state = world.clock.run(world.finish(&world.engine(&Life::forever()), undo)).await;
    assert_eq!(state, State::Succeeded, "{:?}", world.operation(undo).await.outcome);
    (undo, died)
}

async fn as_before(story: Story, point: usize, death: Option<usize>) -> Option<bool> {
    let context = format!("{story:?}, cancelled at {point}, undo dies at {death:?}");
    let (world, change) = story.begin().await;
    let before = stand(&world).await;
    let op = cut(&world, change, point).await?;
    if nothing_stands(&world, op).await {
        assert_eq!(stand(&world).await, before, "{context}");
        return Some(false);
    }
    let (undo, died) = undo(&world, op, death).await;
    assert_eq!(stand(&world).await, before, "{context}");
    world.check("dev", &context).await;
    world.check_journal(undo, &context).await;
    if before.record.is_none() {
        let receipt = world.operation(undo).await.receipt.expect("an end has a receipt");
        assert!(receipt.is_clean() && receipt.kept.is_empty(), "{context}: {receipt:?}");
    }
    assert_eq!(refused(&world, op).await, Refused::UndoneAlready { op, by: undo }, "{context}");
    Some(died)
}

#[tokio::test]
async fn whenever_it_is_cancelled_an_undo_brings_everything_back() {
    for story in Story::ALL {
        let mut point = 0;
        while as_before(story, point, None).await.is_some() {
            point += 1;
        }
        assert!(point > 10, "{story:?} ended after {point} effects");
    }
}

#[tokio::test]
async fn wherever_an_undo_dies_another_process_goes_on_with_it() {
    for story in [Story::First, Story::Replace, Story::Teardown] {
        for point in [20, 45] {
            let mut death = 0;
            while as_before(story, point, Some(death)).await == Some(true) {
                death += 1;
            }
            assert!(death > 5, "{story:?} at {point}: the undo ended after {death} effects");
        }
    }
}

#[tokio::test]
async fn an_undo_that_is_cancelled_itself_is_gone_on_with() {
    for point in (10..60).step_by(7) {
        let (world, change) = Story::Replace.begin().await;
        let before = stand(&world).await;
        let op = cut(&world, change, 40).await.expect("it is cancelled");
        let Some(first) = cut(&world, Change::Undo { op }, point).await else { break };
        if world.operation(first).await.admitted.is_some() {
            assert_eq!(refused(&world, first).await, Refused::IsUndo { op: first, of: op });
        }
        if !nothing_stands(&world, op).await {
            undo(&world, op, None).await;
        }
        assert_eq!(stand(&world).await, before, "cancelled at {point}");
        world.check("dev", "undone at the second try").await;
    }
}

#[tokio::test]
async fn going_on_completes_it() {
    for point in [20, 40, 60] {
        let (world, change) = Story::First.begin().await;
        let op = cut(&world, change.clone(), point).await.expect("it is cancelled");
        let engine = world.engine(&Life::forever());
        let request = gantry_engine::change::Request { resumes: Some(op), ..world.request("dev", change) };
        let (proposed, _) = engine.propose(request).await.unwrap();
        let gantry_engine::ports::Proposed::New(next) = proposed else { panic!("{proposed:?}") };
        assert_eq!(refused(&world, op).await, Refused::GoesOn { op, by: next }, "somebody goes on with it");
        assert_eq!(world.clock.run(world.finish(&engine, next)).await, State::Succeeded);
        world.check("dev", "gone on with").await;
        assert_eq!(refused(&world, op).await, Refused::ChangedSince { op, by: next });
    }
}

#[tokio::test]
async fn what_ended_well_or_not_at_all_is_not_undone() {
    let (world, change) = Story::Again.begin().await;
    assert_eq!(refused(&world, OpId(1)).await, Refused::DidItAll(OpId(1)));
    let open = world.propose("dev", change).await;
    assert_eq!(refused(&world, open).await, Refused::NotOver(open));
}

#[tokio::test]
async fn a_newer_change_voids_it_and_a_moved_end_does_not() {
    let (world, change) = Story::Again.begin().await;
    let op = cut(&world, change, 30).await.expect("it is cancelled");
    world.done("dev", Change::Extend(Extension::By(SignedDuration::from_hours(1)))).await;
    world.plan("dev", Change::Undo { op }).await;
    let newer = world.done("dev", Change::Restart { service: sample::service_name("db") }).await;
    assert_eq!(refused(&world, op).await, Refused::ChangedSince { op, by: newer });
}

#[tokio::test]
async fn data_that_is_gone_is_named_and_nothing_is_begun() {
    let mut refusals = 0;
    for point in (0..200).step_by(5) {
        let (world, _) = Story::Teardown.begin().await;
        let Some(op) = cut(&world, Change::Teardown { volumes: true }, point).await else { break };
        let volume: Addr = "dev/db/volume".parse().unwrap();
        let begun = world.store.rows(&sample::key("dev")).await.unwrap();
        let stands = begun.newest(&volume).is_some_and(|(_, row)| row.state == gantry_engine::resource::RowState::Live);
        if stands || world.operation(op).await.admitted.is_none() {
            continue;
        }
        assert_eq!(refused(&world, op).await, Refused::DataIsGone { op, addrs: vec![volume] });
        refusals += 1;
    }
    assert!(refusals > 0, "the volume never went");
}

#[tokio::test]
async fn two_undos_at_once_are_one() {
    let (world, change) = Story::First.begin().await;
    let op = cut(&world, change, 30).await.expect("it is cancelled");
    // Both were planned before either was stored.
    let engine = world.engine(&Life::forever());
    let requests = [(); 2].map(|()| world.request("dev", Change::Undo { op }));
    let proposed = world.clock.run(async {
        let [one, two] = requests;
        tokio::join!(engine.propose(one), engine.propose(two))
    });
    let (one, two) = proposed.await;
    let one = one.expect("the first is taken").0;
    let gantry_engine::ports::Proposed::New(one) = one else { panic!("{one:?}") };
    assert_eq!(world.clock.run(world.finish(&engine, one)).await, State::Succeeded);
    if let Ok((gantry_engine::ports::Proposed::New(two), _)) = two {
        let state = world.clock.run(world.finish(&engine, two)).await;
        assert_eq!(state, State::Failed);
        let Outcome::Failed { why, .. } = world.outcome(two).await else { panic!("it fails") };
        assert!(why.message.contains("has undone"), "{why:?}");
        assert_eq!(world.operation(two).await.done(), 0);
    }
}
