//! An environment's record as resources. Pure: the same record and facts give the same resources.
//!
//! Components: `network` (the zone), `cluster-<name>` (its nodes), and one per service with everything that is only
//! there for it.

mod capacity;
mod draft;
mod service;
mod template;

use super::kinds::{node, record, zone};
use super::survey;
use draft::{Draft, NETWORK, error};
use gantry_engine::address::Addr;
use gantry_engine::environment::Environment;
use gantry_engine::names::ClusterName;
use gantry_engine::ports::Finding;
use gantry_engine::provider::Facts;
use gantry_engine::resource::Desired;
use gantry_engine::value::{Ref, Value, When};

/// What an environment is made of.
///
/// # Errors
/// [`Finding`] where this platform can't do what the record wants.
pub(super) fn lower(env: &Environment, facts: &Facts) -> Result<Desired, Finding> {
    for (name, running) in &env.services {
        if let Some(missing) = survey::missing_program(facts, name) {
            return Err(error(
                format!("service `{name}` runs `{missing}`, and there is no such program on this machine"),
                format!("build or install it, or give `command` of `[services.{name}]` a full path"),
            ));
        }
        if !env.clusters.contains_key(&running.service.cluster) {
            return Err(error(
                format!(
                    "service `{name}` wants the cluster `{}`, which {} hasn't got",
                    running.service.cluster, env.key
                ),
                format!("add `[clusters.{}]`, or name another cluster", running.service.cluster),
            ));
        }
    }
    let mut draft = Draft::new(env);
    let zone = draft.add(NETWORK, "zone", zone::resource(&draft.origin()))?;
    for name in env.clusters.keys() {
        cluster(&mut draft, &zone, name)?;
    }
    draft.output("dns", Value::Ref(Ref { addr: zone, output: zone::SERVER, when: When::Ready }));
    for (name, running) in &env.services {
        service::lower(&mut draft, name, running)?;
    }
    Ok(draft.done())
}

fn cluster(draft: &mut Draft<'_>, zone: &Addr, name: &ClusterName) -> Result<(), Finding> {
    let (key, size) = (draft.cluster_key(name), draft.env.clusters[name].node);
    let component = Draft::cluster_component(name);
    let mut nodes = Vec::new();
    for number in 1..=capacity::nodes(draft.env, name)? {
        nodes.push(draft.add(&component, &format!("node-{number}"), node::resource(&key, size))?);
    }
    if !nodes.is_empty() {
        let name = format!("{component}.{}", draft.origin());
        draft.add(&component, draft::NODES, record::of_nodes(zone, &name, &nodes))?;
    }
    Ok(())
}
