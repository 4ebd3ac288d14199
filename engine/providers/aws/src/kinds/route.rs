//! `aws.route`: one route of a table of ours. It can't be tagged: it belongs to its table. Its id is
//! `<table>|<destination>`.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A route. Exactly one of its targets is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// The table.
    pub(crate) table: String,
    /// The range it is for (`0.0.0.0/0`).
    pub(crate) destination: String,
    /// Through an internet gateway.
    #[serde(default)]
    pub(crate) gateway: Option<String>,
    /// Through a NAT gateway.
    #[serde(default)]
    pub(crate) nat: Option<String>,
}

impl Shape for Route {
    const KIND: Kind = Kind::new("aws.route");
    const FIXED: &'static [&'static str] = &["table", "destination"];
    const RANK: u8 = 40;
}
