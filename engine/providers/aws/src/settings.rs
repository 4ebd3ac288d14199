//! What a project file may say to this platform: the tables `[ecs]`, `[environments.X.ecs]`, `[clusters.X.ecs]` and
//! `[services.X.ecs]`. These types are the one description of them: their JSON schemas come from here, and so does what
//! the lowering and the survey read. What values mean together is checked where they are read, all of it at once.

mod check;

use crate::kinds;
use gantry_engine::environment::Environment;
use gantry_engine::names::{ClusterName, PlatformName, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::project::PlatformSettings;
use gantry_engine::value::Spec;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The name of the platform, and of its tables.
pub const PLATFORM: &str = "ecs";

/// JSON schemas (draft 7, without references) of the platform's tables, to be fitted into that of the project file.
#[derive(Debug, Clone)]
pub struct Schemas {
    /// Of `[ecs]`.
    pub project: Value,
    /// Of `[clusters.X.ecs]`.
    pub cluster: Value,
    /// Of `[services.X.ecs]`.
    pub service: Value,
    /// Of `[environments.X.ecs]`: the same keys as the project's, which it wins over.
    pub environment: Value,
}

/// The schemas of the platform's tables.
#[must_use]
pub fn schemas() -> Schemas {
    let mut environment = schema::<Account>();
    // What an environment doesn't say, the project says: there is no default of its own.
    for below in environment.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Value::Object(below) = below.1 {
            below.remove("default");
        }
    }
    environment["description"] = json!("Settings for AWS of these environments; each wins over the project's.");
    Schemas { project: schema::<Account>(), cluster: schema::<Cluster>(), service: schema::<Service>(), environment }
}

fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Settings for AWS: where environments are made, and what they are made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    /// The region, such as `eu-central-1`. Without it, the region of the AWS configuration that Gantry runs with.
    #[schemars(example = &"eu-central-1", extend("x-also" = ["aws_region", "location"]))]
    pub(crate) region: Option<String>,
    /// The accounts that environments may be made in, by their twelve digits. In any other account nothing is done.
    /// Without it, any account will do.
    #[serde(default)]
    #[schemars(example = ["111122223333"], extend("x-also" = ["account", "account_id", "account_ids"]))]
    pub(crate) accounts: Vec<String>,
    /// The DNS zone that public names stand in: `www` of `staging` is seen at `www.staging.ZONE`. It has to be a public
    /// zone of Route 53 in this account, unless `create_zone` is set; it is never changed beside our own names.
    #[schemars(example = &"example.com", extend("x-also" = ["domain", "hosted_zone", "dns"]))]
    pub(crate) zone: Option<String>,
    /// Makes a zone of its own for each environment, `staging.ZONE`. Whoever owns `zone` has to delegate to its name
    /// servers, which are told once it is there.
    #[serde(default)]
    #[schemars(example = true)]
    pub(crate) create_zone: bool,
    /// Whether it is looked up before anything is planned that the world is sent to Route 53 for `zone`. Turn it off where
    /// Gantry's own name server doesn't see the public DNS.
    #[serde(default = "yes")]
    #[schemars(example = false, extend("x-also" = ["delegation"]))]
    pub(crate) check_delegation: bool,
    /// Whether public services are reached over HTTPS, and HTTP only leads there. With `false` they are reached over
    /// HTTP alone.
    #[serde(default = "yes")]
    #[schemars(example = false, extend("x-also" = ["tls", "ssl"]))]
    pub(crate) https: bool,
    /// The ARN of a certificate of AWS Certificate Manager that is there already. Without it, one is made for
    /// `*.staging.ZONE`.
    #[schemars(
        example = &"arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-0000-0000-000000000000",
        extend("x-also" = ["certificate_arn", "cert"])
    )]
    pub(crate) certificate: Option<String>,
    /// The range that networks are taken from: each environment gets a `/16` of it that no other network of the account
    /// and region overlaps. A range from `/16` to `/24` is taken as it is.
    #[serde(default = "private_range")]
    #[schemars(example = &"10.64.0.0/10", extend("x-also" = ["range", "vpc_cidr", "network"]))]
    pub(crate) cidr: String,
    /// How tasks in private subnets reach the internet. A NAT gateway costs by the hour and by the gigabyte.
    #[serde(default)]
    #[schemars(example = &"none", extend("x-also" = ["nat_gateway", "nat_gateways"]))]
    pub(crate) nat: Nat,
    /// A VPC that is there already, to be used and never changed. Wants `private_subnets` or `public_subnets`.
    #[schemars(example = &"vpc-0a1b2c3d4e5f60718", extend("x-also" = ["vpc_id"]))]
    pub(crate) vpc: Option<String>,
    /// Subnets of `vpc` with a route to an internet gateway, two at least, in different zones: load balancers stand
    /// here.
    #[serde(default)]
    #[schemars(example = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"])]
    pub(crate) public_subnets: Vec<String>,
    /// Subnets of `vpc` that tasks run in. They need a way to the internet, or to endpoints of the services of AWS.
    #[serde(default)]
    #[schemars(example = ["subnet-0a1b2c3d4e5f6071a", "subnet-0a1b2c3d4e5f6071b"], extend("x-also" = ["subnets"]))]
    pub(crate) private_subnets: Vec<String>,
    /// How long logs are kept, in days, of those numbers that CloudWatch takes (1, 3, 5, 7, 14, 30, 60, 90, ..).
    #[serde(default = "retention")]
    #[schemars(range(min = 1, max = 3653), example = 30, extend("x-also" = ["retention", "log_retention"]))]
    pub(crate) log_retention_days: u32,
    /// Whether logs stay when an environment ends.
    #[serde(default)]
    #[schemars(example = true)]
    pub(crate) keep_logs: bool,
    /// Whether clusters have Container Insights, which cost by use.
    #[serde(default)]
    #[schemars(example = true, extend("x-also" = ["container_insights"]))]
    pub(crate) insights: bool,
    /// Whether a snapshot is made of a volume before it is deleted.
    #[serde(default = "yes")]
    #[schemars(example = false, extend("x-also" = ["snapshots", "backup"]))]
    pub(crate) snapshot: bool,
}

