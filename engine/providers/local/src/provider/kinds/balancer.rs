//! `local.balancer`: a stable loopback address in front of a port of a service.

use super::{Object, pick, replaced_by};
use crate::api::{self, Spec as Wire, Status};
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use gantry_engine::project::Protocol;
use gantry_engine::resource::Resource;
use gantry_engine::value::{Output, Outputs, Spec};
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.balancer");

/// Host and port (`127.0.0.1:8123`).
pub(in crate::provider) const ADDRESS: Output = Output::new("address");
/// The address without its port.
pub(in crate::provider) const HOST: Output = Output::new("host");
/// The port alone.
pub(in crate::provider) const PORT: Output = Output::new("port");

/// What the runtime calls a protocol.
pub(in crate::provider) fn mode(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "http",
        Protocol::Tcp => "tcp",
    }
}

/// A balancer for what speaks this protocol.
pub(in crate::provider) fn resource(protocol: Protocol) -> Resource {
    Resource { kind: KIND, spec: Spec::new().with("mode", mode(protocol)) }
}

pub(super) struct Balancer;

impl Object for Balancer {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Balancer
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(Wire::Balancer)
    }

    fn transition(&self, from: &Spec, to: &Spec) -> Transition {
        replaced_by(&["mode"], from, to)
    }

    fn outputs(&self, status: &Status) -> Outputs {
        let mut outputs = pick(&[ADDRESS, PORT], status);
        let host = outputs.get(&ADDRESS).and_then(|address| address.rsplit_once(':')).map(|(host, _)| host.to_owned());
        outputs.extend(host.map(|host| (HOST, host)));
        outputs
    }
}
