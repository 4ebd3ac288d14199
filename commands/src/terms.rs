//! Words of the language that the engine has no name for: a name with its project, a reason, a release number, a
//! node or task. Each is checked when it's made.

use crate::scan;
use gantry_engine::names::ProjectName;
use serde::{Serialize, Serializer};
use std::fmt;

/// A name, with its project where the speaker gave it: `web` or `shop/web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qualified<N> {
    /// `None`: the channel's default project, or the only one that has the name.
    pub project: Option<ProjectName>,
    /// The name in it.
    pub name: N,
}

impl<N> Qualified<N> {
    /// A name without its project.
    pub fn bare(name: N) -> Self {
        Self { project: None, name }
    }

    /// A name with its project.
    pub fn of(project: ProjectName, name: N) -> Self {
        Self { project: Some(project), name }
    }
}

impl<N: fmt::Display> fmt::Display for Qualified<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.project {
            Some(project) => write!(f, "{project}/{}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

impl<N: fmt::Display> Serialize for Qualified<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why somebody wants something, in their own words: one line, without invisible characters. It's hostile text all the
/// same: whoever shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    /// Takes a text, tidied: white space becomes single spaces, invisible characters go. `None` when nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut tidy = scan::tidy(text);
        // Three backticks open a block of code, which the parser (and Slack) would read on from there.
        while tidy.contains("```") {
            tidy = tidy.replace("```", "`");
        }
        (!tidy.is_empty()).then_some(Self(tidy))
    }

    /// The text, not escaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A release's number within its environment and service, shown as `r12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ReleaseNo(pub u32);

impl fmt::Display for ReleaseNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// What `kill` ends: a node or a task, by the name that `status` shows (`cluster-a/node-1`). Which of the two it is, the
/// provider knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TargetName(String);

/// The longest node or task name: an ECS task id has 32 characters, an EC2 instance id 19; a prefix fits too.
const MAX_TARGET: usize = 64;

/// Why a text names no node or task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a node or task is named by 1 to {MAX_TARGET} of a-z, 0-9 and . _ - / (a letter or digit first and last)")]
pub struct BadTerm;

impl TargetName {
    /// Takes the name of a node or a task; upper case is lowered.
    ///
    /// # Errors
    /// [`BadTerm`] tells the rule.
    pub fn new(text: &str) -> Result<Self, BadTerm> {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/');
        let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        let fits = bytes.len() <= MAX_TARGET && ends(bytes.first()) && ends(bytes.last());
        if fits && bytes.iter().copied().all(inner) { Ok(Self(text.to_ascii_lowercase())) } else { Err(BadTerm) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_one_visible_line() {
        let reason = |text| Reason::new(text).map(|r| r.as_str().to_owned());
        assert_eq!(reason("  a\n\tb\u{202e}c "), Some("a bc".to_owned()));
        assert_eq!(reason(" \u{200b} "), None);
        assert_eq!(reason("x ````` y"), Some("x ` y".to_owned()));
    }

    #[test]
    fn targets_follow_the_rule() {
        assert_eq!(TargetName::new("I-0AB").map(|t| t.to_string()), Ok("i-0ab".to_owned()));
        for bad in ["", "-a", "a-", "a b", "ü", &"a".repeat(65)] {
            assert_eq!(TargetName::new(bad), Err(BadTerm), "{bad:?}");
        }
    }
}
