//! Whether clusters are large enough. A task larger than a node never runs; too many tasks only wait.

use super::Check;
use super::service::Drafted;
use crate::finding::Finding;
use gantry_engine::names::ClusterName;
use gantry_engine::project::{Capacity, Cluster};
use std::collections::BTreeMap;

pub(super) fn check(check: &mut Check<'_>, clusters: &BTreeMap<ClusterName, Cluster>, services: &[Drafted]) {
    for (name, cluster) in clusters {
        let on: Vec<&Drafted> = services.iter().filter(|drafted| drafted.service.cluster == *name).collect();
        for drafted in &on {
            let size = drafted.service.size;
            if size.cpu_millis > cluster.node.cpu_millis || size.memory_mib > cluster.node.memory_mib {
                let message = format!("a task of `{}` doesn't fit on a node of cluster `{name}`", drafted.name);
                let remedy = format!(
                    "the task takes {}, the node offers {}: make one smaller or the other larger",
                    told(size),
                    told(cluster.node)
                );
                check.report(Finding::error(&drafted.declared, message).label("too large").remedy_is(remedy));
            }
        }
        let sum = |part: fn(Capacity) -> u32| -> u64 {
            on.iter().map(|d| u64::from(part(d.service.size)) * u64::from(d.service.replicas)).sum()
        };
        let all = |part: fn(Capacity) -> u32| u64::from(part(cluster.node)) * u64::from(cluster.max);
        let too_much = |part: fn(Capacity) -> u32| sum(part) > all(part);
        let (what, enough) = (too_much(|c| c.cpu_millis), too_much(|c| c.memory_mib));
        if let (Some(first), true) = (on.first(), what || enough) {
            let lacking = if what { "processors" } else { "memory" };
            let message = format!("cluster `{name}` hasn't enough {lacking} for all its services");
            let remedy = "tasks will wait for room: more or larger nodes, fewer replicas, or smaller tasks";
            check.report(Finding::warning(&first.declared, message).label("first of them").remedy_is(remedy));
        }
    }
}

fn told(capacity: Capacity) -> String {
    format!("{}m of cpu and {}MiB", capacity.cpu_millis, capacity.memory_mib)
}
