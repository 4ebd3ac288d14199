//! Locks and freezes: who is held back, who waits, and how each ends.

use gantry::message::MarkState;
use gantry_engine::environment::Phase;
use gantry_engine::journal::{Entry, State};
use gantry_engine::lock::LockWhat;
use gantry_engine::names::OpId;
use gantry_engine::ports::Clock;
use gantry_tests::chronicle::buttons;
use gantry_tests::town::{Plot, Town};
use gantry_tests::transcript;
use jiff::SignedDuration;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How many messages say this.
fn saying(town: &Town, words: &str) -> usize {
    town.chronicle.messages().iter().filter(|(_, message)| transcript::text(message).contains(words)).count()
}

#[tokio::test]
async fn a_lock_holds_back_others_and_not_its_holder() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "lock web in dev for 2h because I look for a leak").await;
            for words in ["deploy web:2.0 to dev", "scale web 3 in dev", "teardown dev", "restart web in dev"] {
                let refused = town.say("platform", "#dev", words).await;
                assert_eq!(refused.state, MarkState::Refused, "{words}");
            }
            let kill = town.say("platform", "#dev", "kill web-1 in dev").await;
            assert_eq!(kill.state, MarkState::Refused);
            for words in ["deploy slackbot to dev", "extend dev by 1h", "status dev", "locks"] {
                let fine = town.say("platform", "#dev", words).await;
                assert_ne!(fine.state, MarkState::Refused, "{words}: {}", transcript::text(&fine.answer));
            }
            town.say("developer", "#dev", "scale web 3 in dev").await;
            town.say("platform", "#dev", "unlock web in dev").await;
            town.say("platform", "#dev", "lock dev because I was late").await;
            town.say("developer", "#dev", "lock web in dev for 90h because it takes long").await;
            town.say("developer", "#dev", "unlock web in dev because found it").await;
            town.say("platform", "#dev", "scale web 2 in dev").await;
            town.say("developer", "#dev", "locks dev").await;
            town.say("developer", "#dev", "history web in dev").await;
            insta::assert_snapshot!("a_lock_holds_back_others_and_not_its_holder", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn what_waits_for_a_lock_goes_on_when_it_is_given_up_in_the_order_of_asking() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "lock dev because of a demo").await;
            let refused = town.say("platform", "#dev", "deploy web:2.0 to dev").await;
            let waits = town.click_at("platform", &refused.place, "When it is free").await;
            assert_eq!(waits.state, MarkState::Operation(State::Held), "{}", town.transcript());
            let next = town.say("platform-two", "#dev", "deploy web:3.0 to dev when free").await;
            assert_eq!(next.state, MarkState::Operation(State::Queued), "{}", town.transcript());
            assert!(transcript::text(&next.answer).contains("2nd in line, after `op-2`"), "its place is shown");
            let gone = town.say("platform-two", "#dev", "deploy api:2.0 to dev when free").await;
            town.mention("platform-two", &gone.thread(), "cancel").await;
            town.settle().await;
            town.say("developer", "#dev", "restart web in dev").await;
            assert_eq!(town.operation(OpId(5)).await.state(), State::Succeeded, "the holder passes those who wait");
            town.say("developer", "#dev", "unlock dev").await;
            town.settle().await;
            for (op, state) in [(2, State::Succeeded), (3, State::Succeeded), (4, State::Cancelled)] {
                assert_eq!(town.operation(OpId(op)).await.state(), state, "op-{op}\n{}", town.transcript());
            }
            let admitted = |journal: Vec<gantry_engine::journal::Stamped>| {
                journal.into_iter().find(|s| matches!(s.entry, Entry::Admitted { .. })).map(|s| s.at)
            };
            assert!(admitted(town.journal(OpId(2)).await) < admitted(town.journal(OpId(3)).await));
            assert_eq!(saying(town, "it's your turn"), 2, "{}", town.transcript());
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "3.0");
            insta::assert_snapshot!(
                "what_waits_for_a_lock_goes_on_when_it_is_given_up_in_the_order_of_asking",
                town.transcript()
            );
        })
        .await;
}

#[tokio::test]
async fn a_lock_that_comes_before_the_last_vote_holds_what_was_approved() {
    Plot::new()
        .visit(async |town| {
            let asked = town.say("developer", "#prod", "deploy web to prod").await;
            town.say("platform-two", "#prod", "lock prod for 1h because the shop is full").await;
            town.click_at("platform", &asked.place, "Approve").await;
            town.settle().await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Held, "{}", town.transcript());
            assert_eq!(saying(town, "is held back; it goes on by itself then"), 1, "{}", town.transcript());
            town.pass(HOUR + SignedDuration::from_mins(2)).await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Succeeded, "{}", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn a_lock_is_taken_over_by_who_may_and_its_holder_is_told() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("platform", "#dev", "deploy web to dev").await;
            town.say("platform", "#dev", "lock dev because of a demo").await;
            let may_not = town.say("developer", "#dev", "steal dev because I am in a hurry").await;
            assert_eq!(may_not.state, MarkState::Refused, "it is a right of its own");
            town.say("platform-two", "#dev", "steal dev because the shop is down").await;
            town.settle().await;
            let told = saying(town, "has taken over your lock of");
            assert_eq!(told, 1, "{}", town.transcript());
            let refused = town.say("platform", "#dev", "scale web 3 in dev").await;
            assert_eq!(refused.state, MarkState::Refused);
            town.say("platform-two", "#dev", "scale web 3 in dev").await;
            let events = town.store.lock_events(None, 9).await.unwrap();
            assert!(
                matches!(&events[0].what, LockWhat::Stolen { from } if from.as_str() == town.chronicle.user("platform"))
            );
            insta::assert_snapshot!("a_lock_is_taken_over_by_who_may_and_its_holder_is_told", town.transcript());
        })
        .await;
}

