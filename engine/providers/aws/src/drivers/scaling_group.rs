//! The driver of `aws.scaling-group`. `CreateAutoScalingGroup` knows no token; its name is unique, and only its mark's.
//!
//! Its tags go to its instances, so what it started can be found even after the group has gone.

use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{ARN, ScalingGroup, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_autoscaling::types::{
    AutoScalingGroup as Seen, Filter, LaunchTemplateSpecification, LifecycleState, Tag, TagDescription,
};
use aws_sdk_ec2::types::{Filter as InstanceFilter, Instance, Tag as InstanceTag};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::collections::BTreeSet;
use std::time::Duration;

/// EC2 Auto Scaling's limit for names of groups.
const LONGEST: usize = 255;
/// States of instances that are there, or may be (EC2 API reference, InstanceState).
const THERE: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];
const AGAIN: Duration = Duration::from_secs(5);

pub(super) struct ScalingGroupDriver;

#[async_trait]
impl Drive for ScalingGroupDriver {
    type Spec = ScalingGroup;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|group| seen(&group)))
    }

    async fn put(&self, aws: &Aws, want: &Want<ScalingGroup>) -> Result<Progress> {
        let Some(group) = look(aws, want.mark()).await? else {
            want.may_create_again()?;
            return match create(aws, want).await {
                Ok(()) => Ok(unread(want)),
                // The name is the mark's own: an earlier try made it, and it can't be read yet.
                Err(error) if error.is(&["AlreadyExists"]) => Ok(unread(want)),
                Err(error) => Err(error.into()),
            };
        };
        if group.status().is_some() {
            return Err(ProviderError::Conflict("the scaling group of an earlier try is still going".to_owned()));
        }
        if differs(&group, &want.spec) {
            update(aws, &group, want).await?;
        }
        let in_service = |instance: &&aws_sdk_autoscaling::types::Instance| {
            instance.lifecycle_state() == Some(&LifecycleState::InService)
        };
        let up = group.instances().iter().filter(in_service).count();
        if up >= want.spec.min as usize {
            return Ok(Progress::Done(seen(&group)));
        }
        let trouble = last_trouble(aws, &group).await?.map(|why| format!("; {why}")).unwrap_or_default();
        let note = Note::Other(format!("{up} of {} nodes up{trouble}", want.spec.min));
        Ok(Progress::Pending { seen: seen(&group), note, again: AGAIN })
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        if let Some(group) = look(aws, &want.at.mark).await? {
            if group.status().is_none() {
                let call = aws.autoscaling.write.delete_auto_scaling_group().force_delete(true);
                call.set_auto_scaling_group_name(group.auto_scaling_group_name.clone())
                    .send()
                    .await
                    .map_err(trouble)?;
            }
            return Ok(draining(Some(&group), group.instances().len().max(1)));
        }
        let left = instances(aws, &marks::ownership(&want.at.mark)).await?;
        if left.is_empty() {
            return Ok(gone());
        }
        // The group is gone and had them end; one that it left behind is ended here.
        let running =
            |instance: &&Instance| state(instance).is_some_and(|state| matches!(state, "running" | "stopped"));
        let stray: Vec<String> = left.iter().filter(running).filter_map(|one| one.instance_id.clone()).collect();
        if !stray.is_empty() {
            aws.ec2.write.terminate_instances().set_instance_ids(Some(stray)).send().await.map_err(trouble)?;
        }
        Ok(draining(None, left.len()))
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let filter = |(key, value): (&str, String)| Filter::builder().name(format!("tag:{key}")).values(value).build();
        let filters = of.tags().into_iter().map(filter).collect();
        let call = aws.autoscaling.read.describe_auto_scaling_groups().set_filters(Some(filters));
        let groups = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        let mut found = Vec::new();
        for group in groups.map_err(trouble)? {
            let name = group.auto_scaling_group_name().unwrap_or_default();
            found.extend(of.found(ScalingGroup::KIND, name, pairs(group.tags())));
        }
        // Instances whose group is gone count as that group: what ends it ends them.
        let known: BTreeSet<Mark> = found.iter().map(|found| found.mark.clone()).collect();
        for instance in instances(aws, &of.tags()).await? {
            let tags = instance.tags().iter().filter_map(|tag: &InstanceTag| Some((tag.key()?, tag.value()?)));
            let Some(mark) = marks::from_tags(tags.clone()) else { continue };
            let name = marks::name(&mark, LONGEST);
            let is_new = !known.contains(&mark) && !found.iter().any(|found| found.mark == mark);
            found.extend(of.found(ScalingGroup::KIND, &name, tags).filter(|_| is_new));
        }
        Ok(found)
    }
}

fn seen(group: &Seen) -> Observed {
    let arn = group.auto_scaling_group_arn().unwrap_or_default().to_owned();
    observed(group.auto_scaling_group_name().unwrap_or_default(), [(ARN, arn)])
}

