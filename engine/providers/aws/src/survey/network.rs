//! The network: the zones and the range of one of ours, or the subnets of one that is there already; and where volumes
//! stand, which can't move.

use super::{Look, finding};
use crate::drivers::{Result, ec2, trouble};
use crate::marks;
use crate::range::{Range, choose};
use aws_sdk_ec2::types::{Subnet, Tag, Vpc};
use gantry_engine::address::Mark;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How many zones an environment is spread over.
const ZONES: usize = 2;

/// What was found about the network.
#[derive(Default)]
pub(super) struct Network {
    pub(super) zones: Vec<String>,
    pub(super) cidr: Option<String>,
    pub(super) subnets: BTreeMap<String, String>,
    pub(super) volumes: BTreeMap<ServiceName, String>,
    pub(super) findings: Vec<Finding>,
    pub(super) room: Room,
}

/// What has to be made, and so needs room in the account.
#[derive(Default, Clone, Copy)]
pub(super) enum Room {
    /// The environment stands.
    #[default]
    None,
    /// An environment in a network that is there already.
    Environment,
    /// A network, too; there are so many VPCs.
    Network { vpcs: usize },
}

pub(super) async fn look(look: &Look<'_>) -> Result<Network> {
    let mut network = match &look.account.vpc {
        Some(vpc) => existing(look, vpc).await?,
        None => ours(look).await?,
    };
    network.volumes = volumes(look).await?;
    Ok(network)
}

/// A network of ours: as it stands, or where one can be made.
async fn ours(look: &Look<'_>) -> Result<Network> {
    let pages = look.aws.ec2.read.describe_vpcs().into_paginator().items().send();
    let all: Vec<Vpc> = pages.collect::<std::result::Result<_, _>>().await.map_err(trouble)?;
    let of_ours = |vpc: &&Vpc| is_ours(look, vpc.tags());
    let generation = |vpc: &&Vpc| marks::from_tags(ec2::pairs(vpc.tags())).map(|mark| mark.generation);
    let own = all.iter().filter(of_ours).max_by_key(generation);
    let room = if own.is_none() { Room::Network { vpcs: all.len() } } else { Room::None };
    let mut network = Network { room, ..Network::default() };
    network.cidr = match own {
        Some(vpc) => vpc.cidr_block().map(ToOwned::to_owned),
        None => free(look, &all, &mut network.findings),
    };
    let own_zones = match own {
        Some(_) => own_zones(look).await?,
        None => BTreeSet::new(),
    };
    // Zones that subnets of ours stand in come first; which of them is called first follows from their names.
    let mut zones: Vec<String> = own_zones.into_iter().collect();
    if zones.len() < ZONES {
        let others = zones_of_region(look).await?;
        let others = others.into_iter().filter(|zone| !zones.contains(zone)).collect::<Vec<_>>();
        zones.extend(others);
    }
    zones.truncate(ZONES);
    zones.sort();
    if zones.len() < ZONES {
        network.findings.push(finding(
            format!(
                "{} offers the account {} availability zone, and an environment needs two",
                look.aws.region,
                zones.len()
            ),
            "choose another `region` in `[ecs]`",
        ));
    }
    network.zones = zones;
    Ok(network)
}

fn is_ours(look: &Look<'_>, tags: &[Tag]) -> bool {
    mark(look, tags).is_some_and(|mark| mark.incarnation == look.env.incarnation)
}

/// The mark of something of this environment, in whatever life.
fn mark(look: &Look<'_>, tags: &[Tag]) -> Option<Mark> {
    marks::from_tags(ec2::pairs(tags))
        .filter(|mark| &mark.installation == look.installation && mark.env() == look.env.key)
}

/// A range that no VPC of the region has.
fn free(look: &Look<'_>, all: &[Vpc], findings: &mut Vec<Finding>) -> Option<String> {
    // That it reads was checked with the settings.
    let from: Range = look.account.cidr.parse().ok()?;
    let blocks = |vpc: &Vpc| {
        let more = vpc.cidr_block_association_set().iter().filter_map(|more| more.cidr_block());
        vpc.cidr_block().into_iter().chain(more).filter_map(|block| block.parse().ok()).collect::<Vec<Range>>()
    };
    let taken: Vec<Range> = all.iter().flat_map(blocks).collect();
    let digest = Sha256::digest(look.env.key.to_string());
    let chosen = choose(from, &taken, u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]));
    if chosen.is_none() {
        let in_the_way: Vec<String> = all
            .iter()
            .filter(|vpc| blocks(vpc).iter().any(|block| block.overlaps(from)))
            .map(|vpc| format!("{} ({})", vpc.vpc_id().unwrap_or("a VPC"), vpc.cidr_block().unwrap_or("no range")))
            .collect();
        findings.push(finding(
            format!("no network fits into {from}: {} overlap it", in_the_way.join(", ")),
            "set `cidr` in `[ecs]` to a private range that is free, or remove a VPC that isn't needed any more",
        ));
    }
    chosen.map(|range| range.to_string())
}

