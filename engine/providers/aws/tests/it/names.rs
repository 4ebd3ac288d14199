//! Names, certificates, discovery and logs.

use crate::bed::{Bed, own_id};
use gantry_engine::provider::{Note, Progress, ProviderError, Put, Token};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// A public zone that is there already and not ours, as most are; its id.
fn somebodys_zone(bed: &Bed) -> String {
    let wish = json!({ "Name": "example.com", "CallerReference": "somebody" });
    let made = bed.standin.act("route53", "create_hosted_zone", &wish);
    made["HostedZone"]["Id"].as_str().expect("a zone's id").trim_start_matches("/hostedzone/").to_owned()
}

fn name(zone: &str, name: &str) -> Json {
    json!({ "zone": zone, "name": name, "target": { "cname": { "value": "elsewhere.example.org" } } })
}

#[tokio::test]
async fn a_name_is_ours_by_its_mark_and_goes_without_a_trace() {
    let bed = Bed::new();
    let zone = somebodys_zone(&bed);
    let before = bed.count("route53", "record");
    bed.lose_reply_of("route53.ChangeResourceRecordSets");
    let made = bed.put("aws.record", "name", name(&zone, "www.staging.example.com")).await;
    assert_eq!(bed.count("route53", "record"), before + 2, "CNAME and TXT");
    assert_eq!(bed.listed().await, ["aws.record name"]);
    // Found by its mark, where the id was never written down.
    bed.remove("aws.record", "name", None).await;
    assert_eq!(bed.count("route53", "record"), before);
    bed.remove("aws.record", "name", made.id.as_ref()).await;
}

#[tokio::test]
async fn a_name_of_somebody_else_is_left_alone() {
    let bed = Bed::new();
    let zone = somebodys_zone(&bed);
    bed.put("aws.record", "name", name(&zone, "www.staging.example.com")).await;
    let wish = bed.wish("aws.record", "other", name(&zone, "www.staging.example.com"));
    let refused = bed.driver("aws.record").put(&wish).await;
    assert!(matches!(&refused, Err(ProviderError::Conflict(why)) if why.contains("shop/staging")), "{refused:?}");
    bed.remove("aws.record", "other", None).await;
    assert_eq!(bed.listed().await, ["aws.record name"]);
}

#[tokio::test]
async fn a_certificate_is_issued_once_its_name_stands() {
    let bed = Bed::new();
    let zone = somebodys_zone(&bed);
    bed.lose_reply_of("acm.RequestCertificate");
    let spec = json!({ "domain": "*.staging.example.com" });
    let mut wish = bed.wish("aws.certificate", "certificate", spec.clone());
    let validation = loop {
        match bed.driver("aws.certificate").put(&wish).await {
            Ok(Progress::Pending { seen, again, .. }) => {
                let find = |name: &str| seen.outputs.iter().find(|(o, _)| o.as_str() == name).map(|(_, v)| v.clone());
                if let (Some(name), Some(value)) = (find("validation_name"), find("validation_value")) {
                    break (name, value);
                }
                wish.at.id = seen.id;
                bed.sleep(again).await;
            }
            Err(ProviderError::Transient(_)) => {}
            other => panic!("it waits for its record: {other:?}"),
        }
    };
    let record = json!({ "zone": zone, "name": validation.0, "target": { "cname": { "value": validation.1 } } });
    bed.put("aws.record", "validation", record).await;
    let made = bed.put("aws.certificate", "certificate", spec).await;
    assert_eq!(bed.count("acm", "certificate"), 1);
    bed.remove("aws.certificate", "certificate", made.id.as_ref()).await;
    bed.remove("aws.record", "validation", None).await;
    assert_eq!(bed.listed().await, [""; 0]);
}

