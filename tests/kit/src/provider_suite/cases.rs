//! The cases.

use super::walk::{How, Walk};
use super::{Bed, Scene};
use crate::life::Edge;
use gantry_engine::names::InstallationId;
use gantry_engine::plan::{Action, Plan, Step};
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Observed, Progress};
use std::collections::BTreeSet;

/// Lowering is a function of its arguments, every kind has a driver, and what was done needs nothing more.
pub async fn what_is_lowered_is_served_and_settles(bed: &dyn Bed) {
    let mut walk = Walk::new(bed, Scene::Plain).await;
    let desired = walk.desired().await;
    assert_eq!(desired, walk.desired().await, "the same record and facts give the same resources");
    assert!(!desired.resources.is_empty());
    for (addr, resource) in &desired.resources {
        assert!(walk.platform.driver(&resource.kind).is_some(), "{addr} has no driver");
        for need in resource.needs() {
            assert!(desired.resources.contains_key(need), "{addr} needs {need}, which isn't there");
        }
    }
    let plan = walk.plan().await;
    walk.apply(&plan, How::Plainly).await;
    assert_eq!(walk.plan().await.steps, [], "nothing more to do");
    for value in desired.outputs.values() {
        let shown = gantry_engine::value::Spec::new().with("shown", value.clone());
        shown.resolve(&|r| walk.actual.lookup(r)).expect("what people are shown is known by now");
    }
}

/// An inventory shows what stands, and nothing once it is gone.
pub async fn an_environment_lives_and_goes(bed: &dyn Bed) {
    let mut walk = Walk::new(bed, Scene::Plain).await;
    assert_eq!(walk.inventory().await, [], "nothing is there yet");
    let plan = walk.plan().await;
    walk.apply(&plan, How::Plainly).await;
    walk.agrees().await;
    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    assert!(walk.actual.rows.is_empty());
    walk.agrees().await;
}

/// A teardown leaves what holds data, and the inventory shows exactly that.
pub async fn data_goes_only_when_asked(bed: &dyn Bed) {
    let mut walk = Walk::standing(bed, Scene::Plain).await;
    let end = walk.teardown(false);
    walk.apply(&end, How::Plainly).await;
    let rules = walk.platform.rules();
    assert!(walk.actual.rows.values().all(|row| rules.holds_data(&row.kind)));
    walk.agrees().await;
    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    walk.agrees().await;
}

/// The same token twice gives the same thing once.
pub async fn each_step_runs_twice(bed: &dyn Bed) {
    whole_life(bed, How::Twice).await;
}

/// A process that remembers nothing goes on where another one was.
pub async fn each_step_is_taken_over_by_new_processes(bed: &dyn Bed) {
    whole_life(bed, How::Anew).await;
}

/// Each step's first effect fails before it happened.
pub async fn each_step_fails_and_is_repeated(bed: &dyn Bed) {
    if bed.fail_next(Edge::Before) {
        whole_life(bed, How::Failing(Edge::Before)).await;
    }
}

/// Each step's first effect happens and nobody is told.
pub async fn each_reply_is_lost_and_asked_for_again(bed: &dyn Bed) {
    if bed.fail_next(Edge::After) {
        whole_life(bed, How::Failing(Edge::After)).await;
    }
}

async fn whole_life(bed: &dyn Bed, how: How) {
    let mut walk = Walk::new(bed, Scene::Plain).await;
    for scene in [Scene::Plain, Scene::Changed, Scene::Replaced] {
        if let Some(env) = bed.environment(scene) {
            walk.env = env;
            let plan = walk.plan().await;
            walk.apply(&plan, how).await;
            walk.agrees().await;
            assert_eq!(walk.plan().await.steps, [], "{scene:?} stands");
        }
    }
    let end = walk.teardown(true);
    walk.apply(&end, how).await;
    walk.agrees().await;
}

/// Two calls at once, with the same token, make one thing.
pub async fn two_at_once_make_one(bed: &dyn Bed) {
    let mut walk = Walk::new(bed, Scene::Plain).await;
    let plan = walk.plan().await;
    for step in &plan.steps {
        // What becomes of each is asked for again below.
        let (_one, _other) = tokio::join!(walk.ask(step), walk.ask(step));
        walk.note_unsure(step);
        let one = Plan { steps: vec![step.clone()], ..Plan::default() };
        walk.apply(&one, How::Plainly).await;
    }
    walk.agrees().await;
    let end = walk.teardown(true);
    for step in &end.steps {
        let (_one, _other) = tokio::join!(walk.ask(step), walk.ask(step));
        let one = Plan { steps: vec![step.clone()], ..Plan::default() };
        walk.apply(&one, How::Plainly).await;
    }
    walk.agrees().await;
}

/// What isn't there is gone: never made, or removed before.
pub async fn nothing_is_removed_once_more(bed: &dyn Bed) {
    let mut walk = Walk::new(bed, Scene::Plain).await;
    let plan = walk.plan().await;
    let gone = |step: &Step| Step { action: Action::Delete { replaced_by: None }, ..step.clone() };
    for step in &plan.steps {
        assert_eq!(walk.finish(&gone(step), How::Plainly).await, Progress::Done(Observed::default()), "{}", step.addr);
    }
    walk.apply(&plan, How::Plainly).await;
    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    for step in &end.steps {
        assert_eq!(walk.finish(step, How::Plainly).await, Progress::Done(Observed::default()), "{}", step.addr);
    }
}

