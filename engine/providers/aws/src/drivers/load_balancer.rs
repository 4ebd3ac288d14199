//! The driver of `aws.load-balancer`. `CreateLoadBalancer` knows no token, but its name is unique, and only its mark's.
//!
//! One that was deleted leaves its network interfaces behind for minutes, and what those are in (subnets, security groups,
//! the VPC's gateway) is refused to go meanwhile. So it isn't gone before they are: one waits, and the others needn't try.

use super::ec2::{filter, lingering};
use super::elb::{MISSING, balancers, found, is_marked, name, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{LoadBalancer, Shape, load_balancer};
use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancer as Seen, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerStateEnum, LoadBalancerTypeEnum,
};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::collections::BTreeSet;
use std::time::Duration;

const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";

pub(super) struct LoadBalancerDriver;

#[async_trait]
impl Drive for LoadBalancerDriver {
    type Spec = LoadBalancer;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|balancer| seen(&balancer)))
    }

    async fn put(&self, aws: &Aws, want: &Want<LoadBalancer>) -> Result<Progress> {
        let Some(balancer) = look(aws, want.mark()).await? else { return create(aws, want).await };
        match balancer.state().and_then(|state| state.code()) {
            Some(LoadBalancerStateEnum::Provisioning) => return Ok(provisioning(&balancer)),
            Some(LoadBalancerStateEnum::Failed) => {
                let why = balancer.state().and_then(|state| state.reason()).unwrap_or("AWS doesn't say why");
                return Err(ProviderError::Conflict(format!("the load balancer couldn't be set up: {why}")));
            }
            _ => {}
        }
        settle(aws, &balancer, &want.spec).await?;
        Ok(Progress::Done(seen(&balancer)))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(balancer) = look(aws, &want.at.mark).await? else {
            let Some(id) = &want.at.id else { return Ok(gone()) };
            let left = lingering(aws, &id.0, filter("description", &description(&id.0))).await?;
            return Ok(left.unwrap_or_else(gone));
        };
        let call = aws.elb.write.delete_load_balancer().set_load_balancer_arn(balancer.load_balancer_arn.clone());
        match call.send().await.map_err(trouble) {
            Ok(_) => {
                let note = Note::Usually { what: "load balancer going".to_owned(), seconds: (1, 30) };
                Ok(Progress::Pending { seen: seen(&balancer), note, again: Duration::from_secs(2) })
            }
            Err(error) if error.is(MISSING) => Ok(gone()),
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let arns = balancers(aws).await?.into_iter().filter_map(|balancer| balancer.load_balancer_arn).collect();
        found(aws, of, &LoadBalancer::KIND, arns).await
    }
}

fn seen(balancer: &Seen) -> Observed {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let dns = (load_balancer::DNS_NAME, text(balancer.dns_name()));
    let zone = (load_balancer::ZONE, text(balancer.canonical_hosted_zone_id()));
    observed(balancer.load_balancer_arn().unwrap_or_default(), [dns, zone])
}

/// How the network interfaces of a load balancer are described: `ELB app/NAME/NUMBER`, the end of its ARN (Elastic Load
/// Balancing user guide for Application Load Balancers, "Subnets for your load balancer").
fn description(arn: &str) -> String {
    format!("ELB {}", arn.split_once(":loadbalancer/").map_or(arn, |(_, what)| what))
}

fn provisioning(balancer: &Seen) -> Progress {
    let note = Note::Usually { what: "load balancer provisioning".to_owned(), seconds: (120, 180) };
    Progress::Pending { seen: seen(balancer), note, again: Duration::from_secs(10) }
}

async fn create(aws: &Aws, want: &Want<LoadBalancer>) -> Result<Progress> {
    let call = aws.elb.write.create_load_balancer().name(name(want.mark())).set_tags(Some(tags(want.mark())));
    let call = call.r#type(LoadBalancerTypeEnum::Application).scheme(LoadBalancerSchemeEnum::InternetFacing);
    let call = call.set_subnets(Some(want.spec.subnets.clone())).set_security_groups(Some(want.spec.groups.clone()));
    match call.send().await.map_err(trouble) {
        Ok(made) => {
            let made = made.load_balancers.unwrap_or_default().into_iter().next();
            let made = made.ok_or_else(|| Trouble::unexpected("CreateLoadBalancer gave no load balancer"))?;
            Ok(provisioning(&made))
        }
        Err(error) if error.is(&["DuplicateLoadBalancerName"]) => {
            let name = name(want.mark());
            let text = format!("a load balancer {name} is there that isn't ours; rename or delete it, then retry");
            Err(ProviderError::Conflict(text))
        }
        Err(error) => Err(error.into()),
    }
}

/// Changes in place what differs.
async fn settle(aws: &Aws, balancer: &Seen, spec: &LoadBalancer) -> Result<()> {
    let arn = balancer.load_balancer_arn().unwrap_or_default();
    let there: BTreeSet<&str> = balancer.availability_zones().iter().filter_map(|zone| zone.subnet_id()).collect();
    if there != spec.subnets.iter().map(String::as_str).collect() {
        let call = aws.elb.set.set_subnets().load_balancer_arn(arn).set_subnets(Some(spec.subnets.clone()));
        call.send().await.map_err(trouble)?;
    }
    let there: BTreeSet<&String> = balancer.security_groups().iter().collect();
    if there != spec.groups.iter().collect() {
        let call = aws.elb.set.set_security_groups().load_balancer_arn(arn);
        call.set_security_groups(Some(spec.groups.clone())).send().await.map_err(trouble)?;
    }
    let attributes = aws.elb.read.describe_load_balancer_attributes().load_balancer_arn(arn);
    let attributes = attributes.send().await.map_err(trouble)?.attributes.unwrap_or_default();
    let wanted = spec.idle_timeout.to_string();
    let is = |one: &&LoadBalancerAttribute| one.key() == Some(IDLE_TIMEOUT);
    if attributes.iter().find(is).and_then(|one| one.value()) != Some(&wanted) {
        let attribute = LoadBalancerAttribute::builder().key(IDLE_TIMEOUT).value(wanted).build();
        let call = aws.elb.set.modify_load_balancer_attributes().load_balancer_arn(arn).attributes(attribute);
        call.send().await.map_err(trouble)?;
    }
    Ok(())
}

/// The load balancer of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let there = match aws.elb.read.describe_load_balancers().names(name(mark)).send().await.map_err(trouble) {
        Ok(answer) => answer.load_balancers.unwrap_or_default().into_iter().next(),
        Err(error) if error.is(MISSING) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(balancer) = there else { return Ok(None) };
    let ours = is_marked(aws, balancer.load_balancer_arn().unwrap_or_default(), mark).await?;
    Ok(Some(balancer).filter(|_| ours))
}
