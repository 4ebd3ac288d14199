//! A small project in memory: `web` needs `api`, `api` needs `db`, two clusters, environments of each policy. It is
//! what tests start from; no project file is read.

use gantry_engine::environment::{Environment, Phase, ReleaseNo, Running};
use gantry_engine::names::{ClusterName, Digest, EnvKey, EnvName, PlatformName, ProjectName, ServiceName};
use gantry_engine::names::{UserId, Version};
use gantry_engine::project::{
    Allow, Capacity, Cluster, EnvPattern, EnvironmentSettings, Policy, Port, Project, Protocol, Service, Template,
    TemplatePart, Volume, VolumesAtEnd, Who,
};
use gantry_engine::value::Spec;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! name {
    ($($(#[$doc:meta])* $function:ident -> $type:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        /// Where the text breaks the rule for names.
        #[must_use]
        pub fn $function(text: &str) -> $type {
            $type::new(text).expect("a sample's name follows the rule for names")
        }
    )*};
}

name! {
    /// A service's name.
    service_name -> ServiceName;
    /// A cluster's name.
    cluster_name -> ClusterName;
    /// An environment's name.
    env_name -> EnvName;
    /// A project's name.
    project_name -> ProjectName;
}

/// The sample's environment of that name.
#[must_use]
pub fn key(env: &str) -> EnvKey {
    EnvKey { project: project_name("shop"), env: env_name(env) }
}

/// The sample project on a platform: `dev` needs nobody's word, `staging` the requester's, `prod` another member's of
/// `platform`; `brief` deletes its volumes at its end.
#[must_use]
pub fn project(platform: &PlatformName) -> Project {
    let environment = |pattern: &str, approval: Policy| EnvironmentSettings {
        pattern: EnvPattern(pattern.to_owned()),
        platform: platform.clone(),
        expiry: Some(SignedDuration::from_hours(8)),
        max: Some(SignedDuration::from_hours(72)),
        rollback: approval.at_most_confirm(),
        approval,
        channel: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        settings: BTreeMap::new(),
    };
    let votes = Policy::votes(1, "platform");
    let brief = EnvironmentSettings { volumes: VolumesAtEnd::Delete, ..environment("brief", Policy::None) };
    let everybody = Allow {
        who: vec![Who::Everyone],
        verbs: vec!["*".to_owned()],
        environments: Vec::new(),
        channels: Vec::new(),
        line: 1,
    };
    Project {
        name: project_name("shop"),
        revision: Digest::new("revision-1"),
        time_zone: "UTC".to_owned(),
        quiet: None,
        caretakers: None,
        settings: BTreeMap::new(),
        clusters: [("a", 1), ("b", 3)].map(|(name, max)| (cluster_name(name), cluster(max))).into(),
        services: services(),
        environments: vec![
            environment("dev", Policy::None),
            brief,
            environment("staging", Policy::Confirm),
            environment("prod", votes),
        ],
        allow: vec![everybody],
        freezes: Vec::new(),
        locking: gantry_engine::project::Locking::default(),
        protections: Vec::new(),
        announce: None,
    }
}

/// A cluster of one to so many nodes.
#[must_use]
pub fn cluster(max: u32) -> Cluster {
    Cluster { min: 1, max, node: Capacity { cpu_millis: 2_000, memory_mib: 4_096 }, settings: BTreeMap::new() }
}

/// A service that listens and needs nothing.
#[must_use]
pub fn service(cluster: &str) -> Service {
    Service {
        image: Some("example/plain".to_owned()),
        command: vec!["plain".to_owned()],
        version: Version::new("1.0"),
        replicas: 2,
        cluster: cluster_name(cluster),
        size: Capacity { cpu_millis: 100, memory_mib: 64 },
        ports: vec![Port { name: "http".to_owned(), protocol: Protocol::Http, container: Some(8080) }],
        health: None,
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: None,
        host: None,
        depends_on: BTreeSet::new(),
        stop_timeout: SignedDuration::from_secs(10),
        deadline: SignedDuration::from_mins(5),
        settings: BTreeMap::new(),
    }
}

fn services() -> BTreeMap<ServiceName, Service> {
    let db = Service {
        replicas: 1,
        volume: Some(Volume { path: "/data".to_owned(), size_gib: 1 }),
        ports: vec![Port { name: "tcp".to_owned(), protocol: Protocol::Tcp, container: Some(5432) }],
        ..service("a")
    };
    let address = |of: &str| TemplatePart::Output { service: service_name(of), output: "address".to_owned() };
    let needs = |of: &str| BTreeSet::from([service_name(of)]);
    let database = Template(vec![TemplatePart::Text("db://".to_owned()), address("db")]);
    let api = Service { env: [("DATABASE".to_owned(), database)].into(), depends_on: needs("db"), ..service("b") };
    let upstream = Template(vec![address("api")]);
    let web = Service {
        env: [("API".to_owned(), upstream)].into(),
        host: Some("www".to_owned()),
        depends_on: needs("api"),
        ..service("b")
    };
    [("db", db), ("api", api), ("web", web)].map(|(name, service)| (service_name(name), service)).into()
}

/// A record of the sample with these services of it, each in its own version.
///
/// # Panics
/// Where the sample has no such service.
#[must_use]
pub fn environment(env: &str, platform: &PlatformName, named: &[&str]) -> Environment {
    let project = project(platform);
    let running = |name: &&str| {
        let service = project.services.get(&service_name(name)).expect("the sample has it").clone();
        let running = Running {
            release: ReleaseNo(1),
            version: service.version.clone(),
            replicas: service.replicas,
            restarts: 0,
            service,
        };
        (service_name(name), running)
    };
    Environment {
        key: key(env),
        incarnation: 1,
        version: 1,
        phase: Phase::Live,
        platform: platform.clone(),
        revision: project.revision.clone(),
        clusters: project.clusters.clone(),
        services: named.iter().map(running).collect(),
        owner: UserId::new("U1"),
        created: Timestamp::UNIX_EPOCH,
        settings: Spec::new(),
        meter: None,
        opened_by: None,
        moved: None,
        expiry: None,
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        home: None,
    }
}
