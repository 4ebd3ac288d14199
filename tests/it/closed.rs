//! A Slack that can't be spoken to: it is down, it says "later", a channel is archived, the bot is removed from one. What
//! goes on goes on; afterwards its thread is whole, in order, and nothing in it is there twice; and who has to know was
//! told elsewhere.

use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_tests::chronicle::{Place, buttons, mark};
use gantry_tests::town::{Plot, Town};
use gantry_tests::transcript;
use gantry_workspace::{Fault, Message, Shut};
use jiff::SignedDuration;

/// The keys of the bot's messages in a channel, in order.
fn keys(town: &Town, channel: &str) -> Vec<String> {
    let here = town.chronicle.messages().into_iter().filter(|((at, _), _)| at == channel);
    here.filter_map(|(_, message)| mark(&message)?.key()).map(|key| key.0).collect()
}

/// The direct conversation between somebody and the bot.
fn direct(town: &Town, who: &str) -> String {
    let user = town.chronicle.user(who);
    let of = town.chronicle.cast.channels.iter().find(|channel| channel.dm_with.as_deref() == Some(&user));
    of.expect("everybody has one").id.clone()
}

/// The message with a key in a channel.
fn keyed(town: &Town, channel: &str, key: &str) -> Option<(Place, Message)> {
    let is_it = |message: &Message| mark(message).and_then(|mark| mark.key()).is_some_and(|found| found.0 == key);
    town.chronicle.messages().into_iter().find(|((at, _), message)| at == channel && is_it(message))
}

/// The keys of what is below an operation's card, in order.
async fn whole_thread(town: &Town, op: u64) -> Vec<String> {
    let channel = town.chronicle.channel("dev");
    let (card, _) = keyed(town, &channel, &format!("op-{op}/card")).expect("a card");
    let all = town.chronicle.messages();
    let here = all.iter().filter(|((at, ts), _)| *at == channel && *ts != card.1);
    let replies = here.filter(|(_, message)| message.thread_ts == Some(card.1));
    replies.filter_map(|(_, message)| mark(message)?.key()).map(|key| key.0).collect()
}

/// A deployment on its way, whose thread says that it has started.
async fn begun(town: &Town) -> String {
    let delivery = town.send("developer", "#dev", "deploy web to dev").await;
    town.until("it has started", async |town| {
        let started = |(_, message): &(_, Message)| transcript::text(message).contains("has started");
        town.chronicle.messages().iter().any(started).then_some(())
    })
    .await;
    delivery
}

async fn ended(town: &Town, op: u64) {
    town.until("it ends", async |town| (town.operation(OpId(op)).await.state() == State::Succeeded).then_some(()))
        .await;
}

/// What the thread of an undisturbed deployment is made of.
async fn undisturbed() -> Vec<String> {
    let mut thread = Vec::new();
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            thread = whole_thread(town, 1).await;
        })
        .await;
    assert!(thread.len() >= 2, "{thread:?}");
    thread
}

