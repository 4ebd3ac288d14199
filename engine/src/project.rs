//! A project as it is meant: the typed content of a `gantry.toml`. Reading the file is the room `project`'s work.

mod service;

pub use crate::policy::{Danger, Policy, Protection};
pub use service::{HealthCheck, Port, Protocol, SecretRef, Service, Template, TemplatePart, Volume};

use crate::freeze::Freeze;
use crate::names::{ClusterName, Digest, EnvName, GroupName, PlatformName, ProjectName, ServiceName};
use crate::recurrence::ZoneName;
use crate::value::Spec;
use jiff::SignedDuration;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One revision of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: ProjectName,
    /// The digest of the file that it was read from; plans quote it.
    pub revision: Digest,
    /// The time zone for people whose own isn't known, as an IANA name.
    pub time_zone: String,
    /// When people aren't to be warned of ends, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// Who is asked to take an environment over whose owner has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caretakers: Option<GroupName>,
    /// What it says about platforms as such.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: PlatformSettings,
    /// Named capacity.
    pub clusters: BTreeMap<ClusterName, Cluster>,
    /// What runs.
    pub services: BTreeMap<ServiceName, Service>,
    /// Where it may run, the most specific pattern first.
    pub environments: Vec<EnvironmentSettings>,
    /// Who may do what where. What no rule allows is refused.
    pub allow: Vec<Allow>,
    /// When what isn't to be changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Freeze>,
    /// How long locks last.
    #[serde(default)]
    pub locking: Locking,
    /// Where dangerous plans need more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protections: Vec<Protection>,
    /// The channel where every bypass of approval is announced, without the `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announce: Option<String>,
}

impl Project {
    /// The settings for an environment: an exact name wins over a pattern, a longer pattern over a shorter.
    #[must_use]
    pub fn environment(&self, name: &EnvName) -> Option<&EnvironmentSettings> {
        self.environments.iter().filter(|e| e.pattern.matches(name)).max_by_key(|e| e.pattern.weight())
    }

    /// What a platform should know of an environment: the project's word, and where the environment has one, that.
    #[must_use]
    pub fn settings_for(&self, environment: &EnvironmentSettings) -> Spec {
        let of = |all: &PlatformSettings| all.get(&environment.platform).cloned().unwrap_or_default();
        let mut settings = of(&self.settings);
        settings.0.extend(of(&environment.settings).0);
        settings
    }

    /// Every policy that it names.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        let environments = self.environments.iter().flat_map(|settings| [&settings.approval, &settings.rollback]);
        environments.chain(self.protections.iter().map(|rule| &rule.approval))
    }

    /// Whether some rule lets an environment be dangerous in one of these ways, given the word that it wants.
    #[must_use]
    pub fn protects(&self, env: &EnvName, danger: Danger) -> bool {
        self.protections.iter().any(|rule| rule.is_for(env) && rule.when.contains(&danger))
    }

    /// The services named and everything that they need, directly or not.
    #[must_use]
    pub fn with_dependencies(&self, named: &BTreeSet<ServiceName>) -> BTreeSet<ServiceName> {
        let mut all = BTreeSet::new();
        let mut open: Vec<_> = named.iter().cloned().collect();
        while let Some(name) = open.pop() {
            if let Some(service) = self.services.get(&name)
                && all.insert(name)
            {
                open.extend(service.depends_on.iter().cloned());
            }
        }
        all
    }
}

/// Hours in which people aren't to be warned of ends; they are warned before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// The first minute of them.
    pub from: Time,
    /// The first minute after them; before `from` where they go over midnight.
    pub until: Time,
    /// Whose clocks.
    pub zone: ZoneName,
}

/// A platform's own settings: what a table that bears its name says. Only that platform knows what they mean.
pub type PlatformSettings = BTreeMap<PlatformName, Spec>;

/// Nodes of one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// At least so many nodes.
    pub min: u32,
    /// At most so many; equal to `min` where the number is fixed.
    pub max: u32,
    /// What one node offers.
    pub node: Capacity,
    /// What a platform should know beside that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: PlatformSettings,
}

/// An amount of computing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Thousandths of a processor.
    pub cpu_millis: u32,
    /// Mebibytes.
    pub memory_mib: u32,
}

/// Which environments are meant: a name, or a pattern with one `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvPattern(pub String);

impl EnvPattern {
    /// Whether a name is meant.
    #[must_use]
    pub fn matches(&self, name: &EnvName) -> bool {
        match self.0.split_once('*') {
            None => self.0 == name.as_str(),
            Some((head, tail)) => {
                name.as_str().strip_prefix(head).is_some_and(|rest| rest.len() >= tail.len() && rest.ends_with(tail))
            }
        }
    }

