//! `local.record`: a name in the zone. Everything answers on loopback, so that is what names say.

use super::{AFTER, ID, Object, replaced_by};
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
    Resource { kind: KIND, spec: spec(zone, name, Spec::new().with("a", "127.0.0.1")) }
}

/// The nodes of a cluster under a name of its own, for `dig`. It is there once every node is, so what runs on the
/// cluster waits for this one thing, and doesn't differ itself whenever the cluster grows.
pub(in crate::provider) fn of_nodes(zone: &Addr, name: &str, nodes: &[Addr]) -> Resource {
    let parts: Vec<&str> = nodes.iter().map(|addr| addr.part.as_str()).collect();
    let ready = |addr: &Addr| Value::Ref(Ref { addr: addr.clone(), output: ID, when: When::Ready });
    let after = Value::List(nodes.iter().map(ready).collect());
    let spec = spec(zone, name, Spec::new().with("txt", parts.join(" ")));
    Resource { kind: KIND, spec: spec.with(AFTER, after) }
}

fn spec(zone: &Addr, name: &str, data: Spec) -> Spec {
    let zone = Ref { addr: zone.clone(), output: ID, when: When::Known };
    Spec::new().with("zone", zone).with("name", name).with("ttl", TTL).with("data", Value::Map(data))
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
