//! `kill -9` in the middle of things: each operation ends once, in its own thread, with one card; no task twice, no orphan
//! process; and what ran goes on running.

use futures::StreamExt;
use gantry_engine::journal::State;
use gantry_local::api::{TaskHealth, TaskView};
use gantry_tests::chronicle::mark;
use gantry_tests::http;
use gantry_tests::machine::Machine;
use gantry_tests::wait::until;
use gantry_workspace::{Event, Slash};
use std::collections::{BTreeMap, BTreeSet};

/// Types a command, and doesn't follow it: whoever follows dies with the workspace.
async fn type_it(machine: &Machine, text: &str) {
    let slash = Slash {
        who: "developer".to_owned(),
        channel: "dev".to_owned(),
        command: "/gantry".to_owned(),
        text: text.to_owned(),
        thread_ts: None,
    };
    machine.workspace().command(&slash).await.unwrap();
}

/// Waits for an event of which this is true; events before this call don't count.
async fn until_event(machine: &Machine, text: &str, is_it: impl Fn(&Event) -> bool) {
    let mut events = machine.workspace().events("developer", None).await.unwrap();
    type_it(machine, text).await;
    while let Some(event) = events.next().await {
        if is_it(&event.unwrap().event) {
            return;
        }
    }
    panic!("the workspace stopped before it happened");
}

fn card_says(event: &Event, state: &str) -> bool {
    let (Event::Posted { message, .. } | Event::Changed { message, .. }) = event else { return false };
    mark(message).is_some_and(|mark| mark.state.as_str() == state)
}

/// The parts of a deploy of everything that web needs.
fn whole() -> BTreeMap<String, usize> {
    [("api", 2), ("db", 1), ("web", 2)].map(|(name, count)| (name.to_owned(), count)).into()
}

/// Whatever happened: one operation more, over once and well, with one card, and exactly the right tasks.
async fn ends_well(mut machine: Machine, operations: usize) {
    let cards = machine.over(operations).await;
    assert_eq!(cards.len(), operations, "one card for each operation");
    assert!(
        cards.iter().all(|(_, state)| *state == State::Succeeded),
        "{:?}",
        cards.iter().map(|(_, s)| s).collect::<Vec<_>>()
    );
    let keys: BTreeSet<_> = cards.iter().filter_map(|(message, _)| mark(message)?.key()).collect();
    assert_eq!(keys.len(), operations);
    until("exactly the right tasks run", || async { (machine.counts().await == whole()).then_some(()) }).await;
    machine.no_orphans().await;
    // Every milestone is told once.
    for (card, _) in &cards {
        let thread = machine.workspace().messages("developer", "dev", Some(card.ts)).await.unwrap();
        let marks: Vec<_> = thread.iter().filter_map(|message| mark(message)?.key()).collect();
        assert_eq!(marks.len(), marks.iter().collect::<BTreeSet<_>>().len(), "{marks:?}");
    }
    let outputs = machine.say("outputs dev").await;
    assert_eq!(http::get(&outputs.site("www")).await.unwrap().status, 200);
    machine.stop_bot().await;
    let journal = machine.journal().await;
    assert_eq!(journal.len(), operations);
    assert!(journal.iter().all(|operation| operation.state() == State::Succeeded));
    machine.leave().await;
}

#[tokio::test]
async fn the_bot_before_its_first_card() {
    let mut machine = Machine::start().await;
    type_it(&machine, "deploy web to dev").await;
    machine.kill_bot().await;
    machine.start_bot().await;
    ends_well(machine, 1).await;
}

#[tokio::test]
async fn the_bot_with_its_first_card() {
    let mut machine = Machine::start().await;
    until_event(&machine, "deploy web to dev", |event| matches!(event, Event::Posted { .. })).await;
    machine.kill_bot().await;
    machine.start_bot().await;
    ends_well(machine, 1).await;
}

#[tokio::test]
async fn the_bot_again_and_again_between_its_steps() {
    let mut machine = Machine::start().await;
    until_event(&machine, "deploy web:slow to dev", |event| card_says(event, "running")).await;
    let mut before: Vec<TaskView> = Vec::new();
    for tasks in [1, 3] {
        until("so many tasks run", || async { (machine.tasks().await.len() >= tasks).then_some(()) }).await;
        machine.kill_bot().await;
        let now = machine.tasks().await;
        let go_on = before.iter().all(|task| now.iter().any(|other| (&other.id, other.pid) == (&task.id, task.pid)));
        assert!(go_on, "tasks go on without the bot: {before:#?} {now:#?}");
        before = now;
        machine.start_bot().await;
    }
    ends_well(machine, 1).await;
}

#[tokio::test]
async fn the_bot_right_before_it_settles() {
    let mut machine = Machine::start().await;
    type_it(&machine, "deploy web to dev").await;
    until("everything is healthy", || async {
        let tasks = machine.tasks().await;
        let healthy = tasks.iter().all(|task| task.health == TaskHealth::Healthy);
        (healthy && machine.counts().await == whole()).then_some(())
    })
    .await;
    machine.kill_bot().await;
    machine.start_bot().await;
    ends_well(machine, 1).await;
}

#[tokio::test]
async fn the_runtime_in_the_middle_of_a_rollout() {
    let machine = Machine::start().await;
    let said = machine.say("deploy web to dev").await;
    assert_eq!(said.exit, 0, "{}\n{}", said.text(), said.errors);
    let stay = |tasks: Vec<TaskView>| -> BTreeSet<_> {
        let kept = tasks.into_iter().filter(|task| !task.mark.addr.contains("/web/"));
        kept.map(|task| (task.id, task.pid)).collect()
    };
    let before = stay(machine.tasks().await);
    until_event(&machine, "deploy web:slow to dev", |event| card_says(event, "running")).await;
    until("a new task has started", || async { (machine.counts().await["web"] > 2).then_some(()) }).await;
    let pid = machine.runtime_pid().await;
    machine.kill_runtime().await;
    // Nobody starts it but who needs it: the bot, which goes on with the operation.
    machine.over(2).await;
    assert_ne!(machine.runtime_pid().await, pid);
    assert_eq!(stay(machine.tasks().await), before, "what the deploy doesn't touch goes on as it was");
    assert!(machine.healthy("web").await.iter().all(|task| task.version == "slow"));
    ends_well(machine, 2).await;
}
