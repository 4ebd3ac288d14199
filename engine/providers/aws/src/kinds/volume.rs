//! `aws.volume`: a disk that outlives its tasks: an EBS volume of type gp3, encrypted. A node in its zone attaches
//! it when it starts. If it is wanted so, a snapshot is made before it is removed.

use super::Shape;
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use serde::Deserialize;

/// An EBS volume. It grows in place and never shrinks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Volume {
    /// Its availability zone.
    pub(crate) zone: String,
    /// Its size in GiB.
    pub(crate) size_gib: u32,
    /// Whether a snapshot is made before it is removed (carried as the tag `gantry:snapshot`, since a removal
    /// knows no spec).
    #[serde(default)]
    pub(crate) snapshot: bool,
}

impl Shape for Volume {
    const KIND: Kind = Kind::new("aws.volume");
    const FIXED: &'static [&'static str] = &["zone"];
    const REPLACE: Transition = Transition::DeleteFirst;
    const HOLDS_DATA: bool = true;
    const RANK: u8 = 66;
}
