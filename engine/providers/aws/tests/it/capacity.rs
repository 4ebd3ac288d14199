//! Roles, clusters, and the machines that they run on.

use crate::bed::{Bed, own_id};
use gantry_engine::provider::Observed;
use serde_json::json;

fn arn(seen: &Observed) -> String {
    seen.outputs.iter().find(|(output, _)| output.as_str() == "arn").map(|(_, arn)| arn.clone()).expect("an ARN")
}

#[tokio::test]
async fn a_role_is_made_changed_and_removed_with_what_hangs_on_it() {
    let mut bed = Bed::new();
    let managed = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}"#;
    bed.lose_reply_of("iam.CreateRole");
    let spec = json!({ "service": "ec2.amazonaws.com", "managed": [managed], "policy": policy });
    let role = bed.put("aws.role", "role", spec.clone()).await;
    assert_eq!(bed.count("iam", "role"), 1);
    bed.lose_reply_of("iam.CreateInstanceProfile");
    let profile = bed.put("aws.instance-profile", "profile", json!({ "role": own_id(&role) })).await;
    assert_eq!(bed.listed().await, ["aws.instance-profile profile", "aws.role role"]);
    bed.standin.forget_calls();
    bed.restart();
    assert_eq!(bed.update("aws.role", "role", spec, &role).await, role);
    assert_eq!(bed.mutations(), [""; 0], "nothing to change");
    let other = json!({ "service": "ec2.amazonaws.com" });
    assert_eq!(bed.update("aws.role", "role", other, &role).await, role);
    assert_eq!(bed.mutations(), ["DeleteRolePolicy", "DetachRolePolicy"]);
    bed.remove("aws.instance-profile", "profile", None).await;
    bed.remove("aws.role", "role", None).await;
    bed.remove("aws.instance-profile", "profile", profile.id.as_ref()).await;
    assert_eq!(bed.count("iam", "role") + bed.count("iam", "instance-profile"), 0);
}

#[tokio::test]
async fn a_cluster_with_machines_lives_and_goes() {
    let bed = Bed::new();
    let vpc = bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
    let subnet = |cidr: &str, zone: &str| json!({ "vpc": own_id(&vpc), "cidr": cidr, "zone": zone, "public": false });
    let a = bed.put("aws.subnet", "a", subnet("10.20.0.0/24", "eu-central-1a")).await;
    let b = bed.put("aws.subnet", "b", subnet("10.20.1.0/24", "eu-central-1b")).await;
    let group = json!({ "vpc": own_id(&vpc), "description": "nodes" });
    let group = bed.put("aws.security-group", "nodes", group).await;
    let managed = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    let role = bed.put("aws.role", "role", json!({ "service": "ec2.amazonaws.com", "managed": [managed] })).await;
    let profile = bed.put("aws.instance-profile", "profile", json!({ "role": own_id(&role) })).await;
    bed.lose_reply_of("ecs.CreateCluster");
    let cluster = bed.put("aws.cluster", "cluster", json!({ "insights": false })).await;
    let template = json!({
        "image": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        "instance_type": "t3.small", "profile": arn(&profile), "groups": [own_id(&group)], "disk_gib": 30,
        "user_data": format!("#!/bin/bash\necho ECS_CLUSTER={} >> /etc/ecs/ecs.config\n", own_id(&cluster)),
    });
    bed.lose_reply_of("ec2.CreateLaunchTemplate");
    let template = bed.put("aws.launch-template", "template", template).await;
    let versions = json!({ "LaunchTemplateId": own_id(&template), "Versions": ["$Default"] });
    let data = &bed.standin.act("ec2", "describe_launch_template_versions", &versions)["LaunchTemplateVersions"][0]["LaunchTemplateData"];
    let metadata = &data["MetadataOptions"];
    assert_eq!(metadata["HttpTokens"], "required", "IMDSv2 only: {data}");
    assert_eq!(metadata["HttpPutResponseHopLimit"], 1, "not from within containers' own networks: {data}");
    bed.lose_reply_of("autoscaling.CreateAutoScalingGroup");
    let nodes = |min: u32, max: u32| json!({ "template": own_id(&template), "subnets": [own_id(&a), own_id(&b)], "min": min, "max": max, "protected": true });
    let nodes_2 = bed.put("aws.scaling-group", "nodes", nodes(2, 3)).await;
    assert_eq!(bed.count("ec2", "instance"), 2);
    bed.lose_reply_of("ecs.CreateCapacityProvider");
    let provider = json!({ "group": arn(&nodes_2), "target": 100 });
    let provider = bed.put("aws.capacity-provider", "provider", provider).await;
    let capacity = json!({ "cluster": own_id(&cluster), "providers": [own_id(&provider)] });
    bed.put("aws.cluster-capacity", "capacity", capacity).await;
    bed.update("aws.scaling-group", "nodes", nodes(3, 4), &nodes_2).await;
    assert_eq!(bed.count("ec2", "instance"), 3);
    let listed = bed.listed().await;
    assert_eq!(listed.iter().filter(|what| what.starts_with("aws.scaling-group")).count(), 1, "{listed:?}");

    bed.remove("aws.scaling-group", "nodes", None).await;
    assert_eq!(bed.count("ec2", "instance"), 0);
    bed.remove("aws.launch-template", "template", None).await;
    // It takes along what ties the provider to it, as nobody else would where that was never written down.
    bed.remove("aws.cluster", "cluster", None).await;
    bed.remove("aws.capacity-provider", "provider", None).await;
    for (kind, part) in [
        ("aws.instance-profile", "profile"),
        ("aws.role", "role"),
        ("aws.security-group", "nodes"),
        ("aws.subnet", "a"),
        ("aws.subnet", "b"),
        ("aws.vpc", "vpc"),
    ] {
        bed.remove(kind, part, None).await;
    }
    assert_eq!(bed.listed().await, [""; 0]);
}
