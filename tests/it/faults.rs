//! A chat that loses things, a store that loses answers, a bot that is stopped in the middle.

use gantry::message::MarkState;
use gantry_engine::approval::{Ballot, Vote};
use gantry_engine::journal::{Entry, Operation, Stamped, State};
use gantry_engine::names::{DeliveryId, OpId};
use gantry_engine::ports::{Clock, Commit, Writer};
use gantry_testkit::fake::Weather;
use gantry_tests::booth::Booth;
use gantry_tests::chronicle::mark;
use gantry_tests::town::{Plot, Town};
use gantry_tests::transcript;
use gantry_workspace::{Fault, Say};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// Messages of the bot by their key: each must be one.
fn posts(town: &Town) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for (_, message) in town.chronicle.messages() {
        if let Some(key) = mark(&message).and_then(|mark| mark.key()) {
            *count.entry(key.0).or_default() += 1;
        }
    }
    count
}

fn each_once(town: &Town) {
    let twice: Vec<_> = posts(town).into_iter().filter(|(_, count)| *count != 1).collect();
    assert!(twice.is_empty(), "posted more than once: {twice:?}\n{}", town.transcript());
}

#[tokio::test]
async fn what_breaks_each_time_is_answered_so_and_holds_up_nobody() {
    Plot::new()
        .visit(async |town| {
            town.cloud.break_surveys(true);
            let breaks = town.send("developer", "#dev", "deploy web to dev").await;
            let other = town.send("developer", "#general", "status").await;
            let (said, other) = (town.outcome(breaks).await, town.outcome(other).await);
            assert_eq!((said.state, other.state), (MarkState::Refused, MarkState::Answered));
            assert!(transcript::text(&said.answer).contains("Something in Gantry broke"), "{}", town.transcript());
            assert!(other.thread().1 < said.thread().1, "whoever is elsewhere doesn't wait: {}", town.transcript());
            town.cloud.break_surveys(false);
            let said = town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
        })
        .await;
}

#[tokio::test]
async fn a_lost_reply_does_not_make_a_second_card() {
    Plot::new()
        .visit(async |town| {
            town.people.fault(&Fault::lost_reply("chat.postMessage").times(2)).await.unwrap();
            let said = town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            each_once(town);
        })
        .await;
}

#[tokio::test]
async fn in_a_long_thread_too_what_was_posted_is_found_again() {
    Plot::new()
        .visit(async |town| {
            let thread = town.say("developer", "#dev", "deploy web to dev").await.thread();
            let (channel, ts) = thread.clone();
            for n in 0..210 {
                let text = format!("thought {n}");
                let say = Say { who: "platform".to_owned(), channel: channel.clone(), thread_ts: Some(ts), text };
                town.people.message(&say).await.unwrap();
            }
            town.people.fault(&Fault::lost_reply("chat.postMessage").times(2)).await.unwrap();
            let said = town.reply("developer", &thread, "scale web 3").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            each_once(town);
        })
        .await;
}

#[tokio::test]
async fn a_token_that_is_refused_for_a_while_loses_nothing() {
    Plot::new()
        .visit(async |town| {
            for code in ["invalid_auth", "message_limit_exceeded", "a_code_of_tomorrow", "rate_limited"] {
                town.people.fault(&Fault::error("chat.postMessage", code)).await.unwrap();
                town.people.fault(&Fault::error("chat.update", code)).await.unwrap();
            }
            let said = town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            each_once(town);
        })
        .await;
}

#[tokio::test]
async fn a_chat_that_says_later_is_told_later() {
    Plot::new()
        .visit(async |town| {
            town.people.fault(&Fault::rate_limited("chat.postMessage", 3).times(3)).await.unwrap();
            town.people.fault(&Fault::rate_limited("chat.update", 3).times(2)).await.unwrap();
            town.people.fault(&Fault::error("chat.update", "fatal_error").times(2)).await.unwrap();
            let said = town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            each_once(town);
        })
        .await;
}

#[tokio::test]
async fn a_repeated_delivery_is_one_operation() {
    Plot::new()
        .in_memory()
        .visit(async |town| {
            let thread = town.say("developer", "#dev", "deploy web to dev").await.thread();
            // It is stored, but the bot can't know, so it doesn't acknowledge, and the workspace sends it again.
            town.lose_next_write();
            let said = town.reply("developer", &thread, "scale web 3").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            assert_eq!(town.operations().await.len(), 2);
            each_once(town);
        })
        .await;
}

