//! The clients of AWS's services, three each: for calls that may be repeated at once since they change nothing or say how
//! something is to be, and for those that the engine repeats itself after it has looked.

use super::limits::{Limits, Watch};
use super::retries::{self, OnlyThrottled};
use aws_config::SdkConfig;
use std::fmt;
use std::net::SocketAddr;

/// A service's clients.
#[derive(Debug, Clone)]
pub(crate) struct Service<C> {
    /// For calls that change nothing: tried again by the SDK.
    pub(crate) read: C,
    /// For calls that say how something that is there is to be, so that twice is the same as once: tried again by the SDK.
    pub(crate) set: C,
    /// For all others: tried again by the SDK only if AWS turned them away for there being too many, since a reply that was
    /// lost may have had its effect. The engine tries again, and looks first.
    pub(crate) write: C,
}

/// Who is asked what the world's DNS says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dns {
    /// Those that this machine asks.
    System,
    /// This one, or nobody.
    Only(Option<SocketAddr>),
}

/// Everything that calls go through.
#[derive(Clone)]
pub(crate) struct Aws {
    pub(crate) region: String,
    pub(crate) account: String,
    /// Who is asked what the world's DNS says.
    pub(crate) dns: Dns,
    /// The first part of ARNs after `arn`: `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: String,
    pub(crate) acm: Service<aws_sdk_acm::Client>,
    pub(crate) autoscaling: Service<aws_sdk_autoscaling::Client>,
    pub(crate) discovery: Service<aws_sdk_servicediscovery::Client>,
    pub(crate) ec2: Service<aws_sdk_ec2::Client>,
    pub(crate) ecr: Service<aws_sdk_ecr::Client>,
    pub(crate) ecs: Service<aws_sdk_ecs::Client>,
    pub(crate) elb: Service<aws_sdk_elasticloadbalancingv2::Client>,
    pub(crate) iam: Service<aws_sdk_iam::Client>,
    pub(crate) logs: Service<aws_sdk_cloudwatchlogs::Client>,
    pub(crate) quotas: Service<aws_sdk_servicequotas::Client>,
    pub(crate) route53: Service<aws_sdk_route53::Client>,
    pub(crate) scaling: Service<aws_sdk_applicationautoscaling::Client>,
    pub(crate) secrets: Service<aws_sdk_secretsmanager::Client>,
    pub(crate) ssm: Service<aws_sdk_ssm::Client>,
    pub(crate) sts: Service<aws_sdk_sts::Client>,
}

/// The clients know the credentials: they aren't shown.
impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("account", &self.account).field("region", &self.region).finish_non_exhaustive()
    }
}

impl Aws {
    /// The clients over a configuration; whose account it is isn't known yet.
    pub(super) fn new(config: &SdkConfig, limits: Limits, watch: &Watch) -> Self {
        let (often, turned_away) = (retries::often(limits.speed), retries::turned_away(limits.speed));
        macro_rules! all {
            ($sdk:ident, $service:literal) => {{
                use $sdk::config::retry::{RetryPartition, TokenBucket};
                let (reads, writes) = limits.of($service, config, watch);
                // The SDK stops to try again, for the whole process, once too many calls have failed, and then each
                // call that fails costs all those before it in the same step once more. What keeps tries within
                // bounds here are their number, their pauses and our own limits, which each of them waits for.
                let client = |http, retries| {
                    let config = config.to_builder().http_client(http).retry_config(retries).build();
                    let bucket = TokenBucket::unlimited();
                    $sdk::config::Builder::from(&config).retry_partition(
                        RetryPartition::custom(concat!("gantry ", $service)).token_bucket(bucket).build(),
                    )
                };
                let (read, set) = (client(reads, often.clone()), client(writes.clone(), often.clone()));
                let write = client(writes, turned_away.clone()).retry_classifier(OnlyThrottled);
                let [read, set, write] = [read, set, write].map(|config| $sdk::Client::from_conf(config.build()));
                Service { read, set, write }
            }};
        }
        Self {
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            account: String::new(),
            dns: Dns::System,
            partition: String::new(),
            acm: all!(aws_sdk_acm, "acm"),
            autoscaling: all!(aws_sdk_autoscaling, "autoscaling"),
            discovery: all!(aws_sdk_servicediscovery, "servicediscovery"),
            ec2: all!(aws_sdk_ec2, "ec2"),
            ecr: all!(aws_sdk_ecr, "ecr"),
            ecs: all!(aws_sdk_ecs, "ecs"),
            elb: all!(aws_sdk_elasticloadbalancingv2, "elasticloadbalancing"),
            iam: all!(aws_sdk_iam, "iam"),
            logs: all!(aws_sdk_cloudwatchlogs, "logs"),
            quotas: all!(aws_sdk_servicequotas, "servicequotas"),
            route53: all!(aws_sdk_route53, "route53"),
            scaling: all!(aws_sdk_applicationautoscaling, "application-autoscaling"),
            secrets: all!(aws_sdk_secretsmanager, "secretsmanager"),
            ssm: all!(aws_sdk_ssm, "ssm"),
            sts: all!(aws_sdk_sts, "sts"),
        }
    }
}