/// Made, but not read yet: its ARN, which others need, isn't known.
fn unread(want: &Want<ScalingGroup>) -> Progress {
    let note = Note::Usually { what: "nodes starting".to_owned(), seconds: (60, 180) };
    let seen = observed(&marks::name(want.mark(), LONGEST), []);
    Progress::Pending { seen, note, again: Duration::from_secs(1) }
}

fn draining(group: Option<&Seen>, left: usize) -> Progress {
    let note = Note::Other(format!("{left} node{} going", if left == 1 { "" } else { "s" }));
    Progress::Pending { seen: group.map(seen).unwrap_or_default(), note, again: AGAIN }
}

fn template(id: &str) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder().launch_template_id(id).version("$Latest").build()
}

fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

async fn create(aws: &Aws, want: &Want<ScalingGroup>) -> std::result::Result<(), Trouble> {
    let name = marks::name(want.mark(), LONGEST);
    let tag = |(key, value): (&str, String)| tag(&name, key, value);
    let mut tags: Vec<Tag> = marks::tags(want.mark()).into_iter().map(tag).collect();
    // ECS marks the groups that it scales so (ECS developer guide, "Auto Scaling group capacity providers").
    tags.push(self::tag(&name, "AmazonECSManaged", String::new()));
    let call = aws.autoscaling.write.create_auto_scaling_group().auto_scaling_group_name(&name);
    let call = call.launch_template(template(&want.spec.template)).vpc_zone_identifier(want.spec.subnets.join(","));
    let call = call.min_size(number(want.spec.min)).max_size(number(want.spec.max));
    let call = call.new_instances_protected_from_scale_in(want.spec.protected).set_tags(Some(tags));
    call.send().await.map(drop).map_err(trouble)
}

fn tag(group: &str, key: &str, value: String) -> Tag {
    let tag = Tag::builder().resource_type("auto-scaling-group").resource_id(group);
    tag.key(key).value(value).propagate_at_launch(true).build()
}

fn differs(group: &Seen, spec: &ScalingGroup) -> bool {
    let there: BTreeSet<&str> = group.vpc_zone_identifier().unwrap_or_default().split(',').map(str::trim).collect();
    let wanted: BTreeSet<&str> = spec.subnets.iter().map(String::as_str).collect();
    let template = group.launch_template().and_then(LaunchTemplateSpecification::launch_template_id);
    group.min_size() != Some(number(spec.min))
        || group.max_size() != Some(number(spec.max))
        || there != wanted
        || template != Some(&spec.template)
        || group.new_instances_protected_from_scale_in().unwrap_or(false) != spec.protected
}

async fn update(aws: &Aws, group: &Seen, want: &Want<ScalingGroup>) -> Result<()> {
    let call = aws.autoscaling.write.update_auto_scaling_group().min_size(number(want.spec.min));
    let call = call.max_size(number(want.spec.max)).vpc_zone_identifier(want.spec.subnets.join(","));
    let call = call.launch_template(template(&want.spec.template));
    let call = call.new_instances_protected_from_scale_in(want.spec.protected);
    let call = call.set_auto_scaling_group_name(group.auto_scaling_group_name.clone());
    Ok(call.send().await.map(drop).map_err(trouble)?)
}

/// Why the newest start of a node failed, if it did.
async fn last_trouble(aws: &Aws, group: &Seen) -> Result<Option<String>> {
    let call = aws.autoscaling.read.describe_scaling_activities().max_records(5);
    let call = call.set_auto_scaling_group_name(group.auto_scaling_group_name.clone());
    let activities = call.send().await.map_err(trouble)?.activities.unwrap_or_default();
    let failed =
        activities.into_iter().next().filter(|newest| newest.status_code().is_some_and(|s| s.as_str() == "Failed"));
    Ok(failed.and_then(|activity| activity.status_message))
}

/// The group of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let call = aws.autoscaling.read.describe_auto_scaling_groups();
    let answer = call.auto_scaling_group_names(marks::name(mark, LONGEST)).send().await.map_err(trouble)?;
    let ours = |group: &Seen| marks::from_tags(pairs(group.tags())).as_ref() == Some(mark);
    Ok(answer.auto_scaling_groups.unwrap_or_default().into_iter().find(ours))
}

/// Instances with these tags that are there.
async fn instances(aws: &Aws, tags: &[(&'static str, String)]) -> Result<Vec<Instance>> {
    let tagged = tags.iter().map(|(key, value)| (format!("tag:{key}"), vec![value.clone()]));
    let there = ("instance-state-name".to_owned(), THERE.map(ToOwned::to_owned).to_vec());
    let filters = tagged.chain([there]);
    let filters = filters.map(|(name, values)| InstanceFilter::builder().name(name).set_values(Some(values)).build());
    let call = aws.ec2.read.describe_instances().set_filters(Some(filters.collect()));
    let pages = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    Ok(pages.map_err(trouble)?.into_iter().flat_map(|group| group.instances.unwrap_or_default()).collect())
}

fn state(instance: &Instance) -> Option<&str> {
    Some(instance.state()?.name()?.as_str())
}

fn pairs(tags: &[TagDescription]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}