/// How tasks in private subnets reach the internet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nat {
    /// One NAT gateway: if its zone fails, tasks in the other zone can't reach out either.
    #[default]
    One,
    /// A NAT gateway in each zone.
    PerZone,
    /// None: tasks run on Fargate in public subnets, with public addresses that nothing may connect to.
    None,
}

/// Settings for AWS of a cluster: what its services run on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    /// What its services run on.
    #[serde(default)]
    #[schemars(example = &"ec2", extend("x-also" = ["launch_type", "kind"]))]
    pub(crate) capacity: Capacity,
    /// The type of its machines, where they are ours. Without it, the cheapest one known that offers what `node` says.
    #[schemars(example = &"t3.medium", extend("x-also" = ["instance_type", "type", "size"]))]
    pub(crate) instance: Option<String>,
    /// The name of an ECS cluster that is there already, to be used and never changed.
    #[schemars(example = &"shared", extend("x-also" = ["name"]))]
    pub(crate) existing: Option<String>,
    /// The name of a capacity provider of the `existing` cluster, whose machines are used instead of Fargate.
    #[schemars(example = &"shared-nodes", extend("x-also" = ["capacity_provider"]))]
    pub(crate) provider: Option<String>,
}

/// What the services of a cluster run on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Capacity {
    /// AWS's own machines: `nodes` and `node` of the cluster mean nothing.
    #[default]
    Fargate,
    /// Machines of ours, between `min` and `max` of `nodes`, as many as the tasks need.
    Ec2,
}

