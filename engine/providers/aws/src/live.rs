//! What runs now: the tasks of an environment's services, and its nodes. Asks AWS, not our records.
//!
//! ECS doesn't say which task took the place of which, so no task tells how often it was replaced.

use crate::drivers::service::{Described, all_of};
use crate::drivers::tasks::{self, Which};
use crate::drivers::{Aws, Listing, Result, ecs, task_definition, trouble};
use crate::marks;
use aws_sdk_ecs::types::{ClusterField, Container, ContainerInstance, HealthStatus, Task as Wire};
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum as Target;
use aws_smithy_types::DateTime;
use futures::{StreamExt, TryStreamExt};
use gantry_engine::names::{ClusterName, ServiceName, Version};
use gantry_engine::provider::{Live, Node, Task, TaskHealth};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What a task's node is called where AWS doesn't show one.
const FARGATE: &str = "fargate";
/// The component of a cluster is called this and its name.
const CLUSTER: &str = "cluster-";
/// So many services are looked at side by side.
const SIDE_BY_SIDE: usize = 4;
/// So many go into one call of `DescribeClusters` and of `DescribeContainerInstances` (ECS API reference).
const DESCRIBED_AT_ONCE: usize = 100;

/// A machine of a cluster.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// Its cluster as the project calls it; none where the cluster isn't ours.
    pub(crate) cluster: Option<ClusterName>,
    pub(crate) seen: ContainerInstance,
}

impl Machine {
    /// EC2's id.
    pub(crate) fn id(&self) -> &str {
        self.seen.ec2_instance_id().unwrap_or_default()
    }

    /// How many tasks are on it, or on their way there.
    pub(crate) fn tasks(&self) -> u32 {
        u32::try_from(self.seen.running_tasks_count() + self.seen.pending_tasks_count()).unwrap_or(0)
    }
}

/// The nodes and tasks of an environment. Of tasks that died, those are shown that nothing took the place of.
pub(crate) async fn live(aws: &Aws, of: &Listing<'_>) -> Result<Live> {
    let services = all_of(aws, of).await?;
    let machines = machines(aws, of, &services).await?;
    let looks: Vec<_> = services.iter().map(|service| service_tasks(aws, service, &machines)).collect();
    let mut tasks: Vec<Task> = futures::stream::iter(looks).buffered(SIDE_BY_SIDE).try_concat().await?;
    tasks.sort_by(|a, b| (&a.service, a.since, &a.id).cmp(&(&b.service, b.since, &b.id)));
    Ok(Live { tasks, nodes: machines.iter().filter_map(node).collect() })
}

fn node(machine: &Machine) -> Option<Node> {
    let up = machine.seen.status() == Some("ACTIVE") && machine.seen.agent_connected();
    Some(Node { id: machine.id().to_owned(), cluster: machine.cluster.clone()?, up, tasks: machine.tasks() })
}

/// The machines of the clusters that are ours or that our services run on.
pub(crate) async fn machines(aws: &Aws, of: &Listing<'_>, services: &[Described]) -> Result<Vec<Machine>> {
    let pages = aws.ecs.read.list_clusters().into_paginator().items().send();
    let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    let mut found = Vec::new();
    for some in arns.chunks(DESCRIBED_AT_ONCE) {
        let call = aws.ecs.read.describe_clusters().set_clusters(Some(some.to_vec()));
        let call = call.include(ClusterField::Tags);
        for cluster in call.send().await.map_err(trouble)?.clusters() {
            let mark = marks::from_tags(ecs::pairs(cluster.tags())).filter(|mark| of.is(mark));
            let arn = cluster.cluster_arn().unwrap_or_default();
            let used = services.iter().any(|one| one.service.cluster_arn() == Some(arn));
            if cluster.registered_container_instances_count() == 0 || (mark.is_none() && !used) {
                continue;
            }
            let name = mark.and_then(|mark| ClusterName::new(mark.addr.component.as_str().strip_prefix(CLUSTER)?).ok());
            let instances = instances(aws, arn).await?;
            found.extend(instances.into_iter().map(|seen| Machine { cluster: name.clone(), seen }));
        }
    }
    Ok(found)
}

async fn instances(aws: &Aws, cluster: &str) -> Result<Vec<ContainerInstance>> {
    let pages = aws.ecs.read.list_container_instances().cluster(cluster).into_paginator().items().send();
    let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    let mut found = Vec::new();
    for some in arns.chunks(DESCRIBED_AT_ONCE) {
        let call = aws.ecs.read.describe_container_instances().cluster(cluster);
        let answer = call.set_container_instances(Some(some.to_vec())).send().await.map_err(trouble)?;
        found.extend(answer.container_instances.unwrap_or_default());
    }
    Ok(found)
}

