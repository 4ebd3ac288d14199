//! The look before anything is planned: what it finds out, and everything that stands in the way at once.

use crate::bed::{Bed, spec};
use gantry_engine::environment::{Environment, Phase, ReleaseNo, Running};
use gantry_engine::names::{ClusterName, Digest, EnvName, ServiceName, UserId, Version};
use gantry_engine::ports::{Platform, Survey};
use gantry_engine::project::{Capacity, Cluster, SecretRef, Service, VolumesAtEnd};
use gantry_standin::Options;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const REPOSITORY: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web";

fn web() -> Running {
    let service = Service {
        image: Some(REPOSITORY.to_owned()),
        command: Vec::new(),
        version: Version::new("1.0"),
        replicas: 2,
        cluster: ClusterName::new("a").unwrap(),
        size: Capacity { cpu_millis: 250, memory_mib: 512 },
        ports: Vec::new(),
        health: None,
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: None,
        host: Some("www".to_owned()),
        depends_on: BTreeSet::new(),
        stop_timeout: SignedDuration::from_secs(10),
        deadline: SignedDuration::from_mins(10),
        settings: BTreeMap::new(),
    };
    Running { release: ReleaseNo(1), version: Version::new("1.0"), service, replicas: 2, restarts: 0 }
}

/// An environment with one public service, under these settings.
pub(crate) fn environment(bed: &Bed, settings: Json) -> Environment {
    let cluster =
        Cluster { min: 1, max: 2, node: Capacity { cpu_millis: 1000, memory_mib: 1024 }, settings: BTreeMap::new() };
    Environment {
        key: bed.env.clone(),
        incarnation: 1,
        version: 1,
        phase: Phase::Live,
        platform: gantry_aws::Ecs::platform_name(),
        revision: Digest::new("00"),
        clusters: [(ClusterName::new("a").unwrap(), cluster)].into(),
        services: [(ServiceName::new("web").unwrap(), web())].into(),
        owner: UserId::new("U1"),
        created: Timestamp::UNIX_EPOCH,
        expiry: None,
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        home: None,
        settings: spec(settings),
        meter: None,
        opened_by: None,
        moved: None,
    }
}

fn service(env: &mut Environment) -> &mut Running {
    env.services.values_mut().next().unwrap()
}

pub(crate) async fn survey(bed: &Bed, env: &Environment) -> Survey {
    bed.ecs.survey(env).await.expect("a survey")
}

fn fact<'a>(survey: &'a Survey, key: &str) -> &'a str {
    survey.facts.0.get(key).unwrap_or_else(|| panic!("no fact {key} in {:?}", survey.facts))
}

