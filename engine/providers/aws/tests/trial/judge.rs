//! What is there, by the stand-in's own account, and what must hold of it and of journals.

use crate::world::World;
use gantry_engine::journal::{Entry, State};
use gantry_engine::names::OpId;
use gantry_engine::ports::Store;
use gantry_standin::Thing;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// How many there are of each sort.
pub(crate) type Count = BTreeMap<String, usize>;

/// Until what somebody did is done on AWS's side too. What takes longest is a machine too many, which ECS lets go when it
/// was idle for a quarter of an hour, and which then is drained and shut down.
const SETTLED: SignedDuration = SignedDuration::from_mins(30);

/// The tags of a mark, as `src/marks.rs` writes them.
const MARK: [&str; 6] = ["installation", "project", "environment", "incarnation", "resource", "generation"];

/// The mark of a thing; none where it isn't ours.
fn mark(thing: &Thing) -> Option<String> {
    let tag = |name: &str| thing.tags.get(&format!("gantry:{name}")).cloned();
    MARK.into_iter().map(tag).collect::<Option<Vec<_>>>().map(|tags| tags.join(" "))
}

/// What AWS makes for something of ours carries that one's mark, as often as AWS likes.
fn is_made_by_aws(thing: &Thing) -> bool {
    let by_aws = ["task", "instance", "container-instance", "network-interface", "launch-template-version"];
    by_aws.contains(&thing.sort.as_str()) || thing.more.get("managed").is_some_and(|managed| managed == true)
}

/// Lets everything come to rest, and counts it: all there is in the account, whoever's it is.
pub(crate) fn count(world: &World) -> Count {
    world.pass(SETTLED);
    let mut count = Count::new();
    for thing in world.standin.state() {
        *count.entry(format!("{}/{}", thing.service, thing.sort)).or_default() += 1;
    }
    count
}

/// Marks that two things of a sort have.
pub(crate) fn twice(world: &World) -> Vec<String> {
    let mut seen = Count::new();
    for thing in world.standin.state().iter().filter(|thing| !is_made_by_aws(thing)) {
        if let Some(mark) = mark(thing) {
            *seen.entry(format!("{}/{} {mark}", thing.service, thing.sort)).or_default() += 1;
        }
    }
    seen.into_iter().filter(|(_, times)| *times > 1).map(|(what, times)| format!("{times} {what}")).collect()
}

/// Everything that carries a mark of ours, but for the snapshot of the data that a teardown takes.
pub(crate) fn ours(world: &World) -> Vec<String> {
    let all = world
        .standin
        .state()
        .into_iter()
        .filter(|thing| thing.tags.contains_key("gantry:installation") && thing.sort != "snapshot");
    all.map(|thing| format!("{}/{} {}", thing.service, thing.sort, thing.id)).collect()
}

/// What must hold of the journal of an operation that succeeded: it folds, ends once, and if it took everything down, its
/// receipt says that nothing is left but the snapshots that are wanted.
pub(crate) async fn check_journal(world: &World, op: OpId, context: &str) {
    let journal = world.journal(op).await;
    let closed = journal.iter().filter(|stamped| matches!(stamped.entry, Entry::Closed(_))).count();
    assert_eq!(closed, 1, "{context}: it ends once");
    assert_eq!(world.operation(op).await.state(), State::Succeeded, "{context}");
    for stamped in journal {
        if let Entry::Receipted(receipt) = stamped.entry {
            let snapshots = receipt.kept.iter().all(|item| item.kind.as_str() == "aws.snapshot");
            assert!(receipt.left.is_empty() && snapshots, "{context}: {receipt:?}");
        }
    }
}

/// What must hold after a teardown.
pub(crate) async fn check_gone(world: &World, context: &str) {
    assert_eq!(ours(world), Vec::<String>::new(), "{context}: nothing with our mark");
    let rows = world.store.rows(&world.key).await.expect("the store answers").rows;
    assert!(rows.is_empty(), "{context}: nothing that we think is there: {:?}", rows.keys());
}
