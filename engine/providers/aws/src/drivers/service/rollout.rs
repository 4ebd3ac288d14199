//! A put: the service is made or changed, and its rollout followed until it is steady or was taken back.

use super::super::{Aws, LAG, Result, Want, autoscaled, trouble};
use super::change::{self, Change};
use super::look::{Seen, count, look};
use super::{AGAIN, BACK, BEFORE, DESIRED, RESTARTS, ROLLOUT, back, seen as observed, story};
use crate::kinds::Service;
use aws_sdk_ecs::types::{DeploymentRolloutState, ServiceDeploymentBrief, ServiceDeploymentStatus, Tag};
use gantry_engine::provider::{Note, Progress, ProviderError};
use std::time::Duration;

pub(super) async fn put(aws: &Aws, want: &Want<Service>) -> Result<Progress> {
    let found = look(aws, &want.at, Some(&want.spec.cluster)).await?;
    let Some(seen) = found.filter(|seen| !seen.is_gone()) else { return create(aws, want).await };
    if seen.is_draining() {
        return Ok(draining(&seen));
    }
    let mut change = Change::between(&seen, &want.spec);
    if change.desired && seen.tag(DESIRED) == Some(&want.spec.desired.to_string()) {
        // Nobody here wants another number than before.
        change.desired = !is_autoscaled(aws, &seen).await?;
    }
    if seen.tag(BACK) == Some(&want.token.0) {
        return back::go(aws, want, &seen).await;
    }
    if seen.tag(ROLLOUT) == Some(&want.token.0) {
        return follow(aws, want, &seen, change).await;
    }
    if change.rolls() {
        return begin(aws, want, &seen, change).await;
    }
    settle(aws, want, &seen, change).await
}

async fn create(aws: &Aws, want: &Want<Service>) -> Result<Progress> {
    if want.at.id.is_some() {
        // It was there: it may still be, where the read lags.
        want.may_create()?;
    }
    let made = match change::create(aws, want).await {
        Ok(made) => Seen(made),
        Err(ProviderError::Conflict(text)) if text.contains("not idempotent") => {
            return Err(ProviderError::NotYet("an earlier try made the service; it isn't shown yet".to_owned()));
        }
        Err(error) => return Err(error),
    };
    let note = Note::Tasks { healthy: 0, wanted: want.spec.desired, blocked: None };
    Ok(pending(&made, note))
}

/// Writes down which deployment is the newest before ours, then lets it roll.
async fn begin(aws: &Aws, want: &Want<Service>, seen: &Seen, change: Change) -> Result<Progress> {
    // An earlier try may have come this far though its tags aren't shown yet; with them it would be followed.
    want.may_create()?;
    let newest = deployments(aws, seen).await?.first().and_then(id_of).unwrap_or("none").to_owned();
    tag(aws, seen, [(ROLLOUT, want.token.0.clone()), (BEFORE, newest)]).await?;
    change::update(aws, seen, &want.spec, change).await?;
    tell(aws, want, seen).await
}

/// Goes on with the rollout that an earlier try of this put began.
async fn follow(aws: &Aws, want: &Want<Service>, seen: &Seen, change: Change) -> Result<Progress> {
    let going = seen.primary().is_some_and(|one| one.rollout_state() == Some(&DeploymentRolloutState::InProgress));
    if going && !change.other_tasks() && !is_late(want) {
        // On its way, whoever began it; which deployment it is matters only at its end.
        return tell(aws, want, seen).await;
    }
    let all = deployments(aws, seen).await?;
    let since = since(&all, seen);
    let Some(ours) = since.last() else { return unseen(aws, want, seen, change).await };
    use ServiceDeploymentStatus as Status;
    match ours.status() {
        Some(Status::Successful) if change.other_tasks() => Err(replaced()),
        Some(Status::Successful) => settle(aws, want, seen, Change { restart: false, ..change }).await,
        Some(Status::Pending | Status::InProgress) if is_late(want) => back::begin(aws, want, seen).await,
        Some(Status::Pending | Status::InProgress) if seen.is_stalled() => back::begin(aws, want, seen).await,
        Some(Status::Stopped | Status::StopRequested) if since.len() > 1 => Err(replaced()),
        Some(
            Status::Stopped
            | Status::StopRequested
            | Status::RollbackRequested
            | Status::RollbackInProgress
            | Status::RollbackSuccessful
            | Status::RollbackFailed,
        ) => back::begin(aws, want, seen).await,
        _ => tell(aws, want, seen).await,
    }
}

/// Tagged, but no deployment is shown: either the update was never made, or it isn't shown yet.
async fn unseen(aws: &Aws, want: &Want<Service>, seen: &Seen, change: Change) -> Result<Progress> {
    if !change.rolls() {
        return settle(aws, want, seen, change).await;
    }
    // A forced one would begin a second time; any other call that is repeated changes nothing.
    let may_be_there = change.is_forced() && want.tried.is_some_and(|ago| ago < LAG);
    if !may_be_there {
        change::update(aws, seen, &want.spec, change).await?;
    }
    tell(aws, want, seen).await
}

