//! The kinds of resources, one file each: the shape of its spec, what it gives out, and how it changes.
//!
//! The lowering writes a spec field by field, with references in it; the driver reads it, references followed, as the
//! kind's own type. A test of the lowering reads everything that it writes.

pub(crate) mod address;
mod capacity_provider;
pub(crate) mod certificate;
mod cluster;
mod cluster_capacity;
mod discovery_service;
pub(crate) mod hosted_zone;
mod instance_profile;
mod internet_gateway;
mod launch_template;
mod listener;
mod listener_rule;
pub(crate) mod load_balancer;
mod log_group;
mod namespace;
mod nat_gateway;
mod record;
pub(crate) mod role;
mod route;
mod route_association;
mod route_table;
mod scaling_group;
mod security_group;
mod security_rule;
mod service;
mod subnet;
mod target_group;
mod task_definition;
mod volume;
mod vpc;

pub(crate) use address::Address;
pub(crate) use capacity_provider::CapacityProvider;
pub(crate) use certificate::Certificate;
pub(crate) use cluster::Cluster;
pub(crate) use cluster_capacity::ClusterCapacity;
pub(crate) use discovery_service::DiscoveryService;
pub(crate) use hosted_zone::HostedZone;
pub(crate) use instance_profile::InstanceProfile;
pub(crate) use internet_gateway::InternetGateway;
pub(crate) use launch_template::LaunchTemplate;
#[cfg(feature = "sdk")]
pub(crate) use listener::DefaultAction;
pub(crate) use listener::Listener;
pub(crate) use listener_rule::ListenerRule;
pub(crate) use load_balancer::LoadBalancer;
pub(crate) use log_group::LogGroup;
pub(crate) use namespace::Namespace;
pub(crate) use nat_gateway::NatGateway;
pub(crate) use record::Record;
#[cfg(feature = "sdk")]
pub(crate) use record::Target;
pub(crate) use role::Role;
pub(crate) use route::Route;
pub(crate) use route_association::RouteAssociation;
pub(crate) use route_table::RouteTable;
pub(crate) use scaling_group::ScalingGroup;
pub(crate) use security_group::SecurityGroup;
pub(crate) use security_rule::SecurityRule;
pub(crate) use service::Service;
#[cfg(feature = "sdk")]
pub(crate) use service::{Launch, Registration};
pub(crate) use subnet::Subnet;
pub(crate) use target_group::TargetGroup;
pub(crate) use task_definition::TaskDefinition;
#[cfg(feature = "sdk")]
pub(crate) use task_definition::{Mount, PortMapping};
pub(crate) use volume::Volume;
pub(crate) use vpc::Vpc;

use gantry_engine::address::Kind;
use gantry_engine::plan::{Diff, Rules, Transition};
use gantry_engine::value::{Output, Spec};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// References that only say what has to be there before; drivers don't get them.
pub(crate) const AFTER: &str = "after";

/// Where a resource belongs, as `account/region`: in every spec, checked before its driver is called. Drivers don't get
/// it.
pub(crate) const PLACE: &str = "in";

/// The output that every kind has: AWS's own name for it, which other calls take (an id, a name or an ARN).
pub(crate) const ID: Output = Output::new("id");
/// The Amazon Resource Name, where calls want that one beside the id.
pub(crate) const ARN: Output = Output::new("arn");

/// What is particular about a kind.
pub(crate) trait Shape: DeserializeOwned + Send + Sync + 'static {
    /// Its name in the engine.
    const KIND: Kind;
    /// Fields that AWS doesn't change in place.
    const FIXED: &'static [&'static str];
    /// How it becomes another one, where a fixed field differs.
    const REPLACE: Transition = Transition::CreateFirst;
    /// Whether people's data is in it.
    const HOLDS_DATA: bool = false;
    /// What it gives out.
    const OUTPUTS: &'static [Output] = &[ID];
    /// Where it stands when things are removed of which nothing but their kind is known: the lowest first.
    const RANK: u8;

    /// The spec, references followed, as the kind's own type.
    ///
    /// # Errors
    /// Where a field is missing, unknown or of another type.
    fn read(spec: &Spec) -> Result<Self, serde_json::Error> {
        serde_json::from_value(json(spec))
    }
}

/// What the rules know of a kind.
struct About {
    kind: Kind,
    fixed: &'static [&'static str],
    replace: Transition,
    holds_data: bool,
    outputs: &'static [Output],
    rank: u8,
    check: fn(&Spec) -> Result<(), serde_json::Error>,
}

impl About {
    const fn of<S: Shape>() -> Self {
        Self {
            kind: S::KIND,
            fixed: S::FIXED,
            replace: S::REPLACE,
            holds_data: S::HOLDS_DATA,
            outputs: S::OUTPUTS,
            rank: S::RANK,
            check: |spec| S::read(spec).map(drop),
        }
    }
}

