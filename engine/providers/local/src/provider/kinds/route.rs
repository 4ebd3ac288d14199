//! `local.route`: a public host name at the edge proxy. The name is unique in the runtime.

use super::{AFTER, ID, Object, pick, replaced_by};
use crate::api::{self, Spec as Wire, Status};
use gantry_engine::address::{Addr, Kind};
use gantry_engine::plan::Transition;
use gantry_engine::resource::Resource;
use gantry_engine::value::{Output, Outputs, Ref, Spec, Value, When};
use serde_json::Value as Json;

const KIND: Kind = Kind::new("local.route");

/// The address for a browser.
pub(in crate::provider) const URL: Output = Output::new("url");

/// This host name, to the balancer at one address, once the service at the other serves.
pub(in crate::provider) fn resource(host: &str, balancer: &Addr, service: &Addr) -> Resource {
    let balancer = Ref { addr: balancer.clone(), output: ID, when: When::Known };
    let service = Ref { addr: service.clone(), output: ID, when: When::Ready };
    let after = Value::List(vec![service.into()]);
    Resource { kind: KIND, spec: Spec::new().with("host", host).with("balancer", balancer).with(AFTER, after) }
}

pub(super) struct Route;

impl Object for Route {
    fn kind(&self) -> Kind {
        KIND
    }

    fn wire_kind(&self) -> api::Kind {
        api::Kind::Route
    }

    fn wire(&self, spec: Json) -> Result<Wire, serde_json::Error> {
        serde_json::from_value(spec).map(Wire::Route)
    }

    fn transition(&self, from: &Spec, to: &Spec) -> Transition {
        replaced_by(&["host"], from, to)
    }

    fn outputs(&self, status: &Status) -> Outputs {
        pick(&[URL], status)
    }
}
