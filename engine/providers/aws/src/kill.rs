//! Ends a task or a node on purpose, to see what happens.

use crate::drivers::service::all_of;
use crate::drivers::tasks::{self, Which};
use crate::drivers::{Aws, Listing, Result, trouble};
use crate::live::{Machine, machines};
use gantry_engine::provider::{Killed, ProviderError};

/// What `StopTask` is told, and what AWS shows as the reason.
const REASON: &str = "ended by Gantry's kill";

/// Stops a task by its id, or terminates a node by its instance id. Only what is the environment's own can be meant:
/// the nodes of a cluster that was there before aren't.
pub(crate) async fn kill(aws: &Aws, of: &Listing<'_>, target: &str) -> Result<Killed> {
    let services = all_of(aws, of).await?;
    let mut names = Vec::new();
    for one in &services {
        let cluster = one.service.cluster_arn().unwrap_or_default();
        let service = one.service.service_name().unwrap_or_default();
        for task in tasks::of_service(aws, cluster, service, Which::Running).await? {
            let id = tasks::id(&task);
            if id == target {
                let call = aws.ecs.write.stop_task().cluster(cluster).task(id).reason(REASON);
                call.send().await.map_err(trouble)?;
                return Ok(Killed::Task(target.to_owned()));
            }
            names.push(id.to_owned());
        }
    }
    let mut nodes = machines(aws, of, &services).await?;
    nodes.retain(|machine| machine.cluster.is_some());
    if let Some(machine) = nodes.iter().find(|machine| machine.id() == target) {
        aws.ec2.write.terminate_instances().instance_ids(target).send().await.map_err(trouble)?;
        return Ok(Killed::Node(target.to_owned(), machine.tasks()));
    }
    names.extend(nodes.iter().map(Machine::id).map(ToOwned::to_owned));
    names.sort();
    let there =
        if names.is_empty() { "nothing runs here".to_owned() } else { format!("there are {}", names.join(", ")) };
    Err(ProviderError::Invalid(format!("no node or task is called `{target}`; {there}")))
}
