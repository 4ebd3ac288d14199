//! EC2's network, kind by kind and as a whole.

use crate::bed::{Bed, own_id};
use aws_sdk_ec2::types::{IpPermission, IpRange};
use gantry_engine::address::Kind;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove, Token};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// One part of a network, as it was made.
struct Part {
    kind: &'static str,
    part: &'static str,
    spec: Json,
    seen: Observed,
}

/// Everything that a network is made of, in the order in which it is made.
struct Network(Vec<Part>);

impl Network {
    /// Makes it, or finds it as it was made.
    async fn put(bed: &Bed) -> Self {
        let mut net = Self(Vec::new());
        net.add(bed, "aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await;
        let vpc = net.id("vpc");
        net.add(bed, "aws.internet-gateway", "gateway", json!({ "vpc": vpc })).await;
        for (part, cidr, public) in [("public", "10.20.0.0/20", true), ("private", "10.20.128.0/20", false)] {
            let spec = json!({ "vpc": vpc, "cidr": cidr, "zone": "eu-central-1a", "public": public });
            net.add(bed, "aws.subnet", part, spec).await;
        }
        net.add(bed, "aws.address", "address", json!({})).await;
        let spec = json!({ "subnet": net.id("public"), "address": net.id("address") });
        net.add(bed, "aws.nat-gateway", "nat", spec).await;
        for table in ["ways-out", "ways-nat"] {
            net.add(bed, "aws.route-table", table, json!({ "vpc": vpc })).await;
        }
        let spec = json!({ "table": net.id("ways-out"), "destination": "0.0.0.0/0", "gateway": net.id("gateway") });
        net.add(bed, "aws.route", "route-out", spec).await;
        let spec = json!({ "table": net.id("ways-nat"), "destination": "0.0.0.0/0", "nat": net.id("nat") });
        net.add(bed, "aws.route", "route-nat", spec).await;
        for (part, table, subnet) in [("uses-out", "ways-out", "public"), ("uses-nat", "ways-nat", "private")] {
            let spec = json!({ "table": net.id(table), "subnet": net.id(subnet) });
            net.add(bed, "aws.route-association", part, spec).await;
        }
        for part in ["edge", "web"] {
            let spec = json!({ "vpc": vpc, "description": format!("shop staging {part}") });
            net.add(bed, "aws.security-group", part, spec).await;
        }
        let (edge, web) = (net.id("edge"), net.id("web"));
        net.add(bed, "aws.security-rule", "edge-https", rule(&edge, "cidr", "0.0.0.0/0")).await;
        net.add(bed, "aws.security-rule", "edge-https-v6", rule(&edge, "cidr_v6", "::/0")).await;
        net.add(bed, "aws.security-rule", "web-from-edge", rule(&web, "source_group", &edge)).await;
        net
    }

    async fn add(&mut self, bed: &Bed, kind: &'static str, part: &'static str, spec: Json) {
        let seen = bed.put(kind, part, spec.clone()).await;
        self.0.push(Part { kind, part, spec, seen });
    }

    fn seen(&self, part: &str) -> &Observed {
        self.0.iter().find_map(|its| (its.part == part).then_some(&its.seen)).expect("a part of the network")
    }

    fn id(&self, part: &str) -> String {
        own_id(self.seen(part))
    }

    fn all(&self) -> Vec<(&str, &Observed)> {
        self.0.iter().map(|part| (part.part, &part.seen)).collect()
    }

    /// Takes it away, the last first; `known` says whether the ids were written down.
    async fn remove(&self, bed: &Bed, known: bool) {
        for Part { kind, part, seen, .. } in self.0.iter().rev() {
            bed.remove(kind, part, seen.id.as_ref().filter(|_| known)).await;
        }
    }
}

fn rule(group: &str, source: &str, from: &str) -> Json {
    let text = "HTTPS";
    json!({ "group": group, "protocol": "tcp", "from_port": 443, "to_port": 443, "description": text, source: from })
}

const WHOLE: [(&str, usize); 7] = [
    ("address", 1),
    ("internet-gateway", 1),
    ("nat-gateway", 1),
    ("route-table", 2),
    ("security-group", 2),
    ("subnet", 2),
    ("vpc", 1),
];

fn counts(bed: &Bed) -> Vec<(&'static str, usize)> {
    WHOLE.iter().map(|(sort, _)| (*sort, bed.count("ec2", sort))).collect()
}

fn nothing_is_left(bed: &Bed) {
    assert!(counts(bed).iter().all(|(_, count)| *count == 0), "{:?}", counts(bed));
}

/// The next call of each of these actions has its effect, and its reply is lost; and reads lag.
fn lose_replies(bed: &Bed, actions: &[&str]) {
    let once = |action: &&str| json!({ "action": format!("ec2.{action}"), "n": 1, "fault": "lost_reply" });
    bed.standin.faults(json!({ "once": actions.iter().map(once).collect::<Vec<_>>(), "read_lag": [20, 50] }));
}

fn lost(bed: &Bed) -> usize {
    bed.standin.calls().iter().filter(|call| call.fault.as_deref() == Some("lost_reply")).count()
}

#[tokio::test]
async fn a_network_is_made_once_found_again_and_removed() {
    let mut bed = Bed::new();
    let made = Network::put(&bed).await;
    assert_eq!(counts(&bed), WHOLE);
    // What can't be tagged goes with its table.
    let tagged = |part: &&Part| !["aws.route", "aws.route-association"].contains(&part.kind);
    let mut tagged: Vec<_> = made.0.iter().filter(tagged).map(|part| format!("{} {}", part.kind, part.part)).collect();
    tagged.sort();
    let mut listed = bed.listed().await;
    listed.sort();
    assert_eq!(listed, tagged);

    bed.standin.forget_calls();
    assert_eq!(Network::put(&bed).await.all(), made.all(), "found by marks");
    bed.restart();
    for Part { kind, part, spec, seen } in &made.0 {
        assert_eq!(bed.update(kind, part, spec.clone(), seen).await, *seen, "{part} is found by its id");
        let at = Handle { id: seen.id.clone(), ..bed.wish(kind, part, spec.clone()).at };
        assert_eq!(bed.driver(kind).read(&at).await.unwrap().map(|read| read.id), Some(seen.id.clone()), "{part}");
    }
    // These two write what is there already: the one sets, the other asks whether it is really there.
    let same = |call: &String| call == "ModifyVpcAttribute" || call == "CreateTags";
    let changes: Vec<_> = bed.mutations().into_iter().filter(|call| !same(call)).collect();
    assert_eq!(changes, Vec::<String>::new());

    made.remove(&bed, true).await;
    nothing_is_left(&bed);
    made.remove(&bed, true).await;
    assert_eq!(bed.listed().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_network_is_made_once_though_each_reply_is_lost_and_reads_lag() {
    let bed = Bed::new();
    let actions = [
        "CreateVpc",
        "ModifyVpcAttribute",
        "CreateInternetGateway",
        "AttachInternetGateway",
        "CreateSubnet",
        "ModifySubnetAttribute",
        "AllocateAddress",
        "CreateNatGateway",
        "CreateRouteTable",
        "CreateRoute",
        "AssociateRouteTable",
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
    ];
    lose_replies(&bed, &actions);
    let made = Network::put(&bed).await;
    assert_eq!(counts(&bed), WHOLE);
    assert_eq!(lost(&bed), actions.len());
    // As after a crash: nothing was written down, and enough time has passed to see everything.
    bed.standin.faults(json!({}));
    bed.sleep(Duration::from_secs(60)).await;
    made.remove(&bed, false).await;
    nothing_is_left(&bed);
}

#[tokio::test]
async fn what_is_gone_and_still_shown_is_not_found_again() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    let wishes = [
        ("aws.vpc", json!({ "cidr": "10.30.0.0/16" })),
        ("aws.internet-gateway", json!({ "vpc": vpc })),
        ("aws.subnet", json!({ "vpc": vpc, "cidr": "10.20.0.0/20", "zone": "eu-central-1a", "public": true })),
        ("aws.route-table", json!({ "vpc": vpc })),
        ("aws.security-group", json!({ "vpc": vpc, "description": "again" })),
        ("aws.volume", json!({ "zone": "eu-central-1a", "size_gib": 1 })),
    ];
    for (kind, spec) in wishes {
        let before = bed.put(kind, "again", spec.clone()).await;
        bed.standin.faults(json!({ "read_lag": [50, 50] }));
        bed.remove(kind, "again", before.id.as_ref()).await;
        let Progress::Done(after) = bed.end_of(bed.wish_of(3, kind, "again", spec)).await else { panic!("{kind}") };
        bed.standin.faults(json!({}));
        assert_ne!(after.id, before.id, "{kind}: the one that is gone");
        let there = bed.standin.state().into_iter().filter(|thing| !thing.gone && thing.id == own_id(&after)).count();
        assert_eq!(there, 1, "{kind}");
    }
}

#[tokio::test]
async fn a_rule_that_is_not_shown_yet_is_removed_all_the_same() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    let group = own_id(&bed.put("aws.security-group", "web", json!({ "vpc": vpc, "description": "web" })).await);
    let made = bed.put("aws.security-rule", "rule", rule(&group, "cidr", "10.0.0.0/8")).await;
    bed.standin.forget_calls();
    bed.remove("aws.security-rule", "rule", made.id.as_ref()).await;
    bed.remove("aws.security-rule", "rule", made.id.as_ref()).await;
    assert_eq!(bed.mutations(), ["RevokeSecurityGroupIngress", "RevokeSecurityGroupIngress"], "without a look before");
    assert_eq!(bed.listed().await, ["aws.vpc vpc", "aws.security-group web"].map(ToOwned::to_owned));
}

#[tokio::test]
async fn a_removal_goes_on_though_each_reply_is_lost() {
    let bed = Bed::new();
    let made = Network::put(&bed).await;
    let actions = [
        "DeleteNatGateway",
        "DeleteInternetGateway",
        "DeleteRoute",
        "DeleteRouteTable",
        "DeleteSecurityGroup",
        "DeleteSubnet",
        "DeleteVpc",
        "DetachInternetGateway",
        "DisassociateRouteTable",
        "ReleaseAddress",
        "RevokeSecurityGroupIngress",
    ];
    lose_replies(&bed, &actions);
    made.remove(&bed, true).await;
    nothing_is_left(&bed);
    assert_eq!(lost(&bed), actions.len());
}

#[tokio::test]
async fn neighbours_are_told_apart_by_their_marks() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    bed.put("aws.internet-gateway", "gateway", json!({ "vpc": vpc })).await;
    let spec = json!({ "vpc": vpc, "cidr": "10.20.0.0/20", "zone": "eu-central-1a", "public": true });
    let subnet = own_id(&bed.put("aws.subnet", "public", spec).await);
    let mut seen = Vec::new();
    for _ in 0..2 {
        for zone in ["a", "b"] {
            let address = bed.put("aws.address", zone, json!({})).await;
            let spec = json!({ "subnet": subnet, "address": own_id(&address) });
            let nat = bed.put("aws.nat-gateway", zone, spec).await;
            let table = bed.put("aws.route-table", zone, json!({ "vpc": vpc })).await;
            let volume = json!({ "zone": "eu-central-1a", "size_gib": 1 });
            seen.push([address, nat, table, bed.put("aws.volume", zone, volume).await]);
        }
    }
    assert_eq!(seen[..2], seen[2..], "each is found again");
    assert!(seen[0].iter().zip(&seen[1]).all(|(a, b)| a.id != b.id), "each is another");
    bed.remove("aws.nat-gateway", "b", None).await;
    assert_eq!(bed.inventory().await.iter().filter(|found| found.id == *seen[0][1].id.as_ref().unwrap()).count(), 1);
}

