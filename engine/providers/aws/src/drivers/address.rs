//! The driver of `aws.address`. `AllocateAddress` knows no token: it is found by its tags.

use super::ec2::{alive, pairs, tag_spec, tagged, told, which};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::address::IP;
use crate::kinds::{Address, Shape};
use async_trait::async_trait;
use aws_sdk_ec2::types::{Address as Seen, DomainType, Filter, ResourceType};
use gantry_engine::provider::{Handle, Observed, Progress, Remove};
use gantry_engine::receipt::Found;

pub(super) struct AddressDriver;

#[async_trait]
impl Drive for AddressDriver {
    type Spec = Address;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|seen| Some(told_of(seen.allocation_id()?, seen.public_ip()?))))
    }

    async fn put(&self, aws: &Aws, want: &Want<Address>) -> Result<Progress> {
        if let Some(seen) = alive(aws, want, look(aws, &want.at).await?, Seen::allocation_id).await? {
            return Ok(Progress::Done(told_of(&told(seen.allocation_id())?, &told(seen.public_ip())?)));
        }
        want.may_create()?;
        let call = aws.ec2.write.allocate_address().domain(DomainType::Vpc);
        let made = call.tag_specifications(tag_spec(ResourceType::ElasticIp, want.mark())).send().await;
        let made = made.map_err(trouble)?;
        Ok(Progress::Done(told_of(&told(made.allocation_id())?, &told(made.public_ip())?)))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let id = match &want.at.id {
            Some(id) => id.0.clone(),
            None => match look(aws, &want.at).await? {
                Some(seen) => told(seen.allocation_id())?,
                None => return Ok(gone()),
            },
        };
        match aws.ec2.write.release_address().allocation_id(id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(&["InvalidAllocationID.NotFound"]) => Ok(gone()),
            // `InvalidIPAddress.InUse`, until the NAT gateway that has it is gone.
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter_map(|one| of.found(Address::KIND, one.allocation_id()?, pairs(one.tags())));
        Ok(found.collect())
    }
}

fn told_of(id: &str, ip: &str) -> Observed {
    observed(id, [(IP, ip.to_owned())])
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "allocation-id")).await?.into_iter().next())
}

/// `DescribeAddresses` knows no pages: an account has few.
async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let found = aws.ec2.read.describe_addresses().set_filters(Some(filters)).send().await.map_err(trouble)?;
    Ok(found.addresses.unwrap_or_default())
}
