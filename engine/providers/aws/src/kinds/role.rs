//! `aws.role`: an IAM role with its inline policy and the managed policies attached to it, under the path
//! `/gantry/`. Inline policy and attachments go with it. A new role can't be used for some seconds.

use super::{ARN, ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// Who takes it (`ecs-tasks.amazonaws.com`).
    pub(crate) service: String,
    /// The ARNs of managed policies.
    #[serde(default)]
    pub(crate) managed: Vec<String>,
    /// The inline policy, as a JSON text.
    #[serde(default)]
    pub(crate) policy: Option<String>,
}

impl Shape for Role {
    const KIND: Kind = Kind::new("aws.role");
    const FIXED: &'static [&'static str] = &["service"];
    const OUTPUTS: &'static [Output] = &[ID, ARN, NAME];
    const RANK: u8 = 50;
}

/// Its name, for calls that don't take an ARN.
pub(crate) const NAME: Output = Output::new("name");
