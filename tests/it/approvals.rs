//! Changes that need somebody's word.

use gantry::message::MarkState;
use gantry_engine::journal::{Entry, State};
use gantry_engine::names::OpId;
use gantry_engine::plan::Action;
use gantry_tests::chronicle::buttons;
use gantry_tests::town::{Plot, Said, Town};
use gantry_tests::transcript;
use gantry_workspace::Fault;
use jiff::SignedDuration;

fn said(said: &Said) -> String {
    transcript::text(&said.answer)
}

async fn admitted(town: &Town, op: u64) -> Vec<String> {
    let journal = town.journal(OpId(op)).await;
    let digest = |entry: &Entry| {
        if let Entry::Admitted { digest, .. } = entry { Some(digest.as_str().to_owned()) } else { None }
    };
    journal.iter().filter_map(|stamped| digest(&stamped.entry)).collect()
}

async fn proposed(town: &Town, op: u64) -> String {
    let journal = town.journal(OpId(op)).await;
    let Entry::Proposed { plan, .. } = &journal[0].entry else { panic!("{:?}", journal[0]) };
    plan.digest().as_str().to_owned()
}

#[tokio::test]
async fn production_needs_another_member_of_the_platform_group() {
    Plot::new()
        .visit_both_ways(async |town| {
            let asked = town.say("platform", "#prod", "deploy web to prod").await;
            assert_eq!(asked.state, MarkState::Operation(State::Voting));
            assert_eq!(buttons(&asked.answer), ["Approve", "Reject…"]);
            assert!(town.cloud.marks().is_empty(), "nothing runs yet");
            let digest = proposed(town, 1).await;
            assert!(said(&asked).contains(&digest[..8]), "the card shows which plan: {}", said(&asked));

            let own = town.click("platform", "Approve").await;
            assert_eq!(own.state, MarkState::Refused, "the requester's own word doesn't count: {}", said(&own));
            let outsider = town.click("developer", "Approve").await;
            assert_eq!(outsider.state, MarkState::Refused, "{}", said(&outsider));
            assert!(town.cloud.marks().is_empty(), "still nothing runs");

            let other = town.click("platform-two", "Approve").await;
            assert_ne!(other.state, MarkState::Refused, "{}", said(&other));
            assert_eq!(town.operation(OpId(1)).await.state(), State::Succeeded);
            assert_eq!(admitted(town, 1).await, [digest], "what runs is exactly what was shown");

            let late = town.say("platform", "#prod", "reject op-1 because I was away").await;
            assert!(said(&late).contains("It was approved by"), "{}", said(&late));
            insta::assert_snapshot!("production_needs_another_member_of_the_platform_group", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn an_approval_is_void_when_the_environment_has_changed() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#prod", "deploy web to prod").await;
            town.click("platform", "Approve").await;
            town.say("developer", "#prod", "deploy web:2.0 to prod").await;
            let first = proposed(town, 2).await;
            // Meanwhile somebody else's change of the same service is approved and runs.
            town.say("platform", "#prod", "deploy web:1.5 to prod").await;
            town.click("platform-two", "Approve").await;
            assert_eq!(town.operation(OpId(3)).await.state(), State::Succeeded);
            // The vote is for the plan that this person saw; the world has moved on.
            let late = town.reply("platform", &thread_of(town, 2).await, "approve op-2").await;
            assert_ne!(late.state, MarkState::Refused, "{}", said(&late));
            let op = town.operation(OpId(2)).await;
            assert_eq!(op.state(), State::Voting, "it asks anew");
            assert!(!op.changed.is_empty());
            assert_ne!(op.digest.as_str(), first);
            assert!(admitted(town, 2).await.is_empty());
            let card = card(town, 2).await;
            assert!(
                card.contains("void") && card.contains("`web` is at `r2` now"),
                "the card says what changed: {card}"
            );
            insta::assert_snapshot!("an_approval_is_void_when_the_environment_has_changed", town.transcript());
            // The new plan can be approved, and runs as shown.
            town.reply("platform-two", &thread_of(town, 2).await, "approve op-2").await;
            assert_eq!(admitted(town, 2).await, [op.digest.as_str()]);
        })
        .await;
}

#[tokio::test]
async fn a_typed_approval_is_no_vote_on_a_plan_whose_card_is_on_its_way() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#prod", "deploy web to prod").await;
            town.click("platform", "Approve").await;
            town.say("developer", "#prod", "deploy web:2.0 to prod").await;
            town.say("platform", "#prod", "deploy web:1.5 to prod").await;
            town.click("platform-two", "Approve").await;
            let (thread, before) = (thread_of(town, 2).await, card(town, 2).await);
            // From here on no card is edited.
            let no_edits = Fault::rate_limited("chat.update", 1);
            town.people.fault(&no_edits.clone().times(u32::MAX)).await.unwrap();
            town.mention("platform", &thread, "approve op-2").await;
            town.until("the plan is another one", async |town| town.operation(OpId(2)).await.replanned.then_some(()))
                .await;
            let again = town.mention("platform-two", &thread, "approve op-2").await;
            let (_, answer, state) =
                town.until("the second word is answered", async |town| town.chronicle.answer(&again)).await;
            assert_eq!(card(town, 2).await, before, "they have the old plan before them");
            assert_eq!(state, MarkState::Refused, "{}", town.transcript());
            let answer = transcript::text(&answer);
            assert!(answer.contains("has just changed") && answer.contains("approve op-2"), "{answer}");
            assert_eq!(town.operation(OpId(2)).await.votes.len(), 1, "{}", town.transcript());
            town.people.fault(&no_edits.times(0)).await.unwrap();
            town.settle().await;
            assert_ne!(card(town, 2).await, before);
            let op = town.operation(OpId(2)).await;
            town.reply("platform-two", &thread, "approve op-2").await;
            assert_eq!(admitted(town, 2).await, [op.digest.as_str()], "{}", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn a_click_on_an_old_card_is_not_a_vote_on_the_new_plan() {
    Plot::new()
        .visit(async |town| {
            let asked = town.say("developer", "#prod", "deploy web to prod").await;
            let before = asked.answer.clone();
            // The project file gets another default: the same words mean another plan.
            let text = std::fs::read_to_string(&town.project).unwrap().replace("replicas = 2", "replicas = 3");
            std::fs::write(&town.project, text).unwrap();
            town.say("platform", "#general", "reload").await;
            town.click("platform", "Approve").await;
            let op = town.operation(OpId(1)).await;
            if op.state() == State::Voting {
                assert!(op.votes.iter().all(|vote| vote.digest != op.digest), "no vote on a plan that nobody saw");
                assert_ne!(card(town, 1).await, transcript::text(&before));
            } else {
                assert_eq!(admitted(town, 1).await, [proposed(town, 1).await], "what ran is what was shown");
            }
            town.reply("platform", &thread_of(town, 1).await, "cancel").await;
        })
        .await;
}

#[tokio::test]
async fn staging_is_confirmed_by_whoever_asked() {
    Plot::new()
        .visit(async |town| {
            let asked = town.say("developer", "#ops", "deploy web to staging").await;
            assert_eq!(asked.state, MarkState::Operation(State::Voting));
            let other = town.click("platform", "Approve").await;
            assert_eq!(other.state, MarkState::Refused, "{}", said(&other));
            town.click("developer", "Approve").await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Succeeded);
        })
        .await;
}

#[tokio::test]
async fn a_rejection_ends_it_with_the_reason() {
    Plot::new()
        .visit(async |town| {
            let asked = town.say("developer", "#prod", "deploy web to prod").await;
            town.reply("platform", &asked.thread(), "reject op-1 because not on Fridays").await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Rejected);
            assert!(card(town, 1).await.contains("not on Fridays"));
            assert!(town.cloud.marks().is_empty());
            let late = town.reply("platform-two", &asked.thread(), "approve op-1").await;
            assert_eq!(late.state, MarkState::Refused, "{}", said(&late));
        })
        .await;
}

