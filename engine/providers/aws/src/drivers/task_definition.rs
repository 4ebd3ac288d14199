//! The driver of `aws.task-definition`: one revision in a family that only the mark has.
//!
//! `RegisterTaskDefinition` knows no token, so a reply that was lost may leave two revisions; the newest is kept. A
//! removal takes every revision of the family. AWS shows a deleted revision for as long as tasks run by it
//! (`DELETE_IN_PROGRESS`); for us it is gone by then.

use super::ecs::{incomplete, int, marked, pairs, tag_value, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{Mount, Shape, TaskDefinition};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, HealthCheck, HostVolumeProperties, KeyValuePair, LogConfiguration, LogDriver,
    MountPoint, NetworkMode, PortMapping, Secret, SortOrder, Tag, TaskDefinition as Seen, TaskDefinitionField,
    TaskDefinitionStatus, TransportProtocol, Volume,
};
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::collections::BTreeMap;

/// ECS's limit for names of families.
const LONGEST: usize = 255;
/// So many go into one call of `DeleteTaskDefinitions` (ECS API reference).
const DELETED_AT_ONCE: usize = 10;
/// The version, for what is told of tasks. ECS gives a task the tags of its task definition.
pub(crate) const VERSION: &str = "gantry:version";
/// What streams in the log group begin with; the container's name and the task's id follow.
const STREAMS: &str = "task";
/// The name of the disk in the task definition.
const DISK: &str = "data";

pub(super) struct TaskDefinitionDriver;

#[async_trait]
impl Drive for TaskDefinitionDriver {
    type Spec = TaskDefinition;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at, TaskDefinitionStatus::Active).await?.first().map(|found| seen(&found.arn)))
    }

    async fn put(&self, aws: &Aws, want: &Want<TaskDefinition>) -> Result<Progress> {
        let mut found = look(aws, &want.at, TaskDefinitionStatus::Active).await?.into_iter();
        // Tools that deploy by a copy of the task definition copy its tags, too; what it runs isn't ours then.
        let Some(kept) = found.by_ref().find(|one| runs(&one.seen, &want.spec)) else {
            want.may_create()?;
            return Ok(Progress::Done(seen(&register(aws, want).await?)));
        };
        if kept.version != version(&want.spec) {
            let tag = Tag::builder().key(VERSION).value(version(&want.spec).unwrap_or_default()).build();
            aws.ecs.set.tag_resource().resource_arn(&kept.arn).tags(tag).send().await.map_err(trouble)?;
        }
        let twins = found.filter(|one| runs(&one.seen, &want.spec)).map(|one| one.arn);
        drop_revisions(aws, &twins.collect::<Vec<_>>()).await?;
        Ok(Progress::Done(seen(&kept.arn)))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let all = Handle { id: None, ..want.at.clone() };
        let active = look(aws, &all, TaskDefinitionStatus::Active).await?;
        // An earlier try may have come only half the way.
        let inactive = look(aws, &all, TaskDefinitionStatus::Inactive).await?;
        let arns = active.into_iter().chain(inactive).map(|one| one.arn);
        drop_revisions(aws, &arns.collect::<Vec<_>>()).await?;
        Ok(gone())
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let families = aws.ecs.read.list_task_definition_families().family_prefix(prefix(of));
        let families = families.status(aws_sdk_ecs::types::TaskDefinitionFamilyStatus::Active);
        let families = families.into_paginator().items().send();
        let mut found = Vec::new();
        for family in families.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)? {
            for arn in revisions(aws, &family, TaskDefinitionStatus::Active).await? {
                let Some((_, tags)) = described(aws, &arn).await? else { continue };
                found.extend(of.found(TaskDefinition::KIND, &arn, pairs(&tags)));
            }
        }
        Ok(found)
    }
}

/// How the families of the things meant begin, as far as names tell ([`marks::name`]).
fn prefix(of: &Listing<'_>) -> String {
    match of.of {
        Whose::Env(key) => format!("{}-{}-", key.project, key.env),
        Whose::Project(project) => format!("{project}-"),
    }
}

/// A revision that carries the mark.
struct Revision {
    arn: String,
    seen: Seen,
    version: Option<String>,
}

