//! A plan, a row, a service and an environment in which every field is filled.

use gantry_engine::address::{Generation, Kind, Mark};
use gantry_engine::cost::{Cost, Rate};
use gantry_engine::environment::{Delta, Environment, ReleaseNo, Running};
use gantry_engine::names::{ClusterName, Digest, EnvName, InstallationId, OpId, PlatformName, UserId, Version};
use gantry_engine::plan::{Action, FieldChange, Plan, Step, StepId};
use gantry_engine::ports::{Drift, Drifted};
use gantry_engine::project::{
    Capacity, Cluster, HealthCheck, Port, Protocol, SecretRef, Service, Template, TemplatePart, Volume,
};
use gantry_engine::provider::Facts;
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Fingerprint, PhysicalId, Row, RowState};
use gantry_engine::value::{Output, Ref, Spec, Value, When};
use gantry_testkit::store_suite::samples::{FIRST, addr, at, environment, key, row, service, settings};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn plan() -> Plan {
    let step = |id, action, after, after_known| Step {
        id: StepId(id),
        addr: addr("dev", "a"),
        generation: Generation(2),
        kind: Kind::new("fake.thing"),
        action,
        after,
        after_known,
    };
    let field = |from, to, outside| FieldChange { field: "number".to_owned(), from, to, outside };
    let theirs = field(Some(Value::text("9")), Some(Value::text("3")), true);
    let changes = vec![field(None, Some(Value::Int(i64::MIN)), false), theirs];
    let drift = |how| Drift { addr: addr("dev", "b"), how };
    let cost = Cost {
        before: Rate(1),
        after: Rate(45_000),
        components: [(addr("dev", "a").component, Rate(45_000))].into(),
        by_use: ["$0.045 per GB".to_owned()].into(),
        as_of: "2026-11-01".to_owned(),
    };
    let (installation, project) = (InstallationId::new("here"), key("dev").project);
    let mark = Mark { installation, project, incarnation: 1, addr: addr("dev", "a"), generation: FIRST };
    let create = Action::Create { spec: spec(), replaces: Some(FIRST) };
    let update = Action::Update { spec: spec(), changes };
    Plan {
        base: [(addr("dev", "a"), Fingerprint(Digest::new("f1")))].into(),
        steps: vec![
            step(0, create, vec![], vec![]),
            step(1, update, vec![StepId(0)], vec![]),
            step(2, Action::Delete { replaced_by: Some(Generation(3)) }, vec![StepId(1)], vec![StepId(0)]),
        ],
        delta: Delta {
            birth: Some(Box::new(environment("dev", 1, 1))),
            revision: Some(Digest::new("0a1b")),
            settings: Some(spec()),
            clusters: full_environment().clusters,
            services: full_environment().services,
            expiry: Some(None),
            owner: Some(UserId::new("U2")),
            removed: [service("db")].into(),
            removed_clusters: BTreeSet::new(),
            end: false,
        },
        drift: vec![drift(Drifted::Behind), drift(Drifted::Gone)],
        mends: vec![drift(Drifted::Field { field: "n".to_owned(), ours: "3".to_owned(), theirs: "9".to_owned() })],
        cost: Some(cost),
        sweeps: vec![Found { mark, kind: Kind::new("fake.thing"), id: PhysicalId("thing-7".to_owned()) }],
        platform: Some(PlatformName::new("fake").unwrap()),
        back: BTreeMap::new(),
        facts: Facts([("zone".to_owned(), "a".to_owned())].into()),
    }
}

pub(super) fn spec() -> Spec {
    let reference = Ref { addr: addr("dev", "b"), output: Output::new("address"), when: When::Known };
    let join = Value::Join(vec!["http://".into(), reference.clone().into()]);
    let inner = Spec::new().with("yes", true).with("n", -3_i64);
    Spec::new()
        .with("list", Value::List(vec!["a".into(), 1_i64.into()]))
        .with("map", Value::Map(inner))
        .with("ref", Ref { when: When::Ready, ..reference })
        .with("url", join)
}

pub(super) fn full_row(state: RowState) -> Row {
    let reference = Ref { addr: addr("dev", "b"), output: Output::new("address"), when: When::Known };
    Row {
        state,
        spec: spec(),
        resolved: [(reference, "127.0.0.1:9".to_owned())].into(),
        known: None,
        ..row(OpId(3), 1)
    }
}

pub(super) fn full_service() -> Service {
    let output = TemplatePart::Output { service: service("db"), output: "address".to_owned() };
    let health = HealthCheck {
        path: Some("/healthz".to_owned()),
        interval: SignedDuration::from_secs(2),
        timeout: SignedDuration::from_secs(1),
        healthy_after: 2,
        unhealthy_after: 3,
    };
    Service {
        image: Some("registry.example/web".to_owned()),
        ports: vec![
            Port { name: "http".to_owned(), protocol: Protocol::Http, container: Some(8080) },
            Port { name: "raw".to_owned(), protocol: Protocol::Tcp, container: None },
        ],
        health: Some(health),
        env: [("DB".to_owned(), Template(vec![TemplatePart::Text("tcp://".to_owned()), output]))].into(),
        secrets: [("KEY".to_owned(), SecretRef("env:KEY".to_owned()))].into(),
        volume: Some(Volume { path: "/data".to_owned(), size_gib: 1 }),
        host: Some("web".to_owned()),
        depends_on: [service("db")].into(),
        ..settings()
    }
}

pub(super) fn full_environment() -> Environment {
    let node = Capacity { cpu_millis: 2000, memory_mib: 4096 };
    let running = Running {
        release: ReleaseNo(2),
        version: Version::new("1.2.3"),
        service: full_service(),
        replicas: 3,
        restarts: 1,
    };
    Environment {
        clusters: [(ClusterName::new("a").unwrap(), Cluster { min: 1, max: 3, node, settings: [].into() })].into(),
        services: [(service("web"), running)].into(),
        latest: Some(at(99_999)),
        uses: [EnvName::new("shared").unwrap()].into(),
        ..environment("dev", 2, 8)
    }
}
