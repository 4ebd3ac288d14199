//! Ends: warnings, a change of mind, the teardown, the receipt. Time is passed in.

use gantry::message::MarkState;
use gantry_engine::environment::Phase;
use gantry_engine::journal::State;
use gantry_engine::names::{Digest, OpId};
use gantry_engine::ports::Clock;
use gantry_tests::booth::Booth;
use gantry_tests::chronicle::{Place, buttons};
use gantry_tests::town::{Plot, Town};
use gantry_workspace::Message;
use jiff::SignedDuration;

/// The newest message that says when the environment ends and asks what to do.
fn warnings(town: &Town) -> Vec<(Place, Message)> {
    let all = town.chronicle.messages();
    all.into_iter().filter(|(_, message)| buttons(message).contains(&"Tear down now".to_owned())).collect()
}

/// Goes to a time so long before the end.
async fn until_before_the_end(town: &Town, env: &str, before: SignedDuration) {
    let end = town.environment(env).await.unwrap().expiry.expect("it has an end");
    town.pass(end.duration_since(town.clock.now()) - before).await;
}

#[tokio::test]
async fn ninety_seconds_and_then_nothing_is_left() {
    Plot::new().visit(ninety_seconds).await;
}

#[tokio::test]
async fn ninety_seconds_of_real_processes_and_then_nothing_is_left() {
    Plot::new()
        .real()
        .visit(async |town| {
            ninety_seconds(town).await;
            let left = town.runtime.as_ref().unwrap().list(&gantry_local::api::Filter::default()).await.unwrap();
            assert!(left.is_empty(), "{left:#?}");
            let tasks = town.runtime.as_ref().unwrap().tasks(&gantry_local::api::Filter::default()).await.unwrap();
            assert!(tasks.is_empty(), "{tasks:#?}");
        })
        .await;
}

async fn ninety_seconds(town: &mut Town) {
    let deployed = town.say("developer", "#dev", "deploy web to dev for 90s").await;
    assert_eq!(deployed.state, MarkState::Operation(State::Succeeded), "{}", town.transcript());
    let made = town.inventory("dev").await.len();
    until_before_the_end(town, "dev", SignedDuration::from_secs(30)).await;
    let warned = warnings(town);
    assert_eq!(warned.len(), 1, "{}", town.transcript());
    assert_eq!(warned[0].1.thread_ts, Some(deployed.place.1), "it is in the environment's own thread");
    assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Live);
    town.pass(SignedDuration::from_secs(31)).await;
    assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Gone);
    let teardown = town.operation(OpId(2)).await;
    assert_eq!(teardown.state(), State::Succeeded);
    let receipt = teardown.receipt.expect("a receipt");
    assert!(receipt.is_clean() && receipt.kept.is_empty(), "{receipt:?}");
    assert_eq!((receipt.created, receipt.destroyed), (made as u32, made as u32));
    assert!(town.transcript().contains(&format!("{made} created, {made} destroyed, 0 kept, 0 left over")));
    assert!(town.inventory("dev").await.is_empty());
    assert!(town.cloud.marks().is_empty());
    assert_eq!(town.operations().await.len(), 2, "one teardown, however often the schedule wakes");
}

#[tokio::test]
async fn a_warning_can_be_answered_with_more_time() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            let end = town.environment("dev").await.unwrap().expiry.unwrap();
            until_before_the_end(town, "dev", SignedDuration::from_mins(50)).await;
            let [(first, warning)] = &warnings(town)[..] else { panic!("{}", town.transcript()) };
            let extend = buttons(warning).into_iter().find(|label| label.starts_with("Extend")).expect("a button");
            town.click_at("developer", first, &extend).await;
            let later = town.environment("dev").await.unwrap().expiry.unwrap();
            assert!(later > end, "{extend} moves the end");

            until_before_the_end(town, "dev", SignedDuration::from_mins(50)).await;
            let again = warnings(town);
            assert!(again.iter().any(|(place, _)| place != first), "the new end has a warning of its own");
            until_before_the_end(town, "dev", SignedDuration::from_secs(-1)).await;
            assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Gone);
        })
        .await;
}