/// A thing is found by its id and by its mark, and gives out what its put said.
pub async fn reading_agrees(bed: &dyn Bed) {
    let mut walk = Walk::new(bed, Scene::Plain).await;
    let plan = walk.plan().await;
    for step in &plan.steps {
        let handle = walk.handle(step);
        assert_eq!(walk.driver(step).read(&handle).await.ok(), Some(None), "{} isn't there yet", step.addr);
    }
    walk.apply(&plan, How::Plainly).await;
    walk.agrees().await;
    for step in &plan.steps {
        let by_id = walk.handle(step);
        let row = &walk.actual.rows[&(step.addr.clone(), step.generation)];
        let wanted = Observed { id: row.id.clone(), outputs: row.outputs.clone() };
        for handle in [Handle { id: None, ..by_id.clone() }, by_id] {
            assert_eq!(walk.driver(step).read(&handle).await, Ok(Some(wanted.clone())), "{}", step.addr);
        }
    }
}

/// Other installations' things, and other environments', are neither listed nor touched.
pub async fn others_are_left_alone(bed: &dyn Bed) {
    let mut other = Walk::new(bed, Scene::Elsewhere).await;
    other.installation = InstallationId::new("somebody-else");
    let plan = other.plan().await;
    other.apply(&plan, How::Plainly).await;
    let mut walk = Walk::standing(bed, Scene::Plain).await;
    walk.agrees().await;
    other.agrees().await;
    let stolen = walk.platform.inventory(&walk.installation, Whose::Env(&other.env.key)).await;
    assert_eq!(stolen, Ok(Vec::new()), "the mark says whose it is");
    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    walk.agrees().await;
    other.agrees().await;
}

/// A change in place keeps ids and outputs: what refers to the thing needs no change. (The walk checks each step.)
pub async fn a_change_in_place_keeps_id_and_outputs(bed: &dyn Bed) {
    let mut walk = Walk::standing(bed, Scene::Plain).await;
    walk.env = bed.environment(Scene::Changed).expect("every bed has the plain scenes");
    let plan = walk.plan().await;
    let in_place = |step: &Step| matches!(step.action, Action::Update { .. });
    assert!(!plan.steps.is_empty() && plan.steps.iter().all(in_place), "{:?}", plan.steps);
    walk.apply(&plan, How::Plainly).await;
    assert_eq!(walk.plan().await.steps, []);
}

/// A replacement makes the next generation and removes the last, in the order that the rules say.
pub async fn a_replacement_goes_by_the_rules(bed: &dyn Bed) {
    let Some(env) = bed.environment(Scene::Replaced) else { return };
    let mut walk = Walk::standing(bed, Scene::Plain).await;
    walk.env = env;
    let plan = walk.plan().await;
    let replaced = plan.steps.iter().filter(|step| matches!(&step.action, Action::Create { replaces: Some(_), .. }));
    let replaced: BTreeSet<_> = replaced.map(|step| step.addr.clone()).collect();
    assert!(!replaced.is_empty(), "the scene replaces something");
    walk.apply(&plan, How::Plainly).await;
    for addr in &replaced {
        assert_eq!(walk.actual.rows.keys().filter(|(a, _)| a == addr).count(), 1, "{addr} is there once");
    }
    walk.agrees().await;
}

/// New tasks that die are taken back: the old ones serve on, and asking again tells the same.
pub async fn a_broken_rollout_is_taken_back(bed: &dyn Bed) {
    let Some(env) = bed.environment(Scene::Broken) else { return };
    let mut walk = Walk::standing(bed, Scene::Plain).await;
    walk.env = env;
    let plan = walk.plan().await;
    let before = walk.actual.clone();
    let reverted = walk.apply(&plan, How::Plainly).await;
    assert!(!reverted.is_empty(), "the broken version was taken back");
    for step in plan.steps.iter().filter(|step| reverted.contains(&step.addr)) {
        let again = walk.finish(step, How::Anew).await;
        assert!(matches!(again, Progress::Reverted { .. }), "told again: {again:?}");
        let row = &before.rows[&(step.addr.clone(), step.generation)];
        let read = walk.driver(step).read(&walk.handle(step)).await;
        assert_eq!(read.ok().flatten().and_then(|seen| seen.id), row.id, "the old one is still there");
    }
    walk.env = bed.environment(Scene::Plain).expect("every bed has the plain scenes");
    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    walk.agrees().await;
}

/// A put that is ended on its way says how it ended, and what it left can be removed.
pub async fn an_ended_put_tells_how_it_ended(bed: &dyn Bed) {
    let Some(env) = bed.environment(Scene::Slow) else { return };
    let mut walk = Walk::standing(bed, Scene::Plain).await;
    walk.env = env;
    let plan = walk.plan().await;
    let mut slow = 0;
    for step in plan.steps.iter().filter(|step| step.spec().is_some()) {
        let Err(put) = walk.soon(step).await else { continue };
        slow += 1;
        walk.driver(step).abort(&put).await.expect("what is on its way can be taken back");
        let mut asked = 0;
        let over = loop {
            match walk.driver(step).put(&put).await {
                Ok(Progress::Pending { again, .. }) => bed.wait(again).await,
                Ok(over) => break over,
                Err(error) => panic!("{}: {error}", step.addr),
            }
            asked += 1;
            assert!(asked < 500, "{} never ends", step.addr);
        };
        let again = walk.driver(step).put(&put).await.expect("told again");
        assert_eq!(again, over, "asked again, it says the same");
    }
    assert!(slow > 0, "the scene is slow");
    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    walk.agrees().await;
}
