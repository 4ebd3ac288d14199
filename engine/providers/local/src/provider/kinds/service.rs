//! `local.service`: a number of equal tasks. Every change is made in place: the runtime rolls it out, with its health
//! gate, and takes it back by itself when the new tasks die.
//!
//! The spec is written by the lowering, field by field as in [`crate::api::ServiceSpec`].

use super::Object;
use crate::api::{self, Spec as Wire, Status};
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use gantry_engine::provider::Note;
use gantry_engine::resource::Resource;
use gantry_engine::value::Spec;
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.service");

/// A service with this spec.
pub(in crate::provider) fn resource(spec: Spec) -> Resource {
    Resource { kind: KIND, spec }
}

pub(super) struct Service;

impl Object for Service {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Service
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(|spec| Wire::Service(Box::new(spec)))
    }

    fn transition(&self, _from: &Spec, _to: &Spec) -> Transition {
        Transition::InPlace
    }

    fn note(&self, status: &Status) -> Note {
        let number = |output: &str| status.outputs.get(output).and_then(|text| text.parse().ok());
        match (&status.wanted, number("healthy")) {
            // While it falls back, the count is of the tasks before.
            (Wire::Service(wanted), Some(healthy)) if !status.note.starts_with("reverting") => {
                let blocked = status.note.split_once("; ").map(|(_, why)| why.to_owned());
                Note::Tasks { healthy, wanted: wanted.replicas, blocked }
            }
            _ => Note::Other(status.note.clone()),
        }
    }
}
