//! The environment of `examples/mini-soa`: `web` and `db` on machines, `api` and `slackbot` on Fargate.

use crate::facts::{Found, Secret};
use gantry_engine::environment::{Environment, Phase, ReleaseNo, Running};
use gantry_engine::names::{
    ClusterName, Digest, EnvKey, EnvName, PlatformName, ProjectName, ServiceName, UserId, Version,
};
use gantry_engine::ports::Findings;
use gantry_engine::project::{
    Capacity, Cluster, HealthCheck, PlatformSettings, Port, Protocol, SecretRef, Service, Template, TemplatePart,
    Volume, VolumesAtEnd,
};
use gantry_engine::resource::{Desired, Resource};
use gantry_engine::value::{Spec, Value};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// An environment, and what the survey found for it.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) env: Environment,
    pub(super) found: Found,
}

pub(super) fn service(name: &str) -> ServiceName {
    ServiceName::new(name).unwrap()
}

pub(super) fn cluster(name: &str) -> ClusterName {
    ClusterName::new(name).unwrap()
}

fn ecs(settings: Spec) -> PlatformSettings {
    BTreeMap::from([(PlatformName::new("ecs").unwrap(), settings)])
}

fn output(of: &str, output: &str) -> Template {
    Template(vec![TemplatePart::Output { service: service(of), output: output.to_owned() }])
}

/// A service that speaks HTTP, on cluster `b`.
fn plain() -> Service {
    Service {
        image: Some("ghcr.io/acme/mini-soa".to_owned()),
        command: Vec::new(),
        version: Version::new("1.0"),
        replicas: 1,
        cluster: cluster("b"),
        size: Capacity { cpu_millis: 100, memory_mib: 128 },
        ports: vec![Port { name: "http".to_owned(), protocol: Protocol::Http, container: Some(8080) }],
        health: Some(HealthCheck {
            path: Some("/health".to_owned()),
            interval: SignedDuration::from_millis(200),
            timeout: SignedDuration::from_secs(1),
            healthy_after: 2,
            unhealthy_after: 3,
        }),
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: None,
        host: None,
        depends_on: BTreeSet::new(),
        stop_timeout: SignedDuration::from_secs(10),
        deadline: SignedDuration::from_secs(300),
        settings: PlatformSettings::new(),
    }
}

