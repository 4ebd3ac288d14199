//! A service's end: it is deleted with its tasks, and waited for until the last of them has let go of its network
//! interface.

use super::super::tasks;
use super::super::{Aws, Result, gone, trouble};
use super::look::{Seen, look};
use super::rollout::{draining, pending};
use gantry_engine::provider::{Note, Progress, Remove};

pub(super) async fn remove(aws: &Aws, want: &Remove) -> Result<Progress> {
    let Some(seen) = look(aws, &want.at, None).await? else { return Ok(gone()) };
    if seen.is_gone() {
        return last_tasks(aws, &seen).await;
    }
    if !seen.is_draining() {
        // `force` scales it to 0 first (ECS API reference, DeleteService).
        let call = aws.ecs.write.delete_service().cluster(seen.cluster()).service(seen.name()).force(true);
        match call.send().await.map_err(trouble) {
            Err(error) if !error.is(&["ServiceNotFoundException", "ServiceNotActiveException"]) => {
                return Err(error.into());
            }
            _ => {}
        }
    }
    Ok(draining(&seen))
}

/// AWS calls a service inactive as soon as its tasks are ending; a task that has stopped has no network interface any
/// more (ECS developer guide, "Task lifecycle": it goes while the task is deprovisioning).
async fn last_tasks(aws: &Aws, seen: &Seen) -> Result<Progress> {
    let ending = tasks::of_service(aws, seen.cluster(), seen.name(), tasks::Which::Ending).await?;
    let left = ending.iter().filter(|task| task.last_status() != Some("STOPPED")).count();
    match u32::try_from(left).unwrap_or(u32::MAX) {
        0 => Ok(gone()),
        left => Ok(pending(seen, Note::Draining { left })),
    }
}
