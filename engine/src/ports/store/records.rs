//! Revisions of project files, changes of locks, and the audit log: what is asked for, and what came of it.

use crate::names::{Digest, OpId, ProjectName};
use jiff::Timestamp;

/// A revision of a project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Of which project.
    pub project: ProjectName,
    /// The digest of its text.
    pub digest: Digest,
    /// Its text.
    pub text: String,
    /// When it was read first.
    pub at: Timestamp,
}

/// What came of a change of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockChanged {
    /// It was made.
    Done,
    /// The same delivery made it before.
    Repeated,
    /// Something else is held there by now: read it and decide anew.
    Moved,
}

/// Which lines of the audit log are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// After this number.
    pub after: u64,
    /// Of this operation.
    pub op: Option<OpId>,
    /// At most so many; 0 means all.
    pub limit: usize,
}
