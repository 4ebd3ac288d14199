//! The driver of `aws.capacity-provider`. `CreateCapacityProvider` knows no token; its name is unique, and only its
//! mark's.

use super::ecs::{marked, pairs, tags};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{ARN, CapacityProvider, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_ecs::types::{
    AutoScalingGroupProvider, AutoScalingGroupProviderUpdate, CapacityProvider as Seen, CapacityProviderField,
    CapacityProviderStatus, CapacityProviderUpdateStatus as Update, ManagedDraining, ManagedScaling,
    ManagedScalingStatus, ManagedTerminationProtection,
};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

/// ECS's limit for names of capacity providers.
const LONGEST: usize = 255;
/// Their names must not begin with `aws`, `ecs` or `fargate`, as a project's may.
const PREFIX: &str = "gantry-";

pub(super) struct CapacityProviderDriver;

#[async_trait]
impl Drive for CapacityProviderDriver {
    type Spec = CapacityProvider;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|provider| seen(&provider)))
    }

    async fn put(&self, aws: &Aws, want: &Want<CapacityProvider>) -> Result<Progress> {
        let Some(provider) = look(aws, want.mark()).await? else { return create(aws, want).await };
        match provider.update_status() {
            Some(Update::CreateInProgress | Update::UpdateInProgress) => return Ok(pending(seen(&provider))),
            Some(Update::CreateFailed | Update::UpdateFailed) => {
                let why = provider.update_status_reason().unwrap_or("AWS doesn't say why");
                return Err(ProviderError::Conflict(format!("the capacity provider can't be set up: {why}")));
            }
            _ => {}
        }
        let scaling = provider.auto_scaling_group_provider().and_then(AutoScalingGroupProvider::managed_scaling);
        if scaling.and_then(ManagedScaling::target_capacity) != i32::try_from(want.spec.target).ok() {
            let update = AutoScalingGroupProviderUpdate::builder().managed_scaling(managed(want.spec.target)).build();
            let call = aws.ecs.write.update_capacity_provider().name(provider.name().unwrap_or_default());
            call.auto_scaling_group_provider(update).send().await.map_err(trouble)?;
        }
        Ok(Progress::Done(seen(&provider)))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(provider) = look(aws, &want.at.mark).await? else { return Ok(gone()) };
        if provider.update_status() == Some(&Update::DeleteInProgress) {
            return Ok(going(&provider));
        }
        let call = aws.ecs.write.delete_capacity_provider().capacity_provider(provider.name().unwrap_or_default());
        match call.send().await.map_err(trouble) {
            Ok(_) => Ok(going(&provider)),
            // A cluster still lets go of it, or it is still being made.
            Err(error) if error.is(&["ResourceInUseException", "UpdateInProgressException"]) => Ok(going(&provider)),
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let call = aws.ecs.read.describe_capacity_providers().include(CapacityProviderField::Tags);
            let page = call.set_next_token(next).send().await.map_err(trouble)?;
            for provider in page.capacity_providers().iter().filter(|provider| is_there(provider)) {
                let name = provider.name().unwrap_or_default();
                found.extend(of.found(CapacityProvider::KIND, name, pairs(provider.tags())));
            }
            next = page.next_token;
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

async fn create(aws: &Aws, want: &Want<CapacityProvider>) -> Result<Progress> {
    want.may_create_again()?;
    let group = AutoScalingGroupProvider::builder()
        .auto_scaling_group_arn(&want.spec.group)
        .managed_scaling(managed(want.spec.target))
        .managed_termination_protection(ManagedTerminationProtection::Enabled)
        .managed_draining(ManagedDraining::Enabled)
        .build()
        .map_err(|error| ProviderError::Invalid(error.to_string()))?;
    let call = aws.ecs.write.create_capacity_provider().name(name(want.mark()));
    let call = call.auto_scaling_group_provider(group).set_tags(Some(tags(want.mark())));
    let unread = || ProviderError::NotYet("the capacity provider can't be read yet".to_owned());
    match call.send().await.map_err(trouble) {
        Ok(made) => Ok(pending(seen(&made.capacity_provider.ok_or_else(unread)?))),
        // The name is the mark's own, so an earlier try made it.
        Err(error) if error.error.to_string().contains("already exists") => {
            Ok(pending(observed(&name(want.mark()), [])))
        }
        Err(error) => Err(error.into()),
    }
}

fn name(mark: &Mark) -> String {
    format!("{PREFIX}{}", marks::name(mark, LONGEST - PREFIX.len()))
}

fn managed(target: u32) -> ManagedScaling {
    ManagedScaling::builder()
        .status(ManagedScalingStatus::Enabled)
        .set_target_capacity(i32::try_from(target).ok())
        .build()
}

fn seen(provider: &Seen) -> Observed {
    let arn = provider.capacity_provider_arn().unwrap_or_default().to_owned();
    observed(provider.name().unwrap_or_default(), [(ARN, arn)])
}

fn pending(seen: Observed) -> Progress {
    let note = Note::Usually { what: "capacity provider being set up".to_owned(), seconds: (2, 30) };
    Progress::Pending { seen, note, again: Duration::from_secs(2) }
}

fn going(provider: &Seen) -> Progress {
    let note = Note::Usually { what: "capacity provider going".to_owned(), seconds: (5, 120) };
    Progress::Pending { seen: seen(provider), note, again: Duration::from_secs(3) }
}

/// Deleted ones are shown for a while as inactive.
fn is_there(provider: &Seen) -> bool {
    let deleted = provider.update_status() == Some(&Update::DeleteComplete);
    !deleted && provider.status() != Some(&CapacityProviderStatus::Inactive)
}

/// The provider of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let call = aws.ecs.read.describe_capacity_providers().capacity_providers(name(mark));
    let answer = call.include(CapacityProviderField::Tags).send().await.map_err(trouble)?;
    let ours = |provider: &Seen| is_there(provider) && marked(provider.tags(), mark);
    Ok(answer.capacity_providers.unwrap_or_default().into_iter().find(ours))
}
