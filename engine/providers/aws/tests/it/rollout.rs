//! Services and their rollouts: made, changed, scaled, restarted, taken back, and cut off in between.

use crate::ground::{Ground, done};
use gantry_engine::environment::ReleaseNo;
use gantry_engine::journal::Serving;
use gantry_engine::names::Version;
use gantry_engine::provider::{Note, Progress, ProviderError};
use serde_json::{Value as Json, json};
use std::time::Duration;

fn reverted(progress: Progress) -> (Serving, String) {
    match progress {
        Progress::Reverted { serving, why } => (serving, why),
        other => panic!("not reverted: {other:?}"),
    }
}

fn release(number: u32, version: &str) -> Serving {
    Serving::Release { number: Some(ReleaseNo(number)), version: Version::new(version) }
}

#[tokio::test]
async fn a_services_whole_life() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    let first = ground.release(1, "1").await;
    let made = done(ground.roll(ground.service(&first, 2), 1).await);
    assert_eq!(bed.count("ecs", "task"), 2);

    bed.standin.forget_calls();
    assert_eq!(done(ground.roll(ground.service(&first, 2), 1).await), made, "the same put");
    assert_eq!(done(ground.roll(ground.service(&first, 2), 2).await), made, "the same service, wanted by another");
    assert_eq!(bed.mutations(), [""; 0], "nothing is changed where nothing differs");

    done(ground.roll(ground.service(&first, 3), 3).await);
    assert_eq!((bed.count("ecs", "task"), ground.rollouts()), (3, 1), "a scale is no rollout");

    let second = ground.release(2, "2").await;
    assert_eq!(done(ground.roll(ground.service(&second, 3), 4).await), made);
    assert_eq!((bed.count("ecs", "task"), ground.rollouts()), (3, 2));
    assert_eq!(ground.there().more["task_definition"], json!(second));

    let mut restarted = ground.service(&second, 3);
    restarted["restarts"] = json!(1);
    done(ground.roll(restarted.clone(), 5).await);
    done(ground.roll(restarted.clone(), 5).await);
    done(ground.roll(restarted, 6).await);
    assert_eq!(ground.rollouts(), 3, "one for each number of restarts");

    assert!(bed.listed().await.contains(&"aws.service service".to_owned()));
    bed.remove("aws.service", "service", made.id.as_ref()).await;
    bed.remove("aws.service", "service", None).await;
    assert_eq!((bed.count("ecs", "service"), bed.count("ecs", "task")), (0, 0));
    assert_eq!(bed.count("ec2", "network-interface"), 0, "{:?}", bed.standin.state());
    for part in ["task-1", "task-2"] {
        bed.remove("aws.task-definition", part, None).await;
    }
    assert_eq!(bed.count("ecs", "task-definition"), 0);
}

#[tokio::test]
async fn behind_a_load_balancer_it_is_done_when_its_targets_are_healthy() {
    let ground = Ground::with_balancer().await;
    for (number, version) in [(1, "1"), (2, "2")] {
        let task = ground.release(number, version).await;
        done(ground.roll(ground.service(&task, 2), u64::from(number)).await);
        let targets = ground.bed.standin.state().into_iter().filter(|thing| thing.sort == "target");
        let states: Vec<_> = targets.map(|target| target.state.unwrap_or_default()).collect();
        assert!(states.iter().all(|state| state == "healthy"), "{states:?}");
    }
}

#[tokio::test]
async fn a_release_that_dies_is_taken_back_to_what_served() {
    let ground = Ground::new().await;
    ground.behave("web:2", json!({ "exit": 1, "after": 3, "log": ["no such table: users"] }));
    let (first, second) = (ground.release(1, "1").await, ground.release(2, "2").await);
    done(ground.roll(ground.service(&first, 2), 1).await);
    let (serving, why) = reverted(ground.roll(ground.service(&second, 4), 2).await);
    assert_eq!(serving, release(1, "1"));
    assert!(why.contains("exited with code 1") && why.contains("no such table: users"), "{why}");
    assert_eq!(ground.there().more["desired"], json!(2), "as many as before");

    let mutations = ground.bed.mutations().len();
    assert_eq!(reverted(ground.roll(ground.service(&second, 4), 2).await).0, serving, "asked again, it is the same");
    assert_eq!((ground.bed.mutations().len(), ground.rollouts()), (mutations, 2));

    ground.bed.standin.post("images", &json!({ "reset": true }));
    done(ground.roll(ground.service(&second, 4), 3).await);
    assert_eq!(ground.rollouts(), 3, "another operation may try it again");
}

#[tokio::test]
async fn a_first_release_that_dies_leaves_nothing_running_and_can_be_followed_by_a_better_one() {
    let ground = Ground::new().await;
    ground.behave("web:1", json!({ "missing": true }));
    let first = ground.release(1, "1").await;
    let (serving, why) = reverted(ground.roll(ground.service(&first, 2), 1).await);
    assert_eq!(serving, Serving::Nothing);
    assert!(why.contains("CannotPullContainerError"), "{why}");
    assert_eq!((ground.there().more["desired"].clone(), ground.bed.count("ecs", "task")), (json!(0), 0));
    assert_eq!(reverted(ground.roll(ground.service(&first, 2), 1).await).0, Serving::Nothing, "asked again");
    assert_eq!(ground.rollouts(), 1);

    let second = ground.release(2, "2").await;
    done(ground.roll(ground.service(&second, 2), 2).await);
    assert_eq!(ground.bed.count("ecs", "task"), 2);
}

