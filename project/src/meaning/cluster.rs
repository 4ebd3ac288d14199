//! Clusters: how many nodes of what size.

use super::{Check, amounts};
use crate::finding::Finding;
use crate::raw::{self, At, Named, Nodes};
use gantry_engine::names::ClusterName;
use gantry_engine::project::{Capacity, Cluster};
use std::collections::BTreeMap;

pub(super) fn clusters(check: &mut Check<'_>, tables: &Named<raw::Cluster>) -> BTreeMap<ClusterName, Cluster> {
    tables
        .iter()
        .filter_map(|(name, table)| {
            let cluster = cluster(check, name, &table.value);
            check.name(name, ClusterName::new).zip(cluster)
        })
        .collect()
}

fn cluster(check: &mut Check<'_>, name: &At<String>, table: &raw::Cluster) -> Option<Cluster> {
    let node = capacity(check, &table.node.value.cpu, &table.node.value.memory);
    let nodes = table.nodes.as_ref()?;
    let (min, max) = match &nodes.value {
        Nodes::Fixed(count) => (*count, *count),
        Nodes::Range(range) => (range.min?, range.max?),
    };
    if min > max {
        let message = format!("`min` is {min}, which is more than `max`, {max}");
        let remedy = format!("for example: `nodes = {{ min = {max}, max = {min} }}`");
        check.report(Finding::error(&nodes.span, message).label("no number is in between").remedy_is(remedy));
        return None;
    }
    Some(Cluster { min, max, node: node?, settings: check.settings("clusters", &name.value) })
}

/// Processors and memory together.
pub(super) fn capacity(check: &mut Check<'_>, cpu: &At<raw::Amount>, memory: &At<raw::Size>) -> Option<Capacity> {
    let cpu_millis = check.read(&cpu.span, amounts::millis(&cpu.value));
    let memory_mib = check.read(&memory.span, amounts::mebibytes(&memory.value.0));
    Some(Capacity { cpu_millis: cpu_millis?, memory_mib: memory_mib? })
}
