//! The way back: of a rollout that AWS gave up, that took too long, or that people took back.
//!
//! AWS goes back by itself where a deployment was complete before (`StopServiceDeployment`, or the circuit breaker).
//! What it doesn't do is done here: the number of tasks as it was, a service that never served, and a rollback that
//! AWS didn't make though there is something to go back to.

use super::super::task_definition::described;
use super::super::{Aws, Result, Want, trouble};
use super::change::Change;
use super::look::{Seen, look};
use super::rollout::{deployments, draining, is_autoscaled, pending, since, stand, tag};
use super::{BACK, DESIRED, ROLLOUT, story};
use crate::drivers::ecs::pairs;
use crate::drivers::task_definition::VERSION;
use crate::kinds::Service;
use crate::marks;
use aws_sdk_ecs::types::{
    Deployment, ServiceDeploymentBrief, ServiceDeploymentStatus as Status, StopServiceDeploymentStopType as StopType,
};
use gantry_engine::environment::ReleaseNo;
use gantry_engine::journal::Serving;
use gantry_engine::names::Version;
use gantry_engine::provider::{Note, Progress};

/// Remembers that this put is taken back, unless it is done already.
pub(super) async fn abort(aws: &Aws, want: &Want<Service>) -> Result<()> {
    let Some(seen) = look(aws, &want.at, Some(&want.spec.cluster)).await? else { return Ok(()) };
    if seen.is_gone() || seen.is_draining() || seen.tag(BACK) == Some(&want.token.0) {
        return Ok(());
    }
    let done = if seen.tag(ROLLOUT) == Some(&want.token.0) {
        let all = deployments(aws, &seen).await?;
        since(&all, &seen).last().is_some_and(|ours| ours.status() == Some(&Status::Successful))
    } else {
        let desired = want.spec.desired.to_string();
        seen.tag(DESIRED) == Some(&desired) && Change::between(&seen, &want.spec).is_none()
    };
    if done {
        return Ok(());
    }
    tag(aws, &seen, [(BACK, want.token.0.clone())]).await
}

/// Remembers that this put is taken back, and takes the first step.
pub(super) async fn begin(aws: &Aws, want: &Want<Service>, seen: &Seen) -> Result<Progress> {
    tag(aws, seen, [(BACK, want.token.0.clone())]).await?;
    go(aws, want, seen).await
}

/// The next step back.
pub(super) async fn go(aws: &Aws, want: &Want<Service>, seen: &Seen) -> Result<Progress> {
    let all = if seen.tag(ROLLOUT) == Some(&want.token.0) { deployments(aws, seen).await? } else { Vec::new() };
    let ours = since(&all, seen).last();
    if !seen.has_served() {
        return end(aws, want, seen, ours).await;
    }
    match ours.and_then(ServiceDeploymentBrief::status) {
        Some(Status::Pending | Status::InProgress) if !seen.is_stalled() => {
            stop(aws, ours).await?;
            return Ok(falling(seen));
        }
        Some(Status::RollbackRequested | Status::RollbackInProgress | Status::StopRequested) => {
            return Ok(falling(seen));
        }
        _ => {}
    }
    if seen.is_stalled() {
        return unstall(aws, want, seen, ours).await;
    }
    let before: Option<i32> = seen.tag(DESIRED).and_then(|number| number.parse().ok());
    if let Some(before) = before.filter(|before| *before != seen.0.desired_count())
        && !is_autoscaled(aws, seen).await?
    {
        scale(aws, seen, before).await?;
        return Ok(falling(seen));
    }
    if !stand(aws, seen, &want.spec).await?.steady {
        return Ok(falling(seen));
    }
    Ok(Progress::Reverted { serving: serving(aws, seen).await?, why: story::why(aws, want, seen, ours).await? })
}

/// There is nothing to go back to: no task stays.
async fn end(aws: &Aws, want: &Want<Service>, seen: &Seen, ours: Option<&ServiceDeploymentBrief>) -> Result<Progress> {
    if seen.0.desired_count() > 0 {
        scale(aws, seen, 0).await?;
        return Ok(draining(seen));
    }
    if seen.tasks() > 0 {
        return Ok(draining(seen));
    }
    Ok(Progress::Reverted { serving: Serving::Nothing, why: story::why(aws, want, seen, ours).await? })
}

/// AWS gave up and didn't go back. Where tasks of what served before are still there, that is rolled out again.
async fn unstall(
    aws: &Aws,
    want: &Want<Service>,
    seen: &Seen,
    ours: Option<&ServiceDeploymentBrief>,
) -> Result<Progress> {
    let given_up = seen.primary().and_then(|one| one.task_definition());
    // The rollback itself may be what failed: what it goes back from isn't tried again.
    let others = seen.0.deployments().iter().filter_map(|one| one.task_definition());
    let other = others.into_iter().find(|one| Some(*one) != given_up && *one != want.spec.task);
    if let Some(other) = other {
        let call = aws.ecs.write.update_service().cluster(seen.cluster()).service(seen.name()).task_definition(other);
        call.send().await.map_err(trouble)?;
        return Ok(falling(seen));
    }
    let runs = seen.primary().is_some_and(|one| one.running_count() > 0);
    let serving = if runs { serving(aws, seen).await? } else { Serving::Nothing };
    Ok(Progress::Reverted { serving, why: story::why(aws, want, seen, ours).await? })
}

async fn stop(aws: &Aws, ours: Option<&ServiceDeploymentBrief>) -> Result<()> {
    let arn = ours.and_then(ServiceDeploymentBrief::service_deployment_arn).unwrap_or_default();
    let call = aws.ecs.write.stop_service_deployment().service_deployment_arn(arn).stop_type(StopType::Rollback);
    match call.send().await.map_err(trouble) {
        // It ended meanwhile, one way or the other; the next look tells.
        Err(error) if error.is(&["ConflictException", "ServiceDeploymentNotFoundException"]) => Ok(()),
        answer => Ok(answer.map(drop)?),
    }
}

async fn scale(aws: &Aws, seen: &Seen, desired: i32) -> Result<()> {
    let call = aws.ecs.write.update_service().cluster(seen.cluster()).service(seen.name()).desired_count(desired);
    call.send().await.map_err(trouble)?;
    Ok(())
}

fn falling(seen: &Seen) -> Progress {
    let running = seen.primary().map_or(0, Deployment::running_count);
    let wanted = seen.0.desired_count();
    pending(seen, Note::Other(format!("going back to what served before; {running} of {wanted} tasks run")))
}

/// What serves now: the release that the task definition belongs to.
async fn serving(aws: &Aws, seen: &Seen) -> Result<Serving> {
    let arn = seen.primary().and_then(|one| one.task_definition()).unwrap_or_default();
    let tags = described(aws, arn).await?.map(|(_, tags)| tags).unwrap_or_default();
    let number = marks::from_tags(pairs(&tags)).and_then(|mark| release(mark.addr.part.as_str()));
    let version = pairs(&tags).find(|(key, _)| *key == VERSION).map(|(_, value)| value.to_owned());
    // A task definition of somebody else says what it is only by its own name.
    let name = || arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let version = version.or_else(|| number.map(|number| number.to_string())).unwrap_or_else(name);
    Ok(Serving::Release { number, version: Version::new(&version) })
}

/// The release's number in the name of its task definition (`task-3`).
pub(in crate::drivers) fn release(part: &str) -> Option<ReleaseNo> {
    part.rsplit('-').next()?.parse().ok().map(ReleaseNo)
}
