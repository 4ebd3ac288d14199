//! Tasks of services: which there are, how they ended in people's words, and what they wrote last.

use super::{Aws, Result, trouble};
use aws_sdk_ecs::types::{ContainerDefinition, DesiredStatus, Task, TaskField, TaskStopCode};

/// So many go into one call of `DescribeTasks` (ECS API reference).
const DESCRIBED_AT_ONCE: usize = 100;
/// The longest reason that is told, in characters.
const LONGEST: usize = 300;

/// Which tasks of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that are meant to run.
    Running,
    /// Those that are meant to stop, and those that stopped; AWS shows them for an hour.
    Ending,
}

/// The tasks of a service, with their tags. None where the service is gone.
pub(crate) async fn of_service(aws: &Aws, cluster: &str, service: &str, which: Which) -> Result<Vec<Task>> {
    let status = match which {
        Which::Running => DesiredStatus::Running,
        Which::Ending => DesiredStatus::Stopped,
    };
    let call = aws.ecs.read.list_tasks().cluster(cluster).service_name(service).desired_status(status);
    let arns = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    match arns.map_err(trouble) {
        Ok(arns) => described(aws, cluster, &arns).await,
        Err(error) if error.is(GONE) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// What the list says of a service or a cluster that isn't there any more (ECS API reference, ListTasks).
const GONE: &[&str] = &["ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"];

async fn described(aws: &Aws, cluster: &str, arns: &[String]) -> Result<Vec<Task>> {
    let mut found = Vec::new();
    for some in arns.chunks(DESCRIBED_AT_ONCE) {
        let call = aws.ecs.read.describe_tasks().cluster(cluster).set_tasks(Some(some.to_vec()));
        let answer = call.include(TaskField::Tags).send().await.map_err(trouble)?;
        found.extend(answer.tasks.unwrap_or_default());
    }
    Ok(found)
}

/// The last part of a task's ARN: what people and `kill` call it.
pub(crate) fn id(task: &Task) -> &str {
    task.task_arn().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default()
}

/// How a task ended, if it died and wasn't only scaled away. The same trouble gives the same words for every task.
pub(crate) fn died(task: &Task) -> Option<String> {
    let reason = task.stopped_reason().unwrap_or_default();
    if reason.starts_with("Scaling activity initiated by") {
        return None;
    }
    if reason.contains("failed ELB health checks") {
        return Some("failed the load balancer's health checks".to_owned());
    }
    if reason.contains("failed container health checks") {
        return Some("failed its own health check".to_owned());
    }
    let exit = task.containers().iter().find_map(|one| Some((one.exit_code()?, one.reason().unwrap_or_default())));
    match (task.stop_code(), exit) {
        (Some(TaskStopCode::UserInitiated), _) => Some(format!("stopped by hand ({})", short(reason))),
        (Some(TaskStopCode::EssentialContainerExited), Some((code, why))) => Some(exited(code, why)),
        (Some(TaskStopCode::ServiceSchedulerInitiated), _) if reason.is_empty() => None,
        _ if reason.is_empty() => Some("ended without a reason".to_owned()),
        _ => Some(short(reason)),
    }
}

fn exited(code: i32, why: &str) -> String {
    // 128 and the signal's number, where a signal ended it.
    match (why, code) {
        (why, _) if why.starts_with("OutOfMemory") => "ran out of memory".to_owned(),
        ("", 137) => "exited with code 137 (killed)".to_owned(),
        ("", _) => format!("exited with code {code}"),
        (why, _) => format!("exited with code {code} ({})", short(why)),
    }
}

/// The first line, and no more than is read.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let cut: String = line.chars().take(LONGEST).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}

/// Where a container writes.
pub(crate) struct Stream {
    pub(crate) group: String,
    prefix: String,
    container: String,
}

impl Stream {
    /// Where the containers of a definition write; none where it isn't CloudWatch.
    pub(crate) fn of(container: &ContainerDefinition) -> Option<Self> {
        let options = container.log_configuration()?.options()?;
        Some(Self {
            group: options.get("awslogs-group")?.clone(),
            prefix: options.get("awslogs-stream-prefix")?.clone(),
            container: container.name()?.to_owned(),
        })
    }

    /// The newest lines of a task, the oldest of them first. A task that never started has none.
    pub(crate) async fn last_lines(&self, aws: &Aws, task: &str, lines: i32) -> Result<Vec<String>> {
        let stream = format!("{}/{}/{task}", self.prefix, self.container);
        let call = aws.logs.read.get_log_events().log_group_name(&self.group).log_stream_name(stream);
        match call.limit(lines).start_from_head(false).send().await.map_err(trouble) {
            Ok(answer) => Ok(answer.events().iter().filter_map(|one| one.message()).map(short).collect()),
            Err(error) if error.is(&["ResourceNotFoundException"]) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::Container;

    fn task(code: TaskStopCode, reason: &str, exit: Option<(i32, &str)>) -> Task {
        let container = |(code, reason): (i32, &str)| {
            Container::builder().exit_code(code).set_reason((!reason.is_empty()).then(|| reason.to_owned())).build()
        };
        let task = Task::builder().stop_code(code).stopped_reason(reason);
        task.set_containers(Some(exit.map(container).into_iter().collect())).build()
    }

    #[test]
    fn says_how_a_task_died_in_a_few_words() {
        use TaskStopCode::{EssentialContainerExited, ServiceSchedulerInitiated, TaskFailedToStart, UserInitiated};
        let exited = "Essential container in task exited";
        let cases = [
            (task(EssentialContainerExited, exited, Some((1, ""))), Some("exited with code 1")),
            (
                task(EssentialContainerExited, exited, Some((137, "OutOfMemoryError: Container killed due to memory"))),
                Some("ran out of memory"),
            ),
            (
                task(ServiceSchedulerInitiated, "Task failed ELB health checks in (target-group arn:aws:x)", None),
                Some("failed the load balancer's health checks"),
            ),
            (
                task(TaskFailedToStart, "CannotPullContainerError: no such image\nand more", None),
                Some("CannotPullContainerError: no such image"),
            ),
            (task(UserInitiated, "to see", Some((143, ""))), Some("stopped by hand (to see)")),
            (task(ServiceSchedulerInitiated, "Scaling activity initiated by (deployment ecs-svc/1)", None), None),
        ];
        for (task, says) in cases {
            assert_eq!(died(&task).as_deref(), says, "{task:?}");
        }
    }
}
