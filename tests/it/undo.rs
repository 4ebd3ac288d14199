//! What becomes of an operation that ended in the middle: it is taken back, or gone on with, by whoever may.

use gantry::message::MarkState;
use gantry_engine::journal::{Entry, State, StepState};
use gantry_engine::names::OpId;
use gantry_testkit::fake::Weather;
use gantry_tests::chronicle::buttons;
use gantry_tests::town::{Plot, Said, Town};
use gantry_tests::transcript;
use std::collections::BTreeSet;

/// What is there, but for which life of an address each is.
fn things(town: &Town) -> BTreeSet<String> {
    town.cloud.marks().into_iter().map(|(mark, kind)| format!("{} {kind}", mark.addr)).collect()
}

/// Says something and cancels it once so many steps are done.
async fn cut(town: &Town, words: &str, done: usize) -> Said {
    let op = OpId(town.operations().await.len() as u64 + 1);
    let delivery = town.send("developer", "#dev", words).await;
    town.until("some of it is done", async |town| {
        town.operations().await.iter().find(|record| record.id == op)?;
        (town.operation(op).await.done() >= done).then_some(())
    })
    .await;
    town.send("developer", "#dev", &format!("cancel {op}")).await;
    let said = town.outcome(delivery).await;
    assert_eq!(said.state, MarkState::Operation(State::Cancelled), "{}", town.transcript());
    said
}

#[tokio::test]
async fn a_first_deploy_that_was_cancelled_is_undone_and_nothing_is_left() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit_both_ways(async |town| {
            let cancelled = cut(town, "deploy web to dev", 4).await;
            assert_eq!(buttons(&cancelled.answer), ["Resume", "Undo", "Status"]);
            assert!(!things(town).is_empty());
            let undone = town.click("developer", "Undo").await;
            assert_eq!(undone.state, MarkState::Operation(State::Succeeded), "{}", town.transcript());
            assert!(things(town).is_empty());
            let receipt = town.operation(OpId(2)).await.receipt.expect("a receipt");
            assert!(receipt.is_clean() && receipt.kept.is_empty(), "{receipt:?}");
            let told = transcript::text(&undone.answer);
            let count = receipt.destroyed;
            for line in [
                "*op-2*, undo op-1 in `dev`, *succeeded*".to_owned(),
                "Undone: everything is as it was before op-1.".to_owned(),
                format!("*Receipt*: {count} created, {count} destroyed, 0 kept, 0 left over."),
            ] {
                assert!(told.contains(&line), "{told}");
            }
            let card = town.chronicle.answer(&cancelled.delivery).expect("it stays").1;
            assert_eq!(buttons(&card), Vec::<String>::new(), "nothing is there to undo");
            for words in ["history dev", "history op-2"] {
                let told = town.say("developer", "#dev", words).await;
                assert!(transcript::text(&told.answer).contains("undo op-1"), "{}", transcript::text(&told.answer));
            }
        })
        .await;
}

#[tokio::test]
async fn a_deploy_that_was_cancelled_in_the_middle_is_undone_and_all_is_as_before() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            town.say("developer", "#dev", "deploy api to dev").await;
            let (before, record) = (things(town), town.environment("dev").await.unwrap());
            let cancelled = cut(town, "deploy web:1.1 to dev", 3).await;
            assert_ne!(things(town), before);
            let undone = town.reply("developer", &cancelled.thread(), "undo because we wait for the new logo").await;
            assert_eq!(undone.state, MarkState::Operation(State::Succeeded), "{}", town.transcript());
            assert_eq!(things(town), before);
            let after = town.environment("dev").await.unwrap();
            assert_eq!((after.services, after.clusters), (record.services, record.clusters));
            let again = town.reply("developer", &cancelled.thread(), "undo op-2").await;
            assert_eq!(again.state, MarkState::Refused);
            let why = transcript::text(&again.answer);
            assert!(why.contains("op-3 has undone op-2"), "{why}");
        })
        .await;
}

#[tokio::test]
async fn who_resumes_it_says_its_words_again() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            let cancelled = cut(town, "deploy web to dev for 8h", 4).await;
            let refused = town.click_at("newcomer", &cancelled.place, "Resume").await;
            assert_eq!(refused.state, MarkState::Refused, "with their rights");
            let resumed = town.click_at("platform", &cancelled.place, "Resume").await;
            assert_eq!(resumed.state, MarkState::Operation(State::Succeeded), "{}", town.transcript());
            let op = town.operation(OpId(2)).await;
            assert_eq!((op.request.words.as_str(), op.request.resumes), ("deploy web to dev for 8h", Some(OpId(1))));
            assert_eq!(op.request.by.user().map(ToString::to_string), Some(town.chronicle.user("platform")));
            let story = town.say("developer", "#dev", "history op-2").await;
            let story = transcript::text(&story.answer);
            assert!(story.contains("to go on with *op-1*"), "{story}");
            for label in ["Undo", "Resume"] {
                let messages = town.chronicle.messages();
                let offered = messages.iter().any(|(_, message)| buttons(message).iter().any(|found| found == label));
                assert!(!offered, "{label} is void:\n{}", town.transcript());
            }
        })
        .await;
}

