//! The platform `local`: the engine's port, answered by the parts of this room.

use super::driver::ObjectDriver;
use super::error::provider_error;
use super::rules::LocalRules;
use super::{kinds, live, lower, marks, survey};
use crate::api::{Client, Filter};
use async_trait::async_trait;
use gantry_engine::address::Kind;
use gantry_engine::environment::Environment;
use gantry_engine::names::{EnvKey, InstallationId, PlatformName};
use gantry_engine::plan::Rules;
use gantry_engine::ports::{Driver, Findings, Platform, Survey, Whose};
use gantry_engine::provider::{Facts, Killed, Live, LogLine, LogQuery, ProviderError};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Desired, PhysicalId};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Environments on this machine.
pub struct Local {
    name: PlatformName,
    installation: InstallationId,
    client: Client,
    programs: Vec<PathBuf>,
    drivers: BTreeMap<Kind, ObjectDriver>,
}

impl Local {
    /// The platform's name in project files.
    pub const NAME: &'static str = "local";

    /// The platform for one installation. `programs` are the folders where tasks' programs are looked for, in order:
    /// the runtime's own, then those of `PATH`.
    #[must_use]
    pub fn new(installation: InstallationId, client: Client, programs: Vec<PathBuf>) -> Self {
        let driver = |object: &'static dyn kinds::Object| (object.kind(), ObjectDriver::new(client.clone(), object));
        let drivers = kinds::ALL.into_iter().map(driver).collect();
        let name = PlatformName::new(Self::NAME).expect("`local` follows the rule for names");
        Self { name, installation, client, programs, drivers }
    }

    /// Everything marked as this environment's, in any of its lives.
    fn of(&self, env: &EnvKey) -> Filter {
        Filter::env(self.installation.as_str(), env.project.as_str(), env.env.as_str())
    }
}

#[async_trait]
impl Platform for Local {
    fn name(&self) -> PlatformName {
        self.name.clone()
    }

    async fn survey(&self, env: &Environment) -> Result<Survey, ProviderError> {
        survey::survey(&self.client, &self.of(&env.key), &self.programs, env).await.map(Survey::from)
    }

    fn lower(&self, env: &Environment, facts: &Facts) -> Result<Desired, Findings> {
        Ok(lower::lower(env, facts)?)
    }

    fn rules(&self) -> &dyn Rules {
        &LocalRules
    }

    fn driver(&self, kind: &Kind) -> Option<&dyn Driver> {
        self.drivers.get(kind).map(|driver| driver as &dyn Driver)
    }

    async fn inventory(&self, installation: &InstallationId, of: Whose<'_>) -> Result<Vec<Found>, ProviderError> {
        let filter = match of {
            Whose::Env(env) => Filter::env(installation.as_str(), env.project.as_str(), env.env.as_str()),
            Whose::Project(project) => Filter::project(installation.as_str(), project.as_str()),
        };
        let all = self.client.list(&filter).await.map_err(provider_error)?;
        let found = |status: crate::api::Status| {
            let unknown =
                || ProviderError::Invalid(format!("the runtime has a {} that this Gantry doesn't know", status.kind));
            let kind = kinds::of_wire(status.kind).ok_or_else(unknown)?.kind();
            Ok(Found { mark: marks::from_wire(&status.mark)?, kind, id: PhysicalId(status.id) })
        };
        all.into_iter().map(found).collect()
    }

    async fn live(&self, env: &EnvKey) -> Result<Live, ProviderError> {
        live::live(&self.client, &self.of(env)).await
    }

    async fn logs(&self, env: &EnvKey, query: &LogQuery) -> Result<Vec<LogLine>, ProviderError> {
        live::logs(&self.client, &self.of(env), query).await
    }

    async fn kill(&self, env: &EnvKey, target: &str) -> Result<Killed, ProviderError> {
        live::kill(&self.client, &self.of(env), target).await
    }
}
