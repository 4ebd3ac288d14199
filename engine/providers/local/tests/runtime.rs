//! The runtime as a caller sees it: a real daemon, real processes, real sockets.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests; clippy.toml's exceptions don't reach helpers")]

mod support;

use gantry_local::api::*;
use support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_of_three_tasks_answers_behind_its_balancer_and_scales() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let first = web("a", stage.web(1, "1.0", 3));
    let status = bed.ready(&first).await;
    assert_eq!(status.note, "3 of 3 tasks healthy");
    let pids = bed.pids().await;
    assert_eq!(pids.len(), 3);
    let page = stage.page().await.unwrap();
    assert!(page.contains("Version <b>1.0</b>"), "{page}");

    let status = bed.ready(&web("b", stage.web(1, "1.0", 5))).await;
    assert_eq!(status.outputs["replicas"], "5");
    let more = bed.pids().await;
    assert_eq!(more.len(), 5);
    assert!(pids.iter().all(|pid| more.contains(pid)), "a scale exchanges nothing");
    let mut answered = std::collections::BTreeSet::new();
    for _ in 0..10 {
        answered.insert(stage.page().await.unwrap());
    }
    assert_eq!(answered.len(), 5, "all five take their turn");
    bed.tear_down().await;
}
