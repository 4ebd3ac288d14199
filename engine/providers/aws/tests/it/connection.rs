//! What the connection does with places, permissions and credentials.

use crate::bed::{Bed, own_id};
use gantry_engine::provider::{Handle, Progress, ProviderError, Put};
use gantry_engine::resource::PhysicalId;
use gantry_standin::Options;
use serde_json::json;

#[tokio::test]
async fn what_is_in_another_account_is_neither_looked_for_nor_made() {
    let here = Bed::new();
    let made = here.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
    let other = Bed::with(Options { account: "444455556666".to_owned(), ..Options::default() });
    let at = Handle { id: made.id.clone(), ..other.wish("aws.vpc", "vpc", json!({})).at };
    let refused = other.driver("aws.vpc").read(&at).await;
    assert!(matches!(&refused, Err(ProviderError::Denied(why)) if why.contains("444455556666")), "{refused:?}");
    let wish = other.wish("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16", "in": "111122223333/eu-central-1" }));
    let refused = other.driver("aws.vpc").put(&wish).await;
    assert!(matches!(&refused, Err(ProviderError::Denied(why)) if why.contains("111122223333")), "{refused:?}");
    assert_eq!(other.count("ec2", "vpc"), 0);
    assert!(made.id.is_some_and(|PhysicalId(id)| id.starts_with("111122223333/eu-central-1/vpc-")));
}

#[tokio::test]
async fn a_missing_permission_says_which_and_what_to_do() {
    let bed = Bed::new();
    bed.standin.faults(json!({ "deny": ["ec2.CreateVpc"] }));
    let wish = bed.wish("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" }));
    let refused = bed.driver("aws.vpc").put(&wish).await;
    assert!(matches!(&refused, Err(ProviderError::Denied(why)) if why.contains("policy.json")), "{refused:?}");
}

/// What was asked of EC2 for a wish over which one of the calls met a fault, and how it was answered.
async fn asked(bed: &Bed, wish: &Put, action: &str, fault: &str) -> (Vec<String>, Result<Progress, ProviderError>) {
    bed.standin.faults(json!({ "once": [{ "action": format!("ec2.{action}"), "n": 1, "fault": fault }] }));
    bed.standin.forget_calls();
    let answer = bed.driver("aws.vpc").put(wish).await;
    let calls = bed.standin.calls().into_iter().filter(|call| call.service == "ec2");
    (calls.map(|call| call.action).collect(), answer)
}

#[tokio::test]
async fn what_may_be_repeated_is_tried_again_without_looking_and_nothing_else_is() {
    let spec = || json!({ "cidr": "10.20.0.0/16" });
    for (fault, tries) in [("throttle", 2), ("error_5xx", 1), ("timeout_before", 1), ("lost_reply", 1)] {
        let bed = Bed::new();
        let wish = bed.wish("aws.vpc", "vpc", spec());
        let (calls, answer) = asked(&bed, &wish, "CreateVpc", fault).await;
        assert_eq!(calls, [&["DescribeVpcs"][..], &["CreateVpc"].repeat(tries)].concat(), "{fault}");
        match fault {
            "throttle" => assert!(matches!(answer, Ok(Progress::Pending { .. })), "{answer:?}"),
            _ => assert!(matches!(answer, Err(ProviderError::Transient(_))), "{fault}: {answer:?}"),
        }
        bed.standin.faults(json!({}));
        let id = bed.put("aws.vpc", "vpc", spec()).await.id;
        let wish = Put { at: Handle { id, ..wish.at }, ..wish };
        let (calls, answer) = asked(&bed, &wish, "ModifyVpcAttribute", fault).await;
        assert_eq!(calls, [&["DescribeVpcs"][..], &["ModifyVpcAttribute"; 3]].concat(), "{fault}");
        assert!(matches!(answer, Ok(Progress::Done(_))), "{fault}: {answer:?}");
    }
}

#[tokio::test]
async fn credentials_that_expired_are_told_and_looked_for_again() {
    let bed = Bed::new();
    let wish = bed.wish("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" }));
    bed.ecs.place().await.expect("a connection");
    bed.standin.faults(json!({ "expire_credentials_after": 0 }));
    let refused = bed.driver("aws.vpc").put(&wish).await;
    assert!(matches!(&refused, Err(ProviderError::Denied(why)) if why.contains("have expired")), "{refused:?}");
    bed.standin.faults(json!({}));
    bed.end_of(wish).await;
    let connects = bed.standin.calls().iter().filter(|call| call.action == "GetCallerIdentity").count();
    assert_eq!(connects, 2, "the credentials were looked for again, once");
}

#[tokio::test]
async fn what_stands_in_the_way_in_the_middle_says_what_to_do_and_what_is_made_is_named() {
    let bed = Bed::new();
    let vpc = bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
    bed.standin.faults(json!({ "quota": { "addresses": 0 } }));
    let refused = bed.driver("aws.address").put(&bed.wish("aws.address", "address", json!({}))).await;
    let says = |refused: &ProviderError, part: &str| refused.to_string().contains(part);
    assert!(
        matches!(&refused, Err(error @ ProviderError::Denied(_))
            if says(error, "ask for more of \"EC2-VPC Elastic IPs\" at https://") && says(error, "or remove")),
        "{refused:?}"
    );
    let taken = json!({ "VpcId": own_id(&vpc), "CidrBlock": "10.20.0.0/24" });
    bed.standin.act("ec2", "create_subnet", &taken);
    let spec = json!({ "vpc": own_id(&vpc), "cidr": "10.20.0.0/20", "zone": "eu-central-1a", "public": false });
    let refused = bed.driver("aws.subnet").put(&bed.wish("aws.subnet", "subnet", spec)).await;
    assert!(matches!(&refused, Err(ProviderError::Conflict(why)) if why.contains("10.20.0.0/20")), "{refused:?}");
    assert_eq!(bed.listed().await, ["aws.vpc vpc"], "what is made is told, and nothing else is");
}
