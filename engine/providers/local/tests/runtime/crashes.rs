//! `kill -9` of the daemon, anywhere: tasks go on, the next daemon goes on, and everything happens once.

use crate::support::*;
use gantry_local::api::*;
use std::time::Duration;

#[tokio::test]
async fn tasks_outlive_the_daemon_and_the_next_one_takes_them_over() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let three = web("a", stage.web(1, "1.0", 3));
    let before = bed.ready(&three).await;
    let (pids, first) = (bed.pids().await, bed.client.status().await.unwrap());
    bed.kill_daemon().await;
    assert!(pids.iter().all(|pid| alive(pid.cast_unsigned())), "tasks go on");

    // The next call starts the next daemon.
    let after = bed.client.put(&three).await.unwrap();
    assert_eq!(after, before, "it is as it was");
    let second = bed.client.status().await.unwrap();
    assert_ne!(first.pid, second.pid);
    assert_eq!((first.edge, first.dns), (second.edge, second.dns), "the ports stay");
    until("it answers again", || async { stage.page().await }).await;
    assert_eq!(bed.pids().await, pids, "the same processes");
    assert_eq!(bed.processes().len(), 7, "a daemon, three shims, three tasks");

    kill9(pids[0].cast_unsigned());
    until("an adopted task is replaced too", || async {
        bed.healthy(3).await.iter().all(|task| task.pid != Some(pids[0])).then_some(())
    })
    .await;
    let ended = bed.tasks(TaskState::Exited).await;
    assert_eq!(ended[0].exit.as_ref().unwrap().signal, Some(9), "how it ended is known");
    bed.tear_down().await;
}

#[tokio::test]
async fn a_task_that_ends_while_no_daemon_runs_is_noticed() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let pids = bed.pids().await;
    bed.kill_daemon().await;
    kill9(pids[0].cast_unsigned());
    kill9(parent(pids[1].cast_unsigned()));
    until("two others run", || async {
        bed.healthy(2).await.iter().all(|task| !pids.contains(&task.pid.unwrap())).then_some(())
    })
    .await;
    assert_eq!(bed.processes().len(), 5, "nothing unsupervised is left");
    bed.tear_down().await;
}

#[tokio::test]
async fn a_rollout_ends_once_wherever_the_daemon_dies() {
    for point in ["put", "task-written", "task-spawned", "old-stopping", "complete", "settled"] {
        let bed = Bed::new().await;
        let stage = bed.stage(10).await;
        bed.ready(&web("a", stage.web(1, "1.0", 3))).await;
        bed.arm(point);
        let status = bed.outcome(&web("b", stage.web(2, "2.0", 3))).await;
        assert!(!bed.is_armed(), "the daemon never came to {point}");
        assert_eq!(status.state, State::Ready, "{point}: {status:#?}");
        let tasks = bed.healthy(3).await;
        assert!(tasks.iter().all(|task| task.release == 2), "{point}");
        assert_eq!(bed.processes().len(), 7, "{point}: no task twice, no orphan: {:?}", bed.processes());
        until("it answers", || async { stage.page().await.filter(|page| page.contains("<b>2.0</b>")) }).await;
        bed.tear_down().await;
    }
}

/// Beside the named points: moments that nobody thought of.
#[tokio::test]
async fn rollouts_end_once_though_the_daemon_is_killed_again_and_again() {
    let bed = Bed::new().await;
    let stage = bed.stage(20).await;
    bed.ready(&web("1", stage.web(1, "1.0", 3))).await;
    // Moments after a put, in milliseconds; all within the life of a rollout.
    let mut moments = [10_u64, 170, 60, 230, 110, 290, 35, 140].into_iter().cycle();
    for (release, version) in [(2, "2.0"), (3, "broken"), (4, "4.0"), (5, "broken")] {
        let change = web(&release.to_string(), stage.web(release, version, 3));
        for _ in 0..6 {
            drop(bed.client.put(&change).await);
            tokio::time::sleep(Duration::from_millis(moments.next().unwrap())).await;
            bed.kill_daemon().await;
        }
        let status = bed.outcome(&change).await;
        assert_eq!(status.state == State::Reverted, version == "broken", "{status:#?}");
        assert!(bed.healthy(3).await.iter().all(|task| task.version != "broken"));
        until("no task is there twice, and no orphan", || async { (bed.processes().len() == 7).then_some(()) }).await;
    }
    bed.tear_down().await;
}

#[tokio::test]
async fn a_revert_ends_once_wherever_the_daemon_dies() {
    for point in ["task-written", "task-spawned", "settled"] {
        let bed = Bed::new().await;
        let stage = bed.stage(10).await;
        bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
        let pids = bed.pids().await;
        bed.arm(point);
        let status = bed.outcome(&web("b", stage.web(2, "broken", 2))).await;
        assert!(!bed.is_armed(), "the daemon never came to {point}");
        assert_eq!(status.state, State::Reverted, "{point}");
        assert_eq!(bed.pids().await, pids, "{point}");
        assert_eq!(bed.processes().len(), 5, "{point}");
        bed.tear_down().await;
    }
}

#[tokio::test]
async fn a_removal_ends_wherever_the_daemon_dies() {
    for point in ["old-stopping", "forgetting"] {
        let bed = Bed::new().await;
        let stage = bed.stage(10).await;
        bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
        bed.arm(point);
        bed.tear_down().await;
        assert!(!bed.is_armed(), "the daemon never came to {point}");
    }
}

#[tokio::test]
async fn stopping_leaves_tasks_running_unless_asked() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let two = web("a", stage.web(1, "1.0", 2));
    bed.ready(&two).await;
    let pids = bed.pids().await;
    bed.client.stop(Stop { tasks: false }).await.unwrap();
    assert!(pids.iter().all(|pid| alive(pid.cast_unsigned())));
    assert_eq!(bed.pids().await, pids);

    bed.client.stop(Stop { tasks: true }).await.unwrap();
    until("all is gone", || async { bed.processes().is_empty().then_some(()) }).await;
    assert!(matches!(Client::connect(bed.dir()).await, Err(ClientError::NotRunning { .. })));
    bed.healthy(2).await;
    bed.tear_down().await;
}

#[tokio::test]
async fn two_daemons_never_run_at_once() {
    let bed = Bed::new().await;
    let first = bed.daemon_pid().await;
    let mut second = bed.another_daemon();
    let code = until("the second one gives up", || {
        let ended = second.try_wait().unwrap();
        async move { ended }
    })
    .await;
    assert!(!code.success());
    assert_eq!(bed.daemon_pid().await, first);
}
