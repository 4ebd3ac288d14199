//! `[services.NAME]`.

use super::{Amount, At, Length, Reference, Size, Templated};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// A container, or a local process, with replicas.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[services.NAME]")]
pub(crate) struct Service {
    /// The image, without its tag: for platforms that run containers. A service needs this or `command`.
    #[schemars(example = &"ghcr.io/acme/web")]
    pub(crate) image: Option<At<String>>,
    /// The program and its arguments: what the local platform runs, and what runs in a container instead of the
    /// image's own command.
    #[serde(default)]
    #[schemars(example = ["web", "--quiet"], extend("x-also" = ["cmd", "run", "entrypoint"]))]
    pub(crate) command: Vec<At<String>>,
    /// The version that runs when a command names none: the image's tag, or `sha256:` and a digest. Local processes
    /// read it in `VERSION`.
    #[serde(default = "latest")]
    #[schemars(example = &"1.4.2", extend("x-also" = ["tag"]))]
    pub(crate) version: At<String>,
    /// How many tasks run when a command names no number.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000), example = 2, extend("x-also" = ["count", "instances"]))]
    pub(crate) replicas: At<u32>,
    /// The cluster that it runs on. May be left out where there is only one.
    #[schemars(example = &"a")]
    pub(crate) cluster: Option<At<String>>,
    /// What one task takes of a node's processors: a whole number, or thousandths of one.
    #[serde(default = "cpu")]
    #[schemars(example = &"250m", extend("x-also" = ["cpus"]))]
    pub(crate) cpu: At<Amount>,
    /// What one task takes of a node's memory.
    #[serde(default = "memory")]
    #[schemars(example = &"512MiB", extend("x-also" = ["ram", "mem"]))]
    pub(crate) memory: At<Size>,
    /// Where it listens. The first is the service's address. `"http"` and `"tcp:5432"` are short for a table whose
    /// name is the protocol.
    #[serde(default)]
    #[schemars(
        example = ["http"],
        example = json!([{ "name": "http", "container": 8080 }, { "name": "admin", "container": 9000 }]),
        extend("x-also" = ["port", "listen"])
    )]
    pub(crate) ports: Vec<At<Port>>,
    /// How a task shows that it is well. Without it, a running task counts as well.
    #[schemars(example = json!({ "path": "/health" }), extend("x-also" = ["healthcheck", "health_check"]))]
    pub(crate) health: Option<At<Health>>,
    /// Environment values, by variable. `${services.NAME.OUTPUT}` stands for an output of another service: its
    /// `address` (host and port), `host`, `port`, or `url`; the service then depends on that one. `$${` is a plain
    /// `${`.
    #[serde(default)]
    #[schemars(
        example = json!({ "API": "http://${services.api.address}", "LEVEL": "info" }),
        extend("x-also" = ["environment", "vars"])
    )]
    pub(crate) env: BTreeMap<At<String>, At<Templated>>,
    /// Environment values that are secrets, by variable: where each one is found when a task starts: `env:NAME` (a
    /// variable of the runtime) and `file:/path` where tasks are local processes, `secretsmanager:NAME` and `ssm:NAME` (or
    /// their ARNs) on AWS. The secret itself never stands in this file.
    #[serde(default)]
    #[schemars(example = json!({ "TOKEN": "env:WEB_TOKEN", "KEY": "file:/run/secrets/web-key" }))]
    pub(crate) secrets: BTreeMap<At<String>, At<Reference>>,
    /// A disk that outlives its tasks. A service with one has one task.
    #[schemars(example = json!({ "path": "/data", "size": "1GiB" }), extend("x-also" = ["volumes", "disk"]))]
    pub(crate) volume: Option<At<Volume>>,
    /// The first label of its public host name. `www` is seen at `www.ENVIRONMENT.PROJECT.DOMAIN`; without it, only
    /// other services reach this one.
    #[schemars(example = &"www", extend("x-also" = ["hostname", "domain"]))]
    pub(crate) host: Option<At<String>>,
    /// Services that must be there first. Those that `env` refers to are meant without being named.
    #[serde(default)]
    #[schemars(example = ["db"], extend("x-also" = ["needs", "requires", "after"]))]
    pub(crate) depends_on: Vec<At<String>>,
    /// How long a task may take to end by itself before it is killed.
    #[serde(default = "stop_timeout")]
    #[schemars(example = &"30s", extend("x-also" = ["grace"]))]
    pub(crate) stop_timeout: At<Length>,
    /// How long a rollout may take before it is reverted.
    #[serde(default = "deadline")]
    #[schemars(example = &"10m", extend("x-also" = ["timeout"]))]
    pub(crate) deadline: At<Length>,
}

