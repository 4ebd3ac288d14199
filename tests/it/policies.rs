//! Whose word a change needs: rules for dangerous plans, votes from several groups, reminders, less for going back, and what
//! skipping it all takes.

use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_tests::chronicle::buttons;
use gantry_tests::town::{Plot, Said, Town};
use gantry_tests::transcript;
use jiff::SignedDuration;

const RULES: &str = "[[allow]]\nwho = [\"@platform\"]";
const PROD: &str = "approval = { votes = 1, from = \"@platform\" }";

/// The example with a rule more.
fn with(rule: &str) -> Plot {
    Plot::new().replacing(RULES, &format!("{rule}\n{RULES}"))
}

fn said(said: &Said) -> String {
    transcript::text(&said.answer)
}

async fn state(town: &Town, op: u64) -> State {
    town.operation(OpId(op)).await.state()
}

#[tokio::test]
async fn what_deletes_data_needs_more_and_the_card_says_why() {
    with("[[protect]]\nwhen = [\"loses_data\"]\nenvironments = [\"dev\"]\napproval = { votes = 1, from = [\"@platform\", \"@developers\"] }\n")
        .visit_both_ways(async |town| {
            let deployed = town.say("developer", "#dev", "deploy db to dev").await;
            assert_eq!(deployed.state, MarkState::Operation(State::Succeeded), "nothing is lost yet");
            let preview = town.say("developer", "#dev", "plan teardown dev").await;
            assert!(said(&preview).contains("It would need 1 approval"), "{}", said(&preview));
            town.say("developer", "#dev", "teardown dev").await;
            let own = town.click("developer", "Approve").await;
            assert_eq!(own.state, MarkState::Refused, "a member's own word doesn't count: {}", said(&own));
            insta::assert_snapshot!("what_deletes_data_needs_more_and_the_card_says_why", town.transcript());
            town.click("platform", "Approve").await;
            assert_eq!(state(town, 2).await, State::Succeeded);
        })
        .await;
}

#[tokio::test]
async fn the_card_shows_who_voted_and_who_is_missing() {
    Plot::new()
        .replacing(PROD, "approval = { votes = 2, from = \"@platform\" }")
        .visit_both_ways(async |town| {
            let asked = town.say("developer", "#prod", "deploy db to prod because of the sale").await;
            town.reply("platform", &asked.thread(), "approve because it was tested").await;
            insta::assert_snapshot!("the_card_shows_who_voted_and_who_is_missing", town.transcript());
            assert_eq!(state(town, 1).await, State::Voting);
            town.click("platform-two", "Approve").await;
            assert_eq!(state(town, 1).await, State::Succeeded);
            let over = card(town, 1).await;
            assert!(over.contains("Approved by"), "{over}");
            let message =
                town.chronicle.messages().into_iter().map(|(_, message)| message).find(|m| transcript::text(m) == over);
            assert!(!buttons(&message.expect("the card is there")).contains(&"Approve".to_owned()), "it is decided");
            let late = town.reply("platform", &asked.thread(), "reject op-1").await;
            assert_eq!(late.state, MarkState::Refused, "{}", said(&late));
        })
        .await;
}

