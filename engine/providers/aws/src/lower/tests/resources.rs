//! What resources there are, and how they refer to each other.

use super::sample::{Sample, all, at, mini_soa};
use crate::kinds::{self, Shape};
use crate::prices;
use gantry_engine::cost::{Prices, Rate};
use gantry_engine::resource::Desired;
use gantry_engine::value::{Ref, Spec, Value, When};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// References followed to something that has the right form.
fn resolved(spec: &Spec) -> Spec {
    spec.resolve(&|r: &Ref| Some(format!("<{r}>"))).unwrap()
}

#[test]
fn every_spec_is_one_of_its_kind() {
    for (what, sample) in all() {
        for (addr, resource) in &sample.lower().resources {
            let spec = resolved(&resource.spec);
            kinds::check(&resource.kind, &spec).unwrap_or_else(|wrong| panic!("{what}: {addr}: {wrong}"));
        }
    }
}

#[test]
fn every_reference_leads_to_an_output() {
    for (what, sample) in all() {
        let desired = sample.lower();
        let outputs = desired.outputs.values().flat_map(Value::refs).map(|r| ("outputs".to_owned(), r));
        let specs = desired.resources.iter();
        let specs = specs.flat_map(|(addr, resource)| resource.spec.refs().into_iter().map(|r| (addr.to_string(), r)));
        for (from, r) in specs.chain(outputs) {
            let to = desired.resources.get(&r.addr).unwrap_or_else(|| panic!("{what}: {from} refers to {r}"));
            assert!(kinds::outputs(&to.kind).contains(&r.output), "{what}: {from}: a {} has no {}", to.kind, r.output);
        }
    }
}

/// A deploy makes what is asked for and what that needs, so nothing may stand aside.
#[test]
fn everything_is_needed_by_a_service_or_its_cluster() {
    for (what, sample) in all() {
        let desired = sample.lower();
        let inner = |component: &str| component == "network" || component == "edge";
        let mut open: Vec<_> = desired.resources.keys().filter(|addr| !inner(addr.component.as_str())).collect();
        let mut met = BTreeSet::new();
        while let Some(addr) = open.pop() {
            if met.insert(addr) {
                open.extend(desired.resources[addr].needs());
            }
        }
        let aside: Vec<_> =
            desired.resources.keys().filter(|addr| !met.contains(addr)).map(ToString::to_string).collect();
        assert!(aside.is_empty(), "{what}: nobody needs {aside:?}");
    }
}

/// Address, kind, and what it waits for: `~` where an output that is known early is enough.
fn listing(desired: &Desired) -> String {
    let mut text = String::new();
    for (addr, resource) in &desired.resources {
        let mut needs: BTreeMap<String, When> = BTreeMap::new();
        for r in resource.spec.refs() {
            let name = format!("{}/{}", r.addr.component, r.addr.part);
            let when = needs.entry(name).or_insert(r.when);
            *when = (*when).max(r.when);
        }
        let needs = needs.iter().map(|(name, when)| match when {
            When::Known => format!("~{name}"),
            When::Ready => name.clone(),
        });
        let needs = needs.collect::<Vec<_>>().join(" ");
        let kind = resource.kind.as_str().trim_start_matches("aws.");
        writeln!(text, "{}/{}: {kind} <- {needs}", addr.component, addr.part).unwrap();
    }
    writeln!(text, "{} resources", desired.resources.len()).unwrap();
    text
}

#[test]
fn mini_soa_is_made_of_these() {
    insta::assert_snapshot!(listing(&mini_soa().lower()));
}

#[test]
fn people_are_shown_where_things_are() {
    let desired = mini_soa().lower();
    let shown: Vec<String> = desired.outputs.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    api: https://api.staging.example.com
    api in ECS: ${staging/api/service.id}
    api, each task: 0.25 vCPU and 512 MiB; the least that Fargate has for 0.1 vCPU and 128 MiB
    cluster a: ${staging/cluster-a/cluster.arn}
    cluster b: ${staging/cluster-b/cluster.arn}
    db: db.staging.mini-soa.internal:8080
    db in ECS: ${staging/db/service.id}
    load balancer: ${staging/edge/balancer.id}
    slackbot: https://slackbot.staging.example.com
    slackbot in ECS: ${staging/slackbot/service.id}
    slackbot, each task: 0.25 vCPU and 512 MiB; the least that Fargate has for 0.1 vCPU and 128 MiB
    web: https://www.staging.example.com
    web in ECS: ${staging/web/service.id}
    ");
}

