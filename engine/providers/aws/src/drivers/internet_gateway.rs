//! The driver of `aws.internet-gateway`: made, then attached. `CreateInternetGateway` knows no token: it is found by its
//! tags.

use super::ec2::{alive, filter, held_up, pairs, tag_spec, tagged, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{InternetGateway, Shape};
use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, InternetGateway as Seen, ResourceType};
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

pub(super) struct InternetGatewayDriver;

#[async_trait]
impl Drive for InternetGatewayDriver {
    type Spec = InternetGateway;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|gateway| Some(observed(gateway.internet_gateway_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<InternetGateway>) -> Result<Progress> {
        let found = look(aws, &want.at).await?;
        let Some(gateway) = alive(aws, want, found, Seen::internet_gateway_id).await? else {
            want.may_create()?;
            let tags = tag_spec(ResourceType::InternetGateway, want.mark());
            let made = aws.ec2.write.create_internet_gateway().tag_specifications(tags).send().await;
            let made = made.map_err(trouble)?.internet_gateway;
            // The id is out before anything else is tried, so that it is written down.
            return Ok(pending(&told(made.as_ref().and_then(Seen::internet_gateway_id))?));
        };
        let id = told(gateway.internet_gateway_id())?;
        let vpc = want.spec.vpc.as_str();
        match attached(&gateway) {
            Some(there) if there == vpc => return Ok(Progress::Done(observed(&id, []))),
            Some(there) => {
                let text = format!("{id} was attached to {there} by somebody else; detach it there and try again");
                return Err(ProviderError::Conflict(text));
            }
            None => {}
        }
        let call = aws.ec2.write.attach_internet_gateway().internet_gateway_id(&id).vpc_id(vpc);
        match call.send().await.map_err(trouble) {
            Ok(_) => Ok(Progress::Done(observed(&id, []))),
            // Attached already: the next look shows where.
            Err(error) if error.is(&["Resource.AlreadyAssociated"]) => Ok(pending(&id)),
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let gateway = look(aws, &want.at).await?;
        let seen = gateway.as_ref().and_then(Seen::internet_gateway_id);
        let Some(id) = seen.or(want.at.id.as_ref().map(|id| id.0.as_str())) else { return Ok(gone()) };
        if let Some(vpc) = gateway.as_ref().and_then(attached) {
            let call = aws.ec2.write.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
            match call.send().await.map_err(trouble) {
                Ok(_) => {}
                Err(error) if error.is(&["Gateway.NotAttached"]) => {}
                // Something in the network still has a public address.
                Err(error) if error.is(&["DependencyViolation"]) => {
                    return held_up(aws, id, filter("vpc-id", vpc), error).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        match aws.ec2.write.delete_internet_gateway().internet_gateway_id(id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidInternetGatewayID.NotFound"]) => Ok(gone()),
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let mine = |one: &Seen| of.found(InternetGateway::KIND, one.internet_gateway_id()?, pairs(one.tags()));
        Ok(found.iter().filter_map(mine).collect())
    }
}

fn attached(gateway: &Seen) -> Option<&str> {
    gateway.attachments().first()?.vpc_id()
}

fn pending(id: &str) -> Progress {
    let note = Note::Usually { what: "internet gateway being attached".to_owned(), seconds: (1, 10) };
    Progress::Pending { seen: observed(id, []), note, again: Duration::from_secs(1) }
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "internet-gateway-id")).await?.into_iter().next())
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_internet_gateways().set_filters(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