async fn own_zones(look: &Look<'_>) -> Result<BTreeSet<String>> {
    let filters = ec2::tagged(&tags(look));
    let pages = look.aws.ec2.read.describe_subnets().set_filters(Some(filters)).into_paginator().items().send();
    let all: Vec<Subnet> = pages.collect::<std::result::Result<_, _>>().await.map_err(trouble)?;
    let own = all.into_iter().filter(|subnet| is_ours(look, subnet.tags()));
    Ok(own.filter_map(|subnet| subnet.availability_zone).collect())
}

/// The tags that everything of the environment has, in whatever life.
fn tags(look: &Look<'_>) -> Vec<(&'static str, String)> {
    vec![
        (marks::INSTALLATION, look.installation.to_string()),
        (marks::PROJECT, look.env.key.project.to_string()),
        (marks::ENVIRONMENT, look.env.key.env.to_string()),
    ]
}

/// The zones that anybody in the region has, by name: no local zones, and none that has to be asked for.
async fn zones_of_region(look: &Look<'_>) -> Result<Vec<String>> {
    let question = format!("zones of {}", look.aws.account);
    if let Some(zones) = look.kept.answer(&question) {
        return Ok(zones.split(' ').map(ToOwned::to_owned).collect());
    }
    let call = look.aws.ec2.read.describe_availability_zones();
    let call = call.filters(ec2::filter("zone-type", "availability-zone")).filters(ec2::filter("state", "available"));
    let answer = call.send().await.map_err(trouble)?;
    let names = answer.availability_zones.unwrap_or_default().into_iter().filter_map(|zone| zone.zone_name);
    let mut zones: Vec<String> = names.collect();
    zones.sort();
    look.kept.keep(&question, &zones.join(" "));
    Ok(zones)
}

/// A network that is there already: its subnets, with their zones.
async fn existing(look: &Look<'_>, vpc: &str) -> Result<Network> {
    let account = look.account;
    let named: BTreeSet<&str> =
        account.public_subnets.iter().chain(&account.private_subnets).map(String::as_str).collect();
    let filter = ec2::filter("vpc-id", vpc);
    let pages = look.aws.ec2.read.describe_subnets().filters(filter).into_paginator().items().send();
    let all: Vec<Subnet> = pages.collect::<std::result::Result<_, _>>().await.map_err(trouble)?;
    let zones = all.iter().filter_map(|subnet| Some((subnet.subnet_id()?, subnet.availability_zone()?)));
    let zones: BTreeMap<&str, &str> = zones.filter(|(id, _)| named.contains(id)).collect();
    let mut network = Network {
        subnets: zones.iter().map(|(id, zone)| ((*id).to_owned(), (*zone).to_owned())).collect(),
        ..Network::default()
    };
    if all.is_empty() {
        network.findings.push(finding(
            format!("there is no VPC {vpc} with subnets in {} of account {}", look.aws.region, look.aws.account),
            "copy the id of `vpc` from the VPC console, or take `vpc` and its subnets out to have a network made",
        ));
        return Ok(network);
    }
    for missing in named.iter().filter(|id| !zones.contains_key(*id)) {
        network.findings.push(finding(
            format!("there is no subnet {missing} in {vpc}"),
            "name subnets of that VPC in `public_subnets` and `private_subnets`",
        ));
    }
    let public: BTreeSet<_> = account.public_subnets.iter().filter_map(|id| zones.get(id.as_str())).collect();
    let has_public = look.env.services.values().any(|running| running.service.host.is_some());
    // Elastic Load Balancing user guide, "Subnets for your load balancer": at least two zones.
    if has_public && public.len() < ZONES && network.findings.is_empty() {
        network.findings.push(finding(
            format!("`public_subnets` of {vpc} are in {} zone, and a load balancer needs two", public.len()),
            "name at least two public subnets in different zones",
        ));
    }
    if !stands(look).await? {
        network.room = Room::Environment;
    }
    Ok(network)
}

/// Whether this life of the environment has begun in a network that isn't ours: security groups come before all else there.
async fn stands(look: &Look<'_>) -> Result<bool> {
    let filters = ec2::tagged(&tags(look));
    let pages = look.aws.ec2.read.describe_security_groups().set_filters(Some(filters)).into_paginator().items().send();
    let groups: Vec<_> = pages.collect::<std::result::Result<_, _>>().await.map_err(trouble)?;
    Ok(groups.iter().any(|group| is_ours(look, group.tags())))
}

/// The zones of the environment's volumes; they may be older than this life of it.
async fn volumes(look: &Look<'_>) -> Result<BTreeMap<ServiceName, String>> {
    if look.env.services.values().all(|running| running.service.volume.is_none()) {
        return Ok(BTreeMap::new());
    }
    let filters = ec2::tagged(&tags(look));
    let pages = look.aws.ec2.read.describe_volumes().set_filters(Some(filters)).into_paginator().items().send();
    let all: Vec<_> = pages.collect::<std::result::Result<_, _>>().await.map_err(trouble)?;
    let marked = all.iter().filter_map(|volume| Some((mark(look, volume.tags())?, volume.availability_zone()?)));
    let mut marked: Vec<(Mark, &str)> = marked.collect();
    marked.sort_by_key(|(mark, _)| (mark.incarnation, mark.generation));
    let named =
        |(mark, zone): (Mark, &str)| Some((ServiceName::new(mark.addr.component.as_str()).ok()?, zone.to_owned()));
    // Of two lives the later one wins.
    Ok(marked.into_iter().filter_map(named).collect())
}
