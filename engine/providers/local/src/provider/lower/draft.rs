//! What is being lowered so far, and how things are named on this platform.

use crate::net::HostName;
use crate::provider::kinds::node::CLUSTER;
use gantry_engine::address::Addr;
use gantry_engine::environment::Environment;
use gantry_engine::names::{ClusterName, Component, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::resource::{Desired, Resource};
use gantry_engine::value::Value;
use std::collections::BTreeMap;

/// The component that holds the zone.
pub(super) const NETWORK: &str = "network";

/// The part of a cluster's component that is there once all of its nodes are.
pub(super) const NODES: &str = "nodes";

/// An error of this room.
pub(super) fn error(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { what: what.into(), remedy: remedy.into() }
}

/// An environment half lowered.
pub(super) struct Draft<'a> {
    pub(super) env: &'a Environment,
    desired: Desired,
    /// Who has which name in the zone.
    hosts: BTreeMap<HostName, &'a ServiceName>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(env: &'a Environment) -> Self {
        Self { env, desired: Desired::default(), hosts: BTreeMap::new() }
    }

    pub(super) fn done(self) -> Desired {
        self.desired
    }

    /// An address in this environment.
    pub(super) fn addr(&self, component: &str, part: &str) -> Result<Addr, Finding> {
        Addr::new(&self.env.key.env, component, part).map_err(|bad| {
            error(format!("`{component}/{part}` can't be an address on this platform: {bad}"), "shorten the name")
        })
    }

    /// Adds a resource; gives its address.
    pub(super) fn add(&mut self, component: &str, part: &str, resource: Resource) -> Result<Addr, Finding> {
        let addr = self.addr(component, part)?;
        if self.desired.resources.insert(addr.clone(), resource).is_some() {
            return Err(error(format!("two things of this environment would both be `{addr}`"), "rename one of them"));
        }
        Ok(addr)
    }

    /// Whether something is at an address.
    pub(super) fn has(&self, addr: &Addr) -> bool {
        self.desired.resources.contains_key(addr)
    }

    /// Adds something to show to people. What is there already stays.
    pub(super) fn output(&mut self, label: &str, value: Value) {
        self.desired.outputs.entry(label.to_owned()).or_insert(value);
    }

    /// The zone's name.
    pub(super) fn origin(&self) -> String {
        format!("{}.{}.localhost", self.env.key.env, self.env.key.project)
    }

    /// Takes a name in the zone for a service; whether it is news that the service has it.
    pub(super) fn take_host(&mut self, label: &str, service: &'a ServiceName) -> Result<(String, bool), Finding> {
        let full = format!("{label}.{}", self.origin());
        let host = HostName::new(&full).map_err(|bad| {
            error(
                format!("service `{service}` wants the host name `{label}`: {bad}"),
                "use one label of a-z, 0-9 and -",
            )
        })?;
        match self.hosts.insert(host, service) {
            None => Ok((full, true)),
            Some(other) if other == service => Ok((full, false)),
            Some(other) => Err(error(
                format!("the services `{other}` and `{service}` both want the name `{full}`"),
                format!("give one of them another `host`; each service also has its own name, `{service}`"),
            )),
        }
    }

    /// The component of a cluster's nodes.
    pub(super) fn cluster_component(name: &ClusterName) -> String {
        Component::cluster(name).into()
    }

    /// The cluster's name in the runtime, which knows no environments.
    pub(super) fn cluster_key(&self, name: &ClusterName) -> String {
        format!("{}/{name}", self.env.key)
    }

    /// Services share the second part of addresses with the network and the clusters.
    pub(super) fn check_component(service: &ServiceName) -> Result<(), Finding> {
        if service.as_str() == NETWORK || service.as_str().starts_with(CLUSTER) {
            let what =
                format!("a service can't be called `{service}` on this platform, which has a component of that name");
            return Err(error(what, "rename the service"));
        }
        Ok(())
    }
}