#[tokio::test]
async fn a_socket_that_is_cut_is_opened_again() {
    Plot::new()
        .visit(async |town| {
            town.people.disconnect("refresh_requested").await.unwrap();
            let said = town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            assert_eq!(town.operations().await.len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_bot_that_is_stopped_goes_on_where_it_was() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            let delivery = town.send("developer", "#dev", "deploy web to dev").await;
            for _ in 0..4 {
                let done = town
                    .until("it goes on", async |town| {
                        let op = town.operations().await.first().cloned()?;
                        (op.seq > 1).then_some(op.state.is_closed())
                    })
                    .await;
                if done {
                    break;
                }
                town.stop_bot().await;
                town.start_bot().await;
            }
            let said = town.outcome(delivery).await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            let closed =
                town.journal(OpId(1)).await.into_iter().filter(|s| matches!(s.entry, Entry::Closed(_))).count();
            assert_eq!(closed, 1, "it ends once");
            assert!(town.cloud.tally().duplicates.is_empty(), "{:?}", town.cloud.tally());
            each_once(town);
        })
        .await;
}

/// Says it until there is a plan: in a storm the platform may not answer when it is asked for facts, and then the person
/// is told so at once.
async fn persist(town: &Town, words: &str) {
    for _ in 0..10 {
        let said = town.say("developer", "#dev", words).await;
        match said.state {
            MarkState::Operation(state) => return assert_eq!(state, State::Succeeded, "{}", town.transcript()),
            state => assert_eq!(state, MarkState::Refused, "{}", town.transcript()),
        }
    }
    panic!("no plan in ten tries: {}", town.transcript());
}

#[tokio::test]
async fn storms_end_well() {
    for seed in 0..3 {
        Plot::new()
            .weather(Weather::storm(seed))
            .visit(async |town| {
                persist(town, "deploy web to dev").await;
                persist(town, "teardown dev").await;
                let receipt = town.operation(OpId(2)).await.receipt.expect("a receipt");
                assert!(receipt.is_clean(), "storm {seed}: {receipt:?}");
                assert!(town.cloud.tally().duplicates.is_empty(), "storm {seed}: {:?}", town.cloud.tally());
                each_once(town);
            })
            .await;
    }
}

/// Whoever handles a delivery may die once it has had its effect and before that is noted, and be slow to come back.
#[tokio::test]
async fn a_word_that_had_its_effect_is_never_told_that_it_is_late() {
    let booth = Booth::open().await;
    booth.say("asked", "deploy web to staging").await;
    booth.settle().await;
    let op = Operation::fold(OpId(1), &booth.store.history(OpId(1), 0).await.unwrap()).unwrap();
    let (by, at) = (op.request.by.user().cloned().unwrap(), booth.clock.now());
    let (digest, groups) = (op.motion().digest(), BTreeSet::new());
    let entry = Entry::Voted(Vote { by, ballot: Ballot::Approve, digest, plan: None, groups, because: None, at });
    let mut after = op.clone();
    after.apply(&Stamped { seq: op.seq + 1, at, entry: entry.clone() }).unwrap();
    let commit = Commit {
        op: op.id,
        writer: Writer::Delivery(DeliveryId::new("approved")),
        after: op.seq,
        entries: vec![entry],
        at,
        state: after.state(),
        rows: Vec::new(),
        record: None,
        releases: Vec::new(),
    };
    booth.store.append(commit).await.unwrap();
    // Nobody rang, so it goes on when its time to be decided is over.
    let later = booth.clock.now() + SignedDuration::from_mins(30);
    booth.clock.run(booth.clock.sleep_until(later)).await;
    booth.settle().await;
    let record = booth.store.operation(op.id).await.unwrap().unwrap();
    assert_eq!(record.state, State::Succeeded);
    let before = booth.noted();
    booth.say("approved", "approve op-1").await;
    booth.settle().await;
    let answers = booth.notes_after(before);
    assert!(answers.iter().any(|note| note.text.contains("Noted")), "{answers:?}");
    booth.close().await;
}