/// Who may connect to whom, as the rules say it.
fn ways(sample: &Sample) -> Vec<String> {
    let rules = sample.lower().resources.into_iter().filter(|(_, resource)| resource.kind == kinds::SecurityRule::KIND);
    let mut ways: Vec<String> = rules
        .map(|(_, resource)| {
            let field = |name: &str| resource.spec.get(name).map(ToString::to_string);
            let short = |text: String| text.replace("${staging/", "").replace("/group.id}", "");
            let from = field("source_group").or(field("cidr")).map(short).unwrap();
            assert_eq!(field("from_port"), field("to_port"));
            format!("{from} -> {}:{}", short(field("group").unwrap()), field("to_port").unwrap())
        })
        .collect();
    ways.sort();
    ways
}

#[test]
fn only_those_may_connect_who_have_business() {
    let expected = [
        "0.0.0.0/0 -> edge:443",
        "0.0.0.0/0 -> edge:80",
        "api -> db:8080",
        "edge -> api:8080",
        "edge -> slackbot:8080",
        "edge -> web:8080",
        "slackbot -> api:8080",
        "web -> api:8080",
    ];
    assert_eq!(ways(&mini_soa()), expected);
    let plain = ways(&mini_soa().set("https", false));
    assert!(!plain.contains(&"0.0.0.0/0 -> edge:443".to_owned()), "{plain:?}");
    let hidden = mini_soa().without("web").without("slackbot").with("api", |api| api.service.host = None);
    assert_eq!(ways(&hidden), ["api -> db:8080"]);
}

#[test]
fn subnets_are_parts_of_the_network_that_do_not_meet() {
    let desired = mini_soa().lower();
    let cidr = |part: &str| at(&desired, &format!("network/{part}")).spec.get("cidr").unwrap().to_string();
    let subnets = ["public-a", "public-b", "private-a", "private-b"].map(cidr);
    assert_eq!(subnets, ["10.20.0.0/19", "10.20.32.0/19", "10.20.64.0/19", "10.20.96.0/19"]);
}

