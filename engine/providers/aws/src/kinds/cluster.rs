//! `aws.cluster`: an ECS cluster. Its id is its name.

use super::{ARN, ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// An ECS cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    /// Whether Container Insights are on.
    pub(crate) insights: bool,
}

impl Shape for Cluster {
    const KIND: Kind = Kind::new("aws.cluster");
    const FIXED: &'static [&'static str] = &[];
    const OUTPUTS: &'static [Output] = &[ID, ARN];
    const RANK: u8 = 45;
}