pub(crate) fn findings(survey: &Survey) -> String {
    survey.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A stand-in with a hosted zone, an image and a secret; gives the image's digest.
pub(crate) async fn furnished() -> (Bed, String) {
    let bed = Bed::new();
    let aws = bed.outside();
    aws.zone("example.com").await;
    let digest = aws.image("shop/web", "1.0").await;
    aws.secret("shop/token").await;
    bed.standin.forget_calls();
    (bed, digest)
}

#[tokio::test]
async fn facts_are_found_and_stay() {
    let (bed, digest) = furnished().await;
    let mut env = environment(&bed, json!({ "zone": "example.com", "accounts": ["111122223333"] }));
    service(&mut env).service.secrets = [
        ("TOKEN".to_owned(), SecretRef("secretsmanager:shop/token".to_owned())),
        ("PASSWORD".to_owned(), SecretRef("secretsmanager:shop/token:password".to_owned())),
    ]
    .into();
    let first = survey(&bed, &env).await;
    assert_eq!(findings(&first), "");
    assert_eq!(fact(&first, "account"), "111122223333");
    assert_eq!(fact(&first, "partition"), "aws");
    assert_eq!(fact(&first, "zones"), "eu-central-1a eu-central-1b");
    assert_eq!(fact(&first, "image.web"), format!("{REPOSITORY}@{digest}"));
    assert!(fact(&first, "cidr").starts_with("10.") && fact(&first, "cidr").ends_with(".0.0/16"));
    let arn = fact(&first, "secret.web.TOKEN");
    assert!(arn.starts_with("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/token-"), "{arn}");
    assert_eq!(fact(&first, "secret.web.PASSWORD"), format!("{arn}:password::"));
    assert!(!format!("{first:?}").contains(crate::outside::SECRET), "never a value");
    assert!(bed.standin.calls().iter().all(|call| !call.mutating), "it only reads");

    bed.standin.forget_calls();
    assert_eq!(survey(&bed, &env).await, first);
    let calls: Vec<String> = bed.standin.calls().into_iter().map(|call| call.action).collect();
    assert!(calls.len() <= 6, "a second look is a handful of calls: {calls:?}");
}

#[tokio::test]
async fn a_network_of_ours_keeps_its_range_and_others_are_avoided() {
    let (bed, _) = furnished().await;
    let env = environment(&bed, json!({ "zone": "example.com" }));
    let range = fact(&survey(&bed, &env).await, "cidr").to_owned();
    bed.outside().vpc(&range).await;
    let other = fact(&survey(&bed, &env).await, "cidr").to_owned();
    assert_ne!(other, range, "somebody took it");
    bed.put_at("aws.vpc", ("network", "vpc"), json!({ "cidr": "10.20.0.0/16" })).await;
    assert_eq!(fact(&survey(&bed, &env).await, "cidr"), "10.20.0.0/16", "ours stays");
    let narrow = environment(&bed, json!({ "zone": "example.com", "cidr": range }));
    assert_eq!(fact(&survey(&bed, &narrow).await, "cidr"), "10.20.0.0/16", "whatever the settings say now");
}

#[tokio::test]
async fn everything_in_the_way_is_told_at_once() {
    let (bed, _) = furnished().await;
    let other = bed.outside().vpc("10.7.0.0/16").await;
    bed.standin.faults(json!({ "quota": { "vpcs": 2, "addresses": 0 } }));
    let mut env = environment(&bed, json!({ "zone": "example.org", "cidr": "10.7.0.0/16" }));
    service(&mut env).version = Version::new("2.0");
    service(&mut env).service.secrets = [
        ("TOKEN".to_owned(), SecretRef("secretsmanager:shop/other".to_owned())),
        ("KEY".to_owned(), SecretRef("ssm:/shop/key".to_owned())),
    ]
    .into();
    let told = findings(&survey(&bed, &env).await).replace(&other, "vpc-other");
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_unless_it_is_ours() {
    let (bed, _) = furnished().await;
    let env = environment(&bed, json!({ "zone": "example.com" }));
    bed.outside().record("example.com", "www.staging.example.com").await;
    let told = findings(&survey(&bed, &env).await);
    assert!(told.contains("www.staging.example.com, the name of web, has a record (CNAME) that isn't ours"), "{told}");
}

#[tokio::test]
async fn a_name_of_another_environment_says_whose_it_is() {
    let (bed, _) = furnished().await;
    let zones = bed.standin.act("route53", "list_hosted_zones", &json!({}));
    let zone = zones["HostedZones"][0]["Id"].as_str().unwrap().trim_start_matches("/hostedzone/");
    let target = json!({ "cname": { "value": "elsewhere.example.org" } });
    let spec = json!({ "zone": zone, "name": "www.staging.example.com", "target": target });
    let mut theirs = bed.wish("aws.record", "name", spec);
    theirs.at.mark.addr.env = EnvName::new("other").unwrap();
    bed.end_of(theirs).await;
    let told = findings(&survey(&bed, &environment(&bed, json!({ "zone": "example.com" }))).await);
    assert!(told.contains("www.staging.example.com, the name of web, belongs to shop/other already: tear"), "{told}");
}

#[tokio::test]
async fn what_is_named_and_not_there_is_told() {
    let (bed, _) = furnished().await;
    let certificate = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-0000-0000-000000000000";
    let mut settings =
        json!({ "zone": "example.com", "certificate": certificate, "vpc": "vpc-0a", "public_subnets": ["subnet-0a"] });
    let mut env = environment(&bed, settings.clone());
    let cluster = env.clusters.values_mut().next().unwrap();
    cluster.settings.insert(gantry_aws::Ecs::platform_name(), spec(json!({ "existing": "nobodys" })));
    let told = findings(&survey(&bed, &env).await);
    for part in [
        "there is no VPC vpc-0a with subnets in eu-central-1 of account 111122223333: copy the id",
        "0a1b2c3d-0000-0000-0000-000000000000 in eu-central-1: name a certificate",
        "there is no ECS cluster nobodys in eu-central-1 of account 111122223333: name one",
    ] {
        assert!(told.contains(part), "{part:?} isn't in {told}");
    }
    let vpc = bed.outside().vpc("10.7.0.0/16").await;
    let subnet = json!({ "VpcId": vpc, "CidrBlock": "10.7.0.0/24", "AvailabilityZone": "eu-central-1a" });
    let made = bed.standin.act("ec2", "create_subnet", &subnet);
    (settings["vpc"], settings["public_subnets"]) = (json!(vpc), json!([made["Subnet"]["SubnetId"], "subnet-0a"]));
    let told = findings(&survey(&bed, &environment(&bed, settings.clone())).await);
    assert!(told.contains(&format!("there is no subnet subnet-0a in {vpc}: name subnets of that VPC")), "{told}");
    settings["public_subnets"] = json!([made["Subnet"]["SubnetId"]]);
    let told = findings(&survey(&bed, &environment(&bed, settings)).await);
    assert!(told.contains("are in 1 zone, and a load balancer needs two: name at least two"), "{told}");
}

#[tokio::test]
async fn who_brings_a_network_needs_room_for_the_rest_until_it_stands() {
    let (bed, _) = furnished().await;
    let vpc = bed.outside().vpc("10.7.0.0/16").await;
    let mut subnets = Vec::new();
    for (block, zone) in [("10.7.0.0/24", "eu-central-1a"), ("10.7.1.0/24", "eu-central-1b")] {
        let subnet = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
        subnets.push(bed.standin.act("ec2", "create_subnet", &subnet)["Subnet"]["SubnetId"].clone());
    }
    bed.standin.faults(json!({ "quota": { "load_balancers": 0, "vpcs": 0, "addresses": 0 } }));
    let settings = json!({ "zone": "example.com", "vpc": vpc, "public_subnets": subnets, "private_subnets": subnets });
    let env = environment(&bed, settings);
    let told = findings(&survey(&bed, &env).await);
    assert!(told.contains("Application Load Balancers per Region"), "{told}");
    assert!(!told.contains("VPCs per Region") && !told.contains("Elastic IPs"), "{told}");
    let group = json!({ "vpc": vpc, "description": "web" });
    bed.put_at("aws.security-group", ("web", "tasks"), group).await;
    assert_eq!(findings(&survey(&bed, &env).await), "", "it stands");
}

#[tokio::test]
async fn a_wrong_account_or_region_is_the_only_finding() {
    let bed = Bed::with(Options { account: "444455556666".to_owned(), ..Options::default() });
    let env = environment(&bed, json!({ "zone": "example.com", "accounts": ["111122223333"] }));
    let survey = survey(&bed, &env).await;
    assert_eq!(survey.findings.len(), 1);
    assert!(findings(&survey).contains("444455556666"), "{}", findings(&survey));
    let calls: Vec<String> = bed.standin.calls().into_iter().map(|call| call.action).collect();
    assert_eq!(calls, ["GetCallerIdentity"], "nothing else is looked at");
    let env = environment(&bed, json!({ "region": "us-east-1" }));
    assert!(findings(&bed.ecs.survey(&env).await.unwrap()).contains("AWS_REGION=us-east-1"));
}
