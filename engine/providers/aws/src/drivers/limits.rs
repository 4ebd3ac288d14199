//! How fast AWS is asked: a token bucket in front of each service's reads and of its writes, so that a large plan is
//! slowed down here and not refused there.
//!
//! A request takes its token right before it goes out, so tries again count too. Some services count each action or
//! family of actions for itself; one bucket for all of them is stricter than theirs, and simpler. The numbers are those
//! of an account that AWS has raised nothing for.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use governor::{DefaultDirectRateLimiter, Quota};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A bucket holds so many tokens, and gets so many a second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket(u32, f64);

/// A service's buckets.
struct Row {
    service: &'static str,
    reads: Bucket,
    /// None: reads and writes share one.
    writes: Option<Bucket>,
}

/// Where AWS publishes a number, the row says where. Where it doesn't, the number is one that public infrastructure
/// tools get by with; it is a guess, and AWS's own answer (`Throttled`) slows calls down as well.
static BUCKETS: &[Row] = &[
    // AWS Certificate Manager user guide, "Quotas", "API rate quotas": RequestCertificate 5, DeleteCertificate 10,
    // DescribeCertificate 10, ListCertificates 8 a second.
    Row { service: "acm", reads: Bucket(8, 8.0), writes: Some(Bucket(5, 5.0)) },
    // Not published; only read.
    Row { service: "application-autoscaling", reads: Bucket(20, 5.0), writes: None },
    // Not published ("API request rate" of its reference names none).
    Row { service: "autoscaling", reads: Bucket(40, 10.0), writes: Some(Bucket(20, 5.0)) },
    // EC2 developer guide, "Request throttling for the Amazon EC2 API": each action for itself, reads that name ids or
    // filters 100 and 20 a second, writes 50 and 5 a second.
    Row { service: "ec2", reads: Bucket(100, 20.0), writes: Some(Bucket(50, 5.0)) },
    // ECR user guide, "Service quotas": DescribeImages and the like 10 a second and more.
    Row { service: "ecr", reads: Bucket(10, 10.0), writes: Some(Bucket(10, 10.0)) },
    // ECS API reference, "Request throttling": services and tasks 50 and 5 a second for writes, 100 and 20 for reads.
    // Writes of clusters and task definitions have 20 and 1 a second; a plan has few of them.
    Row { service: "ecs", reads: Bucket(50, 20.0), writes: Some(Bucket(20, 5.0)) },
    // Elastic Load Balancing user guide, "Request throttling": reads 40 and 10 a second, writes 40 and 3 a second.
    Row { service: "elasticloadbalancing", reads: Bucket(40, 10.0), writes: Some(Bucket(40, 3.0)) },
    // Not published.
    Row { service: "iam", reads: Bucket(20, 10.0), writes: Some(Bucket(10, 5.0)) },
    // CloudWatch Logs user guide, "Quotas": FilterLogEvents 5 and more by region, DescribeLogGroups 10,
    // CreateLogGroup 10, PutRetentionPolicy 10 a second.
    Row { service: "logs", reads: Bucket(5, 5.0), writes: Some(Bucket(5, 5.0)) },
    // Route 53 developer guide, "Quotas", "Maximums on Route 53 API requests": five a second for the whole account.
    Row { service: "route53", reads: Bucket(5, 5.0), writes: None },
    // Secrets Manager user guide, "Quotas": DescribeSecret and the like 40 a second and more.
    Row { service: "secretsmanager", reads: Bucket(40, 40.0), writes: None },
    // Not published.
    Row { service: "servicediscovery", reads: Bucket(20, 10.0), writes: Some(Bucket(10, 5.0)) },
    // Not published.
    Row { service: "servicequotas", reads: Bucket(5, 5.0), writes: None },
    // Systems Manager, "Endpoints and quotas", Parameter Store's standard throughput: 40 a second.
    Row { service: "ssm", reads: Bucket(40, 40.0), writes: None },
    // IAM user guide, "IAM and STS quotas": 600 a second.
    Row { service: "sts", reads: Bucket(100, 100.0), writes: None },
];

