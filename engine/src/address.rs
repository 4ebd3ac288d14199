//! Where a resource stands ([`Addr`]), which life of it is meant ([`Generation`]) and who owns it ([`Mark`]).

use crate::names::{BadName, Component, EnvKey, EnvName, InstallationId, Part, ProjectName};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A resource's address: `env/component/name`, e.g. `dev/network/public-a`. Unique within a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Addr {
    /// The environment.
    pub env: EnvName,
    /// What people see it grouped under.
    pub component: Component,
    /// Its name in the component.
    pub part: Part,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddr {
    /// Not three parts.
    #[error("`{0}` isn't an address; write environment/component/name")]
    Parts(String),
    /// A part breaks the rule for names.
    #[error(transparent)]
    Name(#[from] BadName),
}

impl Addr {
    /// An address from texts.
    ///
    /// # Errors
    /// [`BadAddr`] where a part breaks the rule for names.
    pub fn new(env: &EnvName, component: &str, part: &str) -> Result<Self, BadAddr> {
        Ok(Self { env: env.clone(), component: Component::new(component)?, part: Part::new(part)? })
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.env, self.component, self.part)
    }
}

impl FromStr for Addr {
    type Err = BadAddr;
    fn from_str(text: &str) -> Result<Self, BadAddr> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(env), Some(component), Some(part), None) => Self::new(&EnvName::new(env)?, component, part),
            _ => Err(BadAddr::Parts(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Addr {
    type Error = BadAddr;
    fn try_from(text: String) -> Result<Self, BadAddr> {
        text.parse()
    }
}

impl From<Addr> for String {
    fn from(addr: Addr) -> Self {
        addr.to_string()
    }
}

/// Which life of an address: a replacement creates the next one beside the old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u32);

impl Generation {
    /// The first life.
    pub const FIRST: Self = Self(1);

    /// The life after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// What sort of thing a resource is, in the provider's words: `local.node`. Which driver serves it follows from this.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(std::borrow::Cow<'static, str>);

impl Kind {
    /// A kind that a provider names in its code.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(text))
    }

    /// A kind that a provider told.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(std::borrow::Cow::Owned(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The ownership mark that every created thing carries, so that an inventory needs no memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// Which Gantry made it.
    pub installation: InstallationId,
    /// For which project.
    pub project: ProjectName,
    /// In which life of the environment (a name can be reborn).
    pub incarnation: u32,
    /// At which address (the environment is its first part).
    pub addr: Addr,
    /// Which life of the address.
    pub generation: Generation,
}

impl Mark {
    /// The environment that it belongs to.
    #[must_use]
    pub fn env(&self) -> EnvKey {
        EnvKey { project: self.project.clone(), env: self.addr.env.clone() }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { installation, project, incarnation, addr, generation } = self;
        write!(f, "{installation}/{project}#{incarnation}/{addr}@{generation}")
    }
}
