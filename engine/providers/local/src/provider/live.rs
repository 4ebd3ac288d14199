//! What runs now, what it wrote, and how to end it: questions about tasks, which no resource answers.

use super::error::provider_error;
use super::kinds::node::CLUSTER;
use super::marks;
use crate::api::{self, Client, Filter, Kill, Kind, Span, Status, TaskState, TaskView};
use gantry_engine::address::Mark;
use gantry_engine::names::{ClusterName, ServiceName, Version};
use gantry_engine::provider::{Killed, Live, LogLine, LogQuery, Node, ProviderError, Task, TaskHealth};
use std::cmp::Reverse;

/// The nodes and tasks of an environment. Of tasks that ended, those are shown that nothing took the place of.
pub(super) async fn live(client: &Client, of: &Filter) -> Result<Live, ProviderError> {
    let objects = client.list(of).await.map_err(provider_error)?;
    let views = client.tasks(of).await.map_err(provider_error)?;
    let mut live = Live::default();
    for service in objects.iter().filter(|status| status.kind == Kind::Service) {
        let mark = marks::from_wire(&service.mark)?;
        let Ok(name) = ServiceName::new(mark.addr.component.as_str()) else { continue };
        live.tasks.extend(shown(service, &views).into_iter().map(|view| task(&name, view)));
    }
    for node in objects.iter().filter(|status| status.kind == Kind::Node) {
        let mark = marks::from_wire(&node.mark)?;
        let Some(cluster) = mark.addr.component.as_str().strip_prefix(CLUSTER) else { continue };
        let Ok(cluster) = ClusterName::new(cluster) else { continue };
        let running = views.iter().filter(|view| view.node == node.id && view.state != TaskState::Exited).count();
        live.nodes.push(Node {
            id: node_name(&mark),
            cluster,
            up: node.outputs.get("state").is_some_and(|state| state == "up"),
            tasks: u32::try_from(running).unwrap_or(u32::MAX),
        });
    }
    Ok(live)
}

/// The tasks of a service that tell how it is: all that run, and for each that lacks, one that died.
pub(super) fn shown<'a>(service: &Status, views: &'a [TaskView]) -> Vec<&'a TaskView> {
    let wanted = match &service.wanted {
        api::Spec::Service(spec) => spec.replicas as usize,
        _ => 0,
    };
    let own = || views.iter().filter(|view| view.service == service.id);
    let mut shown: Vec<&TaskView> = own().filter(|view| view.state != TaskState::Exited).collect();
    let running = shown.iter().filter(|view| view.state == TaskState::Running).count();
    let mut died: Vec<&TaskView> = own().filter(|view| view.state == TaskState::Exited).collect();
    died.sort_by_key(|view| Reverse(view.exit.as_ref().map(|exit| exit.at)));
    shown.extend(died.into_iter().take(wanted.saturating_sub(running)));
    shown
}

pub(super) fn task(service: &ServiceName, view: &TaskView) -> Task {
    Task {
        id: view.id.clone(),
        service: service.clone(),
        version: Version::new(&view.version),
        node: view.node_addr.as_deref().map_or_else(|| view.node.clone(), |addr| without_env(addr).to_owned()),
        health: health(view),
        since: Some(view.started_at),
        restarts: view.restarts,
    }
}

fn health(view: &TaskView) -> TaskHealth {
    match (view.state, view.health) {
        (TaskState::Exited, _) => TaskHealth::Dead(exit(view)),
        (TaskState::Stopping, _) => TaskHealth::Stopping,
        (TaskState::Running, api::TaskHealth::Starting) => TaskHealth::Starting,
        (TaskState::Running, api::TaskHealth::Healthy) => TaskHealth::Healthy,
        (TaskState::Running, api::TaskHealth::Unhealthy) => TaskHealth::Unhealthy,
    }
}

/// How a task ended, in one line.
fn exit(view: &TaskView) -> String {
    let Some(exit) = &view.exit else { return "ended".to_owned() };
    let how = match (&exit.problem, exit.code, exit.signal) {
        (Some(problem), ..) => problem.clone(),
        (None, Some(code), _) => format!("exited with code {code}"),
        (None, None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None, None) => "ended".to_owned(),
    };
    match exit.last.last() {
        Some(line) => format!("{how}: {line}"),
        None => how,
    }
}

/// What a service's tasks wrote.
pub(super) async fn logs(client: &Client, of: &Filter, query: &LogQuery) -> Result<Vec<LogLine>, ProviderError> {
    let objects = client.list(of).await.map_err(provider_error)?;
    let component = |status: &Status| marks::from_wire(&status.mark).map(|mark| mark.addr.component);
    let mut lines = Vec::new();
    let mut found = false;
    for status in objects.iter().filter(|status| status.kind == Kind::Service) {
        if component(status)?.as_str() != query.service.as_str() {
            continue;
        }
        found = true;
        let span = Span { since: query.since, lines: Some(query.lines) };
        lines.extend(client.logs(&Filter::service(&status.id), &span).await.map_err(provider_error)?);
    }
    if !found {
        return Err(ProviderError::Invalid(format!(
            "there is no service `{}` here to read the logs of",
            query.service
        )));
    }
    lines.sort_by_key(|line| line.at);
    let excess = lines.len().saturating_sub(query.lines);
    Ok(lines.drain(excess..).map(|line| LogLine { at: line.at, task: line.task, text: line.text }).collect())
}

/// Kills a task by its id, or a node by its name (`cluster-a/node-1`, or `node-1` where only one has that).
pub(super) async fn kill(client: &Client, of: &Filter, target: &str) -> Result<Killed, ProviderError> {
    let views = client.tasks(of).await.map_err(provider_error)?;
    let running = || views.iter().filter(|view| view.state != TaskState::Exited);
    if running().any(|view| view.id == target) {
        client.kill(&Kill::Task(target.to_owned())).await.map_err(provider_error)?;
        return Ok(Killed::Task(target.to_owned()));
    }
    let mut nodes = Vec::new();
    for status in client.list(of).await.map_err(provider_error)? {
        if status.kind == Kind::Node {
            nodes.push((node_name(&marks::from_wire(&status.mark)?), status.id));
        }
    }
    let meant: Vec<_> = nodes.iter().filter(|(name, id)| is_meant(target, name, id)).collect();
    let [(name, id)] = meant[..] else {
        let names = nodes.iter().map(|(name, _)| name.clone()).chain(running().map(|view| view.id.clone()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        let what = if meant.is_empty() { "no node or task" } else { "more than one node" };
        return Err(ProviderError::Invalid(format!("{what} is called `{target}`; there are {}", names.join(", "))));
    };
    let tasks = running().filter(|view| view.node == *id).count();
    client.kill(&Kill::Node(id.clone())).await.map_err(provider_error)?;
    Ok(Killed::Node(name.clone(), u32::try_from(tasks).unwrap_or(u32::MAX)))
}

/// A node as people call it: its address without the environment, which they name anyway.
fn node_name(mark: &Mark) -> String {
    format!("{}/{}", mark.addr.component, mark.addr.part)
}

fn without_env(addr: &str) -> &str {
    addr.split_once('/').map_or(addr, |(_, rest)| rest)
}

pub(super) fn is_meant(target: &str, name: &str, id: &str) -> bool {
    let ends = || name.strip_suffix(target).is_some_and(|rest| rest.ends_with('/'));
    target == id || target == name || without_env(target) == name || ends()
}