/// The limits of an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    /// How much faster than ours AWS's time goes; 1, except where AWS is a stand-in.
    pub(super) speed: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { speed: 1.0 }
    }
}

impl Limits {
    /// The HTTP clients of a service: for what reads, and for what changes something.
    pub(super) fn of(self, service: &str, config: &SdkConfig, watch: &Watch) -> (SharedHttpClient, SharedHttpClient) {
        let row = BUCKETS.iter().find(|row| row.service == service);
        let client = |bucket: Option<Arc<DefaultDirectRateLimiter>>| {
            let Some(inner) = config.http_client() else { unreachable!("the loader was given an HTTP client") };
            SharedHttpClient::new(Limited { inner, bucket, watch: watch.clone() })
        };
        let reads = row.and_then(|row| self.limiter(row.reads));
        let writes = match row.and_then(|row| row.writes) {
            Some(bucket) => self.limiter(bucket),
            None => reads.clone(),
        };
        (client(reads), client(writes))
    }

    fn limiter(self, Bucket(holds, a_second): Bucket) -> Option<Arc<DefaultDirectRateLimiter>> {
        let quota = Quota::with_period(Duration::from_secs_f64(1.0 / (a_second * self.speed)))?;
        Some(Arc::new(DefaultDirectRateLimiter::direct(quota.allow_burst(NonZeroU32::new(holds)?))))
    }
}

/// Whether AWS still takes the credentials of a connection, as its answers say.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<AtomicBool>);

impl Watch {
    /// Whether new credentials have to be looked for.
    pub(super) fn is_stale(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// They weren't taken.
    pub(super) fn went_stale(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An HTTP client whose requests wait for a token.
#[derive(Debug)]
struct Limited {
    inner: SharedHttpClient,
    bucket: Option<Arc<DefaultDirectRateLimiter>>,
    watch: Watch,
}

impl HttpClient for Limited {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Waiting { inner, bucket: self.bucket.clone(), watch: self.watch.clone() })
    }
}

#[derive(Debug)]
struct Waiting {
    inner: SharedHttpConnector,
    bucket: Option<Arc<DefaultDirectRateLimiter>>,
    watch: Watch,
}

impl HttpConnector for Waiting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, bucket, watch) = (self.inner.clone(), self.bucket.clone(), self.watch.clone());
        HttpConnectorFuture::new(async move {
            if let Some(bucket) = bucket {
                bucket.until_ready().await;
            }
            looked_at(inner.call(request).await?, &watch).await
        })
    }
}

/// An answer, looked at for what it says of the credentials.
async fn looked_at(mut answer: HttpResponse, watch: &Watch) -> Result<HttpResponse, ConnectorError> {
    // The statuses that AWS's services send with those codes (each API reference, "Common errors").
    if !matches!(answer.status().as_u16(), 400 | 401 | 403) {
        return Ok(answer);
    }
    let body = ByteStream::new(answer.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let text = String::from_utf8_lossy(&body);
    if super::error::STALE.iter().any(|code| text.contains(code)) {
        watch.went_stale();
    }
    *answer.body_mut() = SdkBody::from(body);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_waits_for_its_token() {
        let limits = Limits { speed: 100.0 };
        let bucket = limits.limiter(Bucket(2, 1.0)).unwrap();
        let began = tokio::time::Instant::now();
        for _ in 0..4 {
            bucket.until_ready().await;
        }
        let taken = began.elapsed();
        assert!(taken >= Duration::from_millis(18), "two wait for 10 ms each, at a hundred times the speed: {taken:?}");
    }

    #[test]
    fn every_service_has_its_limits_once() {
        let mut names: Vec<&str> = BUCKETS.iter().map(|row| row.service).collect();
        assert!(names.is_sorted(), "{names:?}");
        names.dedup();
        assert_eq!(names.len(), BUCKETS.len());
        // The clients are made with these names.
        let clients = include_str!("aws.rs");
        for name in names {
            assert!(clients.contains(&format!("\"{name}\"")), "no client of {name}");
        }
        assert_eq!(clients.matches("all!(aws_sdk_").count(), BUCKETS.len(), "a client without limits");
    }
}