/// Every kind there is.
static ALL: [About; 30] = [
    About::of::<Address>(),
    About::of::<CapacityProvider>(),
    About::of::<Certificate>(),
    About::of::<Cluster>(),
    About::of::<ClusterCapacity>(),
    About::of::<DiscoveryService>(),
    About::of::<HostedZone>(),
    About::of::<InstanceProfile>(),
    About::of::<InternetGateway>(),
    About::of::<LaunchTemplate>(),
    About::of::<Listener>(),
    About::of::<ListenerRule>(),
    About::of::<LoadBalancer>(),
    About::of::<LogGroup>(),
    About::of::<Namespace>(),
    About::of::<NatGateway>(),
    About::of::<Record>(),
    About::of::<Role>(),
    About::of::<Route>(),
    About::of::<RouteAssociation>(),
    About::of::<RouteTable>(),
    About::of::<ScalingGroup>(),
    About::of::<SecurityGroup>(),
    About::of::<SecurityRule>(),
    About::of::<Service>(),
    About::of::<Subnet>(),
    About::of::<TargetGroup>(),
    About::of::<TaskDefinition>(),
    About::of::<Volume>(),
    About::of::<Vpc>(),
];

fn find(kind: &Kind) -> Option<&'static About> {
    ALL.iter().find(|about| &about.kind == kind)
}

/// Whether a spec, references followed, is one of its kind.
///
/// # Errors
/// Says what is wrong with it; a kind that isn't ours is an error too.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what lowering and drivers agreed on, for the test that holds them to it")
)]
pub(crate) fn check(kind: &Kind, spec: &Spec) -> Result<(), serde_json::Error> {
    let unknown = || serde::de::Error::custom(format!("there is no kind {kind}"));
    find(kind).ok_or_else(unknown).and_then(|about| (about.check)(spec))
}

/// The rules of all kinds: how each one changes, and which hold people's data.
#[derive(Debug, Clone, Copy)]
pub struct AwsRules;

impl Rules for AwsRules {
    fn transition(&self, diff: &Diff<'_>) -> Transition {
        match find(diff.kind) {
            Some(about) if !about.fixed.iter().chain([&PLACE]).any(|field| diff.touches(field)) => Transition::InPlace,
            Some(about) => about.replace,
            // A kind that isn't ours has no driver here either; a new life of it is the safe answer.
            None => Transition::CreateFirst,
        }
    }

    fn holds_data(&self, kind: &Kind) -> bool {
        find(kind).is_some_and(|about| about.holds_data)
    }

    fn rank(&self, kind: &Kind) -> u8 {
        find(kind).map_or(0, |about| about.rank)
    }
}

/// What a kind gives out.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what lowering and drivers agreed on, for the test that holds them to it")
)]
pub(crate) fn outputs(kind: &Kind) -> &'static [Output] {
    find(kind).map_or(&[], |about| about.outputs)
}

/// A resolved spec as JSON, without what only orders and places.
pub(crate) fn json(spec: &Spec) -> Json {
    let fields = spec.0.iter().filter(|(field, _)| *field != AFTER && *field != PLACE);
    Json::Object(fields.map(|(field, value)| (field.clone(), value.json())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS refuses to remove the first while the second is there. A sweep knows no references, so ranks have to say it.
    #[test]
    fn nothing_waits_for_what_goes_after_it() {
        let waits = [
            (Address::KIND, NatGateway::KIND),
            (CapacityProvider::KIND, Cluster::KIND),
            (Certificate::KIND, Listener::KIND),
            (Cluster::KIND, ScalingGroup::KIND),
            (Cluster::KIND, Service::KIND),
            (HostedZone::KIND, Record::KIND),
            (InternetGateway::KIND, LoadBalancer::KIND),
            (InternetGateway::KIND, NatGateway::KIND),
            (Namespace::KIND, DiscoveryService::KIND),
            (Role::KIND, InstanceProfile::KIND),
            (SecurityGroup::KIND, LoadBalancer::KIND),
            (SecurityGroup::KIND, ScalingGroup::KIND),
            (SecurityGroup::KIND, SecurityRule::KIND),
            (Subnet::KIND, LoadBalancer::KIND),
            (Subnet::KIND, NatGateway::KIND),
            (Subnet::KIND, ScalingGroup::KIND),
            (TargetGroup::KIND, Listener::KIND),
            (TargetGroup::KIND, ListenerRule::KIND),
            (Volume::KIND, ScalingGroup::KIND),
            (Vpc::KIND, InternetGateway::KIND),
            (Vpc::KIND, RouteTable::KIND),
            (Vpc::KIND, SecurityGroup::KIND),
            (Vpc::KIND, Subnet::KIND),
        ];
        for (kind, first) in waits {
            assert!(AwsRules.rank(&first) < AwsRules.rank(&kind), "{kind} waits for {first}");
        }
    }
}
