//! `aws.load-balancer`: a public application load balancer. Its ARN, which is its id, is known at once; it works
//! after minutes.

use super::{ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// An application load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadBalancer {
    /// The subnets, one a zone.
    pub(crate) subnets: Vec<String>,
    /// The security groups.
    pub(crate) groups: Vec<String>,
    /// How long an idle connection stays, in seconds.
    pub(crate) idle_timeout: u32,
}

impl Shape for LoadBalancer {
    const KIND: Kind = Kind::new("aws.load-balancer");
    const FIXED: &'static [&'static str] = &[];
    const OUTPUTS: &'static [Output] = &[ID, DNS_NAME, ZONE];
    const RANK: u8 = 27;
}

/// Its DNS name.
pub(crate) const DNS_NAME: Output = Output::new("dns_name");
/// The hosted zone of that name, for alias records.
pub(crate) const ZONE: Output = Output::new("zone");
