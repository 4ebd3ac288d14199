//! The driver of `aws.security-group`. Its name is unique in its VPC, so a create that is repeated meets its earlier try.

use super::ec2::{alive, carries, filter, held_up, pairs, tag_spec, tagged, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{SecurityGroup, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroup as Seen};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;

/// The longest name that `CreateSecurityGroup` takes.
const LONGEST_NAME: usize = 255;
/// AWS refuses names that begin with `sg-`, as one of a project `sg` would.
const PREFIX: &str = "gantry-";

pub(super) struct SecurityGroupDriver;

#[async_trait]
impl Drive for SecurityGroupDriver {
    type Spec = SecurityGroup;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|group| Some(observed(group.group_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<SecurityGroup>) -> Result<Progress> {
        if let Some(group) = alive(aws, want, look(aws, &want.at).await?, Seen::group_id).await? {
            return Ok(Progress::Done(observed(&told(group.group_id())?, [])));
        }
        let SecurityGroup { vpc, description } = &want.spec;
        let name = name(want.mark());
        let call = aws.ec2.write.create_security_group().group_name(&name).vpc_id(vpc).description(description);
        let tags = tag_spec(ResourceType::SecurityGroup, want.mark());
        match call.tag_specifications(tags).send().await.map_err(trouble) {
            Ok(made) => Ok(Progress::Done(observed(&told(made.group_id())?, []))),
            Err(error) if error.is(&["InvalidGroup.Duplicate"]) => named(aws, want, &name).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let id = match &want.at.id {
            Some(id) => id.0.clone(),
            None => match look(aws, &want.at).await? {
                Some(group) => told(group.group_id())?,
                None => return Ok(gone()),
            },
        };
        match aws.ec2.write.delete_security_group().group_id(&id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidGroup.NotFound"]) => Ok(gone()),
            Err(error) if error.is(&["DependencyViolation"]) => held_up(aws, &id, filter("group-id", &id), error).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter_map(|one| of.found(SecurityGroup::KIND, one.group_id()?, pairs(one.tags())));
        Ok(found.collect())
    }
}

fn name(mark: &Mark) -> String {
    format!("{PREFIX}{}", marks::name(mark, LONGEST_NAME - PREFIX.len()))
}

/// The group that has the name already, if it is ours.
async fn named(aws: &Aws, want: &Want<SecurityGroup>, name: &str) -> Result<Progress> {
    let vpc = &want.spec.vpc;
    let found = described(aws, vec![filter("vpc-id", vpc), filter("group-name", name)]).await?;
    match found.first() {
        Some(group) if carries(group.tags(), want.mark()) => Ok(Progress::Done(observed(&told(group.group_id())?, []))),
        Some(group) if !group.tags().is_empty() || want.may_create().is_ok() => {
            let id = group.group_id().unwrap_or_default();
            let text = format!("somebody else's security group {id} in {vpc} has the name {name}; rename or remove it");
            Err(ProviderError::Conflict(text))
        }
        // A group, or its tags, that isn't visible yet.
        _ => Err(ProviderError::NotYet(format!("the security group {name} isn't visible yet"))),
    }
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "group-id")).await?.into_iter().next())
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_security_groups().set_filters(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
