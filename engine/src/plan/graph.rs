//! The order of steps: edges from references, no cycles.

use crate::address::Addr;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use std::collections::BTreeMap;

/// Resources that wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} wait for each other; take one of the references away", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct Cycle(pub Vec<Addr>);

/// Checks that needs have no cycle.
///
/// # Errors
/// [`Cycle`] names the resources of one.
pub(super) fn check<'a>(needs: &BTreeMap<&'a Addr, Vec<&'a Addr>>) -> Result<(), Cycle> {
    let mut graph = DiGraph::<&Addr, ()>::with_capacity(needs.len(), needs.len());
    let nodes: BTreeMap<&Addr, _> = needs.keys().map(|addr| (*addr, graph.add_node(*addr))).collect();
    for (from, all) in needs {
        for to in all {
            if from == to {
                return Err(Cycle(vec![(*from).clone()]));
            }
            if let Some(to) = nodes.get(to) {
                graph.add_edge(nodes[from], *to, ());
            }
        }
    }
    match tarjan_scc(&graph).into_iter().find(|component| component.len() > 1) {
        None => Ok(()),
        Some(component) => {
            let mut addrs: Vec<Addr> = component.into_iter().map(|node| graph[node].clone()).collect();
            addrs.sort();
            Err(Cycle(addrs))
        }
    }
}
