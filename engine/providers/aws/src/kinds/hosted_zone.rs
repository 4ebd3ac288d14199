//! `aws.hosted-zone`: a public DNS zone, where the project asks for one to be made. Its id is without `/hostedzone/`.

use super::{ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// A hosted zone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostedZone {
    /// Its name, without a dot at the end.
    pub(crate) name: String,
}

impl Shape for HostedZone {
    const KIND: Kind = Kind::new("aws.hosted-zone");
    const FIXED: &'static [&'static str] = &["name"];
    const OUTPUTS: &'static [Output] = &[ID, NAME_SERVERS];
    const RANK: u8 = 68;
}

/// Its name servers, separated by spaces: whoever owns the parent zone delegates to them.
pub(crate) const NAME_SERVERS: Output = Output::new("name_servers");
