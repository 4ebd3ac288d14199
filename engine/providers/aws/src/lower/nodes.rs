//! Machines of ours for a cluster: how they start, a group of them, and the capacity provider through which ECS scales
//! the group and drains its machines. A service with a volume has a machine of its own, where the volume is.

use super::draft::{Draft, after, fill, id, known, list, ready};
use super::network::{Network, Place};
use super::policy::Policy;
use crate::kinds::{ARN, CapacityProvider, InstanceProfile, LaunchTemplate, Role, ScalingGroup, role};
use crate::marks;
use crate::prices::is_arm;
use gantry_engine::address::Addr;
use gantry_engine::ports::Finding;
use gantry_engine::value::{Spec, Value};

/// Where a machine finds its volume; the container sees the same folder where its service says.
pub(super) const MOUNT: &str = "/mnt/volume";

/// What a machine runs when it starts. Variables come before it.
const START: &str = include_str!("node.sh");

/// What a container instance needs (ECS developer guide, "Amazon ECS container instance IAM role").
const NODE_POLICY: &str = "policy/service-role/AmazonEC2ContainerServiceforEC2Role";

/// The size of a machine's own disk in GiB: that of the image (ECS developer guide, "Amazon ECS-optimized Linux AMIs").
pub(crate) const DISK_GIB: u32 = 30;

/// How much of the group tasks should use, in per cent: all of it, as nobody pays for spare machines unasked.
const TARGET: u32 = 100;

/// What machines are wanted.
#[derive(Clone, Copy)]
pub(super) struct Nodes<'a> {
    /// Under which component they stand.
    pub(super) component: &'a str,
    /// What their parts begin with: nothing, or `node-` where they aren't all of the component.
    pub(super) prefix: &'a str,
    /// The ECS cluster that they join.
    pub(super) cluster: &'a Addr,
    /// Their security group.
    pub(super) group: &'a Addr,
    /// Their type.
    pub(super) instance: &'a str,
    /// Where they may stand.
    pub(super) places: &'a [Place],
    /// How many there are, at least and at most.
    pub(super) bounds: (u32, u32),
    /// The volume that the one machine brings along.
    pub(super) volume: Option<&'a Addr>,
}

/// Machines that were made.
#[derive(Clone)]
pub(super) struct Made {
    /// The group.
    pub(super) group: Addr,
    /// The capacity provider.
    pub(super) provider: Addr,
}

pub(super) fn lower(draft: &mut Draft<'_>, network: &Network, nodes: &Nodes<'_>) -> Result<Made, Finding> {
    let (component, prefix) = (nodes.component, nodes.prefix);
    let part = |name: &str| format!("{prefix}{name}");
    let spec = role(draft, nodes);
    let role = draft.add::<Role>(component, &part("role"), spec)?;
    let spec = Spec::new().with("role", ready(&role, role::NAME));
    let profile = draft.add::<InstanceProfile>(component, &part("profile"), spec)?;
    let spec = template(draft, nodes, &profile);
    let template = draft.add::<LaunchTemplate>(component, &part("template"), spec)?;
    let spec = Spec::new()
        .with("template", id(&template))
        .with("instance_type", nodes.instance)
        .with("subnets", list(nodes.places.iter().map(|place| place.subnet.clone())))
        .with("min", nodes.bounds.0)
        .with("max", nodes.bounds.1)
        .with("protected", true);
    // A machine that can't reach ECS when it starts doesn't join.
    let group = draft.add::<ScalingGroup>(component, "nodes", after(spec, network.ways.clone()))?;
    // Made while the first machines still start: only those that join later belong to it.
    let spec = Spec::new().with("group", known(&group, ARN)).with("target", TARGET);
    let provider = draft.add::<CapacityProvider>(component, "provider", spec)?;
    Ok(Made { group, provider })
}

/// What a machine may do: be a container instance, and attach exactly its volume.
fn role(draft: &Draft<'_>, nodes: &Nodes<'_>) -> Spec {
    let managed = format!("arn:{}:iam::aws:{NODE_POLICY}", draft.wanted.found.partition);
    let spec = Spec::new().with("service", "ec2.amazonaws.com").with("managed", list([Value::text(managed)]));
    let Some(volume) = nodes.volume else { return spec };
    let key = &draft.wanted.env.key;
    let tags = [
        (marks::PROJECT, key.project.to_string()),
        (marks::ENVIRONMENT, key.env.to_string()),
        (marks::RESOURCE, format!("{}/nodes", nodes.component)),
    ];
    let mut policy = Policy::default();
    policy.allow(&["ec2:AttachVolume"], vec![draft.arn("ec2", "volume/{volume}")]);
    policy.allow_tagged(&["ec2:AttachVolume"], vec![draft.arn("ec2", "instance/*")], &tags);
    match policy.text() {
        Some(text) => spec.with("policy", fill(&text, &[("{volume}", id(volume))])),
        None => spec,
    }
}

fn template(draft: &Draft<'_>, nodes: &Nodes<'_>, profile: &Addr) -> Spec {
    let arm = if is_arm(nodes.instance) { "arm64/" } else { "" };
    let image = format!("resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/{arm}recommended/image_id");
    let volume = if nodes.volume.is_some() { "{volume}" } else { "" };
    let region = &draft.wanted.found.region;
    let variables =
        format!("#!/bin/bash\nECS_CLUSTER={{cluster}}\nREGION={region}\nVOLUME_ID={volume}\nMOUNT={MOUNT}\n");
    let mut marks = vec![("{cluster}", id(nodes.cluster))];
    marks.extend(nodes.volume.map(|volume| ("{volume}", id(volume))));
    Spec::new()
        .with("image", image)
        .with("instance_type", nodes.instance)
        .with("profile", ready(profile, ARN))
        .with("groups", list([id(nodes.group)]))
        .with("user_data", Value::Join([vec![fill(&variables, &marks)], vec![Value::text(START)]].concat()))
        .with("disk_gib", DISK_GIB)
}
