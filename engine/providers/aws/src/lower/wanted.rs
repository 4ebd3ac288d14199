//! What is to be lowered, in types: the record, what its settings say of AWS, and what the survey found.

use crate::facts::Found;
use crate::settings::{self, Account, Capacity, Nat};
use gantry_engine::environment::{Environment, Running};
use gantry_engine::names::{ClusterName, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::project::{Port, Service, TemplatePart};
use gantry_engine::provider::Facts;
use std::collections::{BTreeMap, BTreeSet};

/// An environment with everything that decides its resources.
pub(super) struct Wanted<'a> {
    pub(super) env: &'a Environment,
    pub(super) account: Account,
    clusters: BTreeMap<&'a ClusterName, settings::Cluster>,
    services: BTreeMap<&'a ServiceName, settings::Service>,
    pub(super) found: Found,
}

/// What a service's tasks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// AWS's own machines.
    Fargate,
    /// Machines that are made here.
    Nodes,
    /// Machines that are there already.
    Existing,
}

impl<'a> Wanted<'a> {
    /// # Errors
    /// Every setting that can't be read or can't be.
    pub(super) fn read(env: &'a Environment, facts: &Facts) -> Result<Self, Vec<Finding>> {
        let mut wrong = Vec::new();
        let account = Account::of(env).map_err(|found| wrong.extend(found)).ok();
        let mut clusters = BTreeMap::new();
        for (name, cluster) in &env.clusters {
            match settings::Cluster::of(name, &cluster.settings) {
                Ok(read) => drop(clusters.insert(name, read)),
                Err(found) => wrong.extend(found),
            }
        }
        let mut services = BTreeMap::new();
        for (name, running) in &env.services {
            match settings::Service::of(name, &running.service.settings) {
                Ok(read) => drop(services.insert(name, read)),
                Err(found) => wrong.extend(found),
            }
        }
        match account.filter(|_| wrong.is_empty()) {
            Some(account) => Ok(Self { env, account, clusters, services, found: Found::read(facts) }),
            None => Err(wrong),
        }
    }

    /// A cluster's settings. Every cluster of the record has some.
    pub(super) fn cluster(&self, name: &ClusterName) -> Option<&settings::Cluster> {
        self.clusters.get(name)
    }

    /// A service's settings. Every service of the record has some.
    pub(super) fn service(&self, name: &ServiceName) -> Option<&settings::Service> {
        self.services.get(name)
    }

    /// What the services of a cluster run on.
    pub(super) fn base(&self, name: &ClusterName) -> Base {
        match self.clusters.get(name) {
            Some(cluster) if cluster.provider.is_some() => Base::Existing,
            Some(cluster) if cluster.capacity == Capacity::Ec2 => Base::Nodes,
            _ => Base::Fargate,
        }
    }

    /// The public services, with the first labels of their names.
    pub(super) fn public(&self) -> impl Iterator<Item = (&'a ServiceName, &'a str)> {
        self.env.services.iter().filter_map(|(name, running)| Some((name, running.service.host.as_deref()?)))
    }

    /// The services of a cluster.
    pub(super) fn on(&self, cluster: &ClusterName) -> impl Iterator<Item = (&'a ServiceName, &'a Running)> {
        self.env.services.iter().filter(move |(_, running)| running.service.cluster == *cluster)
    }

    /// The other services that one talks to: those it depends on, and those that its environment values lead to.
    pub(super) fn talks_to(&self, name: &ServiceName) -> BTreeSet<&'a ServiceName> {
        let Some((_, running)) = self.env.services.get_key_value(name) else { return BTreeSet::new() };
        let service = &running.service;
        let parts = service.env.values().flat_map(|template| &template.0);
        let referred = parts.filter_map(|part| match part {
            TemplatePart::Output { service, .. } => Some(service),
            TemplatePart::Text(_) => None,
        });
        let all: BTreeSet<&ServiceName> = service.depends_on.iter().chain(referred).collect();
        let known = all.into_iter().filter(|other| *other != name);
        known.filter_map(|other| self.env.services.get_key_value(other)).map(|(other, _)| other).collect()
    }

    /// Whether tasks on Fargate stand in the public subnets, for want of another way out.
    pub(super) fn in_public(&self) -> bool {
        match self.account.vpc {
            Some(_) => self.account.private_subnets.is_empty(),
            None => self.account.nat == Nat::None,
        }
    }
}

/// The port that stands for a service: its address, its health, its public name.
pub(super) fn front(service: &Service) -> Option<&Port> {
    service.ports.first()
}

/// A port's number. That each has one was checked.
pub(super) fn number(port: &Port) -> u16 {
    port.container.unwrap_or_default()
}
