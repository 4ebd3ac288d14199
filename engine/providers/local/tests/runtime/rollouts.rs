//! New releases: taking over without a lost request, and going back when they are no good.

use crate::support::*;
use gantry_local::api::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Asks for the page again and again, and counts.
struct Visitors {
    done: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    all: Vec<tokio::task::JoinHandle<()>>,
}

impl Visitors {
    fn come(address: &str) -> Self {
        let mut visitors = Self { done: Arc::default(), answered: Arc::default(), lost: Arc::default(), all: vec![] };
        for _ in 0..4 {
            let address = address.to_owned();
            let (done, answered, lost) = (visitors.done.clone(), visitors.answered.clone(), visitors.lost.clone());
            visitors.all.push(tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let counter = if get(&address, "/").await.is_some() { &answered } else { &lost };
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        visitors
    }

    /// How many were answered; none may have been lost.
    async fn leave(self) -> usize {
        self.done.store(true, Ordering::Relaxed);
        for visitor in self.all {
            visitor.await.unwrap();
        }
        assert_eq!(self.lost.load(Ordering::Relaxed), 0, "requests were lost");
        self.answered.load(Ordering::Relaxed)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_update_loses_no_request() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 3))).await;
    let visitors = Visitors::come(&stage.address);
    let status = bed.ready(&web("b", stage.web(2, "2.0", 3))).await;
    assert_eq!((status.outputs["release"].as_str(), status.outputs["healthy"].as_str()), ("2", "3"));
    bed.ready(&web("c", stage.web(3, "3.0", 3))).await;
    assert!(visitors.leave().await > 20);
    assert!(stage.page().await.unwrap().contains("Version <b>3.0</b>"));
    assert!(bed.tasks(TaskState::Running).await.iter().all(|task| task.release == 3));
    bed.tear_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_release_is_reverted_with_the_reason_and_the_old_one_serves_throughout() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let pids = bed.pids().await;
    let visitors = Visitors::come(&stage.address);
    let broken = web("b", stage.web(2, "broken", 2));
    let status = bed.outcome(&broken).await;
    assert!(visitors.leave().await > 5);
    assert_eq!(status.state, State::Reverted);
    let reverted = status.reverted.clone().unwrap();
    assert_eq!(reverted.serving, Some(Serving { release: 1, version: "1.0".to_owned() }));
    let why = "3 tasks of release 2 exited with code 1 within 1 s: web: version broken cannot start: it was built \
               broken, on purpose";
    assert_eq!(reverted.why, why);
    assert_eq!(bed.pids().await, pids, "the old tasks weren't touched");
    assert_eq!(bed.client.put(&broken).await.unwrap(), status, "the same put has the same outcome");

    let again = bed.outcome(&web("c", stage.web(2, "broken", 2))).await;
    assert_eq!(again.state, State::Reverted, "another put is another try");
    bed.ready(&web("d", stage.web(1, "1.0", 2))).await;
    assert_eq!(bed.pids().await, pids, "back to what serves anyway");
    let late = bed.client.put(&broken).await.unwrap_err();
    assert_eq!(late.code(), Some(ErrorCode::Conflict), "a late repetition of an old put is refused: {late}");
    bed.tear_down().await;
}

#[tokio::test]
async fn a_first_release_that_is_no_good_leaves_nothing() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let status = bed.outcome(&web("a", stage.web(1, "broken", 2))).await;
    assert_eq!(status.state, State::Reverted);
    assert_eq!(status.reverted.unwrap().serving, None);
    assert_eq!(bed.processes().len(), 1, "only the daemon");
    bed.tear_down().await;
}

#[tokio::test]
async fn a_release_that_never_gets_healthy_is_reverted() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 1))).await;
    let mut sick = stage.web(2, "sick", 1);
    sick.task.health.grace_ms = 300;
    let why = bed.outcome(&web("b", sick.clone())).await.reverted.unwrap().why;
    assert!(why.contains("failed its health check") && why.contains("/health answered 503"), "{why}");

    sick.task.health.grace_ms = 60_000;
    sick.deadline_ms = 700;
    let why = bed.outcome(&web("c", sick)).await.reverted.unwrap().why;
    assert!(why.starts_with("release 2 wasn't complete within 1 s: 0 of 1 tasks healthy"), "{why}");
    assert!(why.contains("/health answered 503"), "{why}");
    assert!(stage.page().await.unwrap().contains("Version <b>1.0</b>"));
    bed.tear_down().await;
}

#[tokio::test]
async fn an_aborted_rollout_goes_back_and_a_settled_one_stays() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let id = bed.ready(&web("a", stage.web(1, "1.0", 2))).await.id;
    let pids = bed.pids().await;
    let mut slow = stage.web(2, "slow", 2);
    slow.task.env.insert("SLOW_SECONDS".to_owned(), "600".to_owned());
    slow.task.health.grace_ms = 600_000;
    let slow = web("b", slow);
    bed.client.put(&slow).await.unwrap();
    until("new tasks run", || async { (bed.pids().await.len() > 2).then_some(()) }).await;
    bed.client.abort(&id, "another token").await.unwrap();
    assert_eq!(bed.client.put(&slow).await.unwrap().state, State::Pending);
    bed.client.abort(&id, "b").await.unwrap();
    let status = bed.settled(&slow, State::Reverted).await;
    assert_eq!(status.reverted.unwrap().why, "it was aborted");
    assert_eq!(bed.pids().await, pids);

    bed.ready(&web("c", stage.web(3, "3.0", 2))).await;
    let status = bed.client.abort(&id, "c").await.unwrap();
    assert_eq!(status.state, State::Ready, "too late");
    bed.tear_down().await;
}

#[tokio::test]
async fn going_back_in_the_middle_is_ready_when_nothing_new_is_left() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let pids = bed.pids().await;
    let mut slow = stage.web(2, "slow", 2);
    slow.task.health.grace_ms = 600_000;
    bed.client.put(&web("b", slow)).await.unwrap();
    until("new tasks run", || async { (bed.pids().await.len() > 2).then_some(()) }).await;
    bed.ready(&web("c", stage.web(1, "1.0", 2))).await;
    assert_eq!(bed.pids().await, pids);
    assert_eq!(bed.processes().len(), 5);
    bed.tear_down().await;
}

#[tokio::test]
async fn a_rollout_without_room_for_a_batch_is_reverted_and_says_so() {
    let bed = Bed::new().await;
    let stage = bed.stage(1).await;
    bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let mut next = stage.web(2, "2.0", 2);
    next.deadline_ms = 300;
    let why = bed.outcome(&web("b", next.clone())).await.reverted.unwrap().why;
    assert!(why.contains("no room on cluster test/a"), "{why}");
    next.deadline_ms = 30_000;
    next.order = Order::StopFirst;
    bed.ready(&web("c", next)).await;
    bed.tear_down().await;
}