async fn service_tasks(aws: &Aws, of: &Described, machines: &[Machine]) -> Result<Vec<Task>> {
    let (cluster, name) = (of.service.cluster_arn().unwrap_or_default(), of.service.service_name().unwrap_or_default());
    let Ok(service) = ServiceName::new(of.mark.addr.component.as_str()) else { return Ok(Vec::new()) };
    let running = tasks::of_service(aws, cluster, name, Which::Running).await?;
    let ending = tasks::of_service(aws, cluster, name, Which::Ending).await?;
    let targets = targets(aws, of).await?;
    let (stopping, mut died): (Vec<_>, Vec<_>) =
        ending.into_iter().partition(|task| task.last_status() != Some("STOPPED"));
    died.retain(|task| tasks::died(task).is_some());
    died.sort_by_key(|task| Reverse(task.stopped_at().copied().map(|at| at.as_nanos())));
    let wanted = usize::try_from(of.service.desired_count()).unwrap_or(0);
    died.truncate(wanted.saturating_sub(running.len()));
    let all = running.iter().chain(&stopping).chain(&died);
    Ok(all.map(|seen| task(&service, seen, machines, &targets)).collect())
}

/// How the targets of a service are, by address. One that isn't healthy in one of its groups isn't healthy.
async fn targets(aws: &Aws, of: &Described) -> Result<BTreeMap<String, Target>> {
    let mut states = BTreeMap::new();
    for group in of.service.load_balancers().iter().filter_map(|one| one.target_group_arn()) {
        let call = aws.elb.read.describe_target_health().target_group_arn(group);
        let answer = match call.send().await.map_err(trouble) {
            Ok(answer) => answer,
            Err(error) if error.is(&["TargetGroupNotFound"]) => continue,
            Err(error) => return Err(error.into()),
        };
        for one in answer.target_health_descriptions() {
            let Some(address) = one.target().map(|target| target.id().unwrap_or_default()) else { continue };
            let state = one.target_health().and_then(|health| health.state()).cloned().unwrap_or(Target::Initial);
            let kept = states.entry(address.to_owned()).or_insert(Target::Healthy);
            if *kept == Target::Healthy {
                *kept = state;
            }
        }
    }
    Ok(states)
}

fn task(service: &ServiceName, seen: &Wire, machines: &[Machine], targets: &BTreeMap<String, Target>) -> Task {
    let machine = seen.container_instance_arn().map(|arn| {
        let there = machines.iter().find(|machine| machine.seen.container_instance_arn() == Some(arn));
        there.map_or_else(|| arn.rsplit('/').next().unwrap_or(arn).to_owned(), |machine| machine.id().to_owned())
    });
    Task {
        id: tasks::id(seen).to_owned(),
        service: service.clone(),
        version: version(seen),
        node: machine.unwrap_or_else(|| FARGATE.to_owned()),
        health: health(seen, address(seen).and_then(|address| targets.get(address))),
        since: seen.started_at().or(seen.created_at()).and_then(timestamp),
        restarts: 0,
    }
}

/// A task carries the tags of its task definition. One of somebody else says what it is only by its own name.
fn version(task: &Wire) -> Version {
    let tag = ecs::pairs(task.tags()).find(|(key, _)| *key == task_definition::VERSION).map(|(_, value)| value);
    let definition = task.task_definition_arn().and_then(|arn| arn.rsplit('/').next());
    Version::new(tag.or(definition).unwrap_or_default())
}

fn address(task: &Wire) -> Option<&str> {
    task.containers().iter().flat_map(Container::network_interfaces).find_map(|one| one.private_ipv4_address())
}

fn health(task: &Wire, target: Option<&Target>) -> TaskHealth {
    match (task.last_status().unwrap_or_default(), task.health_status(), target) {
        ("STOPPED", ..) => TaskHealth::Dead(tasks::died(task).unwrap_or_else(|| "ended".to_owned())),
        ("DEACTIVATING" | "STOPPING" | "DEPROVISIONING", ..) => TaskHealth::Stopping,
        _ if task.desired_status() == Some("STOPPED") => TaskHealth::Stopping,
        ("RUNNING", Some(HealthStatus::Unhealthy), _) => TaskHealth::Unhealthy,
        ("RUNNING", _, Some(Target::Healthy) | None) => TaskHealth::Healthy,
        ("RUNNING", _, Some(Target::Initial | Target::Unused)) => TaskHealth::Starting,
        ("RUNNING", _, Some(Target::Draining)) => TaskHealth::Stopping,
        ("RUNNING", ..) => TaskHealth::Unhealthy,
        _ => TaskHealth::Starting,
    }
}

/// AWS's moment as ours.
pub(crate) fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_as_well_as_its_target() {
        let task = |last: &str| Wire::builder().last_status(last).desired_status("RUNNING").build();
        let cases = [
            ("PENDING", None, TaskHealth::Starting),
            ("RUNNING", None, TaskHealth::Healthy),
            ("RUNNING", Some(Target::Initial), TaskHealth::Starting),
            ("RUNNING", Some(Target::Healthy), TaskHealth::Healthy),
            ("RUNNING", Some(Target::Unhealthy), TaskHealth::Unhealthy),
            ("DEPROVISIONING", Some(Target::Draining), TaskHealth::Stopping),
        ];
        for (last, target, says) in cases {
            assert_eq!(health(&task(last), target.as_ref()), says, "{last} {target:?}");
        }
    }
}
