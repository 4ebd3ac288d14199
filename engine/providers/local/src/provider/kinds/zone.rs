//! `local.zone`: an environment's DNS zone. Its name is unique in the runtime.

use super::{Object, pick, replaced_by};
use crate::api::{self, Spec as Wire, Status};
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use gantry_engine::resource::Resource;
use gantry_engine::value::{Output, Outputs, Spec};
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.zone");

/// The name server's address.
pub(in crate::provider) const SERVER: Output = Output::new("server");

/// A zone of this name.
pub(in crate::provider) fn resource(name: &str) -> Resource {
    Resource { kind: KIND, spec: Spec::new().with("name", name) }
}

pub(super) struct Zone;

impl Object for Zone {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Zone
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(Wire::Zone)
    }

    fn transition(&self, from: &Spec, to: &Spec) -> Transition {
        replaced_by(&["name"], from, to)
    }

    fn outputs(&self, status: &Status) -> Outputs {
        pick(&[SERVER], status)
    }
}
