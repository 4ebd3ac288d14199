//! Commands that come again by themselves: made, said, skipped, caught up with, stopped. Time is passed in.

use gantry::message::MarkState;
use gantry_engine::environment::Phase;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::ports::Clock;
use gantry_engine::schedule::{ScheduleId, ScheduleState};
use gantry_tests::town::{Plot, Town};
use gantry_workspace::Fault;
use jiff::{SignedDuration, Timestamp};

/// Goes to a moment, as if the machine had slept until then.
async fn at(town: &Town, moment: &str) {
    let then: Timestamp = moment.parse().unwrap();
    town.pass(then.duration_since(town.clock.now())).await;
}

fn assert_told(town: &Town, what: &str) {
    let told = town.transcript();
    assert!(told.contains(what), "`{what}` isn't in\n{told}");
}

#[tokio::test]
async fn a_command_is_said_again_and_again_with_nobody_asked_who_said_so() {
    Plot::new()
        .visit_both_ways(async |town| {
            // It is Friday, 10:00 in Berlin. `staging` wants its requester's confirmation.
            let made = "schedule \"deploy web to staging for 2h\" every weekday at 19:00 because they test at night";
            assert_eq!(town.say("developer", "#ops", made).await.state, MarkState::Answered);
            assert_told(town, "every weekday at 19:00 (Europe/Berlin)");
            at(town, "2026-11-20T17:59:30Z").await;
            assert!(town.operations().await.is_empty(), "never early");
            at(town, "2026-11-20T18:00:01Z").await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Succeeded);
            let request = town.operation(OpId(1)).await.request;
            assert_eq!(request.schedule, Some(ScheduleId(1)));
            assert_eq!(request.by.user().map(|user| town.chronicle.name(user.as_str())).as_deref(), Some("developer"));
            at(town, "2026-11-20T20:00:01Z").await;
            assert_eq!(
                town.environment("staging").await.unwrap().phase,
                Phase::Gone,
                "its life is counted from the run"
            );
            at(town, "2026-11-23T17:59:30Z").await;
            assert_eq!(town.operations().await.len(), 2, "nothing at the weekend: {}", town.transcript());
            at(town, "2026-11-23T18:00:01Z").await;
            assert_eq!(town.operations().await.len(), 3);
            town.say("developer", "#ops", "schedules").await;
            assert_told(town, "which succeeded");
            insta::assert_snapshot!(
                "a_command_is_said_again_and_again_with_nobody_asked_who_said_so",
                town.transcript()
            );
        })
        .await;
}

#[tokio::test]
async fn others_are_asked_each_time_and_an_open_run_lets_the_next_one_pass() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("platform", "#prod", "schedule \"deploy web to prod\" every 6h").await;
            at(town, "2026-11-20T15:01:00Z").await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Voting);
            at(town, "2026-11-20T21:01:00Z").await;
            assert_eq!(town.operations().await.len(), 1, "one at a time");
            assert_told(town, "op-1, which it started before, is still going on");
            town.say("platform", "#prod", "schedules").await;
            assert_told(town, "skipped, since op-1 was still going on");
            town.say("platform", "#prod", "reject op-1").await;
            at(town, "2026-11-21T03:01:00Z").await;
            assert_eq!(town.operation(OpId(2)).await.state(), State::Voting, "it goes on once that is over");
            town.say("platform", "#prod", "unschedule s-1").await;
            town.say("platform", "#prod", "reject op-2").await;
            insta::assert_snapshot!(
                "others_are_asked_each_time_and_an_open_run_lets_the_next_one_pass",
                town.transcript()
            );
        })
        .await;
}

#[tokio::test]
async fn what_was_missed_is_caught_up_with_once_if_it_is_young() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "schedule \"status\" every 10m").await;
            town.say("developer", "#dev", "schedule \"deploy web to dev\" every day at 12:00").await;
            town.stop_bot().await;
            // 12:00 in Berlin is 11:00; it is two hours past that when somebody is there again.
            town.clock.set("2026-11-20T13:05:00Z".parse().unwrap());
            town.start_bot().await;
            town.pass(SignedDuration::from_secs(1)).await;
            assert!(town.operations().await.is_empty(), "{}", town.transcript());
            assert_told(town, "nobody was there to say it, and now it is too late");
            assert_told(town, "s-1* missed a time before this one");
            let newest = town.store.schedule(ScheduleId(1)).await.unwrap().unwrap().last.unwrap().due;
            assert!(town.clock.now().duration_since(newest) < SignedDuration::from_mins(10), "{newest}");
        })
        .await;
}

