//! Conversation in, transcript out: what people say most, and what they read then.

use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_tests::chronicle::{buttons, mark};
use gantry_tests::town::Plot;
use gantry_tests::transcript;
use gantry_workspace::Say;

/// The example without a cluster that changes its size by itself.
fn still() -> Plot {
    Plot::new().replacing("nodes = { min = 1, max = 4 }", "nodes = 1")
}

#[tokio::test]
async fn a_first_deploy_and_what_runs_then() {
    still()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev because the demo is near").await;
            town.say("developer", "#dev", "scale api 5").await;
            town.say("developer", "#dev", "status").await;
            town.say("developer", "#dev", "outputs dev").await;
            town.say("developer", "#dev", "history dev").await;
            town.say("developer", "#dev", "logs api in dev").await;
            insta::assert_snapshot!("a_first_deploy_and_what_runs_then", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn a_thread_knows_what_it_is_about() {
    still()
        .visit_both_ways(async |town| {
            let thread = town.say("developer", "#dev", "deploy web:1.1 to dev").await.thread();
            town.reply("developer", &thread, "deploy web:1.2").await;
            town.reply("developer", &thread, "status").await;
            town.reply("developer", &thread, "rollback web").await;
            insta::assert_snapshot!("a_thread_knows_what_it_is_about", town.transcript());
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "1.1");
        })
        .await;
}

#[tokio::test]
async fn in_a_thread_nothing_needs_a_name() {
    still()
        .visit_both_ways(async |town| {
            let thread = town.say("developer", "#dev", "deploy web:1.1 to dev").await.thread();
            town.reply("developer", &thread, "deploy web:1.2").await;
            let all =
                ["scale to 3", "restart", "rollback", "logs", "status", "outputs", "history", "about", "extend by 1h"];
            for words in all {
                let said = town.reply("developer", &thread, words).await;
                let text = transcript::text(&said.answer);
                let done = [MarkState::Answered, MarkState::Operation(State::Succeeded)];
                assert!(done.contains(&said.state), "{words}: {text}");
            }
            let late = town.reply("developer", &thread, "cancel").await;
            assert_eq!(late.state, MarkState::Refused, "the thread's operation is over, and is the one that is meant");
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!((web.version.as_str(), web.replicas), ("1.1", 3));
        })
        .await;
}

#[tokio::test]
async fn a_broken_version_is_taken_back() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let broken = town.say("developer", "#dev", "deploy web:broken to dev").await;
            assert_eq!(broken.state, MarkState::Operation(State::Reverted));
            insta::assert_snapshot!(
                "a_broken_version_is_taken_back",
                transcript::text(&broken.answer).lines().next().unwrap()
            );
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "1.0", "the record is what serves");
        })
        .await;
}

#[tokio::test]
async fn a_plan_does_nothing() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "plan deploy web to dev for 2h").await;
            insta::assert_snapshot!("a_plan_does_nothing", town.transcript());
            assert!(town.operations().await.is_empty());
            assert!(town.environment("dev").await.is_none());
            assert!(town.cloud.marks().is_empty(), "nothing was made");
        })
        .await;
}

#[tokio::test]
async fn help_and_mistakes() {
    Plot::new()
        .visit_both_ways(async |town| {
            for words in
                ["help", "help scale", "depoly web to dev", "deploy wbe to dev", "deploy web to", "scale web", ""]
            {
                town.say("developer", "#general", words).await;
            }
            insta::assert_snapshot!("help_and_mistakes", town.transcript());
            assert!(town.operations().await.is_empty());
        })
        .await;
}

#[tokio::test]
async fn where_several_environments_are_meant_the_person_chooses() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy api to dev").await;
            town.say("developer", "#dev", "deploy api to pr-7").await;
            let asked = town.say("developer", "#general", "scale api 3").await;
            assert_eq!(asked.state, MarkState::Asked);
            assert_eq!(buttons(&asked.answer), ["dev", "pr-7"]);
            let chosen = town.click("developer", "pr-7").await;
            assert_eq!(chosen.state, MarkState::Operation(State::Succeeded));
            let replicas =
                async |env: &str| town.environment(env).await.unwrap().services[&"api".parse().unwrap()].replicas;
            assert_eq!((replicas("dev").await, replicas("pr-7").await), (2, 3));
        })
        .await;
}

#[tokio::test]
async fn a_torn_down_environment_leaves_a_receipt_and_can_be_born_again() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let made = town.inventory("dev").await.len();
            let over = town.say("developer", "#dev", "teardown dev").await;
            assert_eq!(over.state, MarkState::Operation(State::Succeeded));
            let receipt = format!("{made} created, {made} destroyed, 0 kept, 0 left over");
            assert!(transcript::text(&over.answer).contains(&receipt), "{}", transcript::text(&over.answer));
            assert!(town.inventory("dev").await.is_empty());
            assert!(town.cloud.marks().is_empty());
            town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(town.environment("dev").await.unwrap().incarnation, 2);
        })
        .await;
}

#[tokio::test]
async fn every_card_says_what_it_is_in_its_text() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "deploy web:broken to dev").await;
            town.say("developer", "#dev", "status").await;
            for message in town.chronicle.versions() {
                assert!(mark(&message).is_some(), "without a mark: {message:?}");
                let text = message.text.trim();
                assert!(text.len() > 10 && text.contains(['.', '!', '?', ':']), "not a sentence: {text:?}");
                let ids: Vec<_> = message.blocks.iter().map(|block| block["block_id"].clone()).collect();
                assert_eq!(ids.len(), ids.iter().collect::<std::collections::HashSet<_>>().len(), "{ids:?}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_direct_message_needs_no_mention_and_is_answered_beside_it() {
    still()
        .visit_both_ways(async |town| {
            for words in ["status", "deploy web to dev", "scale web 3 in dev", "outputs dev"] {
                let said = Say {
                    who: "developer".to_owned(),
                    channel: "@gantry".to_owned(),
                    text: words.to_owned(),
                    thread_ts: None,
                };
                let mark = town.people.message(&said).await.unwrap();
                town.outcome(format!("said:{}:{}", mark.channel, mark.ts)).await;
            }
            insta::assert_snapshot!("a_direct_message_needs_no_mention", town.transcript());
        })
        .await;
}
