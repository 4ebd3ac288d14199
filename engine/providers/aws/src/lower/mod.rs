//! An environment's record as resources of AWS. Pure: the same record and facts give the same resources.
//!
//! Components: `network`, `edge` (the load balancer and what is in front of it), `cluster-<name>`, and one per service
//! with everything that is only there for it. What needs what follows from the fields that refer to each other; where AWS
//! wants an order that no field says, `after` does. A deploy makes what its services lack, so everything is referred to
//! by a service, directly or not.

mod check;
mod cluster;
mod draft;
mod edge;
mod fit;
mod names;
mod network;
mod nodes;
mod policy;
mod service;
mod size;
mod task;
mod template;
#[cfg(test)]
mod tests;
mod wanted;

pub(crate) use nodes::DISK_GIB;

use draft::Draft;
use gantry_engine::environment::Environment;
use gantry_engine::ports::{Finding, Findings};
use gantry_engine::provider::Facts;
use gantry_engine::resource::Desired;
use wanted::Wanted;

/// What an environment is made of.
///
/// # Errors
/// Everything that this platform can't do of what the record wants, each with its remedy.
pub fn lower(env: &Environment, facts: &Facts) -> Result<Desired, Findings> {
    let wanted = Wanted::read(env, facts).map_err(Findings)?;
    let found = check::all(&wanted);
    if !found.is_empty() {
        return Err(Findings(found));
    }
    lower_checked(&wanted).map_err(Findings::from)
}

fn lower_checked(wanted: &Wanted<'_>) -> Result<Desired, Finding> {
    let mut draft = Draft::new(wanted);
    let network = network::lower(&mut draft)?;
    let edge = edge::lower(&mut draft, &network)?;
    let clusters = cluster::lower(&mut draft, &network)?;
    for (name, running) in &wanted.env.services {
        service::lower(
            &mut draft,
            (name, running),
            &service::Around { network: &network, edge: edge.as_ref(), clusters: &clusters },
        )?;
    }
    Ok(draft.done())
}