    /// The environment's name, if exactly one is meant.
    #[must_use]
    pub fn exact(&self) -> Option<EnvName> {
        EnvName::new(&self.0).ok()
    }

    fn weight(&self) -> (bool, usize) {
        (!self.0.contains('*'), self.0.len())
    }
}

/// How an environment lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentSettings {
    /// Which environments these are for.
    pub pattern: EnvPattern,
    /// What it runs on.
    pub platform: PlatformName,
    /// Its life when a command names none; none means until somebody ends it.
    #[serde(with = "jiff_seconds::option")]
    pub expiry: Option<SignedDuration>,
    /// The longest life, counted from its creation.
    #[serde(with = "jiff_seconds::option")]
    pub max: Option<SignedDuration>,
    /// Whose word a change needs.
    pub approval: Policy,
    /// Whose word going back to the last good release needs.
    pub rollback: Policy,
    /// Where it is talked about, without the `#`.
    pub channel: Option<String>,
    /// Whether its volumes stay when it ends.
    pub volumes: VolumesAtEnd,
    /// Environments whose resources this one may refer to.
    pub uses: BTreeSet<EnvName>,
    /// What its platform should know beside that; wins over the project's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: PlatformSettings,
}

/// What becomes of data when an environment ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumesAtEnd {
    /// They stay, and the receipt names them.
    #[default]
    Keep,
    /// They go with the environment; every card that shows the expiry says so.
    Delete,
}

/// How long locks last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locking {
    /// Where nobody says.
    #[serde(with = "jiff_seconds")]
    pub length: SignedDuration,
    /// At most, counted from when it was taken.
    #[serde(with = "jiff_seconds")]
    pub max: SignedDuration,
    /// That comes with a rollback by itself; none means that people are asked.
    #[serde(with = "jiff_seconds::option")]
    pub after_rollback: Option<SignedDuration>,
}

impl Default for Locking {
    fn default() -> Self {
        Self { length: SignedDuration::from_hours(4), max: SignedDuration::from_hours(3 * 24), after_rollback: None }
    }
}

/// One rule: who may do what where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allow {
    /// Who.
    pub who: Vec<Who>,
    /// What: verbs by name, or `*`. With a `!` behind it, a verb that skips approval, which only `*!` means too.
    pub verbs: Vec<String>,
    /// Where; empty means everywhere.
    pub environments: Vec<EnvPattern>,
    /// Where it has to be said: channels without the `#`; empty means anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// The line of the file that says so, for refusals.
    pub line: u32,
}

/// Who a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Every full member of the workspace.
    Everyone,
    /// Guests of the workspace.
    Guests,
    /// People of other organisations, by Slack Connect.
    Strangers,
    /// Members of a user group (`@platform`).
    Group(GroupName),
    /// One person, by handle or id.
    Person(String),
}

/// Durations as whole milliseconds in stored formats, where seconds are too coarse.
pub mod jiff_millis {
    use jiff::SignedDuration;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes milliseconds.
    ///
    /// # Errors
    /// Only the serializer's own.
    pub fn serialize<S: Serializer>(duration: &SignedDuration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// Reads milliseconds.
    ///
    /// # Errors
    /// Where no whole number stands.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
        i64::deserialize(from).map(SignedDuration::from_millis)
    }
}

/// Durations as whole seconds in stored formats: one spelling, readable by anything.
pub mod jiff_seconds {
    use jiff::SignedDuration;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes seconds.
    ///
    /// # Errors
    /// Only the serializer's own.
    pub fn serialize<S: Serializer>(duration: &SignedDuration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(duration.as_secs())
    }

    /// Reads seconds.
    ///
    /// # Errors
    /// Where no whole number stands.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
        i64::deserialize(from).map(SignedDuration::from_secs)
    }

    /// The same where there may be none.
    pub mod option {
        use super::{Deserialize, Deserializer, Serializer, SignedDuration};

        /// Writes seconds or nothing.
        ///
        /// # Errors
        /// Only the serializer's own.
        pub fn serialize<S: Serializer>(duration: &Option<SignedDuration>, to: S) -> Result<S::Ok, S::Error> {
            match duration {
                Some(duration) => to.serialize_some(&duration.as_secs()),
                None => to.serialize_none(),
            }
        }

        /// Reads seconds or nothing.
        ///
        /// # Errors
        /// Where something else stands.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SignedDuration>, D::Error> {
            Ok(Option::<i64>::deserialize(from)?.map(SignedDuration::from_secs))
        }
    }
}
