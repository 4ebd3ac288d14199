//! The driver of `aws.subnet`. `CreateSubnet` knows no token: it is found by its tags.

use super::ec2::{alive, filter, held_up, pairs, tag_spec, tagged, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{Shape, Subnet};
use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, Subnet as Seen, SubnetState};
use gantry_engine::provider::{Handle, Note, Observed, Progress, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

pub(super) struct SubnetDriver;

#[async_trait]
impl Drive for SubnetDriver {
    type Spec = Subnet;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|subnet| Some(observed(subnet.subnet_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<Subnet>) -> Result<Progress> {
        let found = alive(aws, want, look(aws, &want.at).await?, Seen::subnet_id).await?;
        let fresh = found.is_none();
        let subnet = match found {
            Some(subnet) => subnet,
            None => create(aws, want).await?,
        };
        let id = told(subnet.subnet_id())?;
        let public = want.spec.public;
        let right = subnet.map_public_ip_on_launch() == Some(public);
        // The id is out before anything else is tried, so that it is written down.
        if subnet.state() != Some(&SubnetState::Available) || (fresh && !right) {
            let note = Note::Usually { what: "subnet being made".to_owned(), seconds: (1, 10) };
            return Ok(Progress::Pending { seen: observed(&id, []), note, again: Duration::from_secs(1) });
        }
        if !right {
            let public = AttributeBooleanValue::builder().value(public).build();
            let call = aws.ec2.set.modify_subnet_attribute().subnet_id(&id).map_public_ip_on_launch(public);
            call.send().await.map_err(trouble)?;
        }
        Ok(Progress::Done(observed(&id, [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let id = match &want.at.id {
            Some(id) => id.0.clone(),
            None => match look(aws, &want.at).await? {
                Some(subnet) => told(subnet.subnet_id())?,
                None => return Ok(gone()),
            },
        };
        match aws.ec2.write.delete_subnet().subnet_id(&id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidSubnetID.NotFound"]) => Ok(gone()),
            Err(error) if error.is(&["DependencyViolation"]) => {
                held_up(aws, &id, filter("subnet-id", &id), error).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter_map(|one| of.found(Subnet::KIND, one.subnet_id()?, pairs(one.tags())));
        Ok(found.collect())
    }
}

async fn create(aws: &Aws, want: &Want<Subnet>) -> Result<Seen> {
    want.may_create()?;
    let Subnet { vpc, cidr, zone, public: _ } = &want.spec;
    let call = aws.ec2.write.create_subnet().vpc_id(vpc).cidr_block(cidr).availability_zone(zone);
    let made = call.tag_specifications(tag_spec(ResourceType::Subnet, want.mark())).send().await.map_err(trouble)?;
    Ok(made.subnet.unwrap_or_else(|| Seen::builder().build()))
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "subnet-id")).await?.into_iter().next())
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_subnets().set_filters(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
