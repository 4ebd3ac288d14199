//! The driver of `aws.vpc`.

use super::ec2::{alive, filter, held_up, pairs, tag_spec, tagged, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{Shape, Vpc};
use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, Vpc as Seen};
use gantry_engine::provider::{Handle, Note, Observed, Progress, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

pub(super) struct VpcDriver;

#[async_trait]
impl Drive for VpcDriver {
    type Spec = Vpc;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|vpc| Some(observed(vpc.vpc_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<Vpc>) -> Result<Progress> {
        let found = alive(aws, want, look(aws, &want.at).await?, Seen::vpc_id).await?;
        let id = match found.as_ref().and_then(|vpc| vpc.vpc_id()) {
            Some(id) => id.to_owned(),
            None => {
                want.may_create()?;
                let tags = tag_spec(ResourceType::Vpc, want.mark());
                let made = aws.ec2.write.create_vpc().cidr_block(&want.spec.cidr).tag_specifications(tags).send().await;
                told(made.map_err(trouble)?.vpc().and_then(Seen::vpc_id))?
            }
        };
        // The id is out before anything else is tried, so that it is written down.
        let Some(vpc) = found else { return Ok(pending(&id)) };
        if vpc.state().is_some_and(|state| state.as_str() != "available") {
            return Ok(pending(&id));
        }
        // Names of load balancers and of Cloud Map lead to private addresses only with both.
        let yes = || AttributeBooleanValue::builder().value(true).build();
        let modify = || aws.ec2.set.modify_vpc_attribute().vpc_id(&id);
        modify().enable_dns_support(yes()).send().await.map_err(trouble)?;
        modify().enable_dns_hostnames(yes()).send().await.map_err(trouble)?;
        Ok(Progress::Done(observed(&id, [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let id = match &want.at.id {
            Some(id) => id.0.clone(),
            None => match look(aws, &want.at).await? {
                Some(vpc) => told(vpc.vpc_id())?,
                None => return Ok(gone()),
            },
        };
        match aws.ec2.write.delete_vpc().vpc_id(&id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidVpcID.NotFound"]) => Ok(gone()),
            Err(error) if error.is(&["DependencyViolation"]) => held_up(aws, &id, filter("vpc-id", &id), error).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter_map(|vpc| of.found(Vpc::KIND, vpc.vpc_id()?, pairs(vpc.tags())));
        Ok(found.collect())
    }
}

fn pending(id: &str) -> Progress {
    let note = Note::Usually { what: "VPC being made".to_owned(), seconds: (1, 10) };
    Progress::Pending { seen: observed(id, []), note, again: Duration::from_secs(1) }
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "vpc-id")).await?.into_iter().next())
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_vpcs().set_filters(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
