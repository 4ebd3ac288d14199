//! Home tabs: what a person sees there, and what its buttons do.

use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::ports::Clock;
use gantry_tests::town::Plot;
use gantry_workspace::Fault;
use jiff::SignedDuration;

#[tokio::test]
async fn a_home_tab_shows_what_one_may_see_and_keeps_fresh() {
    Plot::new()
        .visit_both_ways(async |town| {
            let empty = town.home("developer", &["Environments"]).await;
            assert!(empty.contains("No environment lives"), "{empty}");
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            town.until("the Home tab tells it by itself", async |town| {
                town.home_now("developer").await.filter(|text| text.contains("*dev*"))
            })
            .await;
            town.say("developer", "#prod", "deploy web to prod because it is ready").await;
            insta::assert_snapshot!("developer", town.home("developer", &["*dev*", "op-2"]).await);
            insta::assert_snapshot!("platform", town.home("platform", &["Waiting for you"]).await);
            let strange = town.home("newcomer", &["Environments"]).await;
            assert!(!strange.contains("*dev*") && !strange.contains("Deploy…"), "{strange}");
        })
        .await;
}

#[tokio::test]
async fn its_buttons_do_what_they_say() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev for 8h").await;
            town.home("developer", &["*dev*"]).await;
            let status = town.click_home("developer", "Status").await;
            let status = town.outcome(status).await;
            assert!(!status.answer.is_ephemeral, "it stays in the conversation beside the tab");
            assert!(status.place.0.starts_with('D'));

            town.click_home("developer", "Extend…").await;
            let form = town.form("developer").await;
            assert_eq!(form["blocks"][0]["element"]["initial_option"]["value"], "dev");
            let before = town.environment("dev").await.unwrap().expiry.unwrap();
            let moved = town.fill("developer", &[("end", "2h")]).await;
            assert_eq!(moved.state, MarkState::Operation(State::Succeeded));
            assert!(moved.place.0.starts_with('C'), "it is told where everybody can see it");
            let after = town.environment("dev").await.unwrap().expiry.unwrap();
            assert_eq!(after.duration_since(before), SignedDuration::from_hours(2));
            insta::assert_snapshot!("its_buttons_do_what_they_say", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn a_vote_from_the_home_tab_counts() {
    Plot::new()
        .visit_both_ways(async |town| {
            let asked = town.say("developer", "#prod", "deploy web to prod because it is ready").await;
            town.home("platform", &["Waiting for you"]).await;
            let vote = town.click_home("platform", "Approve").await;
            town.outcome(vote).await;
            let (_, card, state) = town.chronicle.answer(&asked.delivery).unwrap();
            assert_eq!(state, MarkState::Operation(State::Succeeded), "{card:?}");
            town.until("nothing waits any more", async |town| {
                town.home_now("platform").await.filter(|text| !text.contains("Waiting for you"))
            })
            .await;
        })
        .await;
}

#[tokio::test]
async fn home_tabs_wait_as_long_as_slack_says_everybody_s() {
    Plot::new()
        .visit(async |town| {
            let began = town.clock.now();
            town.people.fault(&Fault::rate_limited("views.publish", 45)).await.unwrap();
            town.people.visit("developer").await.unwrap();
            town.home("platform", &["Environments"]).await;
            let waited = town.clock.now().duration_since(began);
            assert!(waited >= SignedDuration::from_secs(45), "{waited:?}");
            town.home("developer", &["Environments"]).await;
        })
        .await;
}

#[tokio::test]
async fn a_vote_that_is_void_is_asked_for_again() {
    Plot::new()
        .visit(async |town| {
            let scale = async |to: u32| {
                town.say("platform", "#prod", &format!("scale web {to} in prod")).await;
                town.click("platform-two", "Approve").await;
            };
            town.say("developer", "#prod", "deploy web to prod").await;
            town.click("platform", "Approve").await;
            let asked = town.say("developer", "#prod", "scale web 3 in prod").await;
            let first = town.operation(OpId(2)).await.digest;
            scale(4).await;
            town.reply("platform", &asked.thread(), "approve op-2").await;
            assert_ne!(town.operation(OpId(2)).await.digest, first, "the plan is another one");
            scale(2).await;
            town.reply("platform-two", &asked.thread(), "approve op-2").await;
            let op = town.operation(OpId(2)).await;
            assert_eq!((op.digest.clone(), op.state()), (first, State::Voting), "and the first one again");
            assert_eq!(op.votes.len(), 2, "both are void");
            town.home("platform", &["Waiting for you", "op-2"]).await;
        })
        .await;
}
