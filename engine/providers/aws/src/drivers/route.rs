//! The driver of `aws.route`. It has no id of AWS's and no tags: its table and destination name it. A table of ours holds
//! nothing but ours, so what is in the way of a route there is replaced.

use super::ec2::filter;
use super::route_table::described;
use super::{Aws, Drive, Result, Want, gone, observed, trouble};
use crate::kinds::Route;
use async_trait::async_trait;
use aws_sdk_ec2::types::{Route as Seen, RouteState};
use gantry_engine::provider::{Handle, Observed, Progress, Remove};

pub(super) struct RouteDriver;

#[async_trait]
impl Drive for RouteDriver {
    type Spec = Route;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        let Some((id, (table, destination))) = at.id.as_ref().and_then(|id| Some((&id.0, id.0.split_once('|')?)))
        else {
            return Ok(None);
        };
        Ok(look(aws, table, destination).await?.map(|_| observed(id, [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<Route>) -> Result<Progress> {
        let Route { table, destination, gateway, nat } = &want.spec;
        let done = Progress::Done(observed(&format!("{table}|{destination}"), []));
        let found = look(aws, table, destination).await?;
        if found.as_ref().is_some_and(|seen| leads(seen, &want.spec)) {
            return Ok(done);
        }
        if found.is_none() {
            let call = aws.ec2.write.create_route().route_table_id(table).destination_cidr_block(destination);
            let call = call.set_gateway_id(gateway.clone()).set_nat_gateway_id(nat.clone());
            match call.send().await.map_err(trouble) {
                Ok(_) => return Ok(done),
                // There is one that isn't visible yet: an earlier try's, or one that leads elsewhere.
                Err(error) if error.is(&["RouteAlreadyExists"]) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let call = aws.ec2.write.replace_route().route_table_id(table).destination_cidr_block(destination);
        call.set_gateway_id(gateway.clone()).set_nat_gateway_id(nat.clone()).send().await.map_err(trouble)?;
        Ok(done)
    }

    /// Without an id nothing is known of its table, which takes it along.
    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some((table, destination)) = want.at.id.as_ref().and_then(|id| id.0.split_once('|')) else {
            return Ok(gone());
        };
        let call = aws.ec2.write.delete_route().route_table_id(table).destination_cidr_block(destination);
        match call.send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"]) => Ok(gone()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether it goes where it should. A route whose target is gone leads nowhere (`blackhole`) though it still names it.
fn leads(seen: &Seen, want: &Route) -> bool {
    seen.state() != Some(&RouteState::Blackhole)
        && seen.gateway_id() == want.gateway.as_deref()
        && seen.nat_gateway_id() == want.nat.as_deref()
}

async fn look(aws: &Aws, table: &str, destination: &str) -> Result<Option<Seen>> {
    let tables = described(aws, vec![filter("route-table-id", table)]).await?;
    let mut routes = tables.into_iter().flat_map(|table| table.routes.unwrap_or_default());
    Ok(routes.find(|route| route.destination_cidr_block() == Some(destination)))
}
