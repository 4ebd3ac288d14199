//! What people choose about networks, zones and clusters: an environment's whole life under each choice, and who loses what
//! they know of it.

use crate::judge;
use crate::process::{Point, Points, Process};
use crate::world::{MINI_SOA, SMALL, TEARDOWN, World, deploy};
use gantry_engine::address::Kind;
use gantry_engine::change::Change;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_standin::{Standin, Thing};
use gantry_testkit::life::Life;
use gantry_testkit::memory_store::MemoryStore;
use serde_json::{Value as Json, json};

async fn done(world: &World, change: Change, context: &str) -> OpId {
    let op = world.propose(change).await;
    let (state, _) = world.finish(op, |_| Process::forever()).await;
    assert_eq!(state, State::Succeeded, "{context}: {:?}", world.operation(op).await.outcome);
    judge::check_journal(world, op, context).await;
    op
}

/// How many there are of something.
fn count(world: &World, sort: &str) -> usize {
    world.standin.state().iter().filter(|thing| thing.sort == sort && !thing.gone).count()
}

/// What an environment costs by the hour, as its plan tells.
async fn hour(world: &World, op: OpId) -> String {
    world.operation(op).await.plan.cost.expect("a price").after.to_string()
}

#[tokio::test]
async fn a_way_out_for_each_zone() {
    let mut hours = Vec::new();
    for (nat, gateways) in [("one", 1), ("per_zone", 2)] {
        let world = World::new(&MINI_SOA.replacen("nat = \"one\"", &format!("nat = \"{nat}\""), 1), 1);
        let op = done(&world, deploy("web", None), nat).await;
        assert_eq!(count(&world, "nat-gateway"), gateways, "{nat}");
        hours.push(hour(&world, op).await);
        let routes = world.standin.act("ec2", "describe_route_tables", &json!({}));
        let through = |gateway: &str| routes.to_string().matches(gateway).count();
        let all: Vec<Thing> = world.standin.state();
        for gateway in all.iter().filter(|thing| thing.sort == "nat-gateway") {
            assert!(through(&gateway.id) > 0, "{nat}: no route leads through {}", gateway.id);
        }
        done(&world, TEARDOWN, nat).await;
        judge::check_gone(&world, nat).await;
    }
    assert_ne!(hours[0], hours[1], "the second one has its price");
}

/// A network and a cluster of somebody else's, in the words of a project file.
fn theirs(standin: &Standin) -> String {
    let id = |made: &Json, of: &str, key: &str| made[of][key].as_str().expect("an id").to_owned();
    let act = |method: &str, params: Json| standin.act("ec2", method, &params);
    let vpc = id(&act("create_vpc", json!({ "CidrBlock": "10.9.0.0/16" })), "Vpc", "VpcId");
    let gateway = id(&act("create_internet_gateway", json!({})), "InternetGateway", "InternetGatewayId");
    act("attach_internet_gateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    let table = id(&act("create_route_table", json!({ "VpcId": vpc })), "RouteTable", "RouteTableId");
    let out = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway });
    act("create_route", out);
    let mut subnets = Vec::new();
    for (block, zone) in [("10.9.0.0/24", "eu-central-1a"), ("10.9.1.0/24", "eu-central-1b")] {
        let subnet = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
        let subnet = id(&act("create_subnet", subnet), "Subnet", "SubnetId");
        act("associate_route_table", json!({ "RouteTableId": table, "SubnetId": subnet }));
        act("modify_subnet_attribute", json!({ "SubnetId": subnet, "MapPublicIpOnLaunch": { "Value": true } }));
        subnets.push(subnet);
    }
    standin.act("ecs", "create_cluster", &json!({ "clusterName": "shared" }));
    let network = format!("vpc = \"{vpc}\"\npublic_subnets = {subnets:?}");
    let text = SMALL.replacen("nat = \"none\"", &network, 1);
    text.replacen("node = { cpu = 1, memory = \"1GiB\" }", "ecs = { existing = \"shared\" }", 1)
}

#[tokio::test]
async fn what_is_named_is_used_and_never_changed() {
    let world = World::furnished(1, theirs);
    let before: Vec<Thing> = world.standin.state();
    let same = || {
        let now = world.standin.state();
        for thing in &before {
            assert!(now.contains(thing), "{thing:?} is now {:?}", now.iter().find(|one| one.id == thing.id));
        }
    };
    done(&world, deploy("web", None), "theirs").await;
    assert_eq!([count(&world, "vpc"), count(&world, "cluster")], [1, 1], "theirs, and none of ours");
    same();
    done(&world, TEARDOWN, "theirs").await;
    judge::check_gone(&world, "theirs").await;
    same();
}

/// The example has its zone, so nobody else dies over one.
#[tokio::test]
async fn a_zone_that_is_asked_for_is_made_and_goes_whoever_dies_over_it() {
    let zone = "zone = \"example.com\"";
    let world = World::new(&MINI_SOA.replacen(zone, "zone = \"shop.example.org\"\ncreate_zone = true", 1), 1);
    let zones = count(&world, "hostedzone");
    let point = |removing, after| Point { kind: Kind::new("aws.hosted-zone"), removing, after };
    let points = Points::default();
    for (change, removing, there) in [(deploy("web", None), false, 1), (TEARDOWN, true, 0)] {
        points.lock().unwrap().extend([point(removing, false), point(removing, true)]);
        let op = world.propose(change).await;
        let (state, deaths) = world.finish(op, |_| Process::new(Life::forever(), &points)).await;
        assert_eq!((state, deaths), (State::Succeeded, 2), "{:?}", world.operation(op).await.outcome);
        judge::check_journal(&world, op, "a zone").await;
        assert_eq!(count(&world, "hostedzone"), zones + there);
        let all = world.standin.state();
        let named = all.iter().any(|thing| thing.sort == "record" && thing.id.contains("www.staging.shop.example.org"));
        assert_eq!(named, there == 1, "web has its name in it");
        assert_eq!(judge::twice(&world), [""; 0]);
    }
    judge::check_gone(&world, "a zone").await;
}

#[tokio::test]
async fn what_nobody_remembers_is_swept() {
    let mut world = World::new(MINI_SOA, 1);
    done(&world, deploy("web", None), "a sweep").await;
    assert!(judge::ours(&world).len() > 50);
    // The database is lost: nothing is known of what was made, and the tags say whose it is.
    world.store = MemoryStore::new();
    done(&world, Change::Sweep { volumes: true }, "a sweep").await;
    assert_eq!(judge::ours(&world), Vec::<String>::new());
}
