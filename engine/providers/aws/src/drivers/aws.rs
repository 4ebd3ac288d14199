//! The clients of AWS's services, one pair each: for reads, which may be repeated at once, and for writes, which the
//! engine repeats itself after it has looked.

use super::Result;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use std::time::Duration;
use tokio::sync::OnceCell;

/// A service's clients.
#[derive(Debug, Clone)]
pub(crate) struct Service<C> {
    /// For calls that change nothing: tried again by the SDK.
    pub(crate) read: C,
    /// For calls that change something: never tried again by the SDK, since a reply that was lost may have had its
    /// effect. The engine tries again, and looks first.
    pub(crate) write: C,
}

/// Everything that calls go through.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    pub(crate) region: String,
    pub(crate) account: String,
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
    pub(crate) secrets: Service<aws_sdk_secretsmanager::Client>,
    pub(crate) ssm: Service<aws_sdk_ssm::Client>,
    pub(crate) sts: Service<aws_sdk_sts::Client>,
}

/// A connection that is made when it is first needed: an installation without credentials still starts, and says what is
/// missing when somebody asks for AWS.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    aws: OnceCell<Aws>,
}

impl Connection {
    /// The clients; whose credentials they are is known.
    pub(crate) async fn aws(&self) -> Result<&Aws> {
        self.aws.get_or_try_init(connect).await
    }
}

async fn connect() -> Result<Aws> {
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build();
    let config =
        aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts).load().await;
    let read = config.to_builder().retry_config(RetryConfig::standard().with_max_attempts(5)).build();
    let write = config.to_builder().retry_config(RetryConfig::disabled()).build();
    Ok(clients(&read, &write, String::new()))
}

fn clients(read: &SdkConfig, write: &SdkConfig, account: String) -> Aws {
    macro_rules! both {
        ($sdk:ident) => {
            Service { read: $sdk::Client::new(read), write: $sdk::Client::new(write) }
        };
    }
    Aws {
        region: read.region().map(ToString::to_string).unwrap_or_default(),
        account,
        acm: both!(aws_sdk_acm),
        autoscaling: both!(aws_sdk_autoscaling),
        discovery: both!(aws_sdk_servicediscovery),
        ec2: both!(aws_sdk_ec2),
        ecr: both!(aws_sdk_ecr),
        ecs: both!(aws_sdk_ecs),
        elb: both!(aws_sdk_elasticloadbalancingv2),
        iam: both!(aws_sdk_iam),
        logs: both!(aws_sdk_cloudwatchlogs),
        quotas: both!(aws_sdk_servicequotas),
        route53: both!(aws_sdk_route53),
        secrets: both!(aws_sdk_secretsmanager),
        ssm: both!(aws_sdk_ssm),
        sts: both!(aws_sdk_sts),
    }
}
