//! The platforms that project files may name, with what each understands of its own. A file is as good where it is
//! written as where it is used, so this doesn't ask what this build can run: that is told when somebody wants it.

use gantry_aws::settings::{self as ecs, Schemas};
use gantry_engine::names::PlatformName;
use gantry_local::provider::Local;
use gantry_project::Platform;

/// What builds a program with the platform on AWS.
pub const BUILD_WITH_AWS: &str = "`cargo install --path bot --features aws`";

/// Every platform that there is.
#[must_use]
pub fn known() -> Vec<Platform> {
    let Schemas { project, cluster, service, environment } = ecs::schemas();
    let ecs = Platform { name: ecs::PLATFORM.to_owned(), project, cluster, service, environment };
    vec![Platform::named(Local::NAME), ecs]
}

/// Why an installation hasn't a platform.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    /// This program doesn't have it.
    #[error("this Gantry was built without the platform `{0}`; {BUILD_WITH_AWS} builds one that has it")]
    NotBuilt(PlatformName),
    /// No program has it.
    #[error("there is no platform `{0}`; `gantry validate` says what a project file may name")]
    Unknown(PlatformName),
}

impl Absent {
    /// Why this one isn't there.
    #[must_use]
    pub fn of(name: &PlatformName) -> Self {
        let known = known().iter().any(|platform| platform.name == name.as_str());
        if known { Self::NotBuilt(name.clone()) } else { Self::Unknown(name.clone()) }
    }
}
