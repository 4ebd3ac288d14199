//! The driver of `aws.nat-gateway`. It takes its minutes to come and to go, and AWS shows it for an hour more once it is
//! gone.

use super::ec2::{pairs, tag_spec, tagged, token, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{NatGateway, Shape};
use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, NatGateway as Seen, NatGatewayState as State, ResourceType};
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

pub(super) struct NatGatewayDriver;

#[async_trait]
impl Drive for NatGatewayDriver {
    type Spec = NatGateway;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        let seen = described(aws, which(at, "nat-gateway-id")).await?;
        Ok(seen.iter().find(|seen| lives(seen)).and_then(|seen| Some(observed(seen.nat_gateway_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<NatGateway>) -> Result<Progress> {
        let seen = described(aws, which(&want.at, "nat-gateway-id")).await?;
        let Some(nat) = seen.iter().find(|seen| lives(seen)) else {
            return create(aws, want, &seen).await;
        };
        let id = told(nat.nat_gateway_id())?;
        match nat.state() {
            Some(State::Available) => Ok(Progress::Done(observed(&id, []))),
            // It stays failed for ever. It goes, so that the next try makes another.
            Some(State::Failed) => {
                delete(aws, &id).await?;
                let why = nat.failure_message().or(nat.failure_code()).unwrap_or("AWS doesn't say why");
                Err(ProviderError::Conflict(format!("{id} failed: {why}; it is being removed, try again after that")))
            }
            _ => Ok(coming(&id)),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let seen = described(aws, which(&want.at, "nat-gateway-id")).await?;
        let last = seen.iter().find(|seen| seen.state() != Some(&State::Deleted));
        let id = match (last.and_then(Seen::nat_gateway_id), &want.at.id) {
            (Some(id), _) => id,
            (None, Some(_)) if !seen.is_empty() => return Ok(gone()),
            // Not visible is not yet gone: the call that removes it knows.
            (None, Some(id)) => id.0.as_str(),
            (None, None) => return Ok(gone()),
        };
        if last.and_then(Seen::state) != Some(&State::Deleting) && !delete(aws, id).await? {
            return Ok(gone());
        }
        let note = Note::Usually { what: "NAT gateway going".to_owned(), seconds: (30, 90) };
        Ok(Progress::Pending { seen: observed(id, []), note, again: Duration::from_secs(5) })
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter(|one| one.state() != Some(&State::Deleted));
        let mine = |one: &Seen| of.found(NatGateway::KIND, one.nat_gateway_id()?, pairs(one.tags()));
        Ok(found.filter_map(mine).collect())
    }
}

/// Whether it is, or will be; a failed one too, until it is removed.
fn lives(nat: &Seen) -> bool {
    !matches!(nat.state(), Some(State::Deleting | State::Deleted))
}

async fn create(aws: &Aws, want: &Want<NatGateway>, before: &[Seen]) -> Result<Progress> {
    want.may_create()?;
    let NatGateway { subnet, address } = &want.spec;
    let call = aws.ec2.write.create_nat_gateway().subnet_id(subnet).allocation_id(address);
    // Those that are gone, or going.
    let before: Vec<&str> = before.iter().filter_map(Seen::nat_gateway_id).collect();
    let call = call.client_token(token(&want.token, &before));
    let made = call.tag_specifications(tag_spec(ResourceType::Natgateway, want.mark())).send().await;
    let made = made.map_err(trouble)?.nat_gateway;
    Ok(coming(&told(made.as_ref().and_then(Seen::nat_gateway_id))?))
}

/// Asks for its removal; false if it is gone.
async fn delete(aws: &Aws, id: &str) -> Result<bool> {
    match aws.ec2.write.delete_nat_gateway().nat_gateway_id(id).send().await.map_err(trouble) {
        Ok(_) => Ok(true),
        Err(error) if error.is(&["NatGatewayNotFound"]) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn coming(id: &str) -> Progress {
    let note = Note::Usually { what: "NAT gateway coming".to_owned(), seconds: (60, 120) };
    Progress::Pending { seen: observed(id, []), note, again: Duration::from_secs(5) }
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_nat_gateways().set_filter(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
