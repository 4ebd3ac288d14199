//! The kinds of resources, one file each: how a spec is written, what it becomes for the runtime, and how it changes.
//!
//! A spec is the runtime's own form with references in it, so that it reads the same in a plan, in the store and on
//! the wire. One field more, [`AFTER`], only orders.

pub(super) mod balancer;
pub(super) mod node;
pub(super) mod record;
pub(super) mod route;
pub(super) mod service;
pub(super) mod volume;
pub(super) mod zone;

use crate::api::{self, Status};
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use gantry_engine::provider::Note;
use gantry_engine::value::{Output, Outputs, Spec};
use serde_json::Value as Json;

/// References that only say what has to be there before; the runtime doesn't get them.
pub(super) const AFTER: &str = "after";

/// The output that every kind has: the runtime's id.
pub(super) const ID: Output = Output::new("id");

/// What makes one kind differ from another.
pub(super) trait Object: Send + Sync {
    /// Its name in the engine.
    fn kind(&self) -> Kind;

    /// Its name in the runtime.
    fn wire_kind(&self) -> api::Kind;

    /// The spec, references followed, as the runtime takes it.
    fn wire(&self, spec: Json) -> Result<api::Spec, serde_json::Error>;

    /// How a resource gets from one spec to another.
    fn transition(&self, from: &Spec, to: &Spec) -> Transition;

    /// Whether people's data is in it.
    fn holds_data(&self) -> bool {
        false
    }

    /// What it waits for while it is on its way.
    fn note(&self, status: &Status) -> Note {
        Note::Other(status.note.clone())
    }

    /// What it gives out beside its id: what others refer to, which a change in place must not change. How tasks and
    /// nodes are at the moment is asked for elsewhere.
    fn outputs(&self, _status: &Status) -> Outputs {
        Outputs::new()
    }
}

/// Every kind there is.
pub(super) const ALL: [&dyn Object; 7] =
    [&zone::Zone, &record::Record, &node::Node, &volume::Volume, &balancer::Balancer, &service::Service, &route::Route];

/// A kind by its name in the engine.
pub(super) fn find(kind: &Kind) -> Option<&'static dyn Object> {
    ALL.into_iter().find(|object| object.kind() == *kind)
}

/// A kind by its name in the runtime.
pub(super) fn of_wire(kind: api::Kind) -> Option<&'static dyn Object> {
    ALL.into_iter().find(|object| object.wire_kind() == kind)
}

/// A resolved spec as JSON, without what only orders.
pub(super) fn json(spec: &Spec) -> Json {
    let fields = spec.0.iter().filter(|(field, _)| *field != AFTER);
    Json::Object(fields.map(|(field, value)| (field.clone(), value.json())).collect())
}

/// These of the runtime's outputs.
fn pick(names: &[Output], status: &Status) -> Outputs {
    let value = |name: &Output| Some((name.clone(), status.outputs.get(name.as_str())?.clone()));
    names.iter().filter_map(value).collect()
}

/// A new life when one of these fields differs, else a change in place.
fn replaced_by(fields: &[&str], from: &Spec, to: &Spec) -> Transition {
    if fields.iter().any(|field| from.get(field) != to.get(field)) {
        Transition::CreateFirst
    } else {
        Transition::InPlace
    }
}