fn services() -> [(&'static str, Service); 4] {
    let on_a = || Service { cluster: cluster("a"), ..plain() };
    let web = Service {
        replicas: 2,
        host: Some("www".to_owned()),
        env: BTreeMap::from([("API_ADDRESS".to_owned(), output("api", "address"))]),
        depends_on: BTreeSet::from([service("api")]),
        ..on_a()
    };
    let api = Service {
        image: Some("111122223333.dkr.ecr.eu-central-1.amazonaws.com/mini-soa".to_owned()),
        replicas: 2,
        host: Some("api".to_owned()),
        env: BTreeMap::from([("DB_ADDRESS".to_owned(), output("db", "address"))]),
        secrets: BTreeMap::from([("DB_PASSWORD".to_owned(), SecretRef("secretsmanager:mini-soa/db".to_owned()))]),
        depends_on: BTreeSet::from([service("db")]),
        ..plain()
    };
    let db = Service { volume: Some(Volume { path: "/data".to_owned(), size_gib: 10 }), ..on_a() };
    let slackbot =
        Service { host: Some("slackbot".to_owned()), depends_on: BTreeSet::from([service("api")]), ..plain() };
    [("web", web), ("api", api), ("db", db), ("slackbot", slackbot)]
}

/// `mini-soa` under `staging.example.com`.
pub(super) fn mini_soa() -> Sample {
    let running = |service: Service| Running {
        release: ReleaseNo(1),
        version: service.version.clone(),
        replicas: service.replicas,
        service,
        restarts: 0,
    };
    let nodes = |min, max, cpu_millis, memory_mib, settings| Cluster {
        min,
        max,
        node: Capacity { cpu_millis, memory_mib },
        settings,
    };
    let env = Environment {
        key: EnvKey { project: ProjectName::new("mini-soa").unwrap(), env: EnvName::new("staging").unwrap() },
        incarnation: 1,
        version: 1,
        phase: Phase::Live,
        platform: PlatformName::new("ecs").unwrap(),
        revision: Digest::new("0"),
        clusters: BTreeMap::from([
            (cluster("a"), nodes(2, 3, 2000, 2048, ecs(Spec::new().with("capacity", "ec2")))),
            (cluster("b"), nodes(1, 4, 1000, 1024, PlatformSettings::new())),
        ]),
        services: services().map(|(name, settings)| (service(name), running(settings))).into(),
        owner: UserId::new("U0"),
        created: Timestamp::UNIX_EPOCH,
        expiry: None,
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        home: None,
        settings: Spec::new().with("zone", "example.com"),
        meter: None,
        opened_by: None,
        moved: None,
    };
    Sample { env, found: found() }
}

fn found() -> Found {
    let digest = "0123456789abcdef".repeat(4);
    let image = |name: &str| match name {
        "api" => format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/mini-soa@sha256:{digest}"),
        _ => format!("ghcr.io/acme/mini-soa@sha256:{digest}"),
    };
    let secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:mini-soa/db-AbCdEf";
    Found {
        region: "eu-central-1".to_owned(),
        account: "111122223333".to_owned(),
        partition: "aws".to_owned(),
        zones: vec!["eu-central-1a".to_owned(), "eu-central-1b".to_owned()],
        cidr: Some("10.20.0.0/16".to_owned()),
        zone: Some("Z0123456789".to_owned()),
        images: services().map(|(name, _)| (service(name), image(name))).into(),
        secrets: BTreeMap::from([(
            (service("api"), "DB_PASSWORD".to_owned()),
            Secret { from: secret.to_owned(), key: None },
        )]),
        ..Found::default()
    }
}

impl Sample {
    /// The same with another setting of the environment.
    pub(super) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.env.settings.0.insert(key.to_owned(), value.into());
        self
    }

    /// The same without a setting.
    pub(super) fn unset(mut self, key: &str) -> Self {
        self.env.settings.0.remove(key);
        self
    }

    /// The same with a service changed.
    pub(super) fn with(mut self, name: &str, change: impl FnOnce(&mut Running)) -> Self {
        change(self.env.services.get_mut(&service(name)).unwrap());
        self
    }

    /// The same without a service.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.env.services.remove(&service(name));
        self
    }

    /// The same with other settings of a service.
    pub(super) fn service_set(self, name: &str, settings: Spec) -> Self {
        self.with(name, |running| running.service.settings = ecs(settings))
    }

    /// The same with other settings of a cluster.
    pub(super) fn cluster_set(mut self, name: &str, settings: Spec) -> Self {
        self.env.clusters.get_mut(&cluster(name)).unwrap().settings = ecs(settings);
        self
    }

    /// Everything on Fargate, where no volume can be.
    pub(super) fn on_fargate(self) -> Self {
        self.cluster_set("a", Spec::new()).with("db", |db| db.service.volume = None)
    }

    /// In a network that is there already.
    pub(super) fn in_vpc(mut self) -> Self {
        let subnets = [("subnet-1", "a"), ("subnet-2", "b"), ("subnet-3", "a"), ("subnet-4", "b")];
        self.found.subnets = subnets.map(|(id, zone)| (id.to_owned(), format!("eu-central-1{zone}"))).into();
        self.found.cidr = None;
        let list = |ids: [&str; 2]| Value::List(ids.map(Value::text).to_vec());
        self.set("vpc", "vpc-1")
            .set("public_subnets", list(["subnet-1", "subnet-2"]))
            .set("private_subnets", list(["subnet-3", "subnet-4"]))
    }

    /// With nothing of DNS.
    pub(super) fn without_names(mut self) -> Self {
        self.found.zone = None;
        self.unset("zone").set("https", false).with("api", |api| api.service.host = None).with("slackbot", |bot| {
            bot.service.host = None;
        })
    }

    pub(super) fn lower(&self) -> Desired {
        self.try_lower().unwrap_or_else(|found| panic!("{found}"))
    }

    pub(super) fn try_lower(&self) -> Result<Desired, Findings> {
        crate::lower::lower(&self.env, &self.found.write())
    }

    /// What stands in the way, a line each.
    pub(super) fn findings(&self) -> String {
        let found = self.try_lower().map(|_| ()).expect_err("nothing stands in the way");
        found.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// A resource by the last two parts of its address.
pub(super) fn at<'d>(desired: &'d Desired, addr: &str) -> &'d Resource {
    let addr = format!("staging/{addr}").parse().unwrap();
    desired.resources.get(&addr).unwrap_or_else(|| panic!("there is no {addr}"))
}

/// Samples that differ in what they are made of.
pub(super) fn all() -> Vec<(&'static str, Sample)> {
    let shared = Spec::new().with("existing", "shared");
    let exec = Spec::new().with("exec", true).with("health_command", Value::List(vec!["true".into()]));
    vec![
        ("mini-soa", mini_soa()),
        ("Fargate without NAT", mini_soa().on_fargate().set("nat", "none")),
        ("a NAT gateway in each zone", mini_soa().set("nat", "per_zone")),
        ("a network that is there", mini_soa().in_vpc()),
        ("a cluster that is there", mini_soa().cluster_set("b", shared.clone())),
        ("and its machines", mini_soa().cluster_set("b", shared.with("provider", "nodes"))),
        ("without names", mini_soa().without_names()),
        ("without HTTPS", mini_soa().set("https", false)),
        ("a zone of its own", mini_soa().set("create_zone", true)),
        (
            "a certificate that is there",
            mini_soa().set("certificate", "arn:aws:acm:eu-central-1:111122223333:certificate/1"),
        ),
        ("nothing public", mini_soa().without("web").without("slackbot").with("api", |api| api.service.host = None)),
        ("commands in tasks", mini_soa().service_set("api", exec)),
    ]
}