#[tokio::test]
async fn whoever_has_just_moved_the_end_is_not_warned_of_it() {
    Plot::new()
        .visit_both_ways(async |town| {
            let told = |town: &Town| town.transcript().matches(" of `mini-soa` ends ").count();
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            until_before_the_end(town, "dev", SignedDuration::from_mins(15)).await;
            assert_eq!(told(town), 1, "{}", town.transcript());
            town.click("developer", "Extend 1h").await;
            town.pass(SignedDuration::from_mins(30)).await;
            assert_eq!(told(town), 1, "the extension is no news: {}", town.transcript());
            assert!(warnings(town).is_empty(), "{}", town.transcript());
            until_before_the_end(town, "dev", SignedDuration::from_mins(15)).await;
            assert_eq!(warnings(town).len(), 1, "{}", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn a_warning_after_an_absence_says_what_is_left() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            town.stop_bot().await;
            town.clock.advance(SignedDuration::from_mins(330));
            town.start_bot().await;
            town.pass(SignedDuration::from_secs(1)).await;
            assert_eq!(warnings(town).len(), 1, "{}", town.transcript());
            assert!(town.transcript().contains("in 2 hours 30 minutes"), "{}", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn tear_down_now_means_now() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            until_before_the_end(town, "dev", SignedDuration::from_mins(5)).await;
            town.click("developer", "Tear down now").await;
            assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Gone);
            assert!(town.cloud.marks().is_empty());
            town.pass(SignedDuration::from_hours(1)).await;
            assert_eq!(town.operations().await.len(), 2, "its time comes and finds nothing to do");
            insta::assert_snapshot!("tear_down_now_means_now", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn the_end_supersedes_what_waits_and_what_runs() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#ops", "deploy web to staging for 2h").await;
            town.click("developer", "Approve").await;
            town.say("developer", "#ops", "deploy web:2.0 to staging").await;
            assert_eq!(town.operation(OpId(2)).await.state(), State::Voting);
            until_before_the_end(town, "staging", SignedDuration::from_secs(-1)).await;
            // Its own time was up as well: whoever looks first closes it.
            let proposal = town.operation(OpId(2)).await.state();
            assert!(matches!(proposal, State::Expired | State::Cancelled), "it outlives no environment: {proposal:?}");
            assert_eq!(town.operation(OpId(3)).await.state(), State::Succeeded);
            assert_eq!(town.environment("staging").await.unwrap().phase, Phase::Gone);
            let left = town.inventory("staging").await;
            assert!(left.iter().all(|found| found.kind.as_str().contains("volume")), "{left:?}");
        })
        .await;
}

#[tokio::test]
async fn an_end_that_came_while_the_bot_was_away() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 1h").await;
            town.stop_bot().await;
            town.clock.advance(SignedDuration::from_hours(5));
            town.start_bot().await;
            town.pass(SignedDuration::from_secs(1)).await;
            assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Gone);
            assert!(town.cloud.marks().is_empty());
        })
        .await;
}

#[tokio::test]
async fn only_the_newest_warning_has_buttons() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            until_before_the_end(town, "dev", SignedDuration::from_mins(230)).await;
            let [(first, _)] = &warnings(town)[..] else { panic!("{}", town.transcript()) };
            until_before_the_end(town, "dev", SignedDuration::from_mins(50)).await;
            let [(second, _)] = &warnings(town)[..] else { panic!("{}", town.transcript()) };
            assert_ne!(first, second);
            assert!(town.transcript().contains("A newer warning is below."), "{}", town.transcript());
            town.click("developer", "Extend 4h").await;
            assert!(warnings(town).is_empty(), "an answered warning has none either: {}", town.transcript());
            town.say("developer", "#dev", "teardown dev").await;
            assert!(town.store.warned().await.unwrap().is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_clock_that_jumps_warns_once() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            until_before_the_end(town, "dev", SignedDuration::from_mins(10)).await;
            let all = town.transcript().matches(" of `mini-soa` ends ").count();
            assert_eq!(all, 1, "one warning, not three: {}", town.transcript());
            town.clock.put(town.clock.now() - SignedDuration::from_hours(1));
            town.pass(SignedDuration::from_mins(5)).await;
            assert_eq!(town.transcript().matches(" of `mini-soa` ends ").count(), 1, "{}", town.transcript());
            assert_eq!(warnings(town).len(), 1);
        })
        .await;
}

