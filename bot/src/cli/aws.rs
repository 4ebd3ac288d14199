//! AWS, where this program is built with it: the one place that asks. Nothing connects before it is needed, so a bot
//! without an account starts like any other.

use gantry_engine::names::InstallationId;
use gantry_engine::ports::Platform;
use gantry_engine::provider::ProviderError;
use std::sync::Arc;

/// The platform on AWS.
#[cfg(feature = "aws")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
pub(super) fn platform(installation: &InstallationId) -> Option<Arc<dyn Platform>> {
    Some(Arc::new(gantry_aws::Ecs::connect(installation.clone())))
}

/// The platform on AWS, which this program is built without.
#[cfg(not(feature = "aws"))]
pub(super) fn platform(_: &InstallationId) -> Option<Arc<dyn Platform>> {
    None
}

/// The account and the region that AWS's own configuration leads to; none where this program is built without AWS.
#[cfg(feature = "aws")]
pub(super) async fn place() -> Option<Result<String, ProviderError>> {
    Some(gantry_aws::Ecs::connect(InstallationId::new("doctor")).place().await)
}

/// The account and the region that AWS's own configuration leads to; none where this program is built without AWS.
#[cfg(not(feature = "aws"))]
#[expect(clippy::unused_async, reason = "with the feature it asks")]
pub(super) async fn place() -> Option<Result<String, ProviderError>> {
    None
}
