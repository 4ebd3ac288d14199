//! What people see of an environment: pages, names, tasks, logs, and what happens when something is killed.

use super::bed::{LocalBed, bed, page};
use super::support::{get, until};
use gantry_engine::environment::{Environment, ReleaseNo, Running};
use gantry_engine::journal::Serving;
use gantry_engine::names::Version;
use gantry_engine::ports::Platform;
use gantry_engine::provider::{Killed, LogQuery, Progress, ProviderError, Task, TaskHealth};
use gantry_testkit::provider_suite::{Bed, How, Scene, Walk};
use gantry_testkit::sample::{key, service_name};
use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};
use std::collections::{BTreeMap, BTreeSet};

/// The plain scene with one service changed.
fn with(bed: &LocalBed, name: &str, change: impl FnOnce(&mut Running)) -> Environment {
    let mut env = bed.environment(Scene::Plain).unwrap();
    change(env.services.get_mut(&service_name(name)).unwrap());
    env
}

/// Brings the walk to a record; gives what people are shown.
async fn bring(walk: &mut Walk<'_>, env: Environment) -> BTreeMap<String, String> {
    walk.env = env;
    let plan = walk.plan().await;
    assert!(walk.apply(&plan, How::Plainly).await.is_empty(), "nothing is taken back");
    let shown = walk.desired().await.outputs.into_iter();
    let spec = gantry_engine::value::Spec(shown.collect());
    let spec = spec.resolve(&|r| walk.actual.lookup(r)).unwrap();
    spec.0.into_iter().map(|(label, value)| (label, value.to_string())).collect()
}

async fn tasks(walk: &Walk<'_>, service: &str) -> Vec<Task> {
    let live = walk.platform.live(&key("dev")).await.unwrap();
    live.tasks.into_iter().filter(|task| task.service.as_str() == service).collect()
}

fn ids(tasks: &[Task]) -> BTreeSet<String> {
    tasks.iter().map(|task| task.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_serves_scales_changes_and_goes() {
    let bed = bed().await;
    let mut walk = Walk::new(&bed, Scene::Plain).await;
    let outputs = bring(&mut walk, bed.environment(Scene::Plain).unwrap()).await;
    assert!(outputs["web"].starts_with("http://www.dev.shop.localhost:"), "{outputs:?}");
    assert!(page(&outputs["web"]).await.unwrap().contains("Version <b>1.0</b>"));
    let counted = get(&outputs["api"], "/").await.unwrap();

    // Three tasks of this size share a node; while a rollout lasts, half as many again need room.
    bring(&mut walk, with(&bed, "api", |api| (api.replicas, api.service.size.cpu_millis) = (5, 600))).await;
    let healthy = tasks(&walk, "api").await.into_iter().filter(|task| task.health == TaskHealth::Healthy);
    assert_eq!(healthy.count(), 5);
    let nodes = walk.platform.live(&key("dev")).await.unwrap().nodes;
    assert_eq!(nodes.iter().filter(|node| node.cluster.as_str() == "b" && node.up).count(), 3, "{nodes:?}");

    let second = with(&bed, "web", |web| (web.version, web.release) = (Version::new("2.0"), ReleaseNo(2)));
    assert_eq!(bring(&mut walk, second).await, outputs, "addresses outlive releases");
    assert!(page(&outputs["web"]).await.unwrap().contains("Version <b>2.0</b>"));
    assert_eq!(tasks(&walk, "api").await.len(), 2, "scaled back by the same plan");

    let before = ids(&tasks(&walk, "db").await);
    bring(&mut walk, with(&bed, "db", |db| db.restarts = 1)).await;
    assert!(ids(&tasks(&walk, "db").await).is_disjoint(&before), "a restart makes new tasks");
    assert_ne!(get(&outputs["api"], "/").await.unwrap(), counted, "and the counter on the volume went on");

    let lines = LogQuery { service: service_name("web"), since: None, lines: 100 };
    let logs = walk.platform.logs(&key("dev"), &lines).await.unwrap();
    assert!(logs.iter().any(|line| line.text.contains("web 1.0 listens")), "{logs:?}");

    let end = walk.teardown(true);
    walk.apply(&end, How::Plainly).await;
    walk.agrees().await;
    assert_eq!(bed.0.processes().len(), 1, "only the daemon is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_release_is_taken_back_with_its_reason() {
    let bed = bed().await;
    let mut walk = Walk::standing(&bed, Scene::Plain).await;
    walk.env = bed.environment(Scene::Broken).unwrap();
    let plan = walk.plan().await;
    let [step] = &plan.steps[..] else { panic!("one step: {:?}", plan.steps) };
    let Progress::Reverted { serving, why } = walk.finish(step, How::Plainly).await else { panic!("it was broken") };
    assert_eq!(serving, Serving::Release { number: Some(ReleaseNo(1)), version: Version::new("1.0") });
    assert!(why.contains("exited with code 1"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_killed_comes_back() {
    let bed = bed().await;
    let walk = Walk::standing(&bed, Scene::Plain).await;
    let before = ids(&tasks(&walk, "web").await);
    let victim = before.first().unwrap();
    assert_eq!(walk.platform.kill(&key("dev"), victim).await, Ok(Killed::Task(victim.clone())));
    until("another task takes its place", || async {
        let tasks = tasks(&walk, "web").await;
        let healthy = tasks.iter().filter(|task| task.health == TaskHealth::Healthy && task.id != *victim).count();
        (healthy == 2).then_some(())
    })
    .await;

    let node = tasks(&walk, "web").await[0].node.clone();
    let killed = walk.platform.kill(&key("dev"), &node).await.unwrap();
    assert!(matches!(&killed, Killed::Node(name, tasks) if *name == node && *tasks > 0), "{killed:?}");
    for (name, why) in [("nobody", "cluster-a/node-1"), ("node-1", "more than one node")] {
        let refused = walk.platform.kill(&key("dev"), name).await.unwrap_err();
        assert!(matches!(&refused, ProviderError::Invalid(text) if text.contains(why)), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_missing_is_found_before_anything_is_made() {
    let bed = bed().await;
    let lost = bed.platform(vec!["/nowhere".into()]);
    let env = bed.environment(Scene::Plain).unwrap();
    let lowered = async || lost.lower(&env, &lost.survey(&env).await.unwrap().facts);
    let refused = lowered().await.unwrap_err();
    assert!(refused.0[0].what.contains("`runtime_host`, and there is no such program"), "{refused}");
    let _walk = Walk::standing(&bed, Scene::Plain).await;
    assert!(lowered().await.is_ok(), "what runs already isn't looked for again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_names_are_in_the_zone() {
    let bed = bed().await;
    let mut walk = Walk::new(&bed, Scene::Plain).await;
    let outputs = bring(&mut walk, bed.environment(Scene::Plain).unwrap()).await;
    let ask = async |name: &str, kind| {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&message.to_vec().unwrap(), &outputs["dns"]).await.unwrap();
        let mut octets = [0; 1500];
        let count = socket.recv(&mut octets).await.unwrap();
        let answers = Message::from_vec(&octets[..count]).unwrap().answers;
        answers.into_iter().map(|answer| answer.data.to_string()).collect::<Vec<_>>()
    };
    for name in ["www", "web", "api", "db"] {
        assert_eq!(ask(&format!("{name}.dev.shop.localhost"), RecordType::A).await, ["127.0.0.1"], "{name}");
    }
    assert_eq!(ask("cluster-a.dev.shop.localhost", RecordType::TXT).await, ["node-1"]);
}
