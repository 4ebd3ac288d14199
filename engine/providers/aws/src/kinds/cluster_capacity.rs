//! `aws.cluster-capacity`: which capacity providers a cluster uses. It is a part of its cluster: one call sets all
//! of it, and its id is the cluster's name.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// The capacity of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClusterCapacity {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// Names of capacity providers; `FARGATE` is one.
    pub(crate) providers: Vec<String>,
}

impl Shape for ClusterCapacity {
    const KIND: Kind = Kind::new("aws.cluster-capacity");
    const FIXED: &'static [&'static str] = &["cluster"];
    const RANK: u8 = 21;
}
