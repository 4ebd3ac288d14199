//! What an environment is made of, and what this platform refuses.

use super::sample::{cluster, environment, output, port, service, with};
use crate::provider::kinds;
use crate::provider::lower::lower;
use gantry_engine::environment::{Environment, Running};
use gantry_engine::project::{Protocol, Template};
use gantry_engine::provider::Facts;
use gantry_engine::resource::Desired;
use std::fmt::Write;

fn lowered(env: &Environment) -> Desired {
    lower(env, &Facts::default()).unwrap()
}

/// One line per field.
fn show(desired: &Desired) -> String {
    let mut text = String::new();
    for (addr, resource) in &desired.resources {
        writeln!(text, "{addr} {}", resource.kind).unwrap();
        for (field, value) in &resource.spec.0 {
            writeln!(text, "  {field}: {value}").unwrap();
        }
    }
    for (label, value) in &desired.outputs {
        writeln!(text, "> {label}: {value}").unwrap();
    }
    text
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot shows it all")]
fn an_environment_becomes_resources() {
    insta::assert_snapshot!(show(&lowered(&environment())), @r"
    dev/api/balancer local.balancer
      mode: http
    dev/api/record local.record
      data: {a: 127.0.0.1}
      name: api.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/api/service local.service
      after: [${dev/cluster-b/nodes.id}, ${dev/db/service.id}]
      balancers: {http: ${dev/api/balancer.id}}
      deadline_ms: 60000
      order: start_first
      replicas: 2
      task: {cluster: mini-soa/dev/b, command: [mini-soa, api], cpu_millis: 250, env: {DB: ${dev/db/balancer.address}, MODE: plain}, health: {healthy_after: 2, interval_ms: 200, kind: http, path: /health, timeout_ms: 1000, unhealthy_after: 3}, memory_mib: 64, ports: [{name: http, protocol: http}], release: 1, secrets: {TOKEN: file:/run/token}, stop_timeout_ms: 5000, version: 1, volumes: []}
    dev/cluster-a/node-1 local.node
      cluster: mini-soa/dev/a
      cpu_millis: 1000
      memory_mib: 1024
    dev/cluster-a/nodes local.record
      after: [${dev/cluster-a/node-1.id}]
      data: {txt: node-1}
      name: cluster-a.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/cluster-b/node-1 local.node
      cluster: mini-soa/dev/b
      cpu_millis: 1000
      memory_mib: 1024
    dev/cluster-b/node-2 local.node
      cluster: mini-soa/dev/b
      cpu_millis: 1000
      memory_mib: 1024
    dev/cluster-b/nodes local.record
      after: [${dev/cluster-b/node-1.id}, ${dev/cluster-b/node-2.id}]
      data: {txt: node-1 node-2}
      name: cluster-b.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/db/balancer local.balancer
      mode: tcp
    dev/db/balancer-stats local.balancer
      mode: http
    dev/db/record local.record
      data: {a: 127.0.0.1}
      name: db.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/db/service local.service
      after: [${dev/cluster-a/nodes.id}]
      balancers: {main: ${dev/db/balancer.id}, stats: ${dev/db/balancer-stats.id}}
      deadline_ms: 60000
      order: stop_first
      replicas: 1
      task: {cluster: mini-soa/dev/a, command: [mini-soa, db], cpu_millis: 250, env: {}, health: {kind: tcp}, memory_mib: 64, ports: [{name: main, protocol: tcp}, {name: stats, protocol: http}], release: 1, secrets: {}, stop_timeout_ms: 5000, version: 1, volumes: [{env: VOLUME, volume: ${dev/db/volume.id}}]}
    dev/db/volume local.volume
    dev/network/zone local.zone
      name: dev.mini-soa.localhost
    dev/slackbot/record local.record
      data: {a: 127.0.0.1}
      name: slackbot.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/slackbot/service local.service
      after: [${dev/cluster-b/nodes.id}]
      balancers: {}
      deadline_ms: 60000
      order: start_first
      replicas: 1
      task: {cluster: mini-soa/dev/b, command: [mini-soa, slackbot], cpu_millis: 250, env: {}, health: {kind: none}, memory_mib: 64, ports: [], release: 1, secrets: {}, stop_timeout_ms: 5000, version: 1, volumes: []}
    dev/web/balancer local.balancer
      mode: http
    dev/web/public-record local.record
      data: {a: 127.0.0.1}
      name: www.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/web/record local.record
      data: {a: 127.0.0.1}
      name: web.dev.mini-soa.localhost
      ttl: 5
      zone: ${dev/network/zone.id}
    dev/web/route local.route
      after: [${dev/web/service.id}]
      balancer: ${dev/web/balancer.id}
      host: www.dev.mini-soa.localhost
    dev/web/service local.service
      after: [${dev/cluster-b/nodes.id}, ${dev/api/service.id}]
      balancers: {http: ${dev/web/balancer.id}}
      deadline_ms: 60000
      order: start_first
      replicas: 1
      task: {cluster: mini-soa/dev/b, command: [mini-soa, web], cpu_millis: 250, env: {API: http://${dev/api/balancer.address}/v1}, health: {healthy_after: 2, interval_ms: 200, kind: http, path: /health, timeout_ms: 1000, unhealthy_after: 3}, memory_mib: 64, ports: [{name: http, protocol: http}], release: 1, secrets: {}, stop_timeout_ms: 5000, version: 1, volumes: []}
    > api: ${dev/api/balancer.address}
    > db: ${dev/db/balancer.address}
    > dns: ${dev/network/zone.server}
    > web: ${dev/web/route.url}
    ");
}

#[test]
fn the_same_record_gives_the_same_resources() {
    assert_eq!(lowered(&environment()), lowered(&environment()));
}

#[test]
fn an_environment_without_services_is_a_network_with_clusters() {
    let mut env = environment();
    env.services.clear();
    let addrs: Vec<String> = lowered(&env).resources.keys().map(ToString::to_string).collect();
    assert_eq!(
        addrs,
        [
            "dev/cluster-a/node-1",
            "dev/cluster-a/nodes",
            "dev/cluster-b/node-1",
            "dev/cluster-b/nodes",
            "dev/network/zone"
        ]
    );
}

/// The runtime ignores fields that it doesn't know, so a misspelt one would silently be its default.
#[test]
fn the_runtime_reads_every_field() {
    for (addr, resource) in lowered(&environment()).resources {
        let spec = resource.spec.resolve(&|r| Some(format!("<{r}>"))).unwrap();
        let written = kinds::json(&spec);
        let wire = kinds::find(&resource.kind).unwrap().wire(written.clone()).unwrap();
        let read = serde_json::to_value(&wire).unwrap()["spec"].clone();
        assert_contains(&read, &written, &addr.to_string());
    }
}

fn assert_contains(read: &serde_json::Value, written: &serde_json::Value, at: &str) {
    match written {
        serde_json::Value::Object(fields) => {
            for (field, value) in fields {
                assert_contains(&read[field], value, &format!("{at}.{field}"));
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                assert_contains(&read[index], value, &format!("{at}[{index}]"));
            }
        }
        leaf => assert_eq!(read, leaf, "{at}"),
    }
}

#[test]
fn clusters_grow_with_what_runs_on_them() {
    let nodes = |replicas| {
        let env = with("api", |api| api.replicas = replicas);
        let all = lowered(&env).resources;
        all.keys().filter(|addr| addr.to_string().starts_with("dev/cluster-b/node-")).count()
    };
    // Beside `api`, `web` and `slackbot` take 250 of 1000 each; half as many new tasks have to fit beside the old ones.
    assert_eq!([0, 1, 2, 3, 5, 8].map(nodes), [1, 1, 2, 2, 3, 4]);
    assert_eq!(nodes(14), 4, "without room for a rollout beside it, but it fits");
}

#[test]
fn a_service_does_not_differ_because_its_cluster_grew() {
    let spec = |env: &Environment| {
        let mut all = lowered(env).resources;
        all.remove(&"dev/web/service".parse().unwrap()).unwrap()
    };
    assert_eq!(spec(&with("api", |api| api.replicas = 8)), spec(&environment()));
}

#[test]
fn what_this_platform_cannot_do_is_said_with_the_remedy() {
    let change = |name: &str, change: fn(&mut Running)| with(name, change);
    let refer = |to: &'static str, what: &'static str| {
        with("web", |web| {
            web.service.env.insert("X".to_owned(), Template(vec![output(to, what)]));
        })
    };
    let renamed = |from: &str, to: &str| {
        let mut env = environment();
        let moved = env.services.remove(&service(from)).unwrap();
        env.services.insert(service(to), moved);
        env
    };
    let environments = [
        change("web", |web| web.service.command.clear()),
        change("db", |db| db.replicas = 2),
        change("web", |web| web.service.ports[0].protocol = Protocol::Tcp),
        change("web", |web| web.service.ports.clear()),
        change("api", |api| api.service.host = Some("www".to_owned())),
        change("api", |api| api.service.host = Some("a b".to_owned())),
        change("api", |api| api.service.size.cpu_millis = 2000),
        change("api", |api| api.replicas = 15),
        change("api", |api| api.service.cluster = cluster("c")),
        refer("nobody", "address"),
        refer("slackbot", "address"),
        refer("db", "url"),
        refer("db", "password"),
        renamed("slackbot", "network"),
        renamed("slackbot", "cluster-a"),
    ];
    let refusals: Vec<String> =
        environments.iter().map(|env| lower(env, &Facts::default()).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    service `web` has no `command`, and this platform runs programs, not images: add `command = [".."]` to `[services.web]`
    service `db` has a volume, which one task at a time can use, and 2 are wanted: scale `db` to 1, or take `volume` out of `[services.db]`
    service `web` has a public host name, but its first port doesn't speak HTTP: put an HTTP port first in `[services.web]`, or take `host` out
    service `web` has a public host name, but its first port doesn't speak HTTP: put an HTTP port first in `[services.web]`, or take `host` out
    the services `api` and `web` both want the name `www.dev.mini-soa.localhost`: give one of them another `host`; each service also has its own name, `web`
    service `api` wants the host name `a b`: `a b.dev.mini-soa.localhost` isn't a host name; use labels of a-z, 0-9 and - (at most 63 each, 253 in all), joined by dots: use one label of a-z, 0-9 and -
    one task of `api` takes 2000 cpu millis and 64 MiB, a node of cluster `b` has 1000 cpu millis and 1024 MiB: give `[clusters.b]` larger nodes, or `[services.api]` a smaller `size`
    the tasks of mini-soa/dev don't fit on the 4 nodes of cluster `b`: raise `max` of `[clusters.b]`, or run fewer tasks (most are of `api`)
    service `api` wants the cluster `c`, which mini-soa/dev hasn't got: add `[clusters.c]`, or name another cluster
    `X` of service `web` refers to `${services.nobody.address}`, and `nobody` doesn't run in mini-soa/dev: add `nobody` to `depends_on` of `[services.web]`, or deploy it first
    `X` of service `web` refers to `${services.slackbot.address}`, which listens nowhere: give `[services.slackbot]` a port
    `X` of service `web` refers to `${services.db.url}`, which doesn't speak HTTP: use `address`, `host` or `port`
    `X` of service `web` refers to `${services.db.password}`, and there is no such output: use `address`, `host`, `port` or `url`
    a service can't be called `network` on this platform, which has a component of that name: rename the service
    a service can't be called `cluster-a` on this platform, which has a component of that name: rename the service
    "#);
    let env = change("api", |api| api.service.ports.push(port("Bad Name", Protocol::Tcp)));
    let what = lower(&env, &Facts::default()).unwrap_err().what;
    assert!(what.starts_with("`api/balancer-Bad Name` can't be an address on this platform"), "{what}");
    let facts = Facts([("missing.web".to_owned(), "mini-soa".to_owned())].into());
    insta::assert_snapshot!(lower(&environment(), &facts).unwrap_err(), @"service `web` runs `mini-soa`, and there is no such program on this machine: build or install it, or give `command` of `[services.web]` a full path");
}