async fn told_after(fault: Fault, time: SignedDuration) {
    let expected = undisturbed().await;
    Plot::new()
        .visit(async |town| {
            let delivery = begun(town).await;
            town.people.fault(&fault.clone().times(u32::MAX)).await.unwrap();
            ended(town, 1).await;
            town.idle(time).await;
            assert_ne!(whole_thread(town, 1).await, expected, "nothing could be said");
            town.people.fault(&fault.clone().times(0)).await.unwrap();
            let said = town.outcome(delivery.clone()).await;
            assert_eq!(said.state, MarkState::Operation(State::Succeeded));
            assert_eq!(whole_thread(town, 1).await, expected, "{}", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn an_hour_without_slack_leaves_no_gap() {
    told_after(Fault::status("*", 503), SignedDuration::from_hours(1)).await;
}

#[tokio::test]
async fn ten_minutes_of_too_many_calls_leave_no_gap() {
    told_after(Fault::rate_limited("*", 30), SignedDuration::from_mins(10)).await;
}

async fn shut_in_the_middle(shut: Shut) -> String {
    let expected = undisturbed().await;
    let mut told = String::new();
    Plot::new()
        .visit(async |town| {
            begun(town).await;
            town.people.shut("dev", Some(shut)).await.unwrap();
            ended(town, 1).await;
            town.settle().await;
            let (dev, direct) = (town.chronicle.channel("dev"), direct(town, "developer"));
            let elsewhere = keys(town, &direct);
            let last = expected.last().unwrap();
            assert!(elsewhere[0].starts_with(&format!("closed/{dev}/op-1/")), "first why: {elsewhere:?}");
            assert!(elsewhere[1].starts_with("op-1/card@"), "then how it stands: {elsewhere:?}");
            assert!(elsewhere.iter().any(|key| key.starts_with(&format!("{last}@"))), "and its end: {elsewhere:?}");
            let (_, card) = keyed(town, &direct, &elsewhere[1]).unwrap();
            assert!(transcript::text(&card).contains("succeeded"), "the copy follows: {}", transcript::text(&card));

            // A bot that is started again knows what waits, and nobody is told twice.
            town.stop_bot().await;
            town.start_bot().await;
            town.settle().await;
            assert_eq!(keys(town, &direct), elsewhere);
            told = town.transcript().split_once("== #directmessage").expect("they were told").1.to_owned();
            // What is refused first may be news of the run or of its end.
            for state in ["is running", "succeeded"] {
                told = told.replace(&format!("here. It {state}."), "here. It ….");
            }

            town.people.shut("dev", None).await.unwrap();
            town.idle(SignedDuration::from_mins(1)).await;
            town.say("developer", "#dev", "status dev").await;
            assert_eq!(whole_thread(town, 1).await, expected, "{}", town.transcript());
            assert_eq!(keys(town, &direct), elsewhere, "who was told isn't told again");
        })
        .await;
    told
}

#[tokio::test]
async fn a_channel_that_is_archived_in_the_middle() {
    insta::assert_snapshot!(shut_in_the_middle(Shut::Archived).await);
}

#[tokio::test]
async fn a_bot_that_is_removed_in_the_middle() {
    insta::assert_snapshot!(shut_in_the_middle(Shut::Removed).await);
}

#[tokio::test]
async fn who_is_asked_for_a_vote_is_asked_where_they_can_be() {
    Plot::new()
        .visit(async |town| {
            town.people.shut("prod", Some(Shut::Removed)).await.unwrap();
            town.send("developer", "#prod", "deploy web to prod").await;
            let card = town
                .until("an approver has the card", async |town| {
                    let direct = direct(town, "platform");
                    let key = keys(town, &direct).into_iter().find(|key| key.starts_with("op-1/card@"))?;
                    keyed(town, &direct, &key)
                })
                .await;
            assert!(buttons(&card.1).contains(&"Approve".to_owned()), "{}", town.transcript());
            town.people.shut("prod", None).await.unwrap();
            town.click_at("platform", &card.0, "Approve").await;
            ended(town, 1).await;
            town.settle().await;
            let direct = direct(town, "platform");
            let (_, card) = keyed(town, &direct, &mark(&card.1).unwrap().key().unwrap().0).unwrap();
            assert!(!buttons(&card).contains(&"Approve".to_owned()), "decided is decided, there too");
        })
        .await;
}

#[tokio::test]
async fn an_end_that_comes_near_is_told_although_the_channel_is_archived() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 2h").await;
            town.people.shut("dev", Some(Shut::Archived)).await.unwrap();
            town.pass(SignedDuration::from_mins(90)).await;
            let direct = direct(town, "developer");
            let warned = keys(town, &direct);
            assert!(warned.iter().any(|key| key.starts_with("warn/mini-soa/dev#1/")), "{warned:?}");
            town.pass(SignedDuration::from_mins(40)).await;
            ended(town, 2).await;
            town.settle().await;
            let (_, card) =
                keyed(town, &direct, keys(town, &direct).iter().find(|key| key.starts_with("op-2/card@")).unwrap())
                    .unwrap();
            assert!(transcript::text(&card).contains("left over"), "the receipt: {}", transcript::text(&card));
        })
        .await;
}

#[tokio::test]
async fn a_command_where_the_bot_is_not_is_answered_directly() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.people.shut("ops", Some(Shut::Removed)).await.unwrap();
            let said = town.say("developer", "#ops", "status dev").await;
            assert_eq!(said.place.0, direct(town, "developer"), "{}", town.transcript());
            insta::assert_snapshot!("a_command_where_the_bot_is_not_is_answered_directly", town.transcript());
        })
        .await;
}
