//! The driver of `aws.target-group`. `CreateTargetGroup` knows no token, but its name is unique, and only its mark's.

use super::elb::{MISSING, found, is_marked, name, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{Shape, TargetGroup};
use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{ProtocolEnum, TargetGroup as Seen, TargetGroupAttribute, TargetTypeEnum};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

const DELAY: &str = "deregistration_delay.timeout_seconds";

pub(super) struct TargetGroupDriver;

#[async_trait]
impl Drive for TargetGroupDriver {
    type Spec = TargetGroup;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|group| observed(arn(&group), [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<TargetGroup>) -> Result<Progress> {
        let group = match look(aws, want.mark()).await? {
            Some(group) => group,
            None => create(aws, want).await?,
        };
        if differs(&group, &want.spec) {
            let call = aws.elb.set.modify_target_group().target_group_arn(arn(&group));
            let call = call.health_check_path(&want.spec.health_path);
            let call = call.health_check_interval_seconds(number(want.spec.interval));
            let call = call.health_check_timeout_seconds(number(want.spec.timeout));
            let call = call.healthy_threshold_count(number(want.spec.healthy));
            call.unhealthy_threshold_count(number(want.spec.unhealthy)).send().await.map_err(trouble)?;
        }
        set_delay(aws, &group, want.spec.deregistration_delay).await?;
        Ok(Progress::Done(observed(arn(&group), [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(group) = look(aws, &want.at.mark).await? else { return Ok(gone()) };
        match aws.elb.write.delete_target_group().target_group_arn(arn(&group)).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(MISSING) => Ok(gone()),
            // Rules and listeners that led to it are gone or going: AWS notices after a while.
            Err(error) if error.is(&["ResourceInUse"]) => {
                let note = Note::Other("waiting for the load balancer to let go of it".to_owned());
                Ok(Progress::Pending { seen: observed(arn(&group), []), note, again: Duration::from_secs(3) })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let pages = aws.elb.read.describe_target_groups().into_paginator().items().send();
        let groups = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
        let arns = groups.into_iter().filter_map(|group| group.target_group_arn).collect();
        found(aws, of, &TargetGroup::KIND, arns).await
    }
}

fn arn(group: &Seen) -> &str {
    group.target_group_arn().unwrap_or_default()
}

fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

async fn create(aws: &Aws, want: &Want<TargetGroup>) -> Result<Seen> {
    let spec = &want.spec;
    let call = aws.elb.write.create_target_group().name(name(want.mark())).set_tags(Some(tags(want.mark())));
    let call = call.protocol(ProtocolEnum::Http).port(i32::from(spec.port)).vpc_id(&spec.vpc);
    let call = call.target_type(TargetTypeEnum::Ip).health_check_path(&spec.health_path);
    let call = call.health_check_interval_seconds(number(spec.interval));
    let call = call.health_check_timeout_seconds(number(spec.timeout));
    let call = call.healthy_threshold_count(number(spec.healthy)).unhealthy_threshold_count(number(spec.unhealthy));
    match call.send().await.map_err(trouble) {
        Ok(made) => {
            let made = made.target_groups.unwrap_or_default().into_iter().next();
            Ok(made.ok_or_else(|| Trouble::unexpected("CreateTargetGroup gave no target group"))?)
        }
        Err(error) if error.is(&["DuplicateTargetGroupName"]) => {
            let name = name(want.mark());
            // Our own earlier try, with other settings, that can't be read yet; or, by a rare accident, somebody else's.
            Err(ProviderError::NotYet(format!("a target group {name} is there that doesn't show our tags yet")))
        }
        Err(error) => Err(error.into()),
    }
}

fn differs(group: &Seen, spec: &TargetGroup) -> bool {
    group.health_check_path() != Some(&spec.health_path)
        || group.health_check_interval_seconds() != Some(number(spec.interval))
        || group.health_check_timeout_seconds() != Some(number(spec.timeout))
        || group.healthy_threshold_count() != Some(number(spec.healthy))
        || group.unhealthy_threshold_count() != Some(number(spec.unhealthy))
}

async fn set_delay(aws: &Aws, group: &Seen, seconds: u32) -> Result<()> {
    let call = aws.elb.read.describe_target_group_attributes().target_group_arn(arn(group));
    let attributes = call.send().await.map_err(trouble)?.attributes.unwrap_or_default();
    let wanted = seconds.to_string();
    let is = |one: &&TargetGroupAttribute| one.key() == Some(DELAY);
    if attributes.iter().find(is).and_then(|one| one.value()) == Some(&wanted) {
        return Ok(());
    }
    let attribute = TargetGroupAttribute::builder().key(DELAY).value(wanted).build();
    let call = aws.elb.set.modify_target_group_attributes().target_group_arn(arn(group)).attributes(attribute);
    Ok(call.send().await.map(drop).map_err(trouble)?)
}

/// The target group of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let there = match aws.elb.read.describe_target_groups().names(name(mark)).send().await.map_err(trouble) {
        Ok(answer) => answer.target_groups.unwrap_or_default().into_iter().next(),
        Err(error) if error.is(MISSING) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(group) = there else { return Ok(None) };
    let ours = is_marked(aws, arn(&group), mark).await?;
    Ok(Some(group).filter(|_| ours))
}
