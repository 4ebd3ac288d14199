//! The clients of AWS's services, one pair each: for reads, which may be repeated at once, and for writes, which the
//! engine repeats itself after it has looked.

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
    /// For calls that change something: tried again by the SDK only if AWS turned them away for there being too many, since
    /// a reply that was lost may have had its effect. The engine tries again, and looks first.
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
        let (reading, writing) = (retries::of_reads(limits.speed), retries::of_writes(limits.speed));
        macro_rules! both {
            ($sdk:ident, $service:literal) => {{
                use $sdk::config::retry::{RetryPartition, TokenBucket};
                let (reads, writes) = limits.of($service, config, watch);
                // The SDK stops to try again, for the whole process, once too many calls have failed, and then each
                // call that fails costs all those before it in the same step once more. What keeps tries within
                // bounds here are their number, their pauses and our own limits, which each of them waits for.
                let own = |name| RetryPartition::custom(name).token_bucket(TokenBucket::unlimited()).build();
                let read = config.to_builder().http_client(reads).retry_config(reading.clone()).build();
                let read = $sdk::config::Builder::from(&read).retry_partition(own(concat!("gantry reads ", $service)));
                let write = config.to_builder().http_client(writes).retry_config(writing.clone()).build();
                let write = $sdk::config::Builder::from(&write)
                    .retry_partition(own(concat!("gantry writes ", $service)))
                    .retry_classifier(OnlyThrottled);
                Service { read: $sdk::Client::from_conf(read.build()), write: $sdk::Client::from_conf(write.build()) }
            }};
        }
        Self {
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            account: String::new(),
            dns: Dns::System,
            partition: String::new(),
            acm: both!(aws_sdk_acm, "acm"),
            autoscaling: both!(aws_sdk_autoscaling, "autoscaling"),
            discovery: both!(aws_sdk_servicediscovery, "servicediscovery"),
            ec2: both!(aws_sdk_ec2, "ec2"),
            ecr: both!(aws_sdk_ecr, "ecr"),
            ecs: both!(aws_sdk_ecs, "ecs"),
            elb: both!(aws_sdk_elasticloadbalancingv2, "elasticloadbalancing"),
            iam: both!(aws_sdk_iam, "iam"),
            logs: both!(aws_sdk_cloudwatchlogs, "logs"),
            quotas: both!(aws_sdk_servicequotas, "servicequotas"),
            route53: both!(aws_sdk_route53, "route53"),
            scaling: both!(aws_sdk_applicationautoscaling, "application-autoscaling"),
            secrets: both!(aws_sdk_secretsmanager, "secretsmanager"),
            ssm: both!(aws_sdk_ssm, "ssm"),
            sts: both!(aws_sdk_sts, "sts"),
        }
    }
}
