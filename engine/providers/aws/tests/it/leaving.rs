//! Things that don't go as they should: refused though they are gone, held by machines that nobody signed off, and made by
//! AWS itself beside what was asked for.

use crate::bed::{Bed, own_id};
use crate::ground::Ground;
use gantry_engine::address::Kind;
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove, Token};
use serde_json::json;
use std::time::Duration;

fn removal(bed: &Bed, kind: &'static str, part: &str, of: &Observed) -> Remove {
    let at = Handle { id: of.id.clone(), kind: Kind::new(kind), mark: bed.mark(part) };
    Remove { at, token: Token("t".to_owned()), tried: None }
}

/// A policy that asks for tags lets nobody touch what has none any more.
#[tokio::test]
async fn a_refusal_to_remove_what_is_gone_is_no_refusal() {
    let bed = Bed::new();
    let made = bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
    let want = removal(&bed, "aws.vpc", "vpc", &made);
    bed.standin.faults(json!({ "deny": ["ec2.DeleteVpc"] }));
    let there = bed.driver("aws.vpc").remove(&want).await;
    assert!(matches!(&there, Err(ProviderError::Denied(_))), "it is there, and we may not: {there:?}");
    let tried = Remove { tried: Some(Duration::from_secs(5)), ..want.clone() };
    let unsure = bed.driver("aws.vpc").remove(&tried).await;
    assert!(matches!(&unsure, Err(ProviderError::NotYet(_))), "it may be gone, and still be shown: {unsure:?}");
    bed.standin.act("ec2", "delete_vpc", &json!({ "VpcId": own_id(&made) }));
    let gone = bed.driver("aws.vpc").remove(&want).await;
    assert_eq!(gone, Ok(Progress::Done(Observed::default())));
}

#[tokio::test]
async fn a_machine_whose_agent_died_first_doesnt_hold_its_cluster() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    ground.machine().await;
    let joined = async || bed.count("ecs", "container-instance") == 1;
    assert!(ground.until(joined).await, "a machine joins");
    let machine = bed.standin.state().into_iter().find(|thing| thing.sort == "instance").expect("a machine").id;
    let ec2 = bed.outside().ec2();
    ec2.stop_instances().instance_ids(&machine).send().await.unwrap();
    bed.sleep(Duration::from_secs(60)).await;
    bed.remove("aws.scaling-group", "nodes", None).await;
    ec2.terminate_instances().instance_ids(&machine).send().await.unwrap();
    bed.remove("aws.cluster", "cluster", None).await;
    let signed_off = bed.mutations().into_iter().filter(|action| action == "DeregisterContainerInstance").count();
    assert_eq!(signed_off, 1);
    bed.remove("aws.capacity-provider", "provider", None).await;
    assert_eq!(bed.count("ecs", "cluster"), 0);
}

#[tokio::test]
async fn what_container_insights_made_goes_with_the_cluster() {
    let bed = Bed::new();
    let cluster = bed.put("aws.cluster", "cluster", json!({ "insights": true })).await;
    let group = format!("/aws/ecs/containerinsights/{}/performance", own_id(&cluster));
    bed.standin.act("logs", "create_log_group", &json!({ "logGroupName": group }));
    bed.standin.act(
        "logs",
        "create_log_group",
        &json!({ "logGroupName": "/aws/ecs/containerinsights/other/performance" }),
    );
    bed.remove("aws.cluster", "cluster", cluster.id.as_ref()).await;
    assert_eq!(bed.count("logs", "log-group"), 1, "another cluster's stays");
    let plain = bed.put("aws.cluster", "plain", json!({ "insights": false })).await;
    bed.standin.forget_calls();
    bed.remove("aws.cluster", "plain", plain.id.as_ref()).await;
    assert_eq!(bed.mutations(), ["DeleteCluster"]);
}
