//! One process's connection to AWS: made when it is first needed, made again when its credentials have run out.
//!
//! An installation without credentials still starts, and says what is missing when somebody asks for AWS. Which
//! credentials are used is left to AWS's own chain (environment, profile, single sign-on, role of the machine); nothing
//! here reads or keeps a key.

use super::aws::Dns;
use super::limits::{Limits, Watch};
use super::{Aws, Result, trouble};
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use gantry_engine::provider::ProviderError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a connection may take to open, and an answer to begin. Waiting for a place within the limits doesn't count.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(30);

/// Where AWS is, if it isn't where AWS says: a stand-in on this machine. Its credentials are the words `testing` and
/// `testing`, so that nobody's are ever sent there.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Where all services listen.
    pub url: String,
    /// The region to ask for.
    pub region: String,
    /// How much faster than ours its time goes: limits and pauses follow.
    pub speed: f64,
    /// Who is asked what the world's DNS says; nobody where none is given.
    pub dns: Option<SocketAddr>,
}

/// A connection that is made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    to: Option<Endpoint>,
    aws: Mutex<Option<(Arc<Aws>, Watch)>>,
}

impl Connection {
    /// A connection to a stand-in.
    pub(crate) fn to(endpoint: Endpoint) -> Self {
        Self { to: Some(endpoint), aws: Mutex::default() }
    }

    /// The clients; whose account it is is known. What failed is tried again at the next call, and so is a connection
    /// whose credentials AWS didn't take any more: by then there may be new ones.
    pub(crate) async fn aws(&self) -> Result<Arc<Aws>> {
        let mut made = self.aws.lock().await;
        if let Some((aws, watch)) = &*made
            && !watch.is_stale()
        {
            return Ok(Arc::clone(aws));
        }
        *made = None;
        let (aws, watch) = self.connect().await?;
        let aws = Arc::new(aws);
        *made = Some((Arc::clone(&aws), watch));
        Ok(aws)
    }

    async fn connect(&self) -> Result<(Aws, Watch)> {
        let watch = Watch::default();
        let (config, limits) = match &self.to {
            Some(endpoint) => (stand_in(endpoint).await, Limits { speed: endpoint.speed }),
            None => (standard(&watch).await?, Limits::default()),
        };
        let mut aws = Aws::new(&config, limits, &watch);
        aws.dns = match &self.to {
            Some(endpoint) => Dns::Only(endpoint.dns),
            // The world's DNS knows nothing of zones that aren't AWS's own (`AWS_ENDPOINT_URL`).
            None if config.endpoint_url().is_some() => Dns::Only(None),
            None => Dns::System,
        };
        let identity = aws.sts.read.get_caller_identity().send().await.map_err(trouble)?;
        let unsaid =
            || ProviderError::Transient("AWS didn't say whose account it is (sts:GetCallerIdentity)".to_owned());
        aws.account = identity.account.ok_or_else(unsaid)?;
        // `arn:aws:iam::111122223333:user/somebody`
        aws.partition = identity.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        tracing::info!(account = %aws.account, region = %aws.region, "connected to AWS");
        Ok((aws, watch))
    }
}

/// AWS itself, by AWS's own chain.
async fn standard(watch: &Watch) -> Result<SdkConfig> {
    let config = loader().load().await;
    if config.region().is_none() {
        return Err(ProviderError::Denied(
            "no AWS region is set for Gantry; set AWS_REGION where it runs, or `region` in its AWS profile".to_owned(),
        ));
    }
    let Some(chain) = config.credentials_provider() else { return Ok(config) };
    let watched = SharedCredentialsProvider::new(Watched { chain, watch: watch.clone() });
    Ok(config.to_builder().credentials_provider(watched).build())
}

async fn stand_in(endpoint: &Endpoint) -> SdkConfig {
    let keys = Credentials::builder().access_key_id("testing").secret_access_key("testing").provider_name("stand-in");
    loader()
        .region(Region::new(endpoint.region.clone()))
        .endpoint_url(&endpoint.url)
        .credentials_provider(SharedCredentialsProvider::new(keys.build()))
        .load()
        .await
}

fn loader() -> aws_config::ConfigLoader {
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    // No limit on a whole call: it would run while the call waits for its place within the limits.
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts)
}

/// Credentials as the chain gives them; that it had none is kept in mind.
#[derive(Debug)]
struct Watched {
    chain: SharedCredentialsProvider,
    watch: Watch,
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let given: provider::Result = self.chain.provide_credentials().await;
            if given.is_err() {
                self.watch.went_stale();
            }
            given
        })
    }
}
