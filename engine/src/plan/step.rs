//! The plan as a value, and its digest over canonical bytes.

use crate::address::{Addr, Generation, Kind};
use crate::cost::Cost;
use crate::environment::Delta;
use crate::names::{Digest, PlatformName};
use crate::ports::Drift;
use crate::provider::Facts;
use crate::receipt::Found;
use crate::resource::Fingerprint;
use crate::value::{Canon, Spec, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A step's number within its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a step does to its resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Makes it.
    Create {
        /// How it should be.
        spec: Spec,
        /// The generation that this one takes the place of.
        replaces: Option<Generation>,
    },
    /// Changes it in place.
    Update {
        /// How it should be.
        spec: Spec,
        /// What differs, for people.
        changes: Vec<FieldChange>,
    },
    /// Removes it.
    Delete {
        /// The generation that took its place; none where it goes for good.
        replaced_by: Option<Generation>,
    },
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which.
    pub field: String,
    /// What it was.
    pub from: Option<Value>,
    /// What it becomes.
    pub to: Option<Value>,
    /// Whether somebody changed it outside: then `from` is theirs, and `to` is ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
}

/// One resource's create, update or delete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// Where.
    pub addr: Addr,
    /// Which life of the address.
    pub generation: Generation,
    /// What it is.
    pub kind: Kind,
    /// What is done.
    pub action: Action,
    /// Steps that must be done before.
    pub after: Vec<StepId>,
    /// Steps that must at least have made their outputs known before.
    pub after_known: Vec<StepId>,
}

impl Step {
    /// The spec that it brings, unless it removes.
    #[must_use]
    pub fn spec(&self) -> Option<&Spec> {
        match &self.action {
            Action::Create { spec, .. } | Action::Update { spec, .. } => Some(spec),
            Action::Delete { .. } => None,
        }
    }
}

/// The exact steps from what is to what is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What everything that it touches or refers to was when it was made.
    pub base: BTreeMap<Addr, Fingerprint>,
    /// The steps; each one's number is its place.
    pub steps: Vec<Step>,
    /// What changes in the environment's record.
    pub delta: Delta,
    /// What differs from what is wanted but isn't this plan's business, and how.
    pub drift: Vec<Drift>,
    /// What somebody changed outside and this plan puts right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mends: Vec<Drift>,
    /// What it changes about the cost; none where nothing costs. People approve steps, so it isn't in the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Of a sweep: what each step removes, in the order of the steps. The inventory found it; no row knows of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sweeps: Vec<Found>,
    /// Where it runs, where that isn't the record's to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformName>,
    /// Of an undo: the lives that addresses go back to, since those before still stand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub back: BTreeMap<Addr, Generation>,
    /// The facts about the outside that it was made with.
    #[serde(default)]
    pub facts: Facts,
}

impl Plan {
    /// Whether nothing has to be done to any resource.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether everything is as it is wanted, the record too: nothing that anybody could have a word in.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.is_empty() && self.delta == Delta::default()
    }

    /// A step by its number.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(id.0 as usize)
    }

    /// The digest of what would be done: steps, what they found, and the record's change. Reported drift isn't in it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut canon = Canon::new("gantry plan 1");
        canon.count(self.base.len());
        for (addr, fingerprint) in &self.base {
            canon.text(&addr.to_string()).text(fingerprint.0.as_str());
        }
        canon.count(self.steps.len());
        for step in &self.steps {
            step.canonical(&mut canon);
        }
        self.delta.canonical(&mut canon);
        for Found { mark, kind, id } in &self.sweeps {
            canon.tag(b'f').text(&mark.to_string()).text(kind.as_str()).text(&id.0);
        }
        for (addr, generation) in &self.back {
            canon.tag(b'b').text(&addr.to_string()).count(generation.0 as usize);
        }
        canon.digest()
    }
}

impl Step {
    fn canonical(&self, to: &mut Canon) {
        to.text(&self.addr.to_string()).count(self.generation.0 as usize).text(self.kind.as_str());
        match &self.action {
            Action::Create { spec, replaces } => {
                to.tag(b'c').spec(spec).count(replaces.map_or(0, |g| g.0 as usize));
            }
            Action::Update { spec, .. } => {
                to.tag(b'u').spec(spec);
            }
            Action::Delete { replaced_by } => {
                to.tag(b'd').count(replaced_by.map_or(0, |g| g.0 as usize));
            }
        }
        for list in [&self.after, &self.after_known] {
            list.iter().fold(to.count(list.len()), |to, id| to.count(id.0 as usize));
        }
    }
}

impl Delta {
    /// The record's change as far as people approve it: releases, numbers, the end. Not when it was asked.
    fn canonical(&self, to: &mut Canon) {
        to.text(self.revision.as_ref().map_or("", Digest::as_str));
        to.count(usize::from(self.birth.is_some()));
        // Only where there are some, so that the digests of plans that were stored before stay what they were.
        for settings in self.birth.iter().map(|birth| &birth.settings).chain(&self.settings).filter(|s| !s.is_empty()) {
            to.tag(b's').spec(settings);
        }
        to.count(self.clusters.len());
        for (name, cluster) in &self.clusters {
            to.text(name.as_str()).count(cluster.min as usize).count(cluster.max as usize);
            to.count(cluster.node.cpu_millis as usize).count(cluster.node.memory_mib as usize);
            for (platform, settings) in &cluster.settings {
                to.tag(b's').text(platform.as_str()).spec(settings);
            }
        }
        to.count(self.services.len());
        for (name, running) in &self.services {
            to.text(name.as_str()).count(running.release.0 as usize).text(running.version.as_str());
            to.count(running.replicas as usize).count(running.restarts as usize);
        }
        match self.expiry {
            None => to.tag(0),
            Some(None) => to.tag(1),
            Some(Some(at)) => to.tag(2).count(usize::try_from(at.as_second()).unwrap_or(0)),
        };
        to.tag(u8::from(self.end));
        // Likewise only where there are some.
        for name in &self.removed {
            to.tag(b'r').text(name.as_str());
        }
        for name in &self.removed_clusters {
            to.tag(b'k').text(name.as_str());
        }
    }
}
