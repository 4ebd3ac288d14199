//! `local.record`: a name in the zone. Everything answers on loopback, so that is what names say.

use super::{ID, Object, replaced_by};
use crate::api::{self, Spec as Wire};
use gantry_engine::address::{Addr, Kind};
use gantry_engine::plan::Transition;
use gantry_engine::resource::Resource;
use gantry_engine::value::{Ref, Spec, Value, When};
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.record");

/// Seconds that a resolver may keep an answer: short, since environments come and go.
const TTL: i64 = 5;

/// This full name, in the zone at that address.
pub(in crate::provider) fn resource(zone: &Addr, name: &str) -> Resource {
    let zone = Ref { addr: zone.clone(), output: ID, when: When::Known };
    let data = Spec::new().with("a", "127.0.0.1");
    let spec = Spec::new().with("zone", zone).with("name", name).with("ttl", TTL).with("data", Value::Map(data));
    Resource { kind: KIND, spec }
}

pub(super) struct Record;

impl Object for Record {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Record
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(Wire::Record)
    }

    fn transition(&self, from: &Spec, to: &Spec) -> Transition {
        replaced_by(&["name"], from, to)
    }
}
