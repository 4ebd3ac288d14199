//! `aws.certificate`: a certificate of AWS Certificate Manager, validated by a DNS record. It is issued some
//! minutes after that record is there; the record's name and value are known earlier. Its id is its ARN.

use super::{ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    /// The domain (`*.staging.example.com`).
    pub(crate) domain: String,
    /// More names in it.
    #[serde(default)]
    pub(crate) alternatives: Vec<String>,
    /// The name servers of the zone that was made for it, separated by spaces: until the world is sent there, nobody sees
    /// the record that validates it.
    #[serde(default)]
    pub(crate) servers: Option<String>,
}

impl Shape for Certificate {
    const KIND: Kind = Kind::new("aws.certificate");
    const FIXED: &'static [&'static str] = &["domain", "alternatives"];
    const OUTPUTS: &'static [Output] = &[ID, VALIDATION_NAME, VALIDATION_VALUE];
    const RANK: u8 = 29;
}

/// The name of the record that validates it.
pub(crate) const VALIDATION_NAME: Output = Output::new("validation_name");
/// The value of that record, a CNAME.
pub(crate) const VALIDATION_VALUE: Output = Output::new("validation_value");