#[tokio::test]
async fn a_zone_of_ours_goes_with_what_is_in_it_and_not_with_what_isnt_ours() {
    let bed = Bed::new();
    bed.lose_reply_of("route53.CreateHostedZone");
    let made = bed.put("aws.hosted-zone", "zone", json!({ "name": "staging.example.com" })).await;
    assert_eq!(bed.count("route53", "hostedzone"), 1);
    assert!(made.outputs.iter().any(|(output, text)| output.as_str() == "name_servers" && text.contains(' ')));
    bed.put("aws.record", "name", name(&own_id(&made), "www.staging.example.com")).await;
    bed.remove("aws.hosted-zone", "zone", None).await;
    assert_eq!(bed.count("route53", "hostedzone") + bed.count("route53", "record"), 0);
}

#[tokio::test]
async fn private_names_and_what_is_registered_under_them() {
    let bed = Bed::new();
    let vpc = bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
    bed.lose_reply_of("servicediscovery.CreatePrivateDnsNamespace");
    let space = json!({ "name": "staging.shop.internal", "vpc": own_id(&vpc) });
    let space = bed.put("aws.namespace", "namespace", space).await;
    bed.lose_reply_of("servicediscovery.CreateService");
    let spec = json!({ "namespace": own_id(&space), "name": "db", "ttl": 10 });
    let made = bed.put("aws.discovery-service", "db", spec.clone()).await;
    assert_eq!(bed.update("aws.discovery-service", "db", spec, &made).await, made);
    assert_eq!(bed.listed().await, ["aws.discovery-service db", "aws.namespace namespace", "aws.vpc vpc"]);
    bed.remove("aws.discovery-service", "db", None).await;
    bed.remove("aws.namespace", "namespace", None).await;
    bed.remove("aws.vpc", "vpc", vpc.id.as_ref()).await;
    assert_eq!(bed.listed().await, [""; 0]);
}

#[tokio::test]
async fn logs_go_or_stay_as_they_are_wanted() {
    let bed = Bed::new();
    bed.lose_reply_of("logs.CreateLogGroup");
    let made = bed.put("aws.log-group", "logs", json!({ "retention_days": 14 })).await;
    bed.remove("aws.log-group", "logs", made.id.as_ref()).await;
    assert_eq!(bed.count("logs", "log-group"), 0);
    bed.put("aws.log-group", "kept", json!({ "retention_days": 14 })).await;
    bed.put("aws.log-group", "kept", json!({ "retention_days": 30, "keep": true })).await;
    bed.lose_reply_of("logs.UntagResource");
    let stays = bed.remove("aws.log-group", "kept", None).await;
    assert_eq!(bed.count("logs", "log-group"), 1, "it stays");
    assert!(stays.keys().all(|kind| kind.as_str() == "aws.log-group") && stays.len() == 1, "{stays:?}");
    assert_eq!(bed.listed().await, [""; 0], "and is nobody's resource any more");
}

#[tokio::test]
async fn a_namespace_that_is_still_being_made_is_waited_for_and_removed() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    let wish = bed.wish("aws.namespace", "namespace", json!({ "name": "staging.shop.internal", "vpc": vpc }));
    let Ok(Progress::Pending { seen, .. }) = bed.driver("aws.namespace").put(&wish).await else {
        panic!("it is being made")
    };
    bed.remove("aws.namespace", "namespace", seen.id.as_ref()).await;
    bed.sleep(std::time::Duration::from_secs(300)).await;
    assert_eq!(bed.listed().await, ["aws.vpc vpc"]);
}

