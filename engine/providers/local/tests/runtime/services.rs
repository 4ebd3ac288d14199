//! Services that run: scaling, trouble, volumes, nodes, what tasks get and write.

use crate::support::*;
use gantry_local::api::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

#[tokio::test]
async fn a_service_of_three_tasks_answers_behind_its_balancer_and_scales() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let status = bed.ready(&web("a", stage.web(1, "1.0", 3))).await;
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
    let mut answered = BTreeSet::new();
    for _ in 0..10 {
        answered.insert(stage.page().await.unwrap());
    }
    assert_eq!(answered.len(), 5, "all five take their turn");

    bed.ready(&web("c", stage.web(1, "1.0", 2))).await;
    let fewer = bed.pids().await;
    assert_eq!(fewer.len(), 2);
    assert!(fewer.iter().all(|pid| more.contains(pid)));
    let nodes: BTreeSet<String> = bed.tasks(TaskState::Running).await.into_iter().map(|task| task.node).collect();
    assert!(!nodes.is_empty());
    bed.tear_down().await;
}

#[tokio::test]
async fn a_route_answers_by_its_host_name_at_the_edge() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 1))).await;
    let edge = bed.client.status().await.unwrap().edge;
    let host = stage.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert!(get_as(&edge, &host, "/").await.unwrap().contains("Version <b>1.0</b>"));
    assert!(get_as(&edge, "unknown.localhost", "/").await.is_none());
    bed.tear_down().await;
    assert!(get_as(&edge, &host, "/").await.is_none());
}

#[tokio::test]
async fn a_task_that_dies_is_replaced() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let before = bed.pids().await;
    kill9(before[0].cast_unsigned());
    let after = until("another one runs", || async {
        let tasks = bed.healthy(2).await;
        tasks.iter().all(|task| task.pid != Some(before[0])).then_some(tasks)
    })
    .await;
    assert!(after.iter().any(|task| task.pid == Some(before[1])), "the other one stays");
    assert_eq!(after.iter().map(|task| task.restarts).max(), Some(1));
    let dead = bed.tasks(TaskState::Exited).await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].exit.as_ref().unwrap().signal, Some(9));
    let status = bed.client.put(&web("a", stage.web(1, "1.0", 2))).await.unwrap();
    assert_eq!(status.state, State::Ready);

    let victim = after[0].id.clone();
    bed.client.kill(&Kill::Task(victim.clone())).await.unwrap();
    until("the killed one is replaced", || async {
        let tasks = bed.healthy(2).await;
        tasks.iter().all(|task| task.id != victim).then_some(())
    })
    .await;
    bed.tear_down().await;
}

#[tokio::test]
async fn a_killed_shim_takes_its_task_along_and_both_are_replaced() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    bed.ready(&web("a", stage.web(1, "1.0", 1))).await;
    let task = bed.healthy(1).await.remove(0);
    let pid = task.pid.unwrap().cast_unsigned();
    kill9(parent(pid));
    until("another one runs", || async { bed.healthy(1).await.iter().all(|now| now.id != task.id).then_some(()) })
        .await;
    assert!(!alive(pid), "nothing runs unsupervised");
    bed.tear_down().await;
}

#[tokio::test]
async fn what_a_task_leaves_behind_ends_with_it() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let mut spec = stage.web(1, "1.0", 1);
    // One child leaves the process group, and its parent at once: the way daemons do.
    let script = "(setsid sleep 1000 &) ; sleep 1000 & exec runtime_host example web";
    spec.task.command = ["sh", "-c", script].map(str::to_owned).into();
    bed.ready(&web("a", spec)).await;
    assert_eq!(bed.processes().len(), 5, "daemon, shim, task and two sleepers");
    let pid = bed.pids().await[0];
    kill9(pid.cast_unsigned());
    until("another one runs", || async { bed.healthy(1).await.iter().all(|now| now.pid != Some(pid)).then_some(()) })
        .await;
    until("no sleeper of the old one is left", || async { (bed.processes().len() == 5).then_some(()) }).await;
    bed.tear_down().await;
}

#[tokio::test]
async fn a_killed_node_loses_its_tasks_and_comes_back() {
    let bed = Bed::new().await;
    let stage = bed.stage(4).await;
    bed.ready(&web("a", stage.web(1, "1.0", 4))).await;
    let tasks = bed.tasks(TaskState::Running).await;
    let node = tasks[0].node.clone();
    let lost: Vec<u32> = tasks.iter().filter(|t| t.node == node).map(|t| t.pid.unwrap().cast_unsigned()).collect();
    assert_eq!(lost.len(), 2, "tasks are spread");
    bed.client.kill(&Kill::Node(node.clone())).await.unwrap();
    assert_eq!(bed.client.get(&node).await.unwrap().unwrap().outputs["state"], "down");
    until("its tasks run elsewhere", || async {
        let tasks = bed.healthy(4).await;
        lost.iter().all(|pid| !tasks.iter().any(|task| task.pid == Some(pid.cast_signed()))).then_some(())
    })
    .await;
    assert!(lost.iter().all(|pid| !alive(*pid)));
    until("the node is back", || async {
        let status = bed.client.get(&node).await.unwrap().unwrap();
        (status.outputs["state"] == "up").then_some(())
    })
    .await;
    bed.tear_down().await;
}

#[tokio::test]
async fn a_node_that_goes_hands_its_tasks_over_first() {
    let bed = Bed::new().await;
    let stage = bed.stage(4).await;
    bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let node = bed.tasks(TaskState::Running).await[0].node.clone();
    let gone = until("the node is gone", || async {
        assert!(stage.page().await.is_some(), "it is served throughout");
        let removal = bed.client.delete(&node).await.unwrap();
        removal.gone.then_some(removal)
    })
    .await;
    assert!(gone.gone);
    assert!(bed.healthy(2).await.iter().all(|task| task.node != node));
    bed.tear_down().await;
}

