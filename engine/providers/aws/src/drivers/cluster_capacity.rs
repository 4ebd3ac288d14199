//! The driver of `aws.cluster-capacity`: one call sets all of a cluster's capacity providers, so it is repeatable as it
//! is. It carries no tags: it belongs to its cluster.

use super::{Aws, Drive, Result, Want, gone, observed, trouble};
use crate::kinds::ClusterCapacity;
use async_trait::async_trait;
use aws_sdk_ecs::types::Cluster as Seen;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use std::collections::BTreeSet;
use std::time::Duration;

/// The cluster, or one of its providers, is being changed (ECS API reference, PutClusterCapacityProviders).
const BUSY: &[&str] = &["UpdateInProgressException", "ResourceInUseException"];

pub(super) struct ClusterCapacityDriver;

#[async_trait]
impl Drive for ClusterCapacityDriver {
    type Spec = ClusterCapacity;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        // Without its id nothing says which cluster it is a part of; then it goes with that.
        let Some(id) = &at.id else { return Ok(None) };
        Ok(look(aws, &id.0).await?.map(|_| observed(&id.0, [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<ClusterCapacity>) -> Result<Progress> {
        let name = &want.spec.cluster;
        let Some(cluster) = look(aws, name).await? else {
            return Err(ProviderError::NotYet(format!("the cluster {name} can't be read yet")));
        };
        if is_busy(&cluster) {
            return Ok(pending(name));
        }
        let there: BTreeSet<&str> = cluster.capacity_providers().iter().map(String::as_str).collect();
        if there == want.spec.providers.iter().map(String::as_str).collect() {
            return Ok(Progress::Done(observed(name, [])));
        }
        set(aws, name, &want.spec.providers).await.map(|()| pending(name)).or_else(|error| busy(error, name))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(id) = &want.at.id else { return Ok(gone()) };
        let Some(cluster) = look(aws, &id.0).await? else { return Ok(gone()) };
        if is_busy(&cluster) {
            return Ok(pending(&id.0));
        }
        if cluster.capacity_providers().is_empty() {
            return Ok(gone());
        }
        let_go(aws, &id.0).await
    }
}

/// Takes a cluster's providers from it.
pub(super) async fn let_go(aws: &Aws, cluster: &str) -> Result<Progress> {
    set(aws, cluster, &[]).await.map(|()| pending(cluster)).or_else(|error| busy(error, cluster))
}

/// One that is being changed is asked again.
fn busy(error: super::Trouble, cluster: &str) -> Result<Progress> {
    if error.is(BUSY) { Ok(pending(cluster)) } else { Err(error.into()) }
}

async fn set(aws: &Aws, cluster: &str, providers: &[String]) -> std::result::Result<(), super::Trouble> {
    let call = aws.ecs.set.put_cluster_capacity_providers().cluster(cluster);
    let call =
        call.set_capacity_providers(Some(providers.to_vec())).set_default_capacity_provider_strategy(Some(vec![]));
    call.send().await.map(drop).map_err(trouble)
}

fn is_busy(cluster: &Seen) -> bool {
    cluster.attachments_status().is_some_and(|status| status.ends_with("IN_PROGRESS"))
}

fn pending(cluster: &str) -> Progress {
    let note = Note::Usually { what: "cluster taking its capacity".to_owned(), seconds: (5, 60) };
    Progress::Pending { seen: observed(cluster, []), note, again: Duration::from_secs(3) }
}

async fn look(aws: &Aws, name: &str) -> Result<Option<Seen>> {
    let call = aws.ecs.read.describe_clusters().clusters(name);
    let call = call.include(aws_sdk_ecs::types::ClusterField::Attachments);
    let answer = call.send().await.map_err(trouble)?;
    Ok(answer.clusters.unwrap_or_default().into_iter().find(|cluster| cluster.status() == Some("ACTIVE")))
}