/// Tokens are an operation's own, so they don't tell the next operation's try from the last one's.
#[tokio::test]
async fn what_another_operation_may_have_made_isnt_made_again() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    let spec = json!({ "vpc": vpc, "cidr": "10.20.0.0/20", "zone": "eu-central-1a", "public": true });
    let subnet = own_id(&bed.put("aws.subnet", "subnet", spec).await);
    let address = own_id(&bed.put("aws.address", "address", json!({})).await);
    for (kind, spec, action, sort) in [
        ("aws.nat-gateway", json!({ "subnet": subnet, "address": address }), "ec2.CreateNatGateway", "nat-gateway"),
        ("aws.route-table", json!({ "vpc": vpc }), "ec2.CreateRouteTable", "route-table"),
        (
            "aws.volume",
            json!({ "zone": "eu-central-1a", "size_gib": 1, "snapshot": false }),
            "ec2.CreateVolume",
            "volume",
        ),
        ("aws.hosted-zone", json!({ "name": "staging.example.com" }), "route53.CreateHostedZone", "hostedzone"),
        ("aws.certificate", json!({ "domain": "*.staging.example.com" }), "acm.RequestCertificate", "certificate"),
    ] {
        let sorts = (action.split('.').next().unwrap_or_default(), sort);
        let before = bed.count(sorts.0, sorts.1);
        let lost = json!([{ "action": action, "n": 1, "fault": "lost_reply" }]);
        bed.standin.faults(json!({ "once": lost, "read_lag": [3000, 3000] }));
        let wish = bed.wish(kind, "thing", spec);
        let answer = bed.driver(kind).put(&wish).await;
        assert!(matches!(&answer, Err(ProviderError::Transient(_))), "{kind}: {answer:?}");
        let next = Put { token: Token("0a1b2c3d".repeat(4)), tried: Some(Duration::from_secs(1)), ..wish };
        let answer = bed.driver(kind).put(&next).await;
        assert!(matches!(&answer, Err(ProviderError::NotYet(_))), "{kind}: {answer:?}");
        assert_eq!(bed.count(sorts.0, sorts.1), before + 1, "{kind}");
    }
}

#[tokio::test]
async fn a_namespace_whose_operation_failed_is_made_again() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    let theirs = json!({
        "Name": "staging.shop.internal", "CallerReference": "theirs", "HostedZoneConfig": { "PrivateZone": true },
        "VPC": { "VPCRegion": "eu-central-1", "VPCId": vpc },
    });
    let theirs = bed.standin.act("route53", "create_hosted_zone", &theirs);
    let mut wish = bed.wish("aws.namespace", "namespace", json!({ "name": "staging.shop.internal", "vpc": vpc }));
    let why = loop {
        match bed.driver("aws.namespace").put(&wish).await {
            Ok(Progress::Pending { note: Note::Other(why), .. }) => break why,
            Ok(Progress::Pending { seen, again, .. }) => {
                wish.at.id = seen.id;
                bed.sleep(again).await;
            }
            other => panic!("it is being made: {other:?}"),
        }
    };
    assert!(why.contains("made again") && why.contains("already been associated"), "{why}");
    bed.standin.act("route53", "delete_hosted_zone", &json!({ "Id": theirs["HostedZone"]["Id"] }));
    let Progress::Done(made) = bed.end_of(wish).await else { panic!("the zone was all that was in the way") };
    bed.remove("aws.namespace", "namespace", made.id.as_ref()).await;
    assert_eq!(bed.listed().await, ["aws.vpc vpc"]);
}

/// Zones may be large, and others' are none of our business.
#[tokio::test]
async fn an_environments_names_are_looked_for_below_its_own_name() {
    let bed = Bed::new();
    let zone = somebodys_zone(&bed);
    let made = bed.put("aws.record", "name", name(&zone, "www.staging.example.com")).await;
    let set = |number: usize| json!({ "Name": format!("host-{number}.prod.example.com"), "Type": "A", "TTL": 60, "ResourceRecords": [{ "Value": "192.0.2.1" }] });
    let changes: Vec<_> = (0..700).map(|n| json!({ "Action": "CREATE", "ResourceRecordSet": set(n) })).collect();
    let batch = json!({ "HostedZoneId": zone, "ChangeBatch": { "Changes": changes } });
    bed.standin.act("route53", "change_resource_record_sets", &batch);
    bed.standin.forget_calls();
    assert_eq!(bed.listed().await, ["aws.record name"]);
    let pages = bed.standin.calls().into_iter().filter(|call| call.action == "ListResourceRecordSets").count();
    assert_eq!(pages, 1);
    bed.remove("aws.record", "name", made.id.as_ref()).await;
}
