//! `local.volume`: a directory that outlives tasks, releases and, unless somebody said otherwise, the environment.
//!
//! A size isn't asked for: a directory has none.

use super::{Object, pick};
use crate::api::{self, Spec as Wire, Status};
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use gantry_engine::resource::Resource;
use gantry_engine::value::{Output, Outputs, Spec};
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.volume");

/// Where it is, for people.
const PATH: Output = Output::new("path");

/// An empty directory to begin with.
pub(in crate::provider) fn resource() -> Resource {
    Resource { kind: KIND, spec: Spec::new() }
}

pub(super) struct Volume;

impl Object for Volume {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Volume
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(Wire::Volume)
    }

    fn transition(&self, _from: &Spec, _to: &Spec) -> Transition {
        Transition::InPlace
    }

    fn holds_data(&self) -> bool {
        true
    }

    fn outputs(&self, status: &Status) -> Outputs {
        pick(&[PATH], status)
    }
}
