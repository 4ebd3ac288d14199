//! How many nodes a cluster needs for what runs on it.
//!
//! A computation over what tasks ask for, not over what they use. The runtime places tasks by its own judgement, so
//! this is a fit that exists, not the one that will be.

use super::draft::error;
use gantry_engine::environment::{Environment, Running};
use gantry_engine::names::{ClusterName, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::project::{Capacity, Cluster};

/// Between the cluster's `min` and `max`: enough for every task, and for the new tasks of the largest rollout beside
/// the old ones.
///
/// # Errors
/// When the tasks alone don't fit on `max` nodes.
pub(super) fn nodes(env: &Environment, name: &ClusterName) -> Result<u32, Finding> {
    let cluster = &env.clusters[name];
    let here = || env.services.iter().filter(|(_, running)| running.service.cluster == *name);
    for (service, running) in here() {
        check_size(service, running, name, cluster)?;
    }
    let tasks = || here().map(|(_, running)| (running.service.size, running.replicas));
    let Some(needed) = pack(cluster, tasks()) else {
        let largest = here().max_by_key(|(_, running)| running.replicas).map_or("", |(service, _)| service.as_str());
        return Err(error(
            format!("the tasks of {} don't fit on the {} nodes of cluster `{name}`", env.key, cluster.max),
            format!("raise `max` of `[clusters.{name}]`, or run fewer tasks (most are of `{largest}`)"),
        ));
    };
    let surge = here().map(|(_, running)| (running.service.size, surge(running))).max_by_key(|(size, count)| {
        (u64::from(size.cpu_millis) * u64::from(*count), u64::from(size.memory_mib) * u64::from(*count))
    });
    // Without room for it on `max` nodes a rollout waits for room, which is no reason to refuse a deploy.
    let needed = pack(cluster, tasks().chain(surge)).unwrap_or(cluster.max).max(needed);
    Ok(needed.clamp(cluster.min, cluster.max.max(cluster.min)))
}

/// How many new tasks a rollout starts before it stops old ones: the runtime's batch is half of them. What has a volume
/// stops first.
fn surge(running: &Running) -> u32 {
    if running.service.volume.is_some() { 0 } else { running.replicas.div_ceil(2) }
}

fn check_size(service: &ServiceName, running: &Running, name: &ClusterName, on: &Cluster) -> Result<(), Finding> {
    let (size, node) = (running.service.size, on.node);
    if size.cpu_millis <= node.cpu_millis && size.memory_mib <= node.memory_mib {
        return Ok(());
    }
    let show = |size: Capacity| format!("{} cpu millis and {} MiB", size.cpu_millis, size.memory_mib);
    Err(error(
        format!("one task of `{service}` takes {}, a node of cluster `{name}` has {}", show(size), show(node)),
        format!("give `[clusters.{name}]` larger nodes, or `[services.{service}]` a smaller `size`"),
    ))
}

/// The number of nodes that first-fit-decreasing takes; none if that is more than `max`.
fn pack(cluster: &Cluster, tasks: impl Iterator<Item = (Capacity, u32)>) -> Option<u32> {
    let mut tasks: Vec<_> = tasks.filter(|(size, _)| size.cpu_millis > 0 || size.memory_mib > 0).collect();
    tasks.sort_by_key(|(size, _)| std::cmp::Reverse((size.cpu_millis, size.memory_mib)));
    let mut free: Vec<Capacity> = Vec::new();
    for (size, count) in tasks {
        // Equal tasks that didn't fit on a node won't later, so each node is looked at once per size.
        let mut left = count;
        let mut at = 0;
        while left > 0 {
            if at == free.len() {
                if at >= cluster.max as usize {
                    return None;
                }
                free.push(cluster.node);
            }
            let taken = fits(free[at], size).min(left);
            free[at].cpu_millis -= size.cpu_millis * taken;
            free[at].memory_mib -= size.memory_mib * taken;
            left -= taken;
            at += 1;
        }
    }
    u32::try_from(free.len()).ok()
}

/// How many tasks of a size fit into what is free.
fn fits(free: Capacity, size: Capacity) -> u32 {
    let by = |free: u32, size: u32| free.checked_div(size).unwrap_or(u32::MAX);
    by(free.cpu_millis, size.cpu_millis).min(by(free.memory_mib, size.memory_mib))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cpu_millis: u32, memory_mib: u32) -> Capacity {
        Capacity { cpu_millis, memory_mib }
    }

    fn packed(max: u32, tasks: &[(Capacity, u32)]) -> Option<u32> {
        pack(&Cluster { min: 1, max, node: size(1000, 1024), settings: [].into() }, tasks.iter().copied())
    }

    #[test]
    fn tasks_are_packed_by_what_they_ask_for() {
        assert_eq!(packed(9, &[]), Some(0));
        assert_eq!(packed(9, &[(size(250, 64), 4)]), Some(1));
        assert_eq!(packed(9, &[(size(250, 64), 5)]), Some(2));
        assert_eq!(packed(9, &[(size(600, 64), 3)]), Some(3), "two of these don't share a node");
        assert_eq!(packed(9, &[(size(100, 64), 4), (size(600, 64), 2)]), Some(2), "small ones fill the gaps");
        assert_eq!(packed(9, &[(size(10, 600), 2)]), Some(2), "memory counts too");
        assert_eq!(packed(2, &[(size(600, 64), 3)]), None);
        assert_eq!(packed(2, &[(size(0, 0), u32::MAX)]), Some(0));
        assert_eq!(packed(5, &[(size(1, 0), u32::MAX)]), None);
    }
}
