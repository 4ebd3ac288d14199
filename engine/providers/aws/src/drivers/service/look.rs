//! Services as they are: asked for by name, by ARN, or all that carry marks.

use super::super::ecs::{marked, pairs};
use super::super::{Aws, Listing, Result, trouble};
use super::{DESIRED, LONGEST};
use crate::kinds::{Service, Shape};
use crate::marks;
use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service as Wire, ServiceField};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, ProviderError};
use gantry_engine::receipt::Found;

/// So many go into one call of `DescribeServices` (ECS API reference).
const DESCRIBED_AT_ONCE: usize = 10;

/// A service with its tags.
#[derive(Debug, Clone)]
pub(super) struct Seen(pub(super) Wire);

impl Seen {
    pub(super) fn arn(&self) -> &str {
        self.0.service_arn().unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.0.service_name().unwrap_or_default()
    }

    /// The cluster's ARN.
    pub(super) fn cluster(&self) -> &str {
        self.0.cluster_arn().unwrap_or_default()
    }

    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        pairs(self.0.tags()).find(|(tag, _)| *tag == key).map(|(_, value)| value)
    }

    /// It ended, and AWS still shows it.
    pub(super) fn is_gone(&self) -> bool {
        self.0.status() == Some("INACTIVE")
    }

    /// It is on its way out.
    pub(super) fn is_draining(&self) -> bool {
        self.0.status() == Some("DRAINING")
    }

    /// Whether it was ever steady.
    pub(super) fn has_served(&self) -> bool {
        self.tag(DESIRED).is_some()
    }

    /// The deployment that it goes towards.
    pub(super) fn primary(&self) -> Option<&Deployment> {
        self.0.deployments().iter().find(|one| one.status() == Some("PRIMARY"))
    }

    /// Whether AWS has given the deployment up that it goes towards.
    pub(super) fn is_stalled(&self) -> bool {
        self.primary().is_some_and(|one| one.rollout_state() == Some(&DeploymentRolloutState::Failed))
    }

    /// Tasks that are there or will be in a moment.
    pub(super) fn tasks(&self) -> u32 {
        count(self.0.running_count()) + count(self.0.pending_count())
    }
}

/// A count of AWS's; never negative.
pub(super) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// The service of a mark, in this cluster, or in the one that its id names, or in any.
///
/// # Errors
/// [`ProviderError::Conflict`] where the name is somebody else's.
pub(super) async fn look(aws: &Aws, at: &Handle, cluster: Option<&str>) -> Result<Option<Seen>> {
    let of_id = at.id.as_ref().and_then(|id| cluster_of(&id.0));
    let clusters = match cluster.or(of_id) {
        Some(cluster) => vec![cluster.to_owned()],
        None => clusters(aws).await?,
    };
    let name = marks::name(&at.mark, LONGEST);
    for cluster in clusters {
        let Some(found) = described(aws, &cluster, vec![name.clone()]).await?.pop() else { continue };
        if found.status() != Some("INACTIVE") && !marked(found.tags(), &at.mark) {
            return Err(ProviderError::Conflict(format!(
                "the service {name} in the cluster {cluster} isn't this Gantry's; delete it, or give its cluster to \
                 one of them alone"
            )));
        }
        return Ok(Some(Seen(found)));
    }
    Ok(None)
}

/// The cluster's name in a service's ARN (`arn:aws:ecs:region:account:service/cluster/name`).
fn cluster_of(arn: &str) -> Option<&str> {
    let mut parts = arn.split_once(":service/")?.1.split('/');
    let cluster = parts.next()?;
    parts.next().map(|_| cluster)
}

/// A service with its mark.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub(crate) mark: Mark,
    pub(crate) service: Wire,
}

/// The services that are meant, in whatever cluster; those that are ending too, where `ListServices` shows them.
pub(crate) async fn all_of(aws: &Aws, of: &Listing<'_>) -> Result<Vec<Described>> {
    let mut found = Vec::new();
    for cluster in clusters(aws).await? {
        let arns = aws.ecs.read.list_services().cluster(&cluster).max_results(100).into_paginator().items().send();
        let arns = match arns.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble) {
            Ok(arns) => arns,
            // It ended since it was listed.
            Err(error) if error.is(&["ClusterNotFoundException"]) => continue,
            Err(error) => return Err(error.into()),
        };
        for service in by_arn(aws, &cluster, arns).await? {
            let Some(mark) = marks::from_tags(pairs(service.tags())) else { continue };
            if service.status() != Some("INACTIVE") && of.is(&mark) {
                found.push(Described { mark, service });
            }
        }
    }
    Ok(found)
}

pub(super) async fn list(aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
    let all = all_of(aws, of).await?;
    let found =
        all.iter().filter_map(|one| of.found(Service::KIND, one.service.service_arn()?, pairs(one.service.tags())));
    Ok(found.collect())
}

/// The ARNs of all clusters.
async fn clusters(aws: &Aws) -> Result<Vec<String>> {
    let pages = aws.ecs.read.list_clusters().into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}

/// Services of one cluster, with their tags. What isn't there isn't among them.
pub(crate) async fn by_arn(aws: &Aws, cluster: &str, arns: Vec<String>) -> Result<Vec<Wire>> {
    let mut found = Vec::new();
    for some in arns.chunks(DESCRIBED_AT_ONCE) {
        found.extend(described(aws, cluster, some.to_vec()).await?);
    }
    Ok(found)
}

async fn described(aws: &Aws, cluster: &str, names: Vec<String>) -> Result<Vec<Wire>> {
    let call = aws.ecs.read.describe_services().cluster(cluster).set_services(Some(names)).include(ServiceField::Tags);
    match call.send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.services.unwrap_or_default()),
        Err(error) if error.is(&["ClusterNotFoundException"]) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
