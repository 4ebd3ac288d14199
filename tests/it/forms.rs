//! Forms in, transcript out: a form that was sent is the person saying its words.

use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_tests::town::Plot;
use gantry_tests::transcript;
use gantry_workspace::Fault;
use jiff::SignedDuration;

#[tokio::test]
async fn a_bare_deploy_opens_a_form_whose_words_are_a_command() {
    Plot::new()
        .visit_both_ways(async |town| {
            let form = town.ask("developer", "#dev", "deploy").await;
            assert_eq!(form["title"]["text"], "Deploy a service");
            let fields: Vec<&str> =
                form["blocks"].as_array().unwrap().iter().filter_map(|block| block["block_id"].as_str()).collect();
            assert_eq!(fields, ["service", "version", "environment", "new_environment", "end", "reason"]);
            let environment = &form["blocks"][2]["element"];
            assert_eq!(environment["initial_option"]["value"], "dev", "the channel's");
            let options = environment["options"].as_array().unwrap();
            let names: Vec<&str> = options.iter().filter_map(|option| option["value"].as_str()).collect();
            assert!(names.contains(&"prod"), "{names:?}");

            let (_, wrong) = town.submit("developer", &[("service", "web"), ("end", "soon"), ("version", "a b")]).await;
            assert_eq!(wrong.errors.keys().collect::<Vec<_>>(), ["version"]);
            let (_, wrong) = town.submit("developer", &[("service", "web"), ("end", "soon")]).await;
            assert!(wrong.errors["end"].contains("isn't a time"), "{wrong:?}");
            let (_, wrong) = town.submit("developer", &[("service", "web"), ("new_environment", "mars")]).await;
            assert!(wrong.errors["new_environment"].contains("mars"), "{wrong:?}");

            let done =
                town.fill("developer", &[("service", "web"), ("end", "8h"), ("reason", "the demo <!here>")]).await;
            assert_eq!(done.state, MarkState::Operation(State::Succeeded));
            let op = town.operation(OpId(1)).await;
            assert_eq!(op.request.words, "deploy web to dev for 8h");
            assert_eq!(op.request.because.as_deref(), Some("the demo <!here>"));
        })
        .await;
}

#[tokio::test]
async fn a_rejection_asks_for_its_reason() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#prod", "deploy web to prod because it is ready").await;
            let form = town.press("platform", "Reject…").await;
            assert_eq!(form["title"]["text"], "Reject op-1");
            let (_, wrong) = town.submit("platform", &[("reason", "   ")]).await;
            assert!(wrong.errors.contains_key("reason"), "{wrong:?}");
            town.fill("platform", &[("reason", "not on a Friday")]).await;
            insta::assert_snapshot!("a_rejection_asks_for_its_reason", town.transcript());
            assert_eq!(town.operation(OpId(1)).await.state(), State::Rejected);
        })
        .await;
}

#[tokio::test]
async fn a_form_is_for_those_who_may() {
    Plot::new()
        .visit(async |town| {
            let refused = town.say("newcomer", "#dev", "deploy").await;
            assert_eq!(refused.state, MarkState::Refused);
            assert!(town.people.modal("newcomer").await.unwrap().view.is_none());
        })
        .await;
}

#[tokio::test]
async fn an_end_is_moved_and_an_environment_made_by_forms() {
    Plot::new()
        .visit(async |town| {
            town.ask("developer", "#dev", "provision").await;
            town.fill("developer", &[("environment", "dev"), ("end", "4h")]).await;
            let before = town.environment("dev").await.unwrap().expiry.unwrap();
            town.ask("developer", "#dev", "extend …").await;
            let done = town.fill("developer", &[("environment", "dev"), ("end", "2h")]).await;
            assert_eq!(done.state, MarkState::Operation(State::Succeeded));
            let after = town.environment("dev").await.unwrap().expiry.unwrap();
            assert_eq!(after.duration_since(before), SignedDuration::from_hours(2));
        })
        .await;
}

#[tokio::test]
async fn a_lock_asks_for_its_reason() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.ask("developer", "#dev", "lock").await;
            let (_, wrong) = town.submit("developer", &[("environment", "dev")]).await;
            assert!(wrong.errors.contains_key("reason"), "{wrong:?}");
            let locked = town.fill("developer", &[("environment", "dev"), ("end", "2h"), ("reason", "a demo")]).await;
            assert_eq!(locked.state, MarkState::Answered);
            assert!(transcript::text(&locked.answer).contains("a demo"), "{}", transcript::text(&locked.answer));
        })
        .await;
}

#[tokio::test]
async fn a_form_that_comes_too_late_is_answered_in_words() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.people.fault(&Fault::error("views.open", "expired_trigger_id").times(2)).await.unwrap();
            let bare = town.say("developer", "#dev", "deploy").await;
            assert_eq!(bare.state, MarkState::Invalid, "as in a thread, where there are no forms");
            let late = town.say("developer", "#dev", "extend dev …").await;
            assert!(
                transcript::text(&late.answer).contains("`extend dev by 4h`"),
                "{}",
                transcript::text(&late.answer)
            );
        })
        .await;
}

#[tokio::test]
async fn a_form_is_sent_once() {
    Plot::new()
        .visit(async |town| {
            town.ask("developer", "#dev", "deploy").await;
            let fields = [("service", "web"), ("environment", "dev")];
            let said = town.fill("developer", &fields).await;
            let again = town.people.modal("developer").await.unwrap();
            assert!(again.view.is_none(), "it closed");
            assert!(said.delivery.starts_with("form:"));
            assert_eq!(town.operations().await.len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_message_says_what_it_is_about() {
    Plot::new()
        .visit_both_ways(async |town| {
            let card = town.say("developer", "#dev", "deploy web to dev because the demo is near").await;
            let told = town.about("developer", &card.place).await;
            assert!(told.answer.is_ephemeral, "only for whoever asked");
            insta::assert_snapshot!(
                "a_message_says_what_it_is_about",
                transcript::steady_text(&town.chronicle, &told.answer)
            );
            let in_thread = town.reply("developer", &card.thread(), "about").await;
            assert!(transcript::text(&in_thread.answer).contains("What happened so far"));
            let refused = town.about("newcomer", &card.place).await;
            assert_eq!(refused.state, MarkState::Refused, "it needs a right");
        })
        .await;
}
