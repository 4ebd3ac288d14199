//! Receipts over an inventory that lags.

use crate::sim::{World, deploy, stray};
use gantry_engine::change::Change;
use gantry_engine::journal::{Entry, Outcome, Stamped, State};
use gantry_engine::ports::Store;
use gantry_testkit::fake::{Weather, kind};
use gantry_testkit::sample;
use jiff::{SignedDuration, Timestamp};

const TEARDOWN: Change = Change::Teardown { volumes: true };

const LAG: SignedDuration = SignedDuration::from_secs(30);

fn last(journal: &[Stamped], is: impl Fn(&Entry) -> bool) -> Timestamp {
    journal.iter().rev().find(|stamped| is(&stamped.entry)).expect("it is there").at
}

#[tokio::test]
async fn what_is_listed_though_it_is_gone_isnt_left_over() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("web", None)).await;
    let op = world.done("dev", TEARDOWN).await;
    let journal = world.journal(op).await;
    let counted: Vec<bool> = (journal.iter())
        .filter_map(|stamped| match stamped.entry {
            Entry::Counting { left, .. } => Some(left > 0),
            _ => None,
        })
        .collect();
    assert_eq!(counted, [false, true], "it waits, and looks at balancers that linger in lists");
    let ended = last(&journal, |entry| matches!(entry, Entry::Succeeded { .. }));
    let took = last(&journal, |entry| matches!(entry, Entry::Receipted(_))).duration_since(ended);
    assert!(took > LAG && took <= LAG * 2, "{took:#}");
    assert!(world.operation(op).await.receipt.expect("it has one").is_clean());
}

#[tokio::test]
async fn what_stays_is_named_in_the_end() {
    let world = World::new(Weather::USUAL);
    world.done("dev", deploy("db", None)).await;
    world.cloud.plant(&kind::DISK, "stray", &stray("dev/db/stray", 1));
    let op = world.done("dev", TEARDOWN).await;
    let Outcome::Failed { why, .. } = world.outcome(op).await else { panic!("something is left") };
    assert!(why.message.contains("left over"), "{}", why.message);
    let journal = world.journal(op).await;
    let ended = last(&journal, |entry| matches!(entry, Entry::Succeeded { .. }));
    let took = last(&journal, |entry| matches!(entry, Entry::Receipted(_))).duration_since(ended);
    assert!(took >= LAG * 2, "it had its time to vanish: {took:#}");
    // It has a row now, so the next teardown removes it.
    let rows = world.store.rows(&sample::key("dev")).await.unwrap().rows;
    assert_eq!(rows.keys().map(|(addr, _)| addr.to_string()).collect::<Vec<_>>(), ["dev/db/stray"]);
    let op = world.done("dev", TEARDOWN).await;
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
    assert_eq!(world.cloud.marks(), []);
}

#[tokio::test]
async fn where_nothing_lags_a_receipt_comes_at_once() {
    let world = World::new(Weather::FAIR);
    world.done("dev", deploy("db", None)).await;
    let op = world.done("dev", TEARDOWN).await;
    let journal = world.journal(op).await;
    assert!(!journal.iter().any(|stamped| matches!(stamped.entry, Entry::Counting { .. })));
    assert_eq!(world.operation(op).await.state(), State::Succeeded);
}