#[tokio::test]
async fn people_can_take_a_rollout_back_while_it_is_on_its_way() {
    let ground = Ground::new().await;
    ground.behave("web:2", json!({ "healthy_after": 100_000, "pull": 100_000 }));
    let (first, second) = (ground.release(1, "1").await, ground.release(2, "2").await);
    done(ground.roll(ground.service(&first, 1), 1).await);
    let wish = ground.wish(ground.service(&second, 1), 2);
    let driver = ground.bed.driver("aws.service");
    let begun = driver.put(&wish).await;
    assert!(matches!(begun, Ok(Progress::Pending { note: Note::Tasks { .. }, .. })), "{begun:?}");
    driver.abort(&wish).await.expect("an abort");
    driver.abort(&wish).await.expect("the same abort");
    assert_eq!(reverted(ground.bed.end_of(wish).await).0, release(1, "1"));
    assert_eq!(ground.there().more["task_definition"], json!(first));
}

#[tokio::test]
async fn a_rollout_that_takes_too_long_is_taken_back() {
    let ground = Ground::new().await;
    ground.behave("web:2", json!({ "pull": 100_000 }));
    let (first, second) = (ground.release(1, "1").await, ground.release(2, "2").await);
    done(ground.roll(ground.service(&first, 1), 1).await);
    let mut spec = ground.service(&second, 1);
    spec["deadline"] = json!(120);
    let (serving, why) = reverted(ground.roll(spec, 2).await);
    assert_eq!(serving, release(1, "1"));
    assert!(why.contains("120 seconds"), "{why}");
}

#[tokio::test]
async fn a_lost_reply_gives_a_rollout_no_more_time() {
    let ground = Ground::new().await;
    ground.behave("web:2", json!({ "pull": 100_000 }));
    let (first, second) = (ground.release(1, "1").await, ground.release(2, "2").await);
    done(ground.roll(ground.service(&first, 1), 1).await);
    let mut wish = ground.wish(ground.service(&second, 1), 2);
    let driver = ground.bed.driver("aws.service");
    driver.put(&wish).await.expect("begun");
    // A reply was lost a moment ago, in a rollout that has been going on for too long.
    (wish.tried, wish.begun) = (Some(Duration::from_secs(1)), Duration::from_secs(901));
    driver.put(&wish).await.expect("on its way back");
    assert_eq!(reverted(ground.bed.end_of(wish).await).0, release(1, "1"));
}

#[tokio::test]
async fn a_lost_reply_makes_no_second_service_rollout_or_task_definition() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    bed.lose_reply_of("ecs.RegisterTaskDefinition");
    let first = ground.release(1, "1").await;
    assert_eq!(bed.count("ecs", "task-definition"), 1);
    bed.lose_reply_of("ecs.CreateService");
    done(ground.roll(ground.service(&first, 1), 1).await);
    assert_eq!((bed.count("ecs", "service"), ground.rollouts()), (1, 1));
    for (number, action) in [(2, "ecs.TagResource"), (3, "ecs.UpdateService")] {
        let task = ground.release(number, &number.to_string()).await;
        bed.lose_reply_of(action);
        done(ground.roll(ground.service(&task, 1), u64::from(number)).await);
        assert_eq!(ground.rollouts(), u64::from(number), "{action}");
    }
    let mut restarted = ground.service(&ground.release(3, "3").await, 1);
    restarted["restarts"] = json!(1);
    bed.lose_reply_of("ecs.UpdateService");
    done(ground.roll(restarted, 4).await);
    assert_eq!(ground.rollouts(), 4, "a restart");
}

#[tokio::test]
async fn a_rollout_that_somebody_else_began_in_the_middle_of_ours_is_told() {
    let ground = Ground::new().await;
    ground.behave("web:2", json!({ "pull": 100_000 }));
    let (first, second) = (ground.release(1, "1").await, ground.release(2, "2").await);
    done(ground.roll(ground.service(&first, 1), 1).await);
    let wish = ground.wish(ground.service(&second, 1), 2);
    let driver = ground.bed.driver("aws.service");
    driver.put(&wish).await.expect("begun");
    ground.bed.outside().update_service(ground.name().pair(), Some(&first), 1).await;
    let told = driver.put(&wish).await;
    assert!(matches!(&told, Err(ProviderError::Conflict(why)) if why.contains("somebody else")), "{told:?}");
    assert_eq!(ground.rollouts(), 3, "theirs stands");
    done(ground.roll(ground.service(&second, 0), 3).await);
}

/// What a bad day is like, seeded: three of ten calls are throttled, and more.
fn bad_day() -> Json {
    json!({ "throttle": 0.3, "lost_reply": 0.1, "timeout_before": 0.1, "error_5xx": 0.05, "read_lag": [0, 60] })
}

#[tokio::test]
async fn on_a_bad_day_there_is_still_one_service_and_one_rollout_each() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    bed.standin.faults(bad_day());
    ground.behave("web:3", json!({ "exit": 1 }));
    let mut serves = 0;
    for (number, version) in [(1, "1"), (2, "2"), (3, "3"), (4, "4")] {
        let task = ground.release(number, version).await;
        let end = ground.roll(ground.service(&task, 2), u64::from(number)).await;
        match number {
            3 => assert_eq!(reverted(end).0, release(serves, "2")),
            _ => {
                done(end);
                serves = number;
            }
        }
        assert_eq!(ground.rollouts(), u64::from(number));
    }
    assert_eq!((bed.count("ecs", "service"), bed.count("ecs", "task-definition")), (1, 4));
    bed.remove("aws.service", "service", None).await;
    for number in 1..=4 {
        bed.remove("aws.task-definition", &format!("task-{number}"), None).await;
    }
    let left = ["service", "task", "task-definition"].map(|sort| bed.count("ecs", sort));
    assert_eq!(left, [0, 0, 0]);
}
