//! What AWS's events and stopped tasks tell, in people's words.

use super::super::task_definition::described;
use super::super::tasks::{self, Stream, Which};
use super::super::{Aws, Result, Want};
use super::look::Seen;
use super::rollout::is_late;
use crate::kinds::Service;
use aws_sdk_ecs::types::{Service as Wire, ServiceDeploymentBrief, Task};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// So many kinds of trouble are told.
const TOLD: usize = 3;
/// So many of the last lines that a dead task wrote are told.
const LINES: i32 = 3;

/// What stands in the way of a service's tasks, by its newest event since the deployment began; none if nothing does.
pub(super) fn blocked(service: &Wire) -> Option<String> {
    let primary = service.deployments().iter().find(|one| one.status() == Some("PRIMARY"))?;
    let begun = primary.created_at()?;
    let since = service.events().iter().filter(|event| event.created_at().is_some_and(|at| at >= begun));
    for message in since.filter_map(|event| event.message()) {
        if message.contains(" has started ") || message.contains("steady state") {
            break;
        }
        if let Some(words) = in_words(message) {
            return Some(words);
        }
    }
    match primary.failed_tasks() {
        0 => None,
        1 => Some("1 new task has died so far".to_owned()),
        died => Some(format!("{died} new tasks have died so far")),
    }
}

/// An event that tells of trouble; the wordings are those of the ECS developer guide, "Service event messages".
fn in_words(message: &str) -> Option<String> {
    if message.contains("was unable to place a task") {
        return Some(unplaced(message));
    }
    if let Some((_, error)) = message.split_once("failed to launch a task with (error ") {
        return Some(tasks::short(error.trim_end_matches('.').trim_end_matches(')')));
    }
    if message.contains("is unhealthy in (target-group") {
        let why = message.split_once("due to (reason ").map_or("", |(_, why)| why.trim_end_matches(['.', ')']));
        return Some(format!("the load balancer's health checks fail: {}", tasks::short(why)));
    }
    if message.contains("failed container health checks") {
        return Some("the tasks' own health checks fail".to_owned());
    }
    if message.contains("unable to consistently start tasks") {
        return Some("new tasks keep dying; AWS starts them more and more slowly".to_owned());
    }
    None
}

fn unplaced(message: &str) -> String {
    // What the closest node lacks comes after its name.
    let lack = [
        ("memory", "memory"),
        ("CPU", "CPU"),
        ("ENI", "network interfaces"),
        (
            "network interface",
            "network \
                 interfaces",
        ),
        ("port", "free ports"),
    ];
    if message.contains("no container instances were found") || message.contains("No Container Instances") {
        return "the cluster has no node yet".to_owned();
    }
    if message.contains("Capacity is unavailable") {
        return "AWS has no capacity left in these zones right now".to_owned();
    }
    let closest = message.split_once("The closest matching").map_or("", |(_, closest)| closest);
    match lack.iter().find(|(said, _)| closest.contains(said)) {
        Some((_, what)) => format!("no node has room for another task (not enough {what})"),
        None => "no node has room for another task".to_owned(),
    }
}

/// Why a rollout was taken back: what its tasks died of, the commonest first, with the last lines that one of them
/// wrote.
pub(super) async fn why(
    aws: &Aws,
    want: &Want<Service>,
    seen: &Seen,
    ours: Option<&ServiceDeploymentBrief>,
) -> Result<String> {
    let begun = ours.and_then(|one| one.created_at());
    let all = tasks::of_service(aws, seen.cluster(), seen.name(), Which::Ending).await?;
    let new = all.iter().filter(|task| task.task_definition_arn() == Some(&want.spec.task));
    let new = new.filter(|task| begun.is_none_or(|begun| task.created_at().is_none_or(|at| at >= begun)));
    let mut parts = Vec::new();
    if is_late(want) {
        parts.push(format!("it wasn't steady within {} seconds", want.spec.deadline));
    }
    let troubles = grouped(new);
    let stream = if troubles.is_empty() { None } else { stream(aws, &want.spec.task).await? };
    for (text, died) in troubles {
        let what = if died.len() == 1 { format!("1 task {text}") } else { format!("{} tasks {text}", died.len()) };
        let lines = match (&stream, died.first()) {
            (Some(stream), Some(task)) => stream.last_lines(aws, tasks::id(task), LINES).await?,
            _ => Vec::new(),
        };
        parts.push(if lines.is_empty() { what } else { format!("{what}: {}", lines.join(" / ")) });
    }
    if parts.is_empty() {
        parts.extend(blocked(&seen.0));
    }
    Ok(if parts.is_empty() { "it was taken back on request".to_owned() } else { parts.join("; ") })
}

/// Dead tasks by what they died of, the commonest first.
fn grouped<'t>(tasks: impl Iterator<Item = &'t Task>) -> Vec<(String, Vec<&'t Task>)> {
    let mut groups: BTreeMap<String, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        if let Some(text) = tasks::died(task) {
            groups.entry(text).or_default().push(task);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, died)| Reverse(died.len()));
    groups.truncate(TOLD);
    groups
}

async fn stream(aws: &Aws, definition: &str) -> Result<Option<Stream>> {
    let found = described(aws, definition).await?;
    Ok(found.and_then(|(found, _)| Stream::of(found.container_definitions().first()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::{Deployment, ServiceEvent};
    use aws_smithy_types::DateTime;

    /// A service whose deployment began at second 100, with events at these seconds, the newest first.
    fn service(failed: i32, events: &[(i64, &str)]) -> Wire {
        let primary = Deployment::builder().status("PRIMARY").created_at(DateTime::from_secs(100)).failed_tasks(failed);
        let event = |(at, text): &(i64, &str)| {
            ServiceEvent::builder().created_at(DateTime::from_secs(*at)).message(*text).build()
        };
        Wire::builder().deployments(primary.build()).set_events(Some(events.iter().map(event).collect())).build()
    }

    #[test]
    fn the_newest_trouble_is_told_in_peoples_words() {
        let place =
            "(service web) was unable to place a task because no container instance met all of its requirements.";
        let memory =
            format!("{place} The closest matching (container-instance 0a1b) has insufficient memory available.");
        let health = "(service web) (port 8080) is unhealthy in (target-group arn:aws:x) due to (reason Health checks \
                      failed with these codes: [500])";
        let cases = [
            (memory.as_str(), "no node has room for another task (not enough memory)"),
            (place, "no node has room for another task"),
            (health, "the load balancer's health checks fail: Health checks failed with these codes: [500]"),
            ("(service web) (task 0a1b) failed container health checks.", "the tasks' own health checks fail"),
        ];
        for (event, says) in cases {
            assert_eq!(blocked(&service(0, &[(120, event)])).as_deref(), Some(says), "{event}");
        }
        let started = "(service web) has started 2 tasks: (task 0a1b) (task 0a1c).";
        assert_eq!(blocked(&service(0, &[(130, started), (120, place)])), None, "it has found room since");
        assert_eq!(blocked(&service(0, &[(90, place)])), None, "an earlier rollout's");
        assert_eq!(blocked(&service(2, &[])).as_deref(), Some("2 new tasks have died so far"));
    }
}