#[tokio::test]
async fn nobody_decides_for_a_long_time() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#prod", "deploy web to prod").await;
            town.pass(SignedDuration::from_hours(24 * 14)).await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Expired);
            assert!(card(town, 1).await.contains("Nobody decided in time"));
        })
        .await;
}

#[tokio::test]
async fn a_destructive_step_is_on_the_card_that_is_approved() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#prod", "deploy web to prod").await;
            town.click("platform", "Approve").await;
            town.say("platform", "#prod", "teardown prod").await;
            let op = town.operation(OpId(2)).await;
            assert!(op.plan.steps.iter().all(|step| matches!(step.action, Action::Delete { .. })));
            let card = card(town, 2).await;
            assert!(card.contains(&format!("{} to destroy", op.plan.steps.len())), "{card}");
            town.click("platform-two", "Approve").await;
            let left = town.inventory("prod").await;
            assert!(left.iter().all(|found| found.kind.as_str().contains("volume")), "data stays in prod: {left:?}");
            assert!(!left.is_empty(), "data stays in prod");
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

async fn thread_of(town: &Town, op: u64) -> gantry_tests::chronicle::Place {
    let key = gantry_engine::ports::PostKey::card(OpId(op));
    let post = town.store.post(&key).await.unwrap().expect("a card");
    (post.draft.channel.as_str().to_owned(), post.ts.expect("it was sent").as_str().parse().unwrap())
}
