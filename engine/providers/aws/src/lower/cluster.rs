//! The component of a cluster: the ECS cluster and, where they are ours, its machines. What its services run on is told
//! to them.

use super::draft::{Draft, component, finding, id, list, ready};
use super::network::{Network, Place};
use super::nodes::{self, Made, Nodes};
use super::wanted::{Base, Wanted};
use crate::kinds::{ARN, Cluster, ClusterCapacity, SecurityGroup, Volume};
use crate::prices::Instance;
use gantry_engine::address::Addr;
use gantry_engine::names::{ClusterName, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::project::Capacity;
use gantry_engine::value::{Spec, Value};
use std::collections::BTreeMap;

/// Clusters by name.
pub(super) type Clusters = BTreeMap<ClusterName, Ground>;

/// What services of a cluster stand on.
pub(super) struct Ground {
    /// The cluster's name in ECS.
    pub(super) name: Value,
    /// The machines that its services share; none on Fargate.
    shared: Option<Machines>,
    /// Those of services that have their own.
    own: BTreeMap<ServiceName, Machines>,
}

/// Machines that tasks are placed on.
pub(super) struct Machines {
    /// The capacity provider's name.
    pub(super) provider: Value,
    /// What has to be there before a task finds one.
    pub(super) ways: Vec<Value>,
}

impl Ground {
    /// The machines of a service; none on Fargate.
    pub(super) fn machines(&self, service: &ServiceName) -> Option<&Machines> {
        self.own.get(service).or(self.shared.as_ref())
    }
}

pub(super) fn lower(draft: &mut Draft<'_>, network: &Network) -> Result<Clusters, Finding> {
    let names = draft.wanted.env.clusters.keys();
    names.map(|name| Ok((name.clone(), ground(draft, network, name)?))).collect()
}

fn ground(draft: &mut Draft<'_>, network: &Network, name: &ClusterName) -> Result<Ground, Finding> {
    let wanted = draft.wanted;
    let base = wanted.base(name);
    let settings = wanted.cluster(name);
    if let Some(existing) = settings.and_then(|settings| settings.existing.as_deref()) {
        let provider = settings.and_then(|settings| settings.provider.as_deref()).map(Value::text);
        let shared = provider.map(|provider| Machines { provider, ways: Vec::new() });
        return Ok(Ground { name: Value::text(existing), shared, own: BTreeMap::new() });
    }
    let spec = Spec::new().with("insights", wanted.account.insights);
    let cluster = draft.add::<Cluster>(&component(name), "cluster", spec)?;
    draft.output(format!("cluster {name}"), ready(&cluster, ARN));
    match base {
        Base::Nodes => on_nodes(draft, network, name, &cluster),
        Base::Fargate | Base::Existing => Ok(Ground { name: id(&cluster), shared: None, own: BTreeMap::new() }),
    }
}

fn on_nodes(draft: &mut Draft<'_>, network: &Network, name: &ClusterName, cluster: &Addr) -> Result<Ground, Finding> {
    let component = component(name);
    let instance = instance(draft.wanted, name).unwrap_or_default();
    let spec = Spec::new()
        .with("vpc", network.vpc.clone())
        .with("description", format!("Machines of cluster {name}: nobody connects to them"));
    let group = draft.add::<SecurityGroup>(&component, "group", spec)?;
    let record = &draft.wanted.env.clusters[name];
    let all = Nodes {
        component: &component,
        prefix: "",
        cluster,
        group: &group,
        instance: &instance,
        places: &network.private,
        bounds: (record.min, record.max.max(record.min)),
        volume: None,
    };
    let shared = nodes::lower(draft, network, &all)?;
    let mut own = Vec::new();
    for (service, _) in draft.wanted.on(name).filter(|(_, running)| running.service.volume.is_some()) {
        let (volume, place) = volume(draft, network, service)?;
        let one = Nodes {
            component: service.as_str(),
            prefix: "node-",
            places: &[place],
            bounds: (1, 1),
            volume: Some(&volume),
            ..all
        };
        own.push((service.clone(), nodes::lower(draft, network, &one)?));
    }
    // One call says all of a cluster's capacity providers.
    let providers = [&shared].into_iter().chain(own.iter().map(|(_, made)| made)).map(|made| id(&made.provider));
    let spec = Spec::new().with("cluster", id(cluster)).with("providers", list(providers));
    let capacity = draft.add::<ClusterCapacity>(&component, "capacity", spec)?;
    // No task starts before there is a machine; so its rollout needn't begin, with its deadline, while one is made.
    let machines = |made: &Made| Machines { provider: id(&made.provider), ways: vec![id(&capacity), id(&made.group)] };
    Ok(Ground {
        name: id(cluster),
        shared: Some(machines(&shared)),
        own: own.iter().map(|(service, made)| (service.clone(), machines(made))).collect(),
    })
}

/// A service's disk, and the subnet of its zone: where it stands already, or else in the first zone.
fn volume(draft: &mut Draft<'_>, network: &Network, service: &ServiceName) -> Result<(Addr, Place), Finding> {
    let wanted = draft.wanted;
    let place = place_of(wanted, service, &network.private).ok_or_else(|| {
        finding(
            format!("no private subnet is in the zone of the volume of service `{service}`"),
            "name a private subnet of that zone",
        )
    })?;
    let size = wanted.env.services[service].service.volume.as_ref().map_or(1, |volume| volume.size_gib);
    let spec =
        Spec::new().with("zone", place.zone.as_str()).with("size_gib", size).with("snapshot", wanted.account.snapshot);
    Ok((draft.add::<Volume>(service.as_str(), "volume", spec)?, place))
}

fn place_of(wanted: &Wanted<'_>, service: &ServiceName, places: &[Place]) -> Option<Place> {
    match wanted.found.volumes.get(service) {
        Some(zone) => places.iter().find(|place| &place.zone == zone).cloned(),
        None => places.first().cloned(),
    }
}

/// The type of a cluster's machines: as its settings say, or the cheapest that offers what its nodes should.
pub(super) fn instance(wanted: &Wanted<'_>, name: &ClusterName) -> Option<String> {
    let said = wanted.cluster(name).and_then(|settings| settings.instance.clone());
    let Capacity { cpu_millis, memory_mib } = wanted.env.clusters.get(name)?.node;
    said.or_else(|| Instance::offering(cpu_millis, memory_mib).map(|found| found.name.to_owned()))
}
