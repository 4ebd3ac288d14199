//! Who may do what, and what a refusal tells them.

use gantry::message::MarkState;
use gantry_tests::town::Plot;
use gantry_tests::transcript;
use gantry_workspace::{Fault, Standing};

#[tokio::test]
async fn a_newcomer_is_told_the_rule_and_who_can_help() {
    Plot::new()
        .visit_both_ways(async |town| {
            for words in ["deploy web to dev", "status dev", "reload", "teardown prod", "whoami"] {
                town.say("newcomer", "#dev", words).await;
            }
            town.say("developer", "#dev", "whoami").await;
            town.say("developer", "#dev", "kill api-1 in dev").await;
            insta::assert_snapshot!("a_newcomer_is_told_the_rule_and_who_can_help", town.transcript());
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

#[tokio::test]
async fn guests_strangers_and_who_has_left_have_no_rights_whatever_group_they_are_in() {
    let all = [
        ("guest", Standing::Guest),
        ("one-channel", Standing::ChannelGuest),
        ("stranger", Standing::Stranger),
        ("former", Standing::Deactivated),
    ];
    let plot = all.into_iter().fold(Plot::new(), |plot, (name, standing)| plot.with(name, standing));
    plot.replacing(
        "[[allow]]\nwho = [\"@platform\"]",
        "[[allow]]\nwho = [\"everyone\"]\nverbs = [\"logs\"]\n\n[[allow]]\nwho = [\"@platform\"]",
    )
    .visit_both_ways(async |town| {
        for (name, _) in all {
            for words in ["status dev", "deploy web to dev", "whoami"] {
                town.say(name, "#dev", words).await;
            }
        }
        insta::assert_snapshot!(
            "guests_strangers_and_who_has_left_have_no_rights_whatever_group_they_are_in",
            town.transcript()
        );
        assert!(town.operations().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_rule_can_mean_guests() {
    Plot::new()
        .with("guest", Standing::Guest)
        .with("stranger", Standing::Stranger)
        .replacing("who = [\"@developers\"]", "who = [\"@developers\", \"guests\"]")
        .visit(async |town| {
            let allowed = town.say("guest", "#dev", "deploy web to dev").await;
            assert_eq!(allowed.state.as_str(), "succeeded");
            let refused = town.say("stranger", "#dev", "deploy web:2.0 to dev").await;
            assert_eq!(refused.state, MarkState::Refused);
        })
        .await;
}

#[tokio::test]
async fn a_rule_can_want_a_channel() {
    Plot::new()
        .replacing("]\nenvironments = [\"prod\"]\n", "]\nenvironments = [\"prod\"]\nchannels = [\"#ops\"]\n")
        .visit_both_ways(async |town| {
            for (channel, words) in [("#dev", "status prod"), ("#prod", "whoami"), ("#ops", "history prod")] {
                town.say("developer", channel, words).await;
            }
            insta::assert_snapshot!("a_rule_can_want_a_channel", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn where_slack_cannot_be_asked_nobody_has_a_right_and_that_is_told() {
    Plot::new()
        .visit(async |town| {
            let broken = Fault { times: 100, ..Fault::error("usergroups.list", "fatal_error") };
            town.people.fault(&broken).await.unwrap();
            let refused = town.say("platform", "#dev", "deploy web to dev").await;
            assert_eq!(refused.state, MarkState::Refused);
            let told = transcript::text(&refused.answer);
            assert!(told.contains("The workspace can't be asked about the group @"), "{told}");
            assert!(town.operations().await.is_empty());
        })
        .await;
}
