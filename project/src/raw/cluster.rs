//! `[clusters.NAME]`.

use super::{At, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Capacity under a name: nodes of one size.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[clusters.NAME]")]
pub(crate) struct Cluster {
    /// How many nodes: a number, or bounds for as many as the load asks for.
    #[schemars(required, example = 2, example = json!({ "min": 1, "max": 4 }), extend("x-also" = ["count", "size"]))]
    pub(crate) nodes: Option<At<Nodes>>,
    /// What one node offers.
    #[serde(default = "node")]
    pub(crate) node: At<Node>,
}

/// A number of nodes.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Nodes {
    /// So many, always.
    Fixed(#[schemars(range(min = 1, max = 1000))] u32),
    /// As many nodes as the load asks for, within bounds.
    Range(NodeRange),
}

/// Bounds for a number of nodes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[clusters.NAME.nodes]")]
pub(crate) struct NodeRange {
    /// At least so many.
    #[schemars(required, range(min = 1, max = 1000), example = 1)]
    pub(crate) min: Option<u32>,
    /// At most so many.
    #[schemars(required, range(min = 1, max = 1000), example = 4)]
    pub(crate) max: Option<u32>,
}

/// The size of one node.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[clusters.NAME.node]")]
pub(crate) struct Node {
    /// Processors: a whole number, or thousandths of one.
    #[serde(default = "node_cpu")]
    #[schemars(example = 2, example = &"500m", extend("x-also" = ["cpus", "cores"]))]
    pub(crate) cpu: At<Amount>,
    /// Memory.
    #[serde(default = "node_memory")]
    #[schemars(example = &"2GiB", extend("x-also" = ["ram", "mem"]))]
    pub(crate) memory: At<Size>,
}

/// An amount of processing.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Amount {
    /// Whole processors.
    Whole(#[schemars(range(min = 1, max = 1024))] u32),
    /// Thousandths: `500m`.
    Millis(#[schemars(title = "thousandths, such as `500m`", regex(pattern = "^[0-9]+m$"))] String),
}

fn node() -> At<Node> {
    At::given(Node { cpu: node_cpu(), memory: node_memory() })
}

fn node_cpu() -> At<Amount> {
    At::given(Amount::Whole(2))
}

fn node_memory() -> At<Size> {
    At::given(Size("2GiB".to_owned()))
}
