//! `local.node`: a logical machine of a cluster. Another size is another machine.

use super::{Object, replaced_by};
use crate::api::{self, Spec as Wire};
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use gantry_engine::project::Capacity;
use gantry_engine::resource::Resource;
use gantry_engine::value::Spec;
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.node");

/// What the components that hold nodes start with (see [`gantry_engine::names::Component::cluster`]).
pub(in crate::provider) const CLUSTER: &str = "cluster-";

/// A node of this cluster (by its key in the runtime).
pub(in crate::provider) fn resource(cluster: &str, size: Capacity) -> Resource {
    let spec =
        Spec::new().with("cluster", cluster).with("cpu_millis", size.cpu_millis).with("memory_mib", size.memory_mib);
    Resource { kind: KIND, spec }
}

pub(super) struct Node;

impl Object for Node {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Node
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(Wire::Node)
    }

    fn transition(&self, from: &Spec, to: &Spec) -> Transition {
        replaced_by(&["cluster", "cpu_millis", "memory_mib"], from, to)
    }
}
