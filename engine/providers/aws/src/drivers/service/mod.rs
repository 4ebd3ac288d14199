//! The driver of `aws.service`: an ECS service, and its rollouts.
//!
//! A rollout is found again by what AWS itself keeps, so it doesn't matter where a try was cut off. Before
//! `UpdateService` the service is tagged with the put's token and with the newest deployment that it had until then
//! (`ListServiceDeployments`). From then on the first deployment after that one is ours, whatever became of it since:
//! AWS keeps them for 90 days, a rollback is part of the deployment that it undoes, and an `UpdateService` that changes
//! nothing makes none. The deployments that `DescribeServices` shows wouldn't do: after a rollback the old one is back,
//! with its old id. A service that was just created has no deployment before.
//!
//! A first rollout that fails has nothing to fall back to. AWS would leave it stalled, with whatever tasks still run;
//! here the service is scaled to 0, so that it costs nothing and people can look at it, and stays until it is deployed
//! again or removed. What was once taken back stays so for its token (the tag `gantry:back`), or the next put would
//! begin it again.
//!
//! Where Application Auto Scaling scales the service, a number of tasks is written only when another one is wanted than
//! before. Not done here: setting that up, blue/green deployments.

mod back;
mod change;
mod look;
mod remove;
mod rollout;
mod story;

use super::{Aws, Drive, Listing, Result, Want, observed};
use crate::kinds::Service;
use async_trait::async_trait;
use gantry_engine::provider::{Handle, Observed, Progress, Remove};
use gantry_engine::receipt::Found;
use look::Seen;
use std::time::Duration;

pub(crate) use look::{Described, all_of, by_arn};

/// ECS's limit for names of services.
const LONGEST: usize = 255;
/// A rollout usually takes one to three minutes.
const AGAIN: Duration = Duration::from_secs(5);

/// The put whose rollout it is: its token.
const ROLLOUT: &str = "gantry:rollout";
/// The newest deployment before that rollout, by the last part of its ARN.
const BEFORE: &str = "gantry:before";
/// The put that was taken back: its token.
const BACK: &str = "gantry:back";
/// The number of tasks wanted when it was steady last. A service without this tag has never served.
const DESIRED: &str = "gantry:desired";
/// How many restarts there were when it was steady last.
const RESTARTS: &str = "gantry:restarts";

pub(in crate::drivers) struct ServiceDriver;

#[async_trait]
impl Drive for ServiceDriver {
    type Spec = Service;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look::look(aws, at, None).await?.filter(|seen| !seen.is_gone()).map(|seen| self::seen(&seen)))
    }

    async fn put(&self, aws: &Aws, want: &Want<Service>) -> Result<Progress> {
        rollout::put(aws, want).await
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        remove::remove(aws, want).await
    }

    async fn abort(&self, aws: &Aws, want: &Want<Service>) -> Result<()> {
        back::abort(aws, want).await
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        look::list(aws, of).await
    }
}

fn seen(service: &Seen) -> Observed {
    observed(service.arn(), [])
}
