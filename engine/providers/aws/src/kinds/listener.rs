//! `aws.listener`: a port of a load balancer. Its id is its ARN.

use super::Shape;
use gantry_engine::address::Kind;
use gantry_engine::plan::Transition;
use serde::Deserialize;

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    /// The load balancer's ARN.
    pub(crate) balancer: String,
    /// The port.
    pub(crate) port: u16,
    /// The certificate's ARN; with one it speaks HTTPS.
    #[serde(default)]
    pub(crate) certificate: Option<String>,
    /// What happens with requests that no rule takes.
    pub(crate) default: DefaultAction,
}

impl Shape for Listener {
    const KIND: Kind = Kind::new("aws.listener");
    const FIXED: &'static [&'static str] = &["balancer", "port"];
    const REPLACE: Transition = Transition::DeleteFirst;
    const RANK: u8 = 26;
}

/// What a listener does with requests that no rule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DefaultAction {
    /// Answers 404.
    NotFound,
    /// Sends them to the same place over HTTPS.
    Redirect,
}
