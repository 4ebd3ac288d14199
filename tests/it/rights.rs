//! Who may do what, and what a refusal tells them.

use gantry::message::MarkState;
use gantry_tests::town::Plot;
use gantry_tests::transcript;

#[tokio::test]
async fn a_newcomer_is_told_the_rule_and_who_can_help() {
    Plot::new()
        .visit(async |town| {
            for words in ["deploy web to dev", "status dev", "reload", "teardown prod", "whoami"] {
                town.say("newcomer", "#dev", words).await;
            }
            town.say("developer", "#dev", "whoami").await;
            town.say("developer", "#dev", "kill api-1 in dev").await;
            insta::assert_snapshot!(town.transcript());
            assert!(town.operations().await.is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_button_gives_nobody_a_right() {
    Plot::new()
        .visit(async |town| {
            let deployed = town.say("developer", "#dev", "deploy web to dev").await;
            let refused = town.click_at("newcomer", &deployed.place, "Tear down").await;
            assert_eq!(refused.state, MarkState::Refused, "{}", transcript::text(&refused.answer));
            assert_eq!(town.operations().await.len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_changed_project_file_counts_from_its_reload_on() {
    Plot::new()
        .visit(async |town| {
            let before = town.say("developer", "#dev", "plan deploy web to dev").await;
            let text = std::fs::read_to_string(&town.project).unwrap();
            std::fs::write(&town.project, text.replace("host = \"www\"", "host = \"shop\"")).unwrap();
            let refused = town.say("developer", "#dev", "reload").await;
            assert_eq!(refused.state, MarkState::Refused, "it is a right of its own");
            let reloaded = town.say("platform", "#dev", "reload").await;
            assert_eq!(reloaded.state, MarkState::Answered, "{}", transcript::text(&reloaded.answer));
            let after = town.say("developer", "#dev", "deploy web to dev").await;
            let revision = |text: &str| text.split("revision `").nth(1).map(|rest| rest[..8].to_owned());
            let (before, after) = (transcript::text(&before.answer), transcript::text(&after.answer));
            assert!(revision(&after).is_some() && revision(&before) != revision(&after), "{before}\n{after}");
            assert!(transcript::text(&reloaded.answer).contains("mini-soa"), "it says what is new");
            assert!(after.contains("shop.dev.mini-soa"), "{after}");

            std::fs::write(&town.project, "version = 1\n[project]\nnmae = \"x\"\n").unwrap();
            let broken = town.say("platform", "#dev", "reload").await;
            assert_eq!(broken.state, MarkState::Refused, "{}", transcript::text(&broken.answer));
            let still = town.say("developer", "#dev", "scale web 3").await;
            assert_eq!(still.state.as_str(), "succeeded", "the one before stays in use");
        })
        .await;
}