/// What needs no other tasks is changed at once; then it is waited for.
async fn settle(aws: &Aws, want: &Want<Service>, seen: &Seen, change: Change) -> Result<Progress> {
    if !change.is_none() {
        change::update(aws, seen, &want.spec, change).await?;
        return tell(aws, want, seen).await;
    }
    let stands = stand(aws, seen, &want.spec).await?;
    if !stands.steady {
        // Of a rollout that AWS calls a success there is no way back but another rollout, which is people's to begin.
        let may_go_back = seen.tag(ROLLOUT) != Some(&want.token.0) && is_late(want);
        let back = seen.is_stalled() || may_go_back;
        return if back { back::begin(aws, want, seen).await } else { Ok(told(seen, stands)) };
    }
    let (desired, restarts) = (want.spec.desired.to_string(), want.spec.restarts.to_string());
    if seen.tag(DESIRED) != Some(&desired) || seen.tag(RESTARTS) != Some(&restarts) {
        tag(aws, seen, [(DESIRED, desired), (RESTARTS, restarts)]).await?;
    }
    Ok(Progress::Done(observed(seen)))
}

/// How many of its tasks are well, and whether nothing is left to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) healthy: u32,
    pub(super) wanted: u32,
    pub(super) steady: bool,
}

/// Counts. Targets are asked for only once as many tasks run as are wanted: until then that is what it waits for.
pub(super) async fn stand(aws: &Aws, seen: &Seen, spec: &Service) -> Result<Standing> {
    let wanted = count(seen.0.desired_count());
    let Some(primary) = seen.primary() else { return Ok(Standing { healthy: 0, wanted, steady: false }) };
    let running = count(primary.running_count());
    if running < wanted {
        return Ok(Standing { healthy: running, wanted, steady: false });
    }
    let mut healthy = running.min(wanted);
    // Targets don't tell whose they are: those of tasks on their way out are taken off.
    let leaving = count(seen.0.running_count()).saturating_sub(running);
    for target in if wanted == 0 { &[] } else { spec.targets.as_slice() } {
        healthy = healthy.min(healthy_targets(aws, &target.group).await?.saturating_sub(leaving));
    }
    let alone = seen.0.deployments().len() == 1 && seen.tasks() == wanted;
    let complete = primary.rollout_state() == Some(&DeploymentRolloutState::Completed);
    Ok(Standing { healthy, wanted, steady: healthy == wanted && alone && complete })
}

async fn healthy_targets(aws: &Aws, group: &str) -> Result<u32> {
    use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum::Healthy;
    let answer = aws.elb.read.describe_target_health().target_group_arn(group).send().await.map_err(trouble)?;
    let states = answer.target_health_descriptions().iter().filter_map(|one| one.target_health()?.state());
    Ok(u32::try_from(states.filter(|state| **state == Healthy).count()).unwrap_or(u32::MAX))
}

/// Whether something else says how many tasks it has.
pub(super) async fn is_autoscaled(aws: &Aws, seen: &Seen) -> Result<bool> {
    Ok(!autoscaled::of(aws, &[seen.arn()]).await?.is_empty())
}

/// Says how far it is.
async fn tell(aws: &Aws, want: &Want<Service>, seen: &Seen) -> Result<Progress> {
    Ok(told(seen, stand(aws, seen, &want.spec).await?))
}

fn told(seen: &Seen, Standing { healthy, wanted, .. }: Standing) -> Progress {
    pending(seen, Note::Tasks { healthy, wanted, blocked: story::blocked(&seen.0) })
}

pub(super) fn pending(seen: &Seen, note: Note) -> Progress {
    Progress::Pending { seen: observed(seen), note, again: AGAIN }
}

/// Its tasks go; a service of that name can be made once they have.
pub(super) fn draining(seen: &Seen) -> Progress {
    pending(seen, Note::Draining { left: seen.tasks().max(1) })
}

pub(super) fn is_late(want: &Want<Service>) -> bool {
    want.begun >= Duration::from_secs(u64::from(want.spec.deadline))
}

fn replaced() -> ProviderError {
    ProviderError::Conflict(
        "somebody else began another rollout of this service before ours was done; look at what runs, then deploy again"
            .to_owned(),
    )
}

pub(super) async fn tag<const N: usize>(aws: &Aws, seen: &Seen, tags: [(&str, String); N]) -> Result<()> {
    let tags = tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let call = aws.ecs.set.tag_resource().resource_arn(seen.arn()).set_tags(Some(tags.collect()));
    call.send().await.map_err(trouble)?;
    Ok(())
}

/// The service's deployments, the newest first. AWS keeps those of 90 days; the last hundred of them are enough.
pub(super) async fn deployments(aws: &Aws, seen: &Seen) -> Result<Vec<ServiceDeploymentBrief>> {
    let call = aws.ecs.read.list_service_deployments().cluster(seen.cluster()).service(seen.name()).max_results(100);
    match call.send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.service_deployments.unwrap_or_default()),
        Err(error) if error.is(&["ServiceNotFoundException"]) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Those that came after the one that was tagged as the newest before ours: ours is the last of them.
pub(super) fn since<'d>(all: &'d [ServiceDeploymentBrief], seen: &Seen) -> &'d [ServiceDeploymentBrief] {
    let before = all.iter().position(|one| id_of(one).is_some() && id_of(one) == seen.tag(BEFORE));
    &all[..before.unwrap_or(all.len())]
}

/// The last part of a deployment's ARN.
fn id_of(one: &ServiceDeploymentBrief) -> Option<&str> {
    one.service_deployment_arn()?.rsplit('/').next()
}