#[tokio::test]
async fn what_has_no_room_waits_and_says_what_lacks() {
    let bed = Bed::new().await;
    let stage = bed.stage(1).await;
    let three = web("a", stage.web(1, "1.0", 3));
    let note = until("it waits", || async {
        let status = bed.client.put(&three).await.unwrap();
        (status.outputs["healthy"] == "2").then_some(status.note)
    })
    .await;
    assert!(note.contains("2 of 3 tasks healthy") && note.contains("no room on cluster test/a"), "{note}");
    let spec = NodeSpec { cluster: "test/a".to_owned(), cpu_millis: 100, memory_mib: 4096 };
    bed.ready(&put("dev/a/three", "t", Spec::Node(spec))).await;
    bed.settled(&three, State::Ready).await;
    bed.tear_down().await;
}

#[tokio::test]
async fn a_volume_survives_redeploys_and_goes_only_by_itself() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let volume = bed.ready(&put("dev/db/data", "t", Spec::Volume(VolumeSpec {}))).await;
    let db = |release: u64| {
        let mut spec = service("db", release, "1.0");
        spec.balancers = BTreeMap::from([("http".to_owned(), stage.balancer.clone())]);
        spec.task.volumes = vec![Mount { volume: volume.id.clone(), env: "VOLUME".to_owned() }];
        spec
    };
    bed.ready(&web("a", db(1))).await;
    assert_eq!(post(&stage.address, "/counter").await.unwrap(), "1\n");
    bed.ready(&web("b", db(2))).await;
    assert_eq!(post(&stage.address, "/counter").await.unwrap(), "2\n");
    let error = bed.client.delete(&volume.id).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::InUse));
    assert!(error.to_string().contains("dev/web/service"), "{error}");

    let path = std::path::PathBuf::from(&volume.outputs["path"]);
    let id = bed.client.put(&web("b", db(2))).await.unwrap().id;
    until("the service is gone", || async { bed.client.delete(&id).await.unwrap().gone.then_some(()) }).await;
    assert_eq!(fs::read_to_string(path.join("counter")).unwrap(), "2\n");
    bed.ready(&web("c", db(3))).await;
    assert_eq!(post(&stage.address, "/counter").await.unwrap(), "3\n");
    bed.tear_down().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn a_task_gets_its_own_environment_and_nothing_of_the_daemons() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let secret = bed.dir().join("secret");
    fs::write(&secret, "walrus-in-a-teapot\n").unwrap();
    let mut spec = stage.web(1, "1.0", 1);
    spec.task.env.insert("API_ADDRESS".to_owned(), "127.0.0.1:1".to_owned());
    spec.task.secrets.insert("TOKEN".to_owned(), format!("file:{}", secret.display()));
    bed.ready(&web("a", spec.clone())).await;
    let pid = bed.pids().await[0];
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap();
    let environ: BTreeMap<String, String> = environ
        .split(|byte| *byte == 0)
        .filter_map(|var| std::str::from_utf8(var).ok()?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let names: Vec<&str> = environ.keys().map(String::as_str).collect();
    let expected = [
        "API_ADDRESS",
        "GANTRY_NODE",
        "GANTRY_TASK",
        "HOME",
        "LANG",
        "PATH",
        "PORT",
        "PORT_HTTP",
        "RELEASE",
        "TOKEN",
        "VERSION",
    ];
    assert_eq!(names, expected);
    assert_eq!(environ["TOKEN"], "walrus-in-a-teapot");
    let kept =
        std::process::Command::new("grep").args(["-r", "walrus"]).arg(bed.dir().join("runtime")).output().unwrap();
    assert!(kept.stdout.is_empty(), "a secret was written down: {}", String::from_utf8_lossy(&kept.stdout));

    spec.task.secrets.insert("TOKEN".to_owned(), "file:/nowhere/at/all".to_owned());
    bed.client.put(&web("b", spec.clone())).await.unwrap();
    let status = bed.settled(&web("b", spec), State::Reverted).await;
    let why = status.reverted.unwrap().why;
    assert!(why.contains("lacked the secret TOKEN: cannot read /nowhere/at/all"), "{why}");
    bed.tear_down().await;
}

#[tokio::test]
async fn logs_are_kept_per_task_and_merged_per_service() {
    let bed = Bed::new().await;
    let stage = bed.stage(10).await;
    let status = bed.ready(&web("a", stage.web(1, "1.0", 2))).await;
    let all = bed.client.logs(&Filter::service(&status.id), &Span::default()).await.unwrap();
    assert_eq!(all.iter().filter(|line| line.text.starts_with("web 1.0 listens on port")).count(), 2);
    assert!(all.is_sorted_by_key(|line| line.at));
    let newest = bed.client.logs(&Filter::default(), &Span { since: None, lines: Some(1) }).await.unwrap();
    assert_eq!(newest, all[all.len() - 1..]);
    let task = &all[0].task;
    let one = bed.client.task_logs(task, &Span::default()).await.unwrap();
    assert!(!one.is_empty() && one.iter().all(|line| line.task == *task && line.stream == "out"));
    let later = Span { since: Some(all[all.len() - 1].at + jiff::SignedDuration::from_secs(1)), lines: None };
    assert!(bed.client.task_logs(task, &later).await.unwrap().is_empty());
    bed.tear_down().await;
}
