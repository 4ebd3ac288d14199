//! A platform lowers an environment onto resource kinds; a driver serves one kind.

use crate::address::Kind;
use crate::environment::Environment;
use crate::names::{EnvKey, InstallationId, PlatformName};
use crate::plan::Rules;
use crate::provider::{Facts, Handle, Killed, Live, LogLine, LogQuery, Observed, Progress, ProviderError, Put, Remove};
use crate::receipt::Found;
use crate::resource::Desired;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a record can't be lowered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {remedy}")]
pub struct LowerError {
    /// What can't be, and where.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// Where environments run.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Its name, as project files say it.
    fn name(&self) -> PlatformName;

    /// Asks the outside for the facts that lowering needs. Read only.
    async fn survey(&self, env: &Environment) -> Result<Facts, ProviderError>;

    /// The resources that an environment is made of. Pure: the same record and facts give the same resources.
    ///
    /// # Errors
    /// [`LowerError`] where the platform can't do what the record wants, with the remedy.
    fn lower(&self, env: &Environment, facts: &Facts) -> Result<Desired, LowerError>;

    /// What is known about changing its kinds.
    fn rules(&self) -> &dyn Rules;

    /// The driver of a kind.
    fn driver(&self, kind: &Kind) -> Option<&dyn Driver>;

    /// Everything that carries the marks of an environment, over all kinds and incarnations. Asks the outside, not us.
    async fn inventory(&self, installation: &InstallationId, env: &EnvKey) -> Result<Vec<Found>, ProviderError>;

    /// What runs now.
    async fn live(&self, env: &EnvKey) -> Result<Live, ProviderError>;

    /// What tasks wrote, oldest first.
    async fn logs(&self, env: &EnvKey, query: &LogQuery) -> Result<Vec<LogLine>, ProviderError>;

    /// Ends a node or a task, to see what happens.
    async fn kill(&self, env: &EnvKey, target: &str) -> Result<Killed, ProviderError>;
}

/// Serves one kind of resource.
#[async_trait]
pub trait Driver: Send + Sync {
    /// The resource as it is; none if there is none with this mark.
    async fn read(&self, at: &Handle) -> Result<Option<Observed>, ProviderError>;

    /// Makes it so, or goes on making it so. Asked again with the same token it never makes a second one.
    async fn put(&self, want: &Put) -> Result<Progress, ProviderError>;

    /// Takes it away, or goes on taking it away. What isn't there is done.
    async fn remove(&self, want: &Remove) -> Result<Progress, ProviderError>;

    /// Takes back a put that is on its way, as far as that can be; the next `put` with its token tells how it ended.
    async fn abort(&self, want: &Put) -> Result<(), ProviderError>;
}

/// The platforms of an installation, by name.
pub type Platforms = BTreeMap<PlatformName, Arc<dyn Platform>>;
