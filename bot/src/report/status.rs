//! What runs, as an answer.

use super::answer::Reply;
use super::voice::{few, natural, words};
use super::{buttons, card, cost, drift, lock};
use crate::handle::StatusView;
use gantry_engine::environment::Running;
use gantry_engine::names::{ClusterName, ServiceName};
use gantry_engine::provider::{Live, Node, Task, TaskHealth};
use gantry_templates::{Said, sentences as s};
use std::collections::BTreeMap;

/// How many tasks of a service are shown one by one.
const TASKS: usize = 8;

/// How many nodes of a cluster are named.
const NODES: usize = 8;

pub(super) fn status(views: &[StatusView]) -> Reply {
    if views.is_empty() {
        return Reply::default().say(words().say(&s::StatusNone { example: "deploy web to dev".to_owned() }));
    }
    views.iter().fold(Reply::default(), environment)
}

fn environment(reply: Reply, view: &StatusView) -> Reply {
    let words = words();
    let env = &view.env;
    let services: Vec<_> =
        env.services.iter().filter(|(name, _)| view.only.as_ref().is_none_or(|only| only == *name)).collect();
    let live = view.live.as_ref().ok();
    let well = live.is_some_and(|live| services.iter().all(|(name, running)| healthy(live, name) >= running.replicas));
    let sign = if well { "large_green_circle" } else { "large_yellow_circle" };
    let mut said = vec![words.say(&s::StatusEnv {
        sign: sign.to_owned(),
        env: env.key.env.to_string(),
        project: env.key.project.to_string(),
        platform: env.platform.to_string(),
        owner: env.owner.to_string(),
    })];
    said.push(card::ends(env, env.key.env.as_str()));
    said.extend(env.meter.as_ref().and_then(|meter| cost::status(meter, view.at)));
    said.extend(view.live.as_ref().err().map(|why| words.say(&s::StatusUnseen { why: why.clone() })));
    said.extend(view.holdups.iter().map(lock::holdup));
    let mut reply = reply.say_lines(said);
    for (name, running) in services {
        let service = service(live, name, running);
        reply = reply.say_lines(service);
    }
    if let (Some(live), None) = (live, &view.only) {
        reply = reply.say_lines(clusters(live));
    }
    reply = reply.say_lines(drift::seen(&view.drift));
    let open = view
        .open
        .iter()
        .map(|(op, state)| words.say(&s::StatusOperation { op: op.to_string(), state: words.state(*state) }));
    reply.say_lines(open.collect()).offer(vec![buttons::outputs(&env.key)])
}

fn healthy(live: &Live, name: &ServiceName) -> u32 {
    let well = live.tasks.iter().filter(|task| &task.service == name && task.health == TaskHealth::Healthy);
    u32::try_from(well.count()).unwrap_or(u32::MAX)
}

fn service(live: Option<&Live>, name: &ServiceName, running: &Running) -> Vec<Said> {
    let words = words();
    let version = running.version.to_string();
    let (release, wanted) = (running.release.to_string(), running.replicas);
    let Some(live) = live else {
        let service = name.to_string();
        return vec![words.say(&s::StatusRecorded { service, version, release, wanted })];
    };
    let healthy = healthy(live, name);
    let sign = if healthy >= wanted { "white_check_mark" } else { "warning" };
    let mut tasks: Vec<&Task> = live.tasks.iter().filter(|task| &task.service == name).collect();
    tasks.sort_by_key(|task| (natural(&task.node), natural(&task.id)));
    let (sign, service) = (sign.to_owned(), name.to_string());
    let mut said = vec![words.say(&s::StatusService { sign, service, version, release, healthy, wanted })];
    said.extend(tasks.iter().take(TASKS).map(|task| self::task(task)));
    if let Some(more) = tasks.len().checked_sub(TASKS).filter(|more| *more > 0) {
        let more = gantry_templates::Mrkdwn::more(more, "task");
        said.push(Said { mrkdwn: more.clone(), text: more });
    }
    said
}

fn task(task: &Task) -> Said {
    let health = match &task.health {
        TaskHealth::Starting => words().say(&s::TaskStarting {}),
        TaskHealth::Healthy => words().say(&s::TaskHealthy {}),
        TaskHealth::Unhealthy => words().say(&s::TaskUnhealthy {}),
        TaskHealth::Stopping => words().say(&s::TaskStopping {}),
        TaskHealth::Dead(why) => words().say(&s::TaskDead { why: why.clone() }),
    };
    words().say(&s::StatusTask { id: task.id.clone(), node: task.node.clone(), health, restarts: task.restarts })
}

fn clusters(live: &Live) -> Vec<Said> {
    let mut clusters: BTreeMap<&ClusterName, Vec<&Node>> = BTreeMap::new();
    let mut nodes: Vec<&Node> = live.nodes.iter().collect();
    nodes.sort_by_key(|node| natural(&node.id));
    for node in nodes {
        clusters.entry(&node.cluster).or_default().push(node);
    }
    let one = |(cluster, nodes): (&ClusterName, Vec<&Node>)| {
        let up = nodes.iter().filter(|node| node.up).count();
        let (names, more) = few(nodes.iter().map(|node| &node.id), NODES);
        words().say(&s::StatusCluster { cluster: cluster.to_string(), up, nodes: nodes.len(), names, more })
    };
    clusters.into_iter().map(one).collect()
}
