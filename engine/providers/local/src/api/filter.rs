//! Which objects, tasks and log lines are asked for: the query part of an address.
//!
//! Only exact matches: whatever more is wanted, callers select from the answer.

use super::spec::Mark;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which objects, tasks or logs; what is left out matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation: Option<String>,
    /// The project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// For tasks and logs: the service object's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

impl Filter {
    /// Everything that is marked as this environment's, in any of its lives.
    #[must_use]
    pub fn env(installation: &str, project: &str, env: &str) -> Self {
        Self {
            installation: Some(installation.to_owned()),
            project: Some(project.to_owned()),
            env: Some(env.to_owned()),
            service: None,
        }
    }

    /// Everything that is marked as this project's, in whatever environment.
    #[must_use]
    pub fn project(installation: &str, project: &str) -> Self {
        let (installation, project) = (Some(installation.to_owned()), Some(project.to_owned()));
        Self { installation, project, ..Self::default() }
    }

    /// Only what belongs to this service.
    #[must_use]
    pub fn service(id: &str) -> Self {
        Self { service: Some(id.to_owned()), ..Self::default() }
    }

    /// Whether a mark matches, the service aside.
    #[must_use]
    pub fn matches(&self, mark: &Mark) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
        fits(&self.installation, &mark.installation) && fits(&self.project, &mark.project) && fits(&self.env, &mark.env)
    }
}

/// Which log lines: the newest `lines` of those since `since`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Only lines from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// At most so many; 200 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
}