#[tokio::test]
async fn what_changes_in_place_is_changed_and_nothing_else() {
    let bed = Bed::new();
    let made = Network::put(&bed).await;
    bed.standin.forget_calls();

    let spec = json!({ "table": made.id("ways-out"), "destination": "0.0.0.0/0", "nat": made.id("nat") });
    assert_eq!(&bed.update("aws.route", "route-out", spec, made.seen("route-out")).await, made.seen("route-out"));
    let spec = json!({ "table": made.id("ways-out"), "subnet": made.id("private") });
    let moved = bed.update("aws.route-association", "uses-nat", spec.clone(), made.seen("uses-nat")).await;
    assert_eq!(bed.put("aws.route-association", "uses-nat", spec).await, moved, "found by its subnet");
    let spec = json!({ "vpc": made.id("vpc"), "cidr": "10.20.0.0/20", "zone": "eu-central-1a", "public": false });
    bed.update("aws.subnet", "public", spec, made.seen("public")).await;
    let mut spec = rule(&made.id("edge"), "cidr", "0.0.0.0/0");
    spec["description"] = "HTTPS from anywhere".into();
    bed.update("aws.security-rule", "edge-https", spec, made.seen("edge-https")).await;

    let changes = ["ModifySecurityGroupRules", "ModifySubnetAttribute", "ReplaceRoute", "ReplaceRouteTableAssociation"];
    assert_eq!(bed.mutations(), changes);
    let table = |part| bed.standin.state().into_iter().find(|thing| thing.id == made.id(part)).expect("a table").more;
    assert_eq!(table("ways-out")["routes"]["0.0.0.0/0"], json!(made.id("nat")));
    let mut both = [made.id("private"), made.id("public")];
    both.sort();
    assert_eq!(table("ways-out")["subnets"], json!(both));
    assert_eq!(table("ways-nat")["subnets"], json!([]));
}