/// Settings for AWS of a service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// At least so many per cent of its tasks stay while a new release rolls out. Without it 100, and 0 with a volume.
    #[schemars(range(min = 0, max = 100), example = 50, extend("x-also" = ["minimum_healthy_percent", "min_percent"]))]
    pub(crate) min_healthy_percent: Option<u32>,
    /// At most so many per cent of its tasks run while a new release rolls out. Without it 200, and 100 with a volume.
    #[schemars(range(min = 100, max = 200), example = 150, extend("x-also" = ["maximum_percent"]))]
    pub(crate) max_percent: Option<u32>,
    /// Whether people may run commands in its tasks (ECS Exec), as far as their own rights in AWS go.
    #[serde(default)]
    #[schemars(example = true, extend("x-also" = ["enable_execute_command", "execute_command"]))]
    pub(crate) exec: bool,
    /// What runs inside of a task to tell whether it's well: a program and its arguments, or `CMD-SHELL` and one line.
    /// A service that isn't public is checked by nothing else.
    #[serde(default)]
    #[schemars(example = ["CMD-SHELL", "pg_isready"], extend("x-also" = ["healthcheck"]))]
    pub(crate) health_command: Vec<String>,
    /// How many seconds a starting task's failed checks by the load balancer don't count.
    #[serde(default = "grace")]
    #[schemars(range(min = 0, max = 86400), example = 120, extend("x-also" = ["grace", "health_check_grace_period"]))]
    pub(crate) health_grace: u32,
    /// How many seconds requests that are on their way may go on when a task leaves the load balancer.
    #[serde(default = "deregistration_delay")]
    #[schemars(range(min = 0, max = 3600), example = 60, extend("x-also" = ["drain", "deregistration"]))]
    pub(crate) deregistration_delay: u32,
    /// What its tasks may do in AWS. Without it, nothing.
    #[serde(default)]
    #[schemars(
        example = json!([{ "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::my-bucket/*"] }]),
        extend("x-also" = ["iam", "permissions", "statements"])
    )]
    pub(crate) policy: Vec<Statement>,
}

/// Something that tasks may do in AWS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    /// Actions of AWS's services.
    #[schemars(length(min = 1), example = ["s3:GetObject"], extend("x-also" = ["action"]))]
    pub(crate) actions: Vec<String>,
    /// The ARNs of what they may be done with.
    #[schemars(length(min = 1), example = ["arn:aws:s3:::my-bucket/*"], extend("x-also" = ["resource"]))]
    pub(crate) resources: Vec<String>,
}

impl Account {
    /// What an environment's record says of AWS.
    ///
    /// # Errors
    /// Everything that can't be, each with its remedy.
    pub(crate) fn of(env: &Environment) -> Result<Self, Vec<Finding>> {
        let read: Self = read(&env.settings, &format!("[{PLATFORM}]")).map_err(|finding| vec![finding])?;
        let found = check::account(&read);
        if found.is_empty() { Ok(read) } else { Err(found) }
    }
}

impl Cluster {
    /// What a cluster's record says of AWS.
    ///
    /// # Errors
    /// Everything that can't be, each with its remedy.
    pub(crate) fn of(name: &ClusterName, all: &PlatformSettings) -> Result<Self, Vec<Finding>> {
        let table = format!("[clusters.{name}.{PLATFORM}]");
        let read: Self = read(&ours(all), &table).map_err(|finding| vec![finding])?;
        let found = check::cluster(name, &read);
        if found.is_empty() { Ok(read) } else { Err(found) }
    }
}

impl Service {
    /// What a service's record says of AWS.
    ///
    /// # Errors
    /// Where it can't be read.
    pub(crate) fn of(name: &ServiceName, all: &PlatformSettings) -> Result<Self, Vec<Finding>> {
        let table = format!("[services.{name}.{PLATFORM}]");
        let read: Self = read(&ours(all), &table).map_err(|finding| vec![finding])?;
        let found = check::service(name, &read);
        if found.is_empty() { Ok(read) } else { Err(found) }
    }
}

fn ours(all: &PlatformSettings) -> Spec {
    let ours = PlatformName::new(PLATFORM).ok().and_then(|name| all.get(&name));
    ours.cloned().unwrap_or_default()
}

/// A record may be older than the program, so its settings are read with the same care as a file.
fn read<T: DeserializeOwned>(settings: &Spec, table: &str) -> Result<T, Finding> {
    serde_json::from_value(kinds::json(settings)).map_err(|error| Finding {
        what: format!("`{table}` can't be read: {error}"),
        remedy: "mend it in the project file, and `provision` the environment".to_owned(),
    })
}

fn yes() -> bool {
    true
}

fn private_range() -> String {
    "10.0.0.0/8".to_owned()
}

fn retention() -> u32 {
    14
}

fn grace() -> u32 {
    60
}

fn deregistration_delay() -> u32 {
    30
}

#[cfg(test)]
mod tests;