#[tokio::test]
async fn who_is_asked_is_reminded_once_and_then_it_is_void() {
    Plot::new()
        .replacing(PROD, "approval = { votes = 1, from = \"@platform\", within = \"4h\" }")
        .visit_both_ways(async |town| {
            town.say("developer", "#prod", "deploy db to prod").await;
            town.pass(SignedDuration::from_mins(119)).await;
            assert!(!town.transcript().contains("still missing"), "not yet:\n{}", town.transcript());
            for _ in 0..3 {
                town.pass(SignedDuration::from_mins(3)).await;
            }
            assert_eq!(state(town, 1).await, State::Voting);
            assert_eq!(town.transcript().matches("still missing").count(), 1, "{}", town.transcript());
            town.pass(SignedDuration::from_hours(2)).await;
            assert_eq!(state(town, 1).await, State::Expired);
            insta::assert_snapshot!("who_is_asked_is_reminded_once_and_then_it_is_void", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn who_has_to_confirm_has_a_minute() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#ops", "deploy db to staging").await;
            town.pass(SignedDuration::from_secs(30)).await;
            assert_eq!(state(town, 1).await, State::Voting);
            town.pass(SignedDuration::from_secs(40)).await;
            assert_eq!(state(town, 1).await, State::Expired);
        })
        .await;
}

#[tokio::test]
async fn nobody_skips_approval_where_not_everybody_can_hear_of_it() {
    with("[[allow]]\nwho = [\"user:platform-two\"]\nverbs = [\"deploy!\"]\nenvironments = [\"prod\"]\n")
        .replacing("time_zone = \"UTC\"", "announce = \"#elsewhere\"\ntime_zone = \"UTC\"")
        .visit(async |town| {
            let refused = town.say("platform-two", "#ops", "deploy! db to prod because checkout is down").await;
            assert_eq!(refused.state, MarkState::Refused, "{}", town.transcript());
            assert!(said(&refused).contains("`#elsewhere` has to hear of it"), "{}", said(&refused));
            assert!(town.operations().await.is_empty() && town.cloud.marks().is_empty(), "nothing was done");
        })
        .await;
}

#[tokio::test]
async fn skipping_approval_takes_a_right_and_a_reason_and_everybody_hears_of_it() {
    with("[[allow]]\nwho = [\"user:platform-two\"]\nverbs = [\"deploy!\"]\nenvironments = [\"prod\"]\n")
        .replacing("time_zone = \"UTC\"", "announce = \"#general\"\ntime_zone = \"UTC\"")
        .visit_both_ways(async |town| {
            let words = "deploy! db to prod because checkout is down";
            let refused = town.say("platform", "#ops", words).await;
            assert_eq!(refused.state, MarkState::Refused, "`*` doesn't give it: {}", said(&refused));
            let silent = town.say("platform-two", "#ops", "deploy! db to prod").await;
            assert_eq!(silent.state, MarkState::Invalid, "{}", said(&silent));
            assert!(town.operations().await.is_empty());
            let done = town.say("platform-two", "#ops", words).await;
            assert_eq!(done.state, MarkState::Operation(State::Succeeded));
            town.say("platform", "#ops", "history prod").await;
            let told: Vec<String> = town
                .chronicle
                .messages()
                .into_iter()
                .filter(|(_, message)| transcript::text(message).contains("skips approval of"))
                .map(|((channel, _), _)| channel)
                .collect();
            let expected = ["general", "prod"].map(|name| town.chronicle.channel(name));
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(expected.iter().all(|channel| told.contains(channel)), "{told:?}");
            insta::assert_snapshot!(
                "skipping_approval_takes_a_right_and_a_reason_and_everybody_hears_of_it",
                town.transcript()
            );
        })
        .await;
}

#[tokio::test]
async fn going_back_to_the_last_good_release_takes_the_requesters_word_only() {
    Plot::new()
        .visit(async |town| {
            for version in ["1.1", "1.2"] {
                town.say("developer", "#prod", &format!("deploy web:{version} to prod")).await;
                town.click("platform", "Approve").await;
            }
            town.say("developer", "#prod", "rollback web in prod because 1.2 is slow").await;
            let other = town.click("platform", "Approve").await;
            assert_eq!(other.state, MarkState::Refused, "{}", said(&other));
            town.click("developer", "Approve").await;
            assert_eq!(state(town, 3).await, State::Succeeded);
            let web = &town.environment("prod").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "1.1");
        })
        .await;
}

#[tokio::test]
async fn a_life_beyond_the_maximum_is_somebodys_word() {
    with("[[protect]]\nwhen = [\"beyond_max\"]\nenvironments = [\"dev\"]\napproval = { votes = 1, from = \"@platform\" }\n")
        .visit(async |town| {
            town.say("developer", "#dev", "deploy db to dev").await;
            let asked = town.say("developer", "#dev", "extend dev by 7d").await;
            assert_eq!(asked.state, MarkState::Operation(State::Voting), "{}", said(&asked));
            assert!(said(&asked).contains("lets the environment live beyond its maximum"), "{}", said(&asked));
            town.click("platform", "Approve").await;
            assert_eq!(state(town, 2).await, State::Succeeded);
            let env = town.environment("dev").await.unwrap();
            assert!(env.expiry > env.latest);
        })
        .await;
}

async fn card(town: &Town, op: u64) -> String {
    let key = gantry_engine::ports::PostKey::card(OpId(op));
    let ts = town.store.post(&key).await.unwrap().and_then(|post| post.ts).expect("the card was sent");
    let messages = town.chronicle.messages();
    let found = messages.iter().find(|((_, at), _)| at.to_string() == ts.as_str());
    transcript::text(&found.expect("the card is there").1)
}
