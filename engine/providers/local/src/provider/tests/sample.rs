//! An environment like the one of `examples/mini-soa`: `web` in front of `api` in front of `db`, on two clusters.

use gantry_engine::environment::{Environment, Phase, ReleaseNo, Running};
use gantry_engine::names::{
    ClusterName, Digest, EnvKey, EnvName, PlatformName, ProjectName, ServiceName, UserId, Version,
};
use gantry_engine::project::{
    Capacity, Cluster, HealthCheck, Port, Protocol, SecretRef, Service, Template, TemplatePart, Volume, VolumesAtEnd,
};
use gantry_engine::value::Spec;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn service(name: &str) -> ServiceName {
    ServiceName::new(name).unwrap()
}

pub(super) fn cluster(name: &str) -> ClusterName {
    ClusterName::new(name).unwrap()
}

pub(super) fn output(service_name: &str, output: &str) -> TemplatePart {
    TemplatePart::Output { service: service(service_name), output: output.to_owned() }
}

pub(super) fn port(name: &str, protocol: Protocol) -> Port {
    Port { name: name.to_owned(), protocol, container: None }
}

/// A service that speaks HTTP, asked for its health, on cluster `b`.
fn plain(command: &str) -> Service {
    let seconds = SignedDuration::from_secs;
    Service {
        image: None,
        command: vec!["mini-soa".to_owned(), command.to_owned()],
        version: Version::new("1"),
        replicas: 1,
        cluster: cluster("b"),
        size: Capacity { cpu_millis: 250, memory_mib: 64 },
        ports: vec![port("http", Protocol::Http)],
        health: Some(HealthCheck {
            path: Some("/health".to_owned()),
            interval: SignedDuration::from_millis(200),
            timeout: seconds(1),
            healthy_after: 2,
            unhealthy_after: 3,
        }),
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: None,
        host: None,
        depends_on: BTreeSet::new(),
        stop_timeout: seconds(5),
        deadline: seconds(60),
        settings: BTreeMap::new(),
    }
}

fn running(service: Service) -> Running {
    let (version, replicas) = (service.version.clone(), service.replicas);
    Running { release: ReleaseNo(1), version, service, replicas, restarts: 0 }
}

pub(super) fn environment() -> Environment {
    let db = Service {
        cluster: cluster("a"),
        ports: vec![port("main", Protocol::Tcp), port("stats", Protocol::Http)],
        health: None,
        volume: Some(Volume { path: "/data".to_owned(), size_gib: 1 }),
        ..plain("db")
    };
    let api = Service {
        env: BTreeMap::from([
            ("DB".to_owned(), Template(vec![output("db", "address")])),
            ("MODE".to_owned(), Template(vec![TemplatePart::Text("plain".to_owned())])),
        ]),
        secrets: BTreeMap::from([("TOKEN".to_owned(), SecretRef("file:/run/token".to_owned()))]),
        depends_on: BTreeSet::from([service("db")]),
        replicas: 2,
        ..plain("api")
    };
    let path = TemplatePart::Text("/v1".to_owned());
    let web = Service {
        env: BTreeMap::from([("API".to_owned(), Template(vec![output("api", "url"), path]))]),
        host: Some("www".to_owned()),
        depends_on: BTreeSet::from([service("api")]),
        ..plain("web")
    };
    let slackbot = Service { ports: vec![], health: None, ..plain("slackbot") };
    let services = [("db", db), ("api", api), ("web", web), ("slackbot", slackbot)];
    let node = Capacity { cpu_millis: 1000, memory_mib: 1024 };
    Environment {
        key: EnvKey { project: ProjectName::new("mini-soa").unwrap(), env: EnvName::new("dev").unwrap() },
        incarnation: 1,
        settings: Spec::new(),
        meter: None,
        opened_by: None,
        moved: None,
        version: 1,
        phase: Phase::Live,
        platform: PlatformName::new("local").unwrap(),
        revision: Digest::new("0"),
        clusters: BTreeMap::from([
            (cluster("a"), Cluster { min: 1, max: 1, node, settings: BTreeMap::new() }),
            (cluster("b"), Cluster { min: 1, max: 4, node, settings: BTreeMap::new() }),
        ]),
        services: services.map(|(name, settings)| (service(name), running(settings))).into(),
        owner: UserId::new("U0"),
        created: Timestamp::UNIX_EPOCH,
        expiry: None,
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        home: None,
    }
}

/// Changes a service of the sample.
pub(super) fn with(name: &str, change: impl FnOnce(&mut Running)) -> Environment {
    let mut env = environment();
    change(env.services.get_mut(&service(name)).unwrap());
    env
}
