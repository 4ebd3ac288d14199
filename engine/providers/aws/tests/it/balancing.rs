//! Load balancers and what hangs on them.

use crate::bed::{Bed, own_id};
use gantry_engine::provider::Observed;
use serde_json::{Value as Json, json};

/// What AWS was told of a load balancer, its targets and its rule, by AWS's own account.
fn as_wanted(bed: &Bed, balancer: &Observed, group: &Observed, rule: &Observed) {
    let asked = |method: &str, params: &Json| bed.standin.act("elbv2", method, params);
    let of_group = json!({ "TargetGroupArn": own_id(group) });
    let delay = json!({ "Key": "deregistration_delay.timeout_seconds", "Value": "30" });
    let attributes = asked("describe_target_group_attributes", &of_group);
    assert!(attributes["Attributes"].as_array().is_some_and(|all| all.contains(&delay)), "{attributes}");
    let groups = asked("describe_target_groups", &json!({ "TargetGroupArns": [own_id(group)] }));
    assert_eq!(groups["TargetGroups"][0]["HealthCheckPath"], "/ready", "{groups}");
    let rules = asked("describe_rules", &json!({ "RuleArns": [own_id(rule)] }));
    let told = &rules["Rules"][0];
    assert_eq!(told["Priority"], "9", "{rules}");
    assert!(told["Conditions"].to_string().contains("api.example.com"), "{rules}");
    let idle = json!({ "Key": "idle_timeout.timeout_seconds", "Value": "120" });
    let attributes = asked("describe_load_balancer_attributes", &json!({ "LoadBalancerArn": own_id(balancer) }));
    assert!(attributes["Attributes"].as_array().is_some_and(|all| all.contains(&idle)), "{attributes}");
}

#[tokio::test]
async fn a_load_balancer_with_its_listener_rule_and_targets_lives_and_goes() {
    let mut bed = Bed::new();
    let vpc = bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
    bed.put("aws.internet-gateway", "gateway", json!({ "vpc": own_id(&vpc) })).await;
    let subnet = |cidr: &str, zone: &str| json!({ "vpc": own_id(&vpc), "cidr": cidr, "zone": zone, "public": true });
    let a = bed.put("aws.subnet", "a", subnet("10.20.0.0/24", "eu-central-1a")).await;
    let b = bed.put("aws.subnet", "b", subnet("10.20.1.0/24", "eu-central-1b")).await;
    let group = bed.put("aws.security-group", "group", json!({ "vpc": own_id(&vpc), "description": "web" })).await;
    bed.lose_reply_of("elasticloadbalancing.CreateLoadBalancer");
    let balancer =
        |idle: u32| json!({ "subnets": [own_id(&a), own_id(&b)], "groups": [own_id(&group)], "idle_timeout": idle });
    let made = bed.put("aws.load-balancer", "balancer", balancer(60)).await;
    let dns = made.outputs.iter().find(|(output, _)| output.as_str() == "dns_name");
    assert!(dns.is_some_and(|(_, name)| name.contains("elb")), "{made:?}");
    bed.lose_reply_of("elasticloadbalancing.CreateTargetGroup");
    let target = |path: &str| {
        json!({
            "vpc": own_id(&vpc), "port": 8080, "health_path": path, "interval": 10, "timeout": 5, "healthy": 2,
            "unhealthy": 3, "deregistration_delay": 30,
        })
    };
    let group_of = bed.put("aws.target-group", "targets", target("/health")).await;
    bed.lose_reply_of("elasticloadbalancing.CreateListener");
    let listener = json!({ "balancer": own_id(&made), "port": 80, "default": "not_found" });
    let listener = bed.put("aws.listener", "listener", listener).await;
    bed.lose_reply_of("elasticloadbalancing.CreateRule");
    let rule = |priority: u32, host: &str| json!({ "listener": own_id(&listener), "priority": priority, "hosts": [host], "target": own_id(&group_of) });
    let ruled = bed.put("aws.listener-rule", "rule", rule(7, "www.example.com")).await;
    for (sort, count) in [("loadbalancer", 1), ("targetgroup", 1), ("listener", 1)] {
        assert_eq!(bed.count("elasticloadbalancing", sort), count, "{sort}: {:?}", bed.standin.state());
    }
    bed.restart();
    assert_eq!(bed.update("aws.load-balancer", "balancer", balancer(120), &made).await, made);
    assert_eq!(bed.update("aws.target-group", "targets", target("/ready"), &group_of).await, group_of);
    assert_eq!(bed.update("aws.listener-rule", "rule", rule(9, "api.example.com"), &ruled).await, ruled);
    as_wanted(&bed, &made, &group_of, &ruled);
    let kinds = ["listener", "listener-rule", "load-balancer", "target-group"];
    let listed = bed.listed().await;
    assert!(kinds.iter().all(|kind| listed.iter().any(|what| what.starts_with(&format!("aws.{kind} ")))), "{listed:?}");
    for (kind, part) in [("aws.listener-rule", "rule"), ("aws.listener", "listener"), ("aws.target-group", "targets")] {
        bed.remove(kind, part, None).await;
    }
    // It isn't gone before its interfaces are: what those are in isn't tried in vain.
    bed.remove("aws.load-balancer", "balancer", made.id.as_ref()).await;
    for (kind, part) in [
        ("aws.security-group", "group"),
        ("aws.subnet", "a"),
        ("aws.subnet", "b"),
        ("aws.internet-gateway", "gateway"),
        ("aws.vpc", "vpc"),
    ] {
        bed.remove(kind, part, None).await;
    }
    let refused = |call: &gantry_standin::Call| call.code.as_deref() == Some("DependencyViolation");
    assert!(!bed.standin.calls().iter().any(refused), "{:?}", bed.standin.calls());
    assert_eq!(bed.listed().await, [""; 0]);
}
