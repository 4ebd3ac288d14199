//! `aws.log-group`: where the tasks of a service write. Its id is its name.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogGroup {
    /// How long entries are kept, in days (a value that CloudWatch takes).
    pub(crate) retention_days: u32,
    /// Whether it stays when the environment ends (carried as the tag `gantry:keep`).
    #[serde(default)]
    pub(crate) keep: bool,
}

impl Shape for LogGroup {
    const KIND: Kind = Kind::new("aws.log-group");
    const FIXED: &'static [&'static str] = &[];
    const RANK: u8 = 69;
}
