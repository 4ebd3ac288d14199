//! A platform lowers an environment onto resource kinds; a driver serves one kind.

use crate::address::{Addr, Kind, Mark};
use crate::cost::Prices;
use crate::environment::Environment;
use crate::names::{EnvKey, InstallationId, PlatformName, ProjectName};
use crate::plan::Rules;
use crate::provider::{Facts, Handle, Killed, Live, LogLine, LogQuery, Observed, Progress, ProviderError, Put, Remove};
use crate::receipt::Found;
use crate::resource::{Actual, Desired};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// One thing that stands in the way of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[error("{what}: {remedy}")]
pub struct Finding {
    /// What can't be, and where.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// Everything that stands in the way of a plan, found in one go so that nobody mends one thing to meet the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Findings(pub Vec<Finding>);

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

/// What a look at the outside brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// What lowering needs to know.
    pub facts: Facts,
    /// What stands in the way, before anything is made or paid for.
    pub findings: Vec<Finding>,
}

impl From<Facts> for Survey {
    fn from(facts: Facts) -> Self {
        Self { facts, findings: Vec::new() }
    }
}

/// A resource that isn't as it is wanted. Managed fields only. Stored, so an address alone reads as [`Drifted::Behind`]:
/// what plans of before could tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "StoredDrift", into = "StoredDrift")]
pub struct Drift {
    /// Which.
    pub addr: Addr,
    /// What about it.
    pub how: Drifted,
}

/// What about a resource isn't as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drifted {
    /// Nobody changed it: what is wanted of it moved on, and it hasn't been brought there. Only plans say so; a platform
    /// tells what was done outside.
    Behind,
    /// It isn't there any more.
    Gone,
    /// A field is another one.
    Field {
        /// Which.
        field: String,
        /// As we left it.
        ours: String,
        /// As it is.
        theirs: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredDrift {
    Behind(Addr),
    Outside { addr: Addr, how: Drifted },
}

impl From<StoredDrift> for Drift {
    fn from(stored: StoredDrift) -> Self {
        match stored {
            StoredDrift::Behind(addr) => Self { addr, how: Drifted::Behind },
            StoredDrift::Outside { addr, how } => Self { addr, how },
        }
    }
}

impl From<Drift> for StoredDrift {
    fn from(Drift { addr, how }: Drift) -> Self {
        match how {
            Drifted::Behind => Self::Behind(addr),
            how @ (Drifted::Gone | Drifted::Field { .. }) => Self::Outside { addr, how },
        }
    }
}

/// Whose things are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// One environment's, in any of its lives.
    Env(&'a EnvKey),
    /// A project's, of whatever environment.
    Project(&'a ProjectName),
}

impl Whose<'_> {
    /// Whether something with this mark is meant.
    #[must_use]
    pub fn is(&self, mark: &Mark) -> bool {
        match self {
            Self::Env(key) => mark.env() == **key,
            Self::Project(project) => mark.project == **project,
        }
    }
}

/// Where environments run.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Its name, as project files say it.
    fn name(&self) -> PlatformName;

    /// Asks the outside for the facts that lowering needs, and for what stands in the way. Read only.
    async fn survey(&self, env: &Environment) -> Result<Survey, ProviderError>;

    /// Why nothing may be done for an environment where the platform works now (another account than its settings allow), not
    /// even a removal; none where it may. A survey tells it, too.
    async fn out_of_bounds(&self, _env: &Environment) -> Result<Option<Finding>, ProviderError> {
        Ok(None)
    }

    /// The resources that an environment is made of. Pure: the same record and facts give the same resources.
    ///
    /// # Errors
    /// [`Findings`] where the platform can't do what the record wants, each with its remedy.
    fn lower(&self, env: &Environment, facts: &Facts) -> Result<Desired, Findings>;

    /// What is known about changing its kinds.
    fn rules(&self) -> &dyn Rules;

    /// The driver of a kind.
    fn driver(&self, kind: &Kind) -> Option<&dyn Driver>;

    /// What things cost here; none where nothing does.
    fn prices(&self) -> Option<&dyn Prices> {
        None
    }

    /// What somebody changed outside: of rows that have an id and aren't being removed, whether it is gone, and of live ones
    /// also which fields are other ones. Looks only where a few calls tell; what it can't see isn't drift, and only what is
    /// surely gone is: it will be made again.
    async fn drift(&self, _env: &Environment, _actual: &Actual) -> Result<Vec<Drift>, ProviderError> {
        Ok(Vec::new())
    }

    /// Everything that carries these marks, over all kinds and incarnations. Asks the outside, not us.
    async fn inventory(&self, installation: &InstallationId, of: Whose<'_>) -> Result<Vec<Found>, ProviderError>;

    /// How long an inventory may lag behind what was done.
    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    /// What runs now.
    async fn live(&self, env: &EnvKey) -> Result<Live, ProviderError>;

    /// What tasks wrote, oldest first.
    async fn logs(&self, env: &EnvKey, query: &LogQuery) -> Result<Vec<LogLine>, ProviderError>;

    /// Where people can look at what an output names (a provider's console), if there is such a place. Pure.
    fn link(&self, _output: &str) -> Option<String> {
        None
    }

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

    /// Takes it away, or goes on taking it away. What isn't there is done. What stays of it on purpose (a snapshot, or the
    /// thing itself) is told by the outputs in the end, for the receipt: by its kind, the provider's name for it.
    async fn remove(&self, want: &Remove) -> Result<Progress, ProviderError>;

    /// Takes back a put that is on its way, as far as that can be; the next `put` with its token tells how it ended.
    async fn abort(&self, want: &Put) -> Result<(), ProviderError>;
}

/// The platforms of an installation, by name.
pub type Platforms = BTreeMap<PlatformName, Arc<dyn Platform>>;
