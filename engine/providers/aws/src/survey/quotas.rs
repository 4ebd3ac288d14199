//! Room for a new environment: what the account may have, beside what it has. Asked only when one has to be made; what an
//! account may not be asked about isn't a finding.

use super::network::Room;
use super::{Look, finding};
use crate::drivers::{Result, trouble};
use crate::settings::{Capacity, Cluster, Nat};
use futures::future::try_join_all;
use gantry_engine::ports::Finding;
use gantry_engine::provider::ProviderError;

/// A quota, as Service Quotas names it (`aws service-quotas list-service-quotas`).
struct Quota {
    service: &'static str,
    code: &'static str,
    name: &'static str,
}

const VPCS: Quota = Quota { service: "vpc", code: "L-F678F1CE", name: "VPCs per Region" };
const ADDRESSES: Quota = Quota { service: "ec2", code: "L-0263D0A3", name: "EC2-VPC Elastic IPs" };
const BALANCERS: Quota =
    Quota { service: "elasticloadbalancing", code: "L-53DA6B97", name: "Application Load Balancers per Region" };
const FARGATE: Quota = Quota { service: "fargate", code: "L-3032A538", name: "Fargate On-Demand vCPU resource count" };

/// Millis of a processor in one.
const MILLIS: f64 = 1_000.0;

pub(super) async fn look(look: &Look<'_>, room: Room) -> Result<Vec<Finding>> {
    let (vpcs, networks) = match room {
        Room::None => return Ok(Vec::new()),
        Room::Environment => (0, 0),
        Room::Network { vpcs } => (vpcs, 1),
    };
    // Who brings a network brings its way out.
    let (addresses, balancers) = (networks * nat_gateways(look), usize::from(public(look)));
    let checks = [
        (VPCS, count(vpcs), count(networks)),
        (ADDRESSES, if addresses == 0 { 0.0 } else { count(have_addresses(look).await?) }, count(addresses)),
        (BALANCERS, if balancers == 0 { 0.0 } else { count(have_balancers(look).await?) }, count(balancers)),
        // How much of it is in use no API of the service tells; what is wanted has to fit at least.
        (FARGATE, 0.0, fargate(look)),
    ];
    let asked = checks.into_iter().filter(|(.., wanted)| *wanted > 0.0).map(|(quota, have, wanted)| async move {
        let Some(most) = most(look, &quota).await? else { return Ok(None) };
        Ok::<_, ProviderError>((have + wanted > most).then(|| short(&quota, (have, wanted, most), look)))
    });
    Ok(try_join_all(asked.collect::<Vec<_>>()).await?.into_iter().flatten().collect())
}

fn short(quota: &Quota, (have, wanted, most): (f64, f64, f64), look: &Look<'_>) -> Finding {
    let there = if have > 0.0 { format!("has {have} already and ") } else { String::new() };
    let region = &look.aws.region;
    finding(
        format!("the account may have {most} of \"{}\" in {region}; it {there}needs {wanted} more", quota.name),
        format!(
            "ask for more at https://{region}.console.aws.amazon.com/servicequotas/home/services/{}/quotas/{}, or \
             remove what isn't needed any more",
            quota.service, quota.code
        ),
    )
}

#[expect(clippy::cast_precision_loss, reason = "quotas are small, and AWS tells them as floats")]
fn count(things: usize) -> f64 {
    things as f64
}

/// The most that the account may have; none where that isn't told to us.
async fn most(look: &Look<'_>, quota: &Quota) -> Result<Option<f64>> {
    let question = format!("quota {} of {}", quota.code, look.aws.account);
    if let Some(kept) = look.kept.answer(&question) {
        return Ok(kept.parse().ok());
    }
    let call = look.aws.quotas.read.get_service_quota().service_code(quota.service).quota_code(quota.code);
    let most = match call.send().await.map_err(trouble).map_err(ProviderError::from) {
        Ok(answer) => answer.quota.and_then(|quota| quota.value),
        Err(error @ (ProviderError::Transient(_) | ProviderError::Throttled { .. })) => return Err(error),
        Err(error) => {
            tracing::info!(quota = quota.name, %error, "a quota isn't told");
            None
        }
    };
    if let Some(most) = most {
        look.kept.keep(&question, &most.to_string());
    }
    Ok(most)
}

fn nat_gateways(look: &Look<'_>) -> usize {
    match look.account.nat {
        Nat::One => 1,
        Nat::PerZone => 2,
        Nat::None => 0,
    }
}

fn public(look: &Look<'_>) -> bool {
    look.env.services.values().any(|running| running.service.host.is_some())
}

async fn have_addresses(look: &Look<'_>) -> Result<usize> {
    let answer = look.aws.ec2.read.describe_addresses().send().await.map_err(trouble)?;
    Ok(answer.addresses().len())
}

async fn have_balancers(look: &Look<'_>) -> Result<usize> {
    let pages = look.aws.elb.read.describe_load_balancers().into_paginator().items().send();
    let all = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    Ok(all.len())
}

/// How many processors of AWS's own machines the environment's tasks take.
fn fargate(look: &Look<'_>) -> f64 {
    let on_fargate = |name| {
        let cluster = look.env.clusters.get(name).and_then(|cluster| Cluster::of(name, &cluster.settings).ok());
        cluster.is_none_or(|cluster| cluster.capacity == Capacity::Fargate && cluster.provider.is_none())
    };
    let of_fargate = look.env.services.values().filter(|running| on_fargate(&running.service.cluster));
    of_fargate.map(|running| f64::from(running.replicas) * f64::from(running.service.size.cpu_millis) / MILLIS).sum()
}
