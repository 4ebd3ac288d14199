//! The driver of `aws.cluster`. `CreateCluster` is repeatable by name (ECS API reference), and only the mark has its name.

use super::cluster_capacity::let_go;
use super::ecs::{marked, pairs, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{ARN, Cluster, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Instance, InstanceStateName};
use aws_sdk_ecs::types::{Cluster as Seen, ClusterField, ClusterSetting, ClusterSettingName};
use gantry_engine::provider::{Handle, Note, Observed, Progress, Remove};
use gantry_engine::receipt::Found;
use std::collections::BTreeSet;
use std::time::Duration;

/// ECS's limit for names of clusters.
const LONGEST: usize = 255;

pub(super) struct ClusterDriver;

#[async_trait]
impl Drive for ClusterDriver {
    type Spec = Cluster;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.map(|cluster| seen(&cluster)))
    }

    async fn put(&self, aws: &Aws, want: &Want<Cluster>) -> Result<Progress> {
        let wanted = if want.spec.insights { "enabled" } else { "disabled" };
        let setting = || ClusterSetting::builder().name(ClusterSettingName::ContainerInsights).value(wanted).build();
        let Some(cluster) = look(aws, &want.at).await? else {
            let call = aws.ecs.write.create_cluster().cluster_name(marks::name(want.mark(), LONGEST));
            let made = call.settings(setting()).set_tags(Some(tags(want.mark()))).send().await.map_err(trouble)?;
            let made = made.cluster.ok_or_else(|| Trouble::unexpected("CreateCluster gave no cluster"))?;
            return Ok(if made.status() == Some("ACTIVE") { Progress::Done(seen(&made)) } else { pending(&made) });
        };
        if cluster.status() != Some("ACTIVE") {
            return Ok(pending(&cluster));
        }
        if has_insights(&cluster) != want.spec.insights {
            let name = cluster.cluster_name().unwrap_or_default();
            let call = aws.ecs.set.update_cluster_settings().cluster(name).settings(setting());
            call.send().await.map_err(trouble)?;
        }
        Ok(Progress::Done(seen(&cluster)))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(cluster) = look(aws, &want.at).await? else { return Ok(gone()) };
        let name = cluster.cluster_name().unwrap_or_default();
        if has_insights(&cluster) {
            forget_insights(aws, name).await?;
        }
        // What ties providers to it carries no mark, and they can't be removed while it does.
        if !cluster.capacity_providers().is_empty() {
            return let_go(aws, name).await;
        }
        match aws.ecs.write.delete_cluster().cluster(name).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["ClusterNotFoundException"]) => Ok(gone()),
            // What runs on it goes by itself: it was told to. But for machines that ended without signing off.
            Err(error) if error.is(BUSY) => {
                if error.is(&["ClusterContainsContainerInstancesException"]) {
                    sign_off(aws, name).await?;
                }
                let note = Note::Other("waiting for the cluster's last tasks and nodes to go".to_owned());
                Ok(Progress::Pending { seen: seen(&cluster), note, again: Duration::from_secs(5) })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let pages = aws.ecs.read.list_clusters().into_paginator().items().send();
        let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
        let mut found = Vec::new();
        // DescribeClusters takes 100 (ECS API reference).
        for some in arns.chunks(100) {
            let call = aws.ecs.read.describe_clusters().set_clusters(Some(some.to_vec())).include(ClusterField::Tags);
            for cluster in call.send().await.map_err(trouble)?.clusters() {
                if cluster.status() != Some("INACTIVE") {
                    let name = cluster.cluster_name().unwrap_or_default();
                    found.extend(of.found(Cluster::KIND, name, pairs(cluster.tags())));
                }
            }
        }
        Ok(found)
    }
}

/// What keeps a cluster from going (ECS API reference, DeleteCluster).
const BUSY: &[&str] = &[
    "ClusterContainsCapacityProviderException",
    "ClusterContainsContainerInstancesException",
    "ClusterContainsServicesException",
    "ClusterContainsTasksException",
    "UpdateInProgressException",
];

