//! A VPC's life; also what each kind's tests look like.

use crate::bed::{Bed, own_id};
use serde_json::{Value as Json, json};

fn spec() -> Json {
    json!({ "cidr": "10.20.0.0/16" })
}

#[tokio::test]
async fn is_made_once_found_again_and_removed() {
    let mut bed = Bed::new();
    let made = bed.put("aws.vpc", "vpc", spec()).await;
    assert_eq!(bed.put("aws.vpc", "vpc", spec()).await, made, "found by its mark");
    bed.restart();
    assert_eq!(bed.update("aws.vpc", "vpc", spec(), &made).await, made, "found by its id");
    assert_eq!(bed.count("ec2", "vpc"), 1);
    assert_eq!(bed.listed().await, ["aws.vpc vpc"]);
    bed.remove("aws.vpc", "vpc", made.id.as_ref()).await;
    bed.remove("aws.vpc", "vpc", made.id.as_ref()).await;
    assert_eq!(bed.count("ec2", "vpc"), 0);
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost_and_reads_lag() {
    let bed = Bed::new();
    bed.standin.faults(json!({
        "once": [{ "action": "ec2.CreateVpc", "n": 1, "fault": "lost_reply" }],
        "read_lag": [20, 50],
    }));
    let made = bed.put("aws.vpc", "vpc", spec()).await;
    let there = bed.standin.state();
    let vpcs: Vec<&str> = there.iter().filter(|thing| thing.sort == "vpc").map(|thing| thing.id.as_str()).collect();
    assert_eq!(vpcs, [own_id(&made)], "{there:?}");
}