#[tokio::test]
async fn a_run_waits_for_a_workspace_that_cant_be_asked_about_rights() {
    Plot::new()
        .visit(async |town| {
            let until = async |town: &Town, moment: &str| {
                let then: Timestamp = moment.parse().unwrap();
                town.idle(then.duration_since(town.clock.now())).await;
            };
            town.say("developer", "#dev", "schedule \"deploy web to dev for 1h\" every day at 12:00").await;
            let down = Fault::status("*", 503);
            town.people.fault(&down.clone().times(u32::MAX)).await.unwrap();
            until(town, "2026-11-20T11:20:00Z").await;
            assert!(town.operations().await.is_empty(), "nobody knows whether they may");
            town.people.fault(&down.clone().times(0)).await.unwrap();
            town.pass(SignedDuration::from_mins(1)).await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Succeeded, "{}", town.transcript());
            at(town, "2026-11-21T10:50:00Z").await;
            let before = town.operations().await.len();
            town.people.fault(&down.clone().times(u32::MAX)).await.unwrap();
            until(town, "2026-11-21T12:05:00Z").await;
            town.people.fault(&down.clone().times(0)).await.unwrap();
            town.pass(SignedDuration::from_mins(1)).await;
            assert_eq!(town.operations().await.len(), before, "it is too late: {}", town.transcript());
            assert_told(town, "who may say it couldn't be asked (the workspace can't be asked about");
        })
        .await;
}

#[tokio::test]
async fn who_loses_the_right_is_told_and_it_stops() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "schedule \"deploy web to dev for 1h\" every day at 12:00").await;
            let file = std::fs::read_to_string(&town.project).unwrap();
            std::fs::write(&town.project, file.replacen("\"deploy\", \"scale\",", "\"scale\",", 1)).unwrap();
            town.say("platform", "#dev", "reload").await;
            at(town, "2026-11-20T11:00:01Z").await;
            assert!(town.operations().await.is_empty());
            assert_told(town, "you may not use `deploy`");
            assert_told(town, "has stopped");
            let stopped = town.store.schedule(ScheduleId(1)).await.unwrap().unwrap();
            assert_eq!(stopped.state, ScheduleState::Stopped);
            let told = town.transcript();
            at(town, "2026-11-21T11:00:01Z").await;
            assert_eq!(town.transcript(), told, "it is told once");
            std::fs::write(&town.project, file).unwrap();
            town.say("platform", "#dev", "reload").await;
            town.say("developer", "#dev", "schedule resume s-1").await;
            at(town, "2026-11-22T11:00:01Z").await;
            assert_eq!(town.operation(OpId(1)).await.state(), State::Succeeded);
            town.leaves("developer");
            at(town, "2026-11-23T11:00:01Z").await;
            assert_eq!(town.operations().await.len(), 2, "a deploy and a teardown: {}", town.transcript());
            assert_told(town, "has left the workspace. It doesn't say");
        })
        .await;
}

#[tokio::test]
async fn paused_removed_and_refused() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "schedule \"status dev\" every 1h").await;
            town.click("developer", "Pause").await;
            assert_told(town, "`schedule resume s-1`");
            at(town, "2026-11-20T12:30:00Z").await;
            let paused = town.store.schedule(ScheduleId(1)).await.unwrap().unwrap();
            assert!(paused.last.is_none() && matches!(paused.state, ScheduleState::Paused { .. }), "{paused:?}");
            assert_eq!(town.say("newcomer", "#dev", "unschedule s-1").await.state, MarkState::Refused);
            town.say("platform", "#dev", "schedule resume s-1").await;
            at(town, "2026-11-20T13:01:00Z").await;
            let last = town.store.schedule(ScheduleId(1)).await.unwrap().unwrap().last.unwrap();
            assert!(last.due > "2026-11-20T12:59:00Z".parse().unwrap(), "what came while it rested isn't missed");
            town.say("developer", "#dev", "unschedule s-1").await;
            at(town, "2026-11-20T15:00:00Z").await;
            assert_eq!(town.store.schedules().await.unwrap(), []);
            assert_eq!(town.say("developer", "#dev", "unschedule s-7").await.state, MarkState::Refused);
            assert_eq!(
                town.say("newcomer", "#dev", "schedule \"status dev\" every 1h").await.state,
                MarkState::Refused
            );
            let bad = town.say("developer", "#dev", "schedule \"scale wbe to 0 in dev\" every 1h").await;
            assert_eq!(bad.state, MarkState::Invalid);
            assert_told(town, "Did you mean `web`?");
        })
        .await;
}

#[tokio::test]
async fn a_restart_between_a_run_and_its_note_runs_it_once() {
    Plot::new()
        .in_memory()
        .visit(async |town| {
            town.say("developer", "#dev", "schedule \"deploy web to dev\" every day at 12:00").await;
            at(town, "2026-11-20T10:59:30Z").await;
            // The delivery is accepted, and whoever did that never hears of it.
            town.lose_next_write();
            at(town, "2026-11-20T11:00:30Z").await;
            assert_eq!(town.operations().await.len(), 1, "{}", town.transcript());
            let last = town.store.schedule(ScheduleId(1)).await.unwrap().unwrap().last.unwrap();
            assert_eq!(last.due, "2026-11-20T11:00:00Z".parse().unwrap());
        })
        .await;
}