#[tokio::test]
async fn a_table_takes_along_associations_that_nobody_wrote_down() {
    let bed = Bed::new();
    let made = Network::put(&bed).await;
    bed.remove("aws.route-association", "uses-nat", None).await;
    bed.remove("aws.route", "route-nat", None).await;
    bed.remove("aws.route-table", "ways-nat", made.seen("ways-nat").id.as_ref()).await;
    assert_eq!(bed.count("ec2", "route-table"), 1);
}

#[tokio::test]
async fn what_is_not_ours_is_left_alone_and_named() {
    let bed = Bed::new();
    let made = Network::put(&bed).await;
    let ec2 = bed.outside().ec2();
    let range = IpRange::builder().cidr_ip("10.0.0.0/8").build();
    let same = IpPermission::builder().ip_protocol("tcp").from_port(443).to_port(443).ip_ranges(range).build();
    ec2.authorize_security_group_ingress().group_id(made.id("web")).ip_permissions(same).send().await.unwrap();
    let wish = bed.wish("aws.security-rule", "mine", rule(&made.id("web"), "cidr", "10.0.0.0/8"));
    let refused = bed.driver("aws.security-rule").put(&wish).await;
    assert!(matches!(&refused, Err(ProviderError::Conflict(why)) if why.contains("sgr-")), "{refused:?}");

    let named = bed.standin.state().into_iter().find(|thing| thing.id == made.id("web")).expect("the group");
    bed.remove("aws.security-group", "web", made.seen("web").id.as_ref()).await;
    let theirs = ec2.create_security_group().vpc_id(made.id("vpc")).description("theirs");
    theirs.group_name(named.more["name"].as_str().unwrap()).send().await.unwrap();
    let wish = bed.wish("aws.security-group", "web", json!({ "vpc": made.id("vpc"), "description": "web" }));
    let refused = bed.driver("aws.security-group").put(&wish).await;
    assert!(matches!(&refused, Err(ProviderError::Conflict(why)) if why.contains("rename or remove")), "{refused:?}");
}

