//! Names, parsed once at the edge. Past the parser no name travels as a bare `String`.
//!
//! Two families: *names* people give to things in a project file (short, lower-case, fit for a DNS label), and
//! *ids* that a chat workspace gives out (opaque text that we only compare and pass on).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest name: a DNS label may have 63 octets (RFC 1035, 2.3.4); we keep half of it, since providers join names.
pub const MAX_NAME: usize = 32;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing there.
    #[error("the {0} is empty; use 1 to 32 of a-z, 0-9 and -")]
    Empty(&'static str),
    /// Too long.
    #[error("`{1}` is too long: the {0} has at most 32 characters")]
    TooLong(&'static str, String),
    /// A character that isn't allowed, or a hyphen at an end.
    #[error("`{1}` can't be the {0}; use a-z, 0-9 and - (a letter or digit first and last)")]
    Shape(&'static str, String),
}

/// The longest component: a name with the prefix that says what it is.
const MAX_COMPONENT: usize = MAX_NAME + "cluster-".len();

fn check(what: &'static str, text: &str) -> Result<(), BadName> {
    let longest = if what == Component::WHAT { MAX_COMPONENT } else { MAX_NAME };
    if text.is_empty() {
        return Err(BadName::Empty(what));
    }
    if text.len() > longest {
        let shown = text.chars().take(MAX_NAME).collect::<String>() + "…";
        return Err(BadName::TooLong(what, shown));
    }
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let bytes = text.as_bytes();
    if !bytes.iter().copied().all(inner) || bytes[0] == b'-' || bytes[bytes.len() - 1] == b'-' {
        return Err(BadName::Shape(what, text.to_owned()));
    }
    Ok(())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl Ord for $name {
            /// Alphabetical. Copies of one name are equal without a look at the text: maps by address compare the same
            /// environment's name again and again.
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                if std::sync::Arc::ptr_eq(&self.0, &other.0) { std::cmp::Ordering::Equal } else { self.0.cmp(&other.0) }
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// What people call this kind of name, for errors.
            pub const WHAT: &'static str = $what;

            /// Takes a text that follows the rule for names.
            ///
            /// # Errors
            /// [`BadName`] tells the rule.
            pub fn new(text: &str) -> Result<Self, BadName> {
                check($what, text)?;
                Ok(Self(text.into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }
    };
}

name!(
    /// A project: one `gantry.toml`.
    ProjectName, "project name"
);
name!(
    /// An environment of a project: `dev`, `pr-12`.
    EnvName, "environment name"
);
name!(
    /// A service of a project: `web`.
    ServiceName, "service name"
);
name!(
    /// A cluster of a project: `a`.
    ClusterName, "cluster name"
);
name!(
    /// The second part of an address: what people see grouped (`network`, `cluster-a`, `web`).
    Component, "component name"
);
name!(
    /// The last part of an address: `public-a`.
    Part, "resource name"
);
name!(
    /// A platform that environments run on: `local`, `ecs`.
    PlatformName, "platform name"
);

impl Component {
    /// The component that a cluster's resources stand under: `cluster-a`.
    #[must_use]
    pub fn cluster(name: &ClusterName) -> Self {
        Self(format!("cluster-{name}").into())
    }
}

impl From<&ServiceName> for Component {
    fn from(name: &ServiceName) -> Self {
        Self(name.0.clone())
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Takes the text as it came.
            #[must_use]
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(text.as_ref().into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

id!(
    /// A person in the chat workspace (`U0123ABCD`).
    UserId
);
id!(
    /// A group of people in the chat workspace, as rules name it (`platform`, without the `@`).
    GroupName
);
id!(
    /// A channel of the chat workspace (`C0123ABCD`).
    ChannelId
);
id!(
    /// A message's time stamp, which is also its id within a channel (`1700000000.000100`).
    MessageTs
);
id!(
    /// The workspace's own id of one delivery; deliveries repeat, so this is what makes them one.
    DeliveryId
);
id!(
    /// A version of a service as people ask for it: `1.4.2`, `broken`, a digest.
    Version
);
id!(
    /// One worker process, for leases.
    Holder
);
id!(
    /// One installation of Gantry: part of every ownership mark.
    InstallationId
);
id!(
    /// A digest in lower-case hex.
    Digest
);

impl Digest {
    /// The first eight characters: what people see and compare.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

/// An operation's number within an installation; shown as `op-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpId(pub u64);

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "op-{}", self.0)
    }
}

impl FromStr for OpId {
    type Err = std::num::ParseIntError;

    /// Takes `op-17`, `OP-17` and `17`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.get(..3) {
            Some(head) if head.eq_ignore_ascii_case("op-") => &text[3..],
            _ => text,
        };
        digits.parse().map(Self)
    }
}

/// An environment by its full name: the name alone is unique only within its project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnvKey {
    /// The project.
    pub project: ProjectName,
    /// The environment's name in it.
    pub env: EnvName,
}

impl fmt::Display for EnvKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.env)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_labels() {
        assert!(EnvName::new("pr-12").is_ok());
        for bad in ["", "-a", "a-", "Dev", "a_b", "a.b", "ü", &"a".repeat(33)] {
            assert!(EnvName::new(bad).is_err(), "{bad:?} must be refused");
        }
    }

    #[test]
    fn operation_ids_read_both_ways() {
        assert_eq!("op-17".parse(), Ok(OpId(17)));
        assert_eq!("17".parse(), Ok(OpId(17)));
        assert_eq!(OpId(17).to_string(), "op-17");
        assert!("op-".parse::<OpId>().is_err());
        assert!("é-1".parse::<OpId>().is_err());
    }
}