/// Whether a revision runs what is wanted: what people and their tools change in a copy is compared.
fn runs(seen: &Seen, spec: &TaskDefinition) -> bool {
    let Some(container) = seen.container_definitions().first() else { return false };
    let env = container.environment().iter().filter_map(|one| Some((one.name()?, one.value()?)));
    let secrets = container.secrets().iter().map(|one| (one.name(), one.value_from()));
    fn ours(map: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
        map.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
    container.image() == Some(&spec.image)
        && container.command() == spec.command
        && env.collect::<BTreeMap<_, _>>() == ours(&spec.env)
        && secrets.collect::<BTreeMap<_, _>>() == ours(&spec.secrets)
        && (seen.cpu(), seen.memory()) == (Some(&spec.cpu.to_string()), Some(&spec.memory.to_string()))
        && (seen.execution_role_arn(), seen.task_role_arn()) == (Some(&spec.execution_role), Some(&spec.task_role))
}

/// The revisions with the mark, the newest first: the one of that id, if it is known.
async fn look(aws: &Aws, at: &Handle, status: TaskDefinitionStatus) -> Result<Vec<Revision>> {
    let arns = match &at.id {
        Some(id) => vec![id.0.clone()],
        None => revisions(aws, &marks::name(&at.mark, LONGEST), status.clone()).await?,
    };
    let mut found = Vec::new();
    for arn in arns {
        let Some((seen, tags)) = described(aws, &arn).await? else { continue };
        if seen.status() == Some(&status) && marked(&tags, &at.mark) {
            let version = pairs(&tags).find(|(key, _)| *key == VERSION).map(|(_, value)| value.to_owned());
            found.push(Revision { arn, seen, version });
        }
    }
    Ok(found)
}

/// The revisions of a family, the newest first.
async fn revisions(aws: &Aws, family: &str, status: TaskDefinitionStatus) -> Result<Vec<String>> {
    let call = aws.ecs.read.list_task_definitions().family_prefix(family).status(status).sort(SortOrder::Desc);
    let arns = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    Ok(arns.map_err(trouble)?)
}

/// A task definition with its tags; none where there is none.
pub(crate) async fn described(aws: &Aws, arn: &str) -> Result<Option<(Seen, Vec<Tag>)>> {
    let call = aws.ecs.read.describe_task_definition().task_definition(arn).include(TaskDefinitionField::Tags);
    match call.send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.task_definition.map(|found| (found, answer.tags.unwrap_or_default()))),
        // "Unable to describe task definition." is a ClientException; so is nothing else that this call can meet.
        Err(error) if error.is(&["ClientException"]) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Deregisters and deletes them; AWS takes both again.
async fn drop_revisions(aws: &Aws, arns: &[String]) -> Result<()> {
    for arn in arns {
        aws.ecs.write.deregister_task_definition().task_definition(arn).send().await.map_err(trouble)?;
    }
    for some in arns.chunks(DELETED_AT_ONCE) {
        let call = aws.ecs.write.delete_task_definitions().set_task_definitions(Some(some.to_vec()));
        if let Some(failure) = call.send().await.map_err(trouble)?.failures().first() {
            let why = failure.reason().unwrap_or("AWS doesn't say why");
            let arn = failure.arn().unwrap_or("a task definition");
            return Err(ProviderError::NotYet(format!("{arn} isn't deleted: {why}")));
        }
    }
    Ok(())
}

fn seen(arn: &str) -> Observed {
    observed(arn, [])
}

/// The version as a tag's value; none where there is none to tell.
fn version(spec: &TaskDefinition) -> Option<String> {
    Some(tag_value(&spec.version)).filter(|version| !version.is_empty())
}

async fn register(aws: &Aws, want: &Want<TaskDefinition>) -> Result<String> {
    let spec = &want.spec;
    let mut all = tags(want.mark());
    all.extend(version(spec).map(|version| Tag::builder().key(VERSION).value(version).build()));
    let runs_on = if spec.fargate { Compatibility::Fargate } else { Compatibility::Ec2 };
    let disk = spec.mount.as_ref().map(|mount| {
        let host = HostVolumeProperties::builder().source_path(&mount.host_path).build();
        vec![Volume::builder().name(DISK).host(host).build()]
    });
    let call = aws.ecs.write.register_task_definition().family(marks::name(want.mark(), LONGEST));
    let call = call.network_mode(NetworkMode::Awsvpc).requires_compatibilities(runs_on).set_volumes(disk);
    let call = call.cpu(spec.cpu.to_string()).memory(spec.memory.to_string());
    let call = call.execution_role_arn(&spec.execution_role).task_role_arn(&spec.task_role);
    let call = call.container_definitions(container(spec)?).set_tags(Some(all));
    let made = call.send().await.map_err(trouble)?;
    let arn = made.task_definition.and_then(|made| made.task_definition_arn);
    Ok(arn.ok_or_else(|| Trouble::unexpected("RegisterTaskDefinition gave no task definition"))?)
}

fn container(spec: &TaskDefinition) -> Result<ContainerDefinition> {
    let port = |port: &crate::kinds::PortMapping| {
        let mapping = PortMapping::builder().name(&port.name).container_port(i32::from(port.port));
        mapping.protocol(TransportProtocol::Tcp).build()
    };
    let value = |(name, value): (&String, &String)| KeyValuePair::builder().name(name).value(value).build();
    let secret = |(name, from): (&String, &String)| Secret::builder().name(name).value_from(from).build();
    let secrets = spec.secrets.iter().map(secret).collect::<std::result::Result<Vec<_>, _>>().map_err(incomplete)?;
    let logs = LogConfiguration::builder().log_driver(LogDriver::Awslogs);
    let logs = logs.options("awslogs-group", &spec.log_group).options("awslogs-region", &spec.log_region);
    let logs = logs.options("awslogs-stream-prefix", STREAMS);
    // Lines are dropped rather than that a task hangs while CloudWatch is slow (ECS developer guide, "Send Amazon ECS
    // logs to CloudWatch", `mode`).
    let logs = logs.options("mode", "non-blocking").build().map_err(incomplete)?;
    let health = spec.health_command.clone().map(|command| HealthCheck::builder().set_command(Some(command)).build());
    let mounted = |mount: &Mount| vec![MountPoint::builder().source_volume(DISK).container_path(&mount.path).build()];
    Ok(ContainerDefinition::builder()
        .name(&spec.container)
        .image(&spec.image)
        .essential(true)
        .set_command((!spec.command.is_empty()).then(|| spec.command.clone()))
        .set_port_mappings(Some(spec.ports.iter().map(port).collect()))
        .set_environment(Some(spec.env.iter().map(value).collect()))
        .set_secrets(Some(secrets))
        .set_mount_points(spec.mount.as_ref().map(mounted))
        .set_health_check(health.transpose().map_err(incomplete)?)
        .stop_timeout(int(spec.stop_timeout))
        .log_configuration(logs)
        .build())
}
