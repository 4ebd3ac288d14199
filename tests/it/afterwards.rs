//! What goes on after an answer: lines that are followed, what a kill came to; and what was left over, found and removed.

use gantry::message::MarkState;
use gantry_engine::audit::{Event, What};
use gantry_engine::change::Actor;
use gantry_engine::journal::State;
use gantry_engine::names::{DeliveryId, UserId};
use gantry_engine::ports::{Clock, LogFilter, Platform};
use gantry_testkit::fake::FakePlatform;
use gantry_tests::booth::{Booth, Cast, SPEAKER};
use gantry_tests::chronicle::buttons;
use gantry_tests::town::{Plot, Town};

/// Waits until somebody reads this.
async fn reads(town: &Town, words: &str) {
    town.until(words, async |town| town.transcript().contains(words).then_some(())).await;
    town.settle().await;
}

#[tokio::test]
async fn a_follow_ends_by_itself_or_by_a_word() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let said = town.say("developer", "#dev", "logs web in dev follow for 1m").await;
            assert!(buttons(&said.answer).contains(&"Stop following".to_owned()), "{}", town.transcript());
            reads(town, "its time is over").await;
            town.say("developer", "#dev", "logs web in dev follow").await;
            town.click("developer", "Stop following").await;
            reads(town, "as somebody asked").await;
            town.say("developer", "#dev", "logs web in dev unfollow").await;
            reads(town, "Nobody follows").await;
        })
        .await;
}

#[tokio::test]
async fn a_restart_ends_a_follow_and_says_so() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "logs web in dev follow for 1h").await;
            town.stop_bot().await;
            town.start_bot().await;
            reads(town, "Gantry stops or restarts").await;
        })
        .await;
}

#[tokio::test]
async fn a_real_task_is_killed_and_the_thread_tells_when_all_is_well() {
    Plot::new()
        .real()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let tasks = town.runtime.as_ref().unwrap().tasks(&gantry_local::api::Filter::default()).await.unwrap();
            let is_db = |task: &&gantry_local::api::TaskView| task.mark.addr.split('/').nth(1) == Some("db");
            let db = tasks.iter().find(is_db).expect("the database runs");
            let killed = town.say("platform", "#dev", &format!("kill {} in dev", db.id)).await;
            assert_eq!(killed.state, MarkState::Answered, "{}", town.transcript());
            reads(town, "All is well again").await;
            assert!(town.transcript().contains("1 task lost"), "{}", town.transcript());
            town.say("developer", "#dev", "teardown dev with volumes").await;
        })
        .await;
}

#[tokio::test]
async fn what_is_left_over_is_listed_first_and_removed_after_a_confirmation() {
    Plot::new()
        .visit(async |town| {
            let look = town.say("platform", "#dev", "sweep").await;
            assert!(look.answer.text.contains("Nothing is left over"), "{}", town.transcript());
            town.leave_behind("pr-9").await;
            town.say("developer", "#dev", "deploy web to dev").await;
            let kept = town.inventory("dev").await.len();

            let refused = town.say("developer", "#dev", "sweep").await;
            assert_eq!(refused.state, MarkState::Refused, "no rule lets developers sweep");
            let look = town.say("platform", "#dev", "sweep").await;
            assert!(look.answer.text.contains("pr-9 of mini-soa: 1 thing left over"), "{}", town.transcript());
            assert_eq!(town.inventory("pr-9").await.len(), 1, "a look changes nothing");

            let asked = town.click("platform", "Remove what is left of pr-9").await;
            assert_eq!(asked.state, MarkState::Operation(State::Voting), "it is never done unasked");
            town.click("platform", "Approve").await;
            assert!(town.inventory("pr-9").await.is_empty(), "{}", town.transcript());
            assert_eq!(town.inventory("dev").await.len(), kept, "what lives stays");
            let look = town.say("platform", "#dev", "sweep").await;
            assert!(look.answer.text.contains("Nothing is left over"), "{}", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn who_had_what_killed_and_why_is_in_the_record() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let live = FakePlatform::new(&town.cloud).live(&town.key("dev")).await.unwrap();
            let task = &live.tasks[0].id;
            let killed = town.say("platform", "#dev", &format!("kill {task} in dev because we rehearse")).await;
            assert_eq!(killed.state, MarkState::Answered, "{}", town.transcript());
            town.say("platform", "#dev", "history dev").await;
            let line = "killed in `mini-soa/dev`, because “we rehearse”.";
            assert_eq!(town.transcript().matches(line).count(), 1, "{}", town.transcript());
            let [event] = &town.store.intents(None, 9).await.unwrap()[..] else { panic!("{}", town.transcript()) };
            assert_eq!(event.by, Some(Actor::User(UserId::new(town.chronicle.user("platform")))));
            assert_eq!(event.what, What::Kill { target: task.clone() });
        })
        .await;
}

#[tokio::test]
async fn a_delivery_that_comes_again_kills_nothing_a_second_time() {
    let groups = vec![("developers", [SPEAKER].as_slice()), ("platform", [SPEAKER].as_slice())];
    let booth = Booth::with(Cast { groups, ..Cast::default() }).await;
    booth.say("d1", "deploy web to dev").await;
    booth.settle().await;
    // Whoever handled it died before that was noted: after the intent, perhaps after the effect.
    let env = booth.store.environments().await.unwrap().remove(0);
    let platform = FakePlatform::new(&booth.cloud);
    let task = platform.live(&env.key).await.unwrap().tasks[0].id.clone();
    let intent = Event {
        at: booth.clock.now(),
        by: Some(Actor::User(UserId::new(SPEAKER))),
        key: Some(env.key.clone()),
        op: None,
        because: None,
        what: What::Kill { target: task.clone() },
    };
    assert!(booth.store.intend(&DeliveryId::new("k1"), &env.key, intent).await.unwrap());
    let lines = booth.store.audited(&LogFilter::default()).await.unwrap().len();
    booth.say("k1", &format!("kill {task} in dev")).await;
    booth.settle().await;
    let notes = booth.notes();
    assert!(notes.iter().any(|note| note.text.contains("I was interrupted")), "{notes:#?}");
    let live = platform.live(&env.key).await.unwrap();
    assert!(live.tasks.iter().any(|there| there.id == task), "it wasn't ended: {live:?}");
    assert_eq!(booth.store.audited(&LogFilter::default()).await.unwrap().len(), lines, "it is told once");
    booth.close().await;
}