/// A port: a table, or its short form.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Port {
    /// `"http"`, `"tcp:5432"`.
    Short(#[schemars(title = "short form", regex(pattern = "^(http|tcp)(:[0-9]+)?$"))] String),
    /// A port, in full.
    Full(PortTable),
}

/// One port.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "services.NAME.ports")]
pub(crate) struct PortTable {
    /// Its name. A local process reads the number in `PORT_NAME`, and that of its first port in `PORT`.
    #[schemars(required, example = &"http")]
    pub(crate) name: Option<String>,
    /// What is spoken there.
    #[serde(default)]
    pub(crate) protocol: Protocol,
    /// The number inside a container. The local platform gives each task a free one instead.
    #[schemars(range(min = 1), example = 8080, extend("x-also" = ["number", "port"]))]
    pub(crate) container: Option<u16>,
}

/// What is spoken on a port.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    /// Requests are spread one by one.
    #[default]
    Http,
    /// Anything else: connections are spread.
    Tcp,
}

/// How a task shows that it is well.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[services.NAME.health]")]
pub(crate) struct Health {
    /// The path on the first port that must answer 2xx. Without it, accepting a connection is enough.
    #[schemars(example = &"/health", extend("x-also" = ["url", "endpoint"]))]
    pub(crate) path: Option<At<String>>,
    /// The time between two checks.
    #[serde(default = "interval")]
    #[schemars(example = &"500ms", extend("x-also" = ["period", "every"]))]
    pub(crate) interval: At<Length>,
    /// The time that one check may take.
    #[serde(default = "check_timeout")]
    #[schemars(example = &"2s")]
    pub(crate) timeout: At<Length>,
    /// So many good checks in a row make a task healthy.
    #[serde(default = "two")]
    #[schemars(range(min = 1, max = 100), example = 2)]
    pub(crate) healthy_after: At<u32>,
    /// So many bad ones in a row make it unhealthy.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 100), example = 3, extend("x-also" = ["retries"]))]
    pub(crate) unhealthy_after: At<u32>,
}

/// A disk that outlives its tasks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[services.NAME.volume]")]
pub(crate) struct Volume {
    /// Where a container sees it. A local process reads its folder in `VOLUME`.
    #[schemars(required, example = &"/data", extend("x-also" = ["mount"]))]
    pub(crate) path: Option<At<String>>,
    /// Its size in whole gibibytes, for platforms that sell it by size.
    #[serde(default = "disk")]
    #[schemars(example = &"10GiB")]
    pub(crate) size: At<Size>,
}

fn latest() -> At<String> {
    At::given("latest".to_owned())
}

fn one() -> At<u32> {
    At::given(1)
}

fn two() -> At<u32> {
    At::given(2)
}

fn three() -> At<u32> {
    At::given(3)
}

fn cpu() -> At<Amount> {
    At::given(Amount::Millis("100m".to_owned()))
}

fn memory() -> At<Size> {
    At::given(Size("128MiB".to_owned()))
}

fn disk() -> At<Size> {
    At::given(Size("1GiB".to_owned()))
}

fn interval() -> At<Length> {
    At::given(Length("1s".to_owned()))
}

fn check_timeout() -> At<Length> {
    At::given(Length("1s".to_owned()))
}

fn stop_timeout() -> At<Length> {
    At::given(Length("10s".to_owned()))
}

fn deadline() -> At<Length> {
    At::given(Length("5m".to_owned()))
}
