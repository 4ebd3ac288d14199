//! The driver of `aws.route-association`. It can't be tagged: a subnet has at most one, so its subnet finds it. Its id is
//! another one once its table was replaced; nothing refers to it.

use super::ec2::{filter, told};
use super::route_table::{described, disassociate};
use super::{Aws, Drive, Result, Want, gone, observed, trouble};
use crate::kinds::RouteAssociation;
use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, RouteTableAssociation as Seen};
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove};

pub(super) struct RouteAssociationDriver;

#[async_trait]
impl Drive for RouteAssociationDriver {
    type Spec = RouteAssociation;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        let Some(id) = at.id.as_ref().map(|id| id.0.as_str()) else { return Ok(None) };
        let by_id = filter("association.route-table-association-id", id);
        let found = look(aws, by_id, |seen| seen.route_table_association_id() == Some(id)).await?;
        Ok(found.map(|_| observed(id, [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<RouteAssociation>) -> Result<Progress> {
        let RouteAssociation { table, subnet } = &want.spec;
        let by_subnet = filter("association.subnet-id", subnet);
        let found = look(aws, by_subnet, |seen| seen.subnet_id() == Some(subnet)).await?;
        let Some(seen) = found else {
            let call = aws.ec2.write.associate_route_table().route_table_id(table).subnet_id(subnet);
            return match call.send().await.map_err(trouble) {
                Ok(made) => Ok(Progress::Done(observed(&told(made.association_id())?, []))),
                // An earlier try's, which isn't visible yet.
                Err(error) if error.is(&["Resource.AlreadyAssociated"]) => {
                    Err(ProviderError::NotYet(format!("{subnet} has a route table that isn't visible yet")))
                }
                Err(error) => Err(error.into()),
            };
        };
        let id = told(seen.route_table_association_id())?;
        if seen.route_table_id() == Some(table) {
            return Ok(Progress::Done(observed(&id, [])));
        }
        let call = aws.ec2.write.replace_route_table_association().association_id(id).route_table_id(table);
        let made = call.send().await.map_err(trouble)?;
        Ok(Progress::Done(observed(&told(made.new_association_id())?, [])))
    }

    /// Without an id nothing is known of its table and subnet, which take it along.
    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        if let Some(id) = &want.at.id {
            disassociate(aws, &id.0).await?;
        }
        Ok(gone())
    }
}

/// The association that is meant, in the tables that a filter lets through.
async fn look(aws: &Aws, by: Filter, meant: impl Fn(&Seen) -> bool) -> Result<Option<Seen>> {
    let tables = described(aws, vec![by]).await?;
    Ok(tables.into_iter().flat_map(|table| table.associations.unwrap_or_default()).find(meant))
}
