//! The engine as one value: the ports, and what one worker process is called.

use crate::names::{EnvKey, Holder, InstallationId, ProjectName};
use crate::ports::{Clock, Platform, Platforms, Store};
use crate::project::Project;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The projects of an installation as they are meant now.
pub trait Projects: Send + Sync {
    /// One project's newest revision.
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>>;
}

/// Proposes operations and drives them.
#[derive(Clone)]
pub struct Engine {
    /// The journal's home.
    pub store: Arc<dyn Store>,
    /// Where environments run.
    pub platforms: Platforms,
    /// What is meant.
    pub projects: Arc<dyn Projects>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Part of every ownership mark.
    pub installation: InstallationId,
    /// What this process is called in leases.
    pub holder: Holder,
    /// How long things may take.
    pub tuning: Tuning,
}

/// How long things may take, and how many go on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// How long a lease lasts unless it is renewed; a killed worker's operations wait so long for another.
    pub lease: SignedDuration,
    /// How long a step may take in all before people have to decide.
    pub step: SignedDuration,
    /// How many calls to providers an operation has in flight.
    pub parallel: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { lease: SignedDuration::from_secs(15), step: SignedDuration::from_mins(30), parallel: 16 }
    }
}

/// Why driving an operation ended for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drive {
    /// It is over. Others of its environment may go on.
    Closed,
    /// People have to decide, until then if there is a deadline.
    People {
        /// The deadline.
        until: Option<Timestamp>,
    },
    /// Others are ahead.
    Queued,
    /// A lock or a freeze holds it back; until then, unless that ends sooner.
    Held {
        /// When it ends by itself.
        until: Timestamp,
    },
    /// Another worker drives it; its lease may end then.
    Busy {
        /// When to try again.
        until: Timestamp,
    },
}

impl Engine {
    /// The platform of that name.
    #[must_use]
    pub fn platform(&self, env: &crate::environment::Environment) -> Option<&Arc<dyn Platform>> {
        self.platforms.get(&env.platform)
    }

    /// A project by an environment's key.
    #[must_use]
    pub fn project(&self, key: &EnvKey) -> Option<Arc<Project>> {
        self.projects.project(&key.project)
    }
}