fn has_insights(cluster: &Seen) -> bool {
    let is = |setting: &&ClusterSetting| setting.name() == Some(&ClusterSettingName::ContainerInsights);
    cluster.settings().iter().find(is).is_some_and(|setting| setting.value() != Some("disabled"))
}

/// Removes the log group that Container Insights makes for a cluster by itself, without tags and for ever (CloudWatch user
/// guide, "Container Insights performance log events"). Its name has the cluster's in it, which only its mark has.
async fn forget_insights(aws: &Aws, cluster: &str) -> Result<()> {
    let group = format!("/aws/ecs/containerinsights/{cluster}/performance");
    match aws.logs.write.delete_log_group().log_group_name(group).send().await.map_err(trouble) {
        Err(error) if !error.is(&["ResourceNotFoundException"]) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Signs off the machines that are gone: where the agent had died before, nobody else does, and the cluster couldn't go
/// (ECS API reference, DeregisterContainerInstance).
async fn sign_off(aws: &Aws, cluster: &str) -> Result<()> {
    let pages = aws.ecs.read.list_container_instances().cluster(cluster).into_paginator().items().send();
    let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    // DescribeContainerInstances takes 100 (ECS API reference).
    for some in arns.chunks(100) {
        let call = aws.ecs.read.describe_container_instances().cluster(cluster);
        let call = call.set_container_instances(Some(some.to_vec()));
        let registered = call.send().await.map_err(trouble)?.container_instances.unwrap_or_default();
        let machines = running(aws, registered.iter().filter_map(|one| one.ec2_instance_id())).await?;
        for gone in registered.iter().filter(|one| !machines.contains(one.ec2_instance_id().unwrap_or_default())) {
            let call = aws.ecs.write.deregister_container_instance().cluster(cluster).force(true);
            let arn = gone.container_instance_arn().unwrap_or_default();
            match call.container_instance(arn).send().await.map_err(trouble) {
                // It was signed off meanwhile.
                Err(error) if !error.is(&["ClientException", "InvalidParameterException"]) => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Which of these machines haven't ended.
async fn running(aws: &Aws, ids: impl Iterator<Item = &str>) -> Result<BTreeSet<String>> {
    let which = Filter::builder().name("instance-id").set_values(Some(ids.map(ToOwned::to_owned).collect())).build();
    let pages = aws.ec2.read.describe_instances().filters(which).into_paginator().items().send();
    let found = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    let all = found.into_iter().flat_map(|reservation| reservation.instances.unwrap_or_default());
    let ended =
        |instance: &Instance| instance.state().and_then(|state| state.name()) == Some(&InstanceStateName::Terminated);
    Ok(all.filter(|instance| !ended(instance)).filter_map(|instance| instance.instance_id).collect())
}

fn seen(cluster: &Seen) -> Observed {
    let arn = cluster.cluster_arn().unwrap_or_default().to_owned();
    observed(cluster.cluster_name().unwrap_or_default(), [(ARN, arn)])
}

fn pending(cluster: &Seen) -> Progress {
    let note = Note::Usually { what: "cluster being made".to_owned(), seconds: (1, 10) };
    Progress::Pending { seen: seen(cluster), note, again: Duration::from_secs(1) }
}

/// The cluster of this name, if it is the mark's own. Deleted ones are shown for a while as inactive.
async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    let name = marks::name(&at.mark, LONGEST);
    let call = aws.ecs.read.describe_clusters().clusters(name);
    let call = call.include(ClusterField::Tags).include(ClusterField::Settings);
    let answer = call.send().await.map_err(trouble)?;
    let ours = |cluster: &Seen| cluster.status() != Some("INACTIVE") && marked(cluster.tags(), &at.mark);
    Ok(answer.clusters.unwrap_or_default().into_iter().find(ours))
}
