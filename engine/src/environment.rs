//! The stored record of one living copy of a project, and the [`Delta`]s that change it.
//!
//! The record alone says what is wanted: lowering reads it and nothing else of ours. So a command changes only what it
//! names, and an edited project file changes nothing until somebody says so.

use crate::cost::Meter;
use crate::names::{
    ChannelId, ClusterName, Component, Digest, EnvKey, EnvName, OpId, PlatformName, ServiceName, UserId, Version,
};
use crate::project::{Cluster, Service, VolumesAtEnd};
use crate::value::Spec;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One living copy of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its full name.
    pub key: EnvKey,
    /// Which life of that name this is, from 1.
    pub incarnation: u32,
    /// Counts the changes of the record, from 1.
    pub version: u64,
    /// Whether it lives.
    pub phase: Phase,
    /// What it runs on.
    pub platform: PlatformName,
    /// The project's revision that was used last.
    pub revision: Digest,
    /// Its clusters, as they were when they were provisioned.
    pub clusters: BTreeMap<ClusterName, Cluster>,
    /// What runs in it.
    pub services: BTreeMap<ServiceName, Running>,
    /// Who asked for it.
    pub owner: UserId,
    /// When it was created.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expiry: Option<Timestamp>,
    /// When that end was set; none where it is the one that it was born with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Timestamp>,
    /// The latest end that the project allows, counted from creation.
    pub latest: Option<Timestamp>,
    /// What becomes of its volumes at the end.
    pub volumes: VolumesAtEnd,
    /// Environments whose resources it refers to.
    pub uses: BTreeSet<EnvName>,
    /// Where it is talked about when nobody is asking.
    pub home: Option<ChannelId>,
    /// Its platform's own settings, as they were when it was provisioned.
    #[serde(default, skip_serializing_if = "Spec::is_empty")]
    pub settings: Spec,
    /// What it has cost; none where nothing costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// The operation that created it: its thread tells the environment's whole story.
    #[serde(default)]
    pub opened_by: Option<OpId>,
}

/// Whether an environment lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It lives.
    Live,
    /// It was torn down.
    Gone,
}

/// A service in an environment: a release, and how many tasks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Which release.
    pub release: ReleaseNo,
    /// The version that people asked for.
    pub version: Version,
    /// The release's settings.
    pub service: Service,
    /// How many tasks.
    pub replicas: u32,
    /// Counts restarts: another number makes new tasks of the same release.
    pub restarts: u32,
}

/// A release's number within a service of an environment, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseNo(pub u32);

impl fmt::Display for ReleaseNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// An immutable, numbered version of a service in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Of which service.
    pub service: ServiceName,
    /// Its number.
    pub number: ReleaseNo,
    /// The version that people asked for.
    pub version: Version,
    /// The settings.
    pub settings: Service,
    /// The project's revision that they came from.
    pub revision: Digest,
    /// The operation that made it.
    pub by: OpId,
    /// When.
    pub at: Timestamp,
    /// Whether it ever served: only such a release can be rolled back to.
    pub served: bool,
}

/// What an operation changes in a record; applied to the newest one when it settles, so that two operations with
/// different claims don't undo each other's work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// The environment itself, if it has to be born first: without services.
    pub birth: Option<Box<Environment>>,
    /// The project's revision used.
    pub revision: Option<Digest>,
    /// Its platform's settings, where they are other ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Spec>,
    /// Clusters that are new or changed.
    pub clusters: BTreeMap<ClusterName, Cluster>,
    /// Services that are new or changed.
    pub services: BTreeMap<ServiceName, Running>,
    /// A new end. `Some(None)` takes the end away.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "double_option")]
    pub expiry: Option<Option<Timestamp>>,
    /// A new owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// Services that are gone: an undo takes them out, or an end that came only part of the way.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed: BTreeSet<ServiceName>,
    /// Clusters that are gone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed_clusters: BTreeSet<ClusterName>,
    /// Whether the environment ends.
    pub end: bool,
}

impl Delta {
    /// The record as it would be.
    #[must_use]
    pub fn apply(&self, to: Option<&Environment>) -> Option<Environment> {
        let living = to.filter(|env| env.phase == Phase::Live).cloned();
        let mut env = living.or_else(|| self.birth.as_deref().cloned())?;
        if to.is_some_and(|before| before.incarnation == env.incarnation) {
            env.version += 1;
        }
        if let Some(revision) = &self.revision {
            env.revision = revision.clone();
        }
        if let Some(settings) = &self.settings {
            env.settings = settings.clone();
        }
        env.clusters.extend(self.clusters.clone());
        env.services.extend(self.services.clone());
        env.services.retain(|name, _| !self.removed.contains(name));
        env.clusters.retain(|name, _| !self.removed_clusters.contains(name));
        if let Some(expiry) = self.expiry {
            env.expiry = expiry;
        }
        if let Some(owner) = &self.owner {
            env.owner = owner.clone();
        }
        if self.end {
            env.phase = Phase::Gone;
            env.services.clear();
        }
        Some(env)
    }

    /// The part that holds before anything was done: the birth, and the end that everything has.
    #[must_use]
    pub fn on_admission(&self) -> Self {
        let expiry = if self.birth.is_some() { self.expiry } else { None };
        Self { birth: self.birth.clone(), expiry, ..Self::default() }
    }

    /// The part that holds although not everything was done: services and clusters of whose components `done` says so, and
    /// the clusters that those services run on.
    #[must_use]
    pub fn where_done(&self, done: impl Fn(&Component) -> bool) -> Self {
        let services = self.services.iter().filter(|(name, _)| done(&Component::from(*name)));
        let services: BTreeMap<_, _> = services.map(|(name, running)| (name.clone(), running.clone())).collect();
        let in_use = |name: &ClusterName| services.values().any(|running| &running.service.cluster == name);
        let clusters = self.clusters.iter().filter(|(name, _)| done(&Component::cluster(name)) || in_use(name));
        Self {
            birth: self.birth.clone(),
            revision: self.revision.clone(),
            settings: self.settings.clone(),
            clusters: clusters.map(|(name, cluster)| (name.clone(), cluster.clone())).collect(),
            services,
            expiry: if self.birth.is_some() { self.expiry } else { None },
            owner: None,
            removed: self.removed.iter().filter(|name| done(&Component::from(*name))).cloned().collect(),
            removed_clusters: (self.removed_clusters.iter())
                .filter(|name| done(&Component::cluster(name)))
                .cloned()
                .collect(),
            end: false,
        }
    }
}

/// Tells `null` (take the end away) from an absent field (leave it).
mod double_option {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's `with` hands over a reference to the field")]
    pub(super) fn serialize<S: Serializer>(value: &Option<Option<Timestamp>>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Timestamp>>, D::Error> {
        Option::<Timestamp>::deserialize(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Capacity;

    #[test]
    fn a_cluster_is_changed_where_its_steps_were_done() {
        let node = Capacity { cpu_millis: 1_000, memory_mib: 512 };
        let cluster = Cluster { min: 1, max: 1, node, settings: BTreeMap::new() };
        let named = |name: &str| ClusterName::new(name).unwrap();
        let clusters = ["a", "b"].map(|name| (named(name), cluster.clone())).into();
        let delta = Delta { clusters, ..Delta::default() };
        let done = delta.where_done(|component| component == &Component::cluster(&named("a")));
        assert_eq!(done.clusters.into_keys().collect::<Vec<_>>(), [named("a")]);
    }
}