/// A rollout that never ends is cut at the same place each time, so all that is said can be compared.
#[tokio::test]
async fn a_rollout_that_is_cancelled_is_taken_back() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let stuck = town.send("developer", "#dev", "deploy web:stuck to dev").await;
            let card = town
                .until("it waits for the new tasks", async |town| {
                    town.operations().await.iter().find(|record| record.id == OpId(2))?;
                    let waits = |state: &StepState| matches!(state, StepState::Waiting { .. });
                    town.operation(OpId(2)).await.steps.iter().any(waits).then_some(())?;
                    town.transcript().contains("*op-2* has started").then_some(())?;
                    let (_, card, _) = town.chronicle.answer(&stuck)?;
                    transcript::text(&card).contains("is running").then_some(card)
                })
                .await;
            town.mention("developer", &(town.chronicle.channel("dev"), card.ts), "cancel because it hangs").await;
            let cancelled = town.outcome(stuck).await;
            assert_eq!(cancelled.state, MarkState::Operation(State::Cancelled), "{}", town.transcript());
            let undone = town.click("developer", "Undo").await;
            assert_eq!(undone.state, MarkState::Operation(State::Succeeded), "{}", town.transcript());
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "1.0");
            insta::assert_snapshot!("a_rollout_that_is_cancelled_is_taken_back", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn two_clicks_are_one_undo() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            let cancelled = cut(town, "deploy web to dev", 4).await;
            let (one, two) = tokio::join!(
                town.click_at("developer", &cancelled.place, "Undo"),
                town.click_at("platform", &cancelled.place, "Undo"),
            );
            let states: BTreeSet<_> = [one.state, two.state].map(|state| state.as_str().to_owned()).into();
            assert_eq!(states, ["refused", "succeeded"].map(str::to_owned).into(), "{}", town.transcript());
            assert_eq!(town.operations().await.len(), 2);
        })
        .await;
}

#[tokio::test]
async fn a_newer_operation_voids_it() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            town.say("developer", "#dev", "deploy api to dev").await;
            let cancelled = cut(town, "deploy web to dev", 2).await;
            town.say("developer", "#dev", "scale api 3 in dev").await;
            let card = town.chronicle.answer(&cancelled.delivery).expect("it stays").1;
            assert_eq!(buttons(&card), ["Status"], "the buttons are gone");
            let made = town.operations().await.len();
            for words in ["undo op-2", "resume op-2"] {
                let refused = town.say("developer", "#dev", words).await;
                assert_eq!(refused.state, MarkState::Refused);
                let why = transcript::text(&refused.answer);
                assert!(why.contains("ince op-2 the environment was changed by op-3"), "{why}");
            }
            assert_eq!(town.operations().await.len(), made);
        })
        .await;
}

#[tokio::test]
async fn an_undo_is_approved_like_any_other_operation() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            let delivery = town.send("developer", "#prod", "deploy web to prod").await;
            town.until("it is asked for", async |town| town.chronicle.answer(&delivery)).await;
            town.settle().await;
            town.say("platform", "#prod", "approve op-1").await;
            let next = town.send("developer", "#prod", "deploy web:1.1 to prod").await;
            town.until("it is asked for", async |town| town.chronicle.answer(&next)).await;
            town.settle().await;
            town.send("platform", "#prod", "approve op-2").await;
            town.until("some is done", async |town| (town.operation(OpId(2)).await.done() > 0).then_some(())).await;
            town.send("developer", "#prod", "cancel op-2").await;
            let cancelled = town.outcome(next).await;
            assert_eq!(cancelled.state, MarkState::Operation(State::Cancelled), "{}", town.transcript());
            let asked = town.click_at("developer", &cancelled.place, "Undo").await;
            assert_eq!(asked.state, MarkState::Operation(State::Voting), "{}", town.transcript());
            let begun = |entry: &Entry| matches!(entry, Entry::Started { .. });
            assert!(!town.journal(OpId(3)).await.iter().any(|stamped| begun(&stamped.entry)));
            let card = town.chronicle.answer(&cancelled.delivery).expect("it stays").1;
            assert_eq!(buttons(&card), ["Status"], "pressed once, they are void");
            town.say("platform", "#prod", "reject op-3 because the rest comes tomorrow").await;
            assert_eq!(town.operation(OpId(3)).await.state(), State::Rejected);
            let card = town.chronicle.answer(&cancelled.delivery).expect("it stays").1;
            assert_eq!(buttons(&card), ["Resume", "Undo", "Status"], "nothing came of it");
        })
        .await;
}

#[tokio::test]
async fn a_bot_that_dies_in_the_middle_of_an_undo_goes_on_with_it() {
    Plot::new()
        .weather(Weather::USUAL)
        .visit(async |town| {
            cut(town, "deploy web to dev", 6).await;
            let delivery = town.send("developer", "#dev", "undo op-1").await;
            for seen in 1..4 {
                town.until("it goes on", async |town| {
                    let op = town.operations().await.into_iter().find(|record| record.id == OpId(2))?;
                    (op.seq > seen * 2 || op.state.is_closed()).then_some(())
                })
                .await;
                town.stop_bot().await;
                town.start_bot().await;
            }
            let undone = town.outcome(delivery).await;
            assert_eq!(undone.state, MarkState::Operation(State::Succeeded), "{}", town.transcript());
            assert!(things(town).is_empty());
            let ends = town.journal(OpId(2)).await.into_iter().filter(|s| matches!(s.entry, Entry::Closed(_))).count();
            assert_eq!(ends, 1);
        })
        .await;
}