#[test]
fn the_machine_of_a_volume_stands_where_the_volume_is() {
    let zone = |sample: &Sample| {
        let desired = sample.lower();
        let subnets = at(&desired, "db/nodes").spec.get("subnets").unwrap().to_string();
        (at(&desired, "db/volume").spec.get("zone").unwrap().to_string(), subnets)
    };
    let mut sample = mini_soa();
    assert_eq!(zone(&sample), ("eu-central-1a".to_owned(), "[${staging/network/private-a.id}]".to_owned()));
    sample.found.volumes.insert(super::sample::service("db"), "eu-central-1b".to_owned());
    assert_eq!(zone(&sample), ("eu-central-1b".to_owned(), "[${staging/network/private-b.id}]".to_owned()));
    let desired = sample.lower();
    let role = at(&desired, "db/node-role").spec.get("policy").unwrap().to_string();
    insta::assert_snapshot!(role, @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:AttachVolume"],"Resource":["arn:aws:ec2:eu-central-1:111122223333:volume/${staging/db/volume.id}"]},{"Effect":"Allow","Action":["ec2:AttachVolume"],"Resource":["arn:aws:ec2:eu-central-1:111122223333:instance/*"],"Condition":{"StringEquals":{"aws:ResourceTag/gantry:environment":"staging","aws:ResourceTag/gantry:project":"mini-soa","aws:ResourceTag/gantry:resource":"db/nodes"}}}]}"#);
    let start = at(&desired, "db/node-template").spec.get("user_data").unwrap().to_string();
    insta::assert_snapshot!(start.lines().take(5).collect::<Vec<_>>().join("\n"), @r"
    #!/bin/bash
    ECS_CLUSTER=${staging/cluster-a/cluster.id}
    REGION=eu-central-1
    VOLUME_ID=${staging/db/volume.id}
    MOUNT=/mnt/volume
    ");
    let service = &at(&desired, "db/service").spec;
    let percents = ["min_percent", "max_percent"].map(|field| service.get(field).unwrap().as_int().unwrap());
    assert_eq!(percents, [0, 100], "the old task stops first");
}

#[test]
fn a_role_reads_its_own_image_logs_and_secrets_and_nothing_else() {
    let desired = mini_soa().lower();
    let policy = |addr: &str| at(&desired, addr).spec.get("policy").map(ToString::to_string);
    insta::assert_snapshot!(policy("api/execution-role").unwrap(), @r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken"],"Resource":["*"]},{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Resource":["arn:aws:ecr:eu-central-1:111122223333:repository/mini-soa"]},{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":["arn:aws:logs:eu-central-1:111122223333:log-group:${staging/api/logs.id}:*"]},{"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":["arn:aws:secretsmanager:eu-central-1:111122223333:secret:mini-soa/db-AbCdEf"]}]}"#);
    assert!(!policy("web/execution-role").unwrap().contains("secret"), "web has none");
    assert_eq!(policy("api/task-role"), None, "tasks may do nothing by themselves");
}

#[test]
fn tasks_are_told_what_they_are_told_everywhere() {
    let desired = mini_soa().lower();
    let env = at(&desired, "api/task-1").spec.get("env").unwrap().to_string();
    insta::assert_snapshot!(env, @"{DB_ADDRESS: db.staging.mini-soa.internal:8080, PORT: 8080, PORT_HTTP: 8080, RELEASE: 1, VERSION: 1.0}");
    let db = at(&desired, "db/task-1").spec.get("env").unwrap().to_string();
    assert!(db.contains("VOLUME: /data"), "{db}");
    let image = at(&desired, "web/task-1").spec.get("image").unwrap().to_string();
    assert!(image.starts_with("ghcr.io/acme/mini-soa@sha256:"), "{image}");
}

#[test]
fn without_a_way_out_tasks_on_fargate_have_public_addresses() {
    let desired = mini_soa().on_fargate().set("nat", "none").lower();
    let web = &at(&desired, "web/service").spec;
    assert_eq!(web.get("public_ip"), Some(&Value::Bool(true)));
    assert_eq!(
        web.get("subnets").unwrap().to_string(),
        "[${staging/network/public-a.id}, ${staging/network/public-b.id}]"
    );
    assert!(!desired.resources.values().any(|resource| resource.kind == kinds::NatGateway::KIND));
}

#[test]
fn what_is_there_already_is_only_named() {
    let desired = mini_soa().in_vpc().cluster_set("b", Spec::new().with("existing", "shared")).lower();
    let kinds: BTreeSet<&str> = desired.resources.values().map(|resource| resource.kind.as_str()).collect();
    for none in ["aws.vpc", "aws.subnet", "aws.route-table", "aws.internet-gateway", "aws.hosted-zone"] {
        assert!(!kinds.contains(none), "{none} is made");
    }
    let web = &at(&desired, "web/service").spec;
    assert_eq!(web.get("subnets").unwrap().to_string(), "[subnet-3, subnet-4]");
    assert_eq!(at(&desired, "api/service").spec.get("cluster").unwrap().as_text(), Some("shared"));
}

#[test]
fn without_names_a_service_is_reached_at_the_load_balancers_own() {
    let desired = mini_soa().without_names().lower();
    assert_eq!(at(&desired, "web/rule").spec.get("hosts").unwrap().to_string(), "[${staging/edge/balancer.dns_name}]");
    assert_eq!(desired.outputs["web"].to_string(), "http://${staging/edge/balancer.dns_name}");
}

#[test]
fn mini_soa_has_its_price() {
    let sample = mini_soa();
    let desired = sample.lower();
    let mut lines: BTreeMap<String, Rate> = BTreeMap::new();
    let mut by_use = BTreeSet::new();
    for resource in desired.resources.values() {
        let price = prices::Table.price(&resource.kind, &resource.spec, &sample.found.write());
        by_use.extend(price.by_use);
        if price.rate > Rate(0) {
            let line = lines.entry(resource.kind.to_string()).or_default();
            *line = *line + price.rate;
        }
    }
    let sum: Rate = lines.values().copied().sum();
    let lines: Vec<String> = lines.iter().map(|(kind, rate)| format!("{kind}: {}", rate.0)).collect();
    let by_use = by_use.into_iter().collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{}\nsum: {}\n\n{by_use}", lines.join("\n"), sum.0), @r"
    aws.address: 5000
    aws.load-balancer: 37000
    aws.namespace: 684
    aws.nat-gateway: 52000
    aws.scaling-group: 83736
    aws.service: 42585
    aws.volume: 1304
    sum: 222309

    $0.008 per LCU-hour of the load balancer
    $0.028 per hour for each t3.small beyond 2, up to 3
    $0.052 per GB through the NAT gateway
    $0.054 per GB and month for snapshots
    $0.40 per million DNS queries
    $0.63 per GB of logs
    ");
}
