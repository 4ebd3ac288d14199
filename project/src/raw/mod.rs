//! The file as it is written: keys, defaults and what they mean for a reader. These types are the one description of
//! the format: the schema, the handbook and the check of a file's shape come from them. No judgement here: a text that
//! should be a duration is still a text.
//!
//! A required key is an `Option` marked `required`: its absence was reported before these types are filled, and
//! reading goes on so that all that is wrong can be told at once.

mod approval;
mod at;
mod cluster;
mod environment;
mod freeze;
mod locks;
mod service;

pub(crate) use approval::{Approval, Dollars, Protect, When, Word};
pub(crate) use at::{At, Length, Reference, Size, Span, Templated};
pub(crate) use cluster::{Amount, Cluster, Nodes};
pub(crate) use environment::{Allow, Environment, VolumesAtEnd};
pub(crate) use freeze::Freeze;
pub(crate) use locks::Locks;
pub(crate) use service::{Health, Port, PortTable, Protocol, Service, Volume};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Tables by name, each name with its place.
pub(crate) type Named<T> = BTreeMap<At<String>, At<T>>;

/// What runs, where it may run, and who may say so.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "gantry.toml")]
pub(crate) struct File {
    /// The version of this format.
    #[schemars(required, range(min = 1, max = 1), example = 1)]
    #[expect(dead_code, reason = "the check of the shape knows the one version; a second one will be read here")]
    pub(crate) version: Option<At<u32>>,
    /// The project itself.
    #[schemars(required, example = json!({ "name": "shop" }))]
    pub(crate) project: Option<At<ProjectTable>>,
    /// Named capacity that services run on, one table each.
    #[serde(default)]
    #[schemars(extend("x-also" = ["cluster", "nodes"]))]
    pub(crate) clusters: Named<Cluster>,
    /// What runs, one table each.
    #[serde(default)]
    #[schemars(extend("x-also" = ["service", "apps"]))]
    pub(crate) services: Named<Service>,
    /// Where it may run, one table each. The name is an environment's, or a pattern with one `*`; an exact name
    /// wins over a pattern, and a longer pattern over a shorter one.
    #[serde(default)]
    #[schemars(extend("x-also" = ["environment", "envs"], "x-named" = "environment"))]
    pub(crate) environments: Named<Environment>,
    /// Who may do what where, one `[[allow]]` table per rule. What no rule allows is refused.
    #[serde(default)]
    #[schemars(extend("x-also" = ["rules", "permissions"]))]
    pub(crate) allow: Vec<At<Allow>>,
    /// When what isn't to be changed, one `[[freeze]]` table per window.
    #[serde(default)]
    #[schemars(extend("x-also" = ["freezes", "windows"]))]
    pub(crate) freeze: Vec<At<Freeze>>,
    /// How long locks last.
    #[schemars(extend("x-also" = ["lock", "locking"]))]
    pub(crate) locks: Option<At<Locks>>,
    /// Which plans need more than their environment asks for, one `[[protect]]` table per rule.
    #[serde(default)]
    #[schemars(extend("x-also" = ["protection", "guard", "danger"]))]
    pub(crate) protect: Vec<At<Protect>>,
}

/// The project itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[project]")]
pub(crate) struct ProjectTable {
    /// Its name: lower-case letters, digits and hyphens. It is part of every host name.
    #[schemars(required, example = &"shop")]
    pub(crate) name: Option<At<String>>,
    /// The time zone, as an IANA name, for people whose own isn't known.
    #[serde(default = "utc")]
    #[schemars(example = &"Europe/Berlin", extend("x-also" = ["timezone", "tz"]))]
    pub(crate) time_zone: At<String>,
    /// A channel where it is announced, beside the environment's own, when somebody skips approval.
    #[schemars(example = &"#ops", extend("x-also" = ["announcements", "alerts"]))]
    pub(crate) announce: Option<At<String>>,
    /// Hours in which nobody is to be warned that an environment ends: a warning that falls into them is given when they
    /// begin.
    #[schemars(example = json!({ "from": "20:00", "until": "08:00" }), extend("x-also" = ["quiet_hours"]))]
    pub(crate) quiet: Option<At<Quiet>>,
    /// The user group that is asked, beside the environment's channel, who takes an environment over whose owner has
    /// left the workspace.
    #[schemars(example = &"@platform", extend("x-also" = ["owners"]))]
    pub(crate) caretakers: Option<At<String>>,
}

/// Hours in which nobody is to be warned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[project.quiet]")]
pub(crate) struct Quiet {
    /// When they begin.
    #[schemars(required, example = &"20:00", extend("x-also" = ["start", "begin"]))]
    pub(crate) from: Option<At<String>>,
    /// When they end; on the next day where that is earlier than `from`.
    #[schemars(required, example = &"08:00", extend("x-also" = ["end", "to", "till"]))]
    pub(crate) until: Option<At<String>>,
    /// The time zone of both, as an IANA name. Left out, the project's.
    #[schemars(example = &"Europe/Berlin", extend("x-also" = ["time_zone", "timezone", "tz"]))]
    pub(crate) zone: Option<At<String>>,
}

fn utc() -> At<String> {
    At::given("UTC".to_owned())
}