#[tokio::test]
async fn interfaces_in_the_way_are_waited_for_or_named() {
    let bed = Bed::new();
    let made = Network::put(&bed).await;
    let at = Handle { id: made.seen("public").id.clone(), kind: Kind::new("aws.subnet"), mark: bed.mark("public") };
    let want = Remove { at, token: Token("t".to_owned()), tried: None };
    // The NAT gateway's own.
    let held = bed.driver("aws.subnet").remove(&want).await;
    let Ok(Progress::Pending { note: Note::Other(note), .. }) = held else { panic!("{held:?}") };
    assert!(note.contains("NAT Gateway") && note.contains("within minutes"), "{note}");
    // Somebody's.
    let theirs = bed.outside().ec2().create_network_interface().subnet_id(made.id("public")).send().await.unwrap();
    let id = theirs.network_interface().and_then(|one| one.network_interface_id()).unwrap().to_owned();
    let held = bed.driver("aws.subnet").remove(&want).await;
    assert!(matches!(&held, Err(ProviderError::Conflict(why)) if why.contains(&id)), "{held:?}");
}

#[tokio::test]
async fn a_gateway_that_failed_goes_and_the_next_try_makes_another() {
    let bed = Bed::new();
    let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
    let spec = json!({ "vpc": vpc, "cidr": "10.20.0.0/20", "zone": "eu-central-1a", "public": true });
    let subnet = own_id(&bed.put("aws.subnet", "public", spec).await);
    let address = own_id(&bed.put("aws.address", "address", json!({})).await);
    let mut want = bed.wish("aws.nat-gateway", "nat", json!({ "subnet": subnet, "address": address }));
    let failed = loop {
        match bed.driver("aws.nat-gateway").put(&want).await {
            Ok(Progress::Pending { seen, again, .. }) => {
                want.at.id = seen.id;
                bed.sleep(again).await;
            }
            end => break end,
        }
    };
    let why = "no Internet gateway attached";
    assert!(matches!(&failed, Err(ProviderError::Conflict(text)) if text.contains(why)), "{failed:?}");
    bed.put("aws.internet-gateway", "gateway", json!({ "vpc": vpc })).await;
    let failed = want.at.id.clone();
    let Progress::Done(made) = bed.end_of(want).await else { panic!("it is made") };
    assert_ne!(made.id, failed, "with the same token");
    assert_eq!(bed.count("ec2", "nat-gateway"), 1);
}
