//! Marks in the engine's form and in the runtime's.

use crate::api;
use gantry_engine::address::{Addr, Generation, Mark};
use gantry_engine::names::{InstallationId, ProjectName};
use gantry_engine::provider::ProviderError;

/// The mark as it travels to the runtime.
pub(super) fn to_wire(mark: &Mark) -> api::Mark {
    api::Mark {
        installation: mark.installation.as_str().to_owned(),
        project: mark.project.as_str().to_owned(),
        env: mark.addr.env.as_str().to_owned(),
        incarnation: mark.incarnation,
        addr: mark.addr.to_string(),
        generation: mark.generation.0,
    }
}

/// The mark as the engine knows it.
///
/// # Errors
/// For marks that no Gantry wrote. That isn't passed over: an inventory that leaves things out proves nothing.
pub(super) fn from_wire(mark: &api::Mark) -> Result<Mark, ProviderError> {
    let bad = |why: String| ProviderError::Invalid(format!("the runtime has an object marked {mark:?}: {why}"));
    Ok(Mark {
        installation: InstallationId::new(&mark.installation),
        project: ProjectName::new(&mark.project).map_err(|error| bad(error.to_string()))?,
        incarnation: mark.incarnation,
        addr: mark.addr.parse::<Addr>().map_err(|error| bad(error.to_string()))?,
        generation: Generation(mark.generation),
    })
}
