//! `aws.listener-rule`: which requests of a listener go to which service. Its id is its ARN.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A rule by host name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListenerRule {
    /// The listener's ARN.
    pub(crate) listener: String,
    /// Its place among the listener's rules, unique there (1 to 50,000).
    pub(crate) priority: u32,
    /// The host names.
    pub(crate) hosts: Vec<String>,
    /// The target group's ARN.
    pub(crate) target: String,
}

impl Shape for ListenerRule {
    const KIND: Kind = Kind::new("aws.listener-rule");
    const FIXED: &'static [&'static str] = &["listener"];
    const RANK: u8 = 24;
}