#[tokio::test]
async fn its_holder_is_asked_and_its_end_is_told_once_whenever_the_bot_restarts() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "lock web in dev for 1h because of a demo").await;
            let waits = town.say("platform", "#dev", "deploy web:2.0 to dev when free").await;
            assert_eq!(waits.state, MarkState::Operation(State::Held));
            town.pass(SignedDuration::from_mins(52)).await;
            assert_eq!(saying(town, "Do you still need it?"), 1, "{}", town.transcript());
            town.stop_bot().await;
            town.start_bot().await;
            town.settle().await;
            assert_eq!(saying(town, "Do you still need it?"), 1, "asked once");
            town.click("developer", "Extend 4h").await;
            let lock = town.store.locks().await.unwrap().remove(0);
            assert!(lock.until.duration_since(town.clock.now()) > HOUR * 3, "{lock:?}");
            town.pass(HOUR * 4 - SignedDuration::from_mins(5)).await;
            assert_eq!(saying(town, "Do you still need it?"), 2, "about the new end");
            town.stop_bot().await;
            town.pass(HOUR).await;
            town.start_bot().await;
            town.settle().await;
            town.until("it goes on", async |town| {
                (town.operation(OpId(2)).await.state() == State::Succeeded).then_some(())
            })
            .await;
            assert_eq!(saying(town, "has ended"), 1, "{}", town.transcript());
            town.stop_bot().await;
            town.start_bot().await;
            town.pass(SignedDuration::from_mins(5)).await;
            assert_eq!(saying(town, "has ended"), 1, "told once");
            assert_eq!(town.store.locks().await.unwrap(), []);
        })
        .await;
}

#[tokio::test]
async fn an_environments_end_waits_for_a_lock_but_not_beyond_its_longest_life() {
    Plot::new()
        .replacing("max = \"3d\"           #", "max = \"4h\"           #")
        .replacing("expiry = \"8h\"        #", "expiry = \"1h\"        #")
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "deploy web to pr-1 for 1h").await;
            town.say("developer", "#dev", "lock dev for 10h because the analysis goes on").await;
            town.say("developer", "#dev", "lock pr-1 for 2h because the analysis goes on").await;
            town.pass(HOUR + SignedDuration::from_mins(5)).await;
            for env in ["dev", "pr-1"] {
                assert_eq!(town.environment(env).await.unwrap().phase, Phase::Live, "{}", town.transcript());
            }
            assert_eq!(saying(town, "is up, but it is locked"), 2, "{}", town.transcript());
            town.pass(HOUR).await;
            assert_eq!(town.environment("pr-1").await.unwrap().phase, Phase::Gone, "its lock has ended");
            assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Live);
            town.pass(HOUR * 2).await;
            assert_eq!(town.environment("dev").await.unwrap().phase, Phase::Gone, "its longest life is over");
        })
        .await;
}

#[tokio::test]
async fn after_a_rollback_a_lock_is_offered() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "deploy web:2.0 to dev").await;
            let back = town.say("developer", "#dev", "rollback web in dev because it is slow").await;
            assert!(buttons(&back.answer).contains(&"Lock web".to_owned()), "{:?}", buttons(&back.answer));
            town.click_at("developer", &back.place, "Lock web").await;
            let lock = town.store.locks().await.unwrap().remove(0);
            assert_eq!((lock.target.to_string().as_str(), lock.because.as_str()), ("web in dev", "it is slow"));
        })
        .await;
}

#[tokio::test]
async fn where_the_project_wants_it_a_rollback_brings_its_lock() {
    Plot::new()
        .replacing("max = \"3d\"\n", "max = \"3d\"\nafter_rollback = \"2h\"\n")
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            town.say("developer", "#dev", "deploy web:2.0 to dev").await;
            town.say("developer", "#dev", "rollback web in dev because it is slow").await;
            for words in ["deploy web:2.0 to dev", "rollback web to r2 in dev"] {
                let refused = town.say("platform", "#dev", words).await;
                assert_eq!(refused.state, MarkState::Refused, "{words}\n{}", town.transcript());
                assert!(transcript::text(&refused.answer).contains("is locked by"), "{words}");
            }
            town.pass(SignedDuration::from_mins(2)).await;
            assert_eq!(saying(town, "since it was rolled back"), 1, "{}", town.transcript());
            assert_eq!(town.store.lock_events(None, 9).await.unwrap().len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_freeze_refuses_what_is_new_and_lets_what_mends_go_on() {
    let freeze = "[[freeze]]\nenvironments = [\"dev\"]\nfrom = \"2026-01-01\"\nuntil = \"2030-01-01\"\nbecause = \"nobody is there to look\"\n\n[locks]";
    Plot::new()
        .replacing("[locks]", freeze)
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to pr-1").await;
            let refused = town.say("developer", "#dev", "deploy web to dev").await;
            assert_eq!(refused.state, MarkState::Refused);
            assert!(buttons(&refused.answer).contains(&"When it is free".to_owned()));
            let planned = town.say("developer", "#dev", "plan deploy web to dev").await;
            assert!(transcript::text(&planned.answer).contains("is frozen until"), "{}", town.transcript());
            assert!(buttons(&planned.answer).contains(&"When it is free".to_owned()));
            insta::assert_snapshot!("a_freeze_refuses_what_is_new_and_lets_what_mends_go_on", town.transcript());
        })
        .await;
}
