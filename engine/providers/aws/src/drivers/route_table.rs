//! The driver of `aws.route-table`. Before it goes, the associations that are left in it go: they carry no mark, so
//! nobody else finds one whose id was never written down.

use super::ec2::{alive, pairs, tag_spec, tagged, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{RouteTable, Shape};
use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, RouteTable as Seen};
use gantry_engine::provider::{Handle, Observed, Progress, Remove};
use gantry_engine::receipt::Found;

pub(super) struct RouteTableDriver;

#[async_trait]
impl Drive for RouteTableDriver {
    type Spec = RouteTable;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|table| Some(observed(table.route_table_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<RouteTable>) -> Result<Progress> {
        if let Some(table) = alive(aws, want, look(aws, &want.at).await?, Seen::route_table_id).await? {
            return Ok(Progress::Done(observed(&told(table.route_table_id())?, [])));
        }
        want.may_create()?;
        let call = aws.ec2.write.create_route_table().vpc_id(&want.spec.vpc).client_token(&want.token.0);
        let made = call.tag_specifications(tag_spec(ResourceType::RouteTable, want.mark())).send().await;
        let made = made.map_err(trouble)?.route_table;
        Ok(Progress::Done(observed(&told(made.as_ref().and_then(Seen::route_table_id))?, [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let table = look(aws, &want.at).await?;
        for association in table.as_ref().map(Seen::associations).unwrap_or_default() {
            if association.main() != Some(true) {
                disassociate(aws, &told(association.route_table_association_id())?).await?;
            }
        }
        let seen = table.as_ref().and_then(Seen::route_table_id);
        let Some(id) = seen.or(want.at.id.as_ref().map(|id| id.0.as_str())) else { return Ok(gone()) };
        match aws.ec2.write.delete_route_table().route_table_id(id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidRouteTableID.NotFound"]) => Ok(gone()),
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter_map(|one| of.found(RouteTable::KIND, one.route_table_id()?, pairs(one.tags())));
        Ok(found.collect())
    }
}

/// Ends an association, if it is still there.
pub(super) async fn disassociate(aws: &Aws, association: &str) -> Result<()> {
    match aws.ec2.write.disassociate_route_table().association_id(association).send().await.map_err(trouble) {
        Ok(_) => Ok(()),
        Err(error) if error.is(&["InvalidAssociationID.NotFound"]) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "route-table-id")).await?.into_iter().next())
}

pub(super) async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_route_tables().set_filters(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