#[tokio::test]
async fn an_end_at_night_is_told_in_the_evening() {
    let quiet = "[project]\nquiet = { from = \"20:00\", until = \"08:00\", zone = \"Europe/Berlin\" }";
    Plot::new()
        .replacing("[project]", quiet)
        .visit(async |town| {
            // It is 10:00 in Berlin; the end is at 03:00.
            town.say("developer", "#dev", "deploy web to dev for 17h").await;
            until_before_the_end(town, "dev", SignedDuration::from_mins(7 * 60 + 1)).await;
            assert!(warnings(town).is_empty(), "{}", town.transcript());
            until_before_the_end(town, "dev", SignedDuration::from_mins(7 * 60)).await;
            assert_eq!(warnings(town).len(), 1, "{}", town.transcript());
            assert!(town.transcript().contains("in 7 hours"), "{}", town.transcript());
            until_before_the_end(town, "dev", SignedDuration::from_mins(1)).await;
            assert_eq!(town.transcript().matches(" of `mini-soa` ends ").count(), 1, "nobody is woken");
            until_before_the_end(town, "dev", SignedDuration::from_secs(-1)).await;
            assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Gone);
        })
        .await;
}

#[tokio::test]
async fn a_warning_offers_as_long_as_there_can_be() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            until_before_the_end(town, "dev", SignedDuration::from_mins(50)).await;
            let [(place, warning)] = &warnings(town)[..] else { panic!("{}", town.transcript()) };
            let keep = buttons(warning).into_iter().find(|label| label.starts_with("Keep until")).expect("a button");
            assert!(keep.ends_with("UTC"), "in the project's zone: {keep}");
            town.click_at("developer", place, &keep).await;
            let env = town.environment("dev").await.unwrap();
            assert_eq!(env.expiry, env.latest);
        })
        .await;
}

#[tokio::test]
async fn whose_owner_has_left_is_offered_to_others() {
    Plot::new()
        .replacing("[project]", "[project]\ncaretakers = \"@platform\"")
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            town.leaves("developer");
            town.pass(SignedDuration::from_hours(2)).await;
            assert!(town.transcript().contains("Who takes it over?"), "{}", town.transcript());
            assert!(
                town.transcript().contains("platform (<@platform-two> and <@platform>) is asked."),
                "{}",
                town.transcript()
            );
            town.pass(SignedDuration::from_hours(2)).await;
            assert_eq!(town.transcript().matches("Who takes it over?").count(), 1);
            town.click("platform", "I take it").await;
            let owner = |env: &gantry_engine::environment::Environment| town.chronicle.name(env.owner.as_str());
            assert_eq!(owner(&town.environment("dev").await.unwrap()), "platform");
            town.click("platform-two", "I take it").await;
            assert_eq!(owner(&town.environment("dev").await.unwrap()), "platform", "the question was answered");
            assert!(town.transcript().contains("That button is about what was so before."), "{}", town.transcript());
            town.say("platform", "#dev", "give dev to @platform-two").await;
            assert_eq!(owner(&town.environment("dev").await.unwrap()), "platform-two");
        })
        .await;
}

#[tokio::test]
async fn a_click_on_a_warning_that_is_no_more_says_what_is_so() {
    let booth = Booth::open().await;
    booth.say("d1", "deploy web to dev for 8h").await;
    booth.settle().await;
    let before = booth.store.environments().await.unwrap()[0].clone();
    booth.click("c1", "extend mini-soa/dev by 1h", &Digest::new("00")).await;
    booth.settle().await;
    assert_eq!(booth.store.environments().await.unwrap()[0].expiry, before.expiry);
    let notes = booth.notes();
    assert!(notes.iter().any(|note| note.text.contains("That button is about what was so before")), "{notes:#?}");
    booth.close().await;
}
