//! `aws.record`: a name in a hosted zone: all its record sets, and in the same change a TXT record `_gantry.<name>`
//! with our mark. A name that stands there without our mark is never overwritten. Its id is `<zone>|<name>`.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The hosted zone's id.
    pub(crate) zone: String,
    /// The full name, without a dot at the end.
    pub(crate) name: String,
    /// What it leads to.
    pub(crate) target: Target,
}

impl Shape for Record {
    const KIND: Kind = Kind::new("aws.record");
    const FIXED: &'static [&'static str] = &["zone", "name"];
    const RANK: u8 = 23;
}

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Target {
    /// Alias records, A and AAAA, to a load balancer.
    Alias {
        /// Its DNS name.
        dns_name: String,
        /// The hosted zone of that name.
        zone: String,
    },
    /// A canonical name.
    Cname {
        /// The value.
        value: String,
    },
}
