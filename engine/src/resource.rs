//! What is wanted ([`Desired`]) and what is there ([`Actual`]).

use crate::address::{Addr, Generation, Kind};
use crate::names::{Digest, EnvName, OpId};
use crate::ports::{Drift, Drifted};
use crate::value::{Canon, Outputs, Ref, Spec, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One thing that a provider creates, changes and removes on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// How it should be.
    pub spec: Spec,
}

impl Resource {
    /// The addresses that it needs, computed from its references.
    #[must_use]
    pub fn needs(&self) -> BTreeSet<&Addr> {
        self.spec.refs().into_iter().map(|r| &r.addr).collect()
    }
}

/// Everything that is wanted of an environment, and what to show for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desired {
    /// The resources by address.
    pub resources: BTreeMap<Addr, Resource>,
    /// What people are shown when it stands, by label (`web`, `dns`), in terms of references.
    pub outputs: BTreeMap<String, Value>,
}

/// The provider's own name for something it made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhysicalId(pub String);

impl fmt::Display for PhysicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How far a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Being made or changed: it may or may not exist, and may or may not be as the row says.
    Unsettled,
    /// There, as the row says.
    Live,
    /// Being removed; it may or may not exist still.
    Deleting,
}

/// One resource that exists, may exist, or is going.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// In which life of the environment it was created (part of its mark).
    pub incarnation: u32,
    /// How far it is.
    pub state: RowState,
    /// The provider's name for it, as soon as one is known.
    pub id: Option<PhysicalId>,
    /// The spec that was applied last, references as they were written.
    pub spec: Spec,
    /// What those references were when it was applied.
    #[serde(with = "refs_as_list")]
    pub resolved: BTreeMap<Ref, String>,
    /// What it gives out.
    pub outputs: Outputs,
    /// The operation that touched it last.
    pub by: OpId,
    /// When its id became known, where that was noted: reads may not show it for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Timestamp>,
}

impl Row {
    /// The row of what somebody took away outside.
    #[must_use]
    pub fn vanished(&self) -> Self {
        let (state, outputs, resolved) = (RowState::Unsettled, Outputs::new(), BTreeMap::new());
        Self { state, id: None, outputs, resolved, known: None, ..self.clone() }
    }

    /// A digest over the managed fields: when it differs, the resource moved on.
    #[must_use]
    pub fn fingerprint(&self, generation: Generation) -> Fingerprint {
        let mut canon = Canon::new("row");
        canon.text(self.kind.as_str()).count(generation.0 as usize).tag(self.state as u8).spec(&self.spec);
        canon.text(self.id.as_ref().map_or("", |id| &id.0)).count(self.resolved.len());
        for (r, value) in &self.resolved {
            canon.value(&Value::Ref(r.clone())).text(value);
        }
        Fingerprint(canon.digest())
    }
}

/// A digest of what a resource was when a plan looked at it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub Digest);

/// Everything that is there, by address and generation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actual {
    /// The rows.
    pub rows: BTreeMap<(Addr, Generation), Row>,
    /// What of it somebody changed outside, as far as anybody looked.
    pub drift: Vec<Drift>,
    /// The lives that count although newer ones stand, since an undo goes back to them.
    pub back: BTreeMap<Addr, Generation>,
}

impl Actual {
    /// The newest life of an address that counts.
    #[must_use]
    pub fn newest(&self, addr: &Addr) -> Option<(Generation, &Row)> {
        self.lives(addr).next()
    }

    /// The newest life of an address that stands: what references to it mean.
    #[must_use]
    pub fn standing(&self, addr: &Addr) -> Option<(Generation, &Row)> {
        self.lives(addr).find(|(_, row)| row.state != RowState::Deleting)
    }

    /// The lives of an address that count, the newest first.
    fn lives(&self, addr: &Addr) -> impl Iterator<Item = (Generation, &Row)> {
        let newest = self.back.get(addr).copied().unwrap_or(Generation(u32::MAX));
        let all = (addr.clone(), Generation(0))..=(addr.clone(), newest);
        self.rows.range(all).rev().map(|((_, generation), row)| (*generation, row))
    }

    /// The same with what a look at the outside brought. What isn't there any more may be made again under the name that
    /// it had, so it counts as never settled, and gives nothing out.
    #[must_use]
    pub fn drifted(mut self, env: &EnvName, drift: Vec<Drift>) -> Self {
        for gone in drift.iter().filter(|drift| drift.how == Drifted::Gone && &drift.addr.env == env) {
            let newest = self.newest(&gone.addr).map(|(generation, _)| (gone.addr.clone(), generation));
            let row = newest.and_then(|key| self.rows.get_mut(&key));
            if let Some(row) = row.filter(|row| row.state != RowState::Deleting) {
                *row = row.vanished();
            }
        }
        self.drift = drift;
        self
    }

    /// What a reference is now.
    #[must_use]
    pub fn lookup(&self, r: &Ref) -> Option<String> {
        self.standing(&r.addr).and_then(|(_, row)| row.outputs.get(&r.output).cloned())
    }
}

/// JSON object keys are texts, so references are stored as pairs.
mod refs_as_list {
    use super::{BTreeMap, Ref};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<Ref, String>, to: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Ref, String>, D::Error> {
        Ok(Vec::<(Ref, String)>::deserialize(from)?.into_iter().collect())
    }
}
