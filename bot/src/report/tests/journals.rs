//! Hand-made journals.

use gantry_engine::address::{Addr, Generation, Kind};
use gantry_engine::approval::{Ballot, Terms, Vote};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::environment::{Delta, Environment, Phase, ReleaseNo, Running};
use gantry_engine::journal::{Entry, Failure, FailureKind, Operation, Stamped};
use gantry_engine::names::{
    ChannelId, ClusterName, DeliveryId, Digest, EnvKey, EnvName, GroupName, OpId, PlatformName, ProjectName,
    ServiceName, UserId, Version,
};
use gantry_engine::plan::{Action, FieldChange, Plan, Step, StepId};
use gantry_engine::ports::{Drift, Drifted, OpRecord};
use gantry_engine::project::{Capacity, Policy, Service, Volume, VolumesAtEnd};
use gantry_engine::provider::Token;
use gantry_engine::value::{Outputs, Spec};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const OP: OpId = OpId(17);

pub(super) fn start() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

pub(super) fn key() -> EnvKey {
    EnvKey { project: ProjectName::new("shop").unwrap(), env: EnvName::new("dev").unwrap() }
}

pub(super) fn name(text: &str) -> ServiceName {
    ServiceName::new(text).unwrap()
}

pub(super) fn addr(component: &str, part: &str) -> Addr {
    Addr::new(&key().env, component, part).unwrap()
}

pub(super) fn request(change: Change, because: Option<&str>) -> Request {
    Request {
        key: key(),
        change,
        by: Actor::User(UserId::new("U01DEVELOPER")),
        schedule: None,
        resumes: None,
        because: because.map(str::to_owned),
        bypass: false,
        words: "deploy web to dev".to_owned(),
        delivery: DeliveryId::new("Ev1"),
        place: Place { channel: ChannelId::new("C1"), thread: None },
        at: start(),
        waits: false,
    }
}

pub(super) fn deploy() -> Request {
    request(Change::Deploy { services: vec![(name("web"), None)], lifetime: None }, Some("the demo <!channel>"))
}

fn service(volume: bool) -> Service {
    Service {
        image: None,
        command: vec!["web".to_owned()],
        version: Version::new("1.4"),
        replicas: 2,
        cluster: ClusterName::new("a").unwrap(),
        size: Capacity { cpu_millis: 100, memory_mib: 64 },
        ports: Vec::new(),
        health: None,
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: volume.then(|| Volume { path: "/data".to_owned(), size_gib: 1 }),
        host: None,
        depends_on: BTreeSet::new(),
        stop_timeout: SignedDuration::from_secs(10),
        deadline: SignedDuration::from_mins(10),
        settings: BTreeMap::new(),
    }
}

pub(super) fn running(volume: bool) -> Running {
    let (release, version) = (ReleaseNo(4), Version::new("1.4"));
    Running { release, version, service: service(volume), replicas: 2, restarts: 0 }
}

pub(super) fn environment(volumes: VolumesAtEnd) -> Environment {
    Environment {
        key: key(),
        incarnation: 1,
        version: 3,
        phase: Phase::Live,
        platform: PlatformName::new("local").unwrap(),
        revision: Digest::new("77ab00000000"),
        clusters: BTreeMap::new(),
        services: [(name("api"), running(false)), (name("db"), running(true))].into(),
        owner: UserId::new("U01DEVELOPER"),
        created: start(),
        expiry: Some(start() + SignedDuration::from_hours(8)),
        latest: Some(start() + SignedDuration::from_hours(72)),
        volumes,
        uses: BTreeSet::new(),
        home: None,
        settings: Spec::new(),
        meter: None,
        opened_by: None,
        moved: None,
    }
}

pub(super) fn step(id: u32, addr: Addr, action: Action, after: &[u32]) -> Step {
    let after = after.iter().map(|id| StepId(*id)).collect();
    let (generation, kind) = (Generation::FIRST, Kind::new("local.thing"));
    Step { id: StepId(id), addr, generation, kind, action, after, after_known: Vec::new() }
}

pub(super) fn create() -> Action {
    Action::Create { spec: Spec::new(), replaces: None }
}

pub(super) fn delete() -> Action {
    Action::Delete { replaced_by: None }
}

/// One of each kind of change, in four components.
pub(super) fn plan() -> Plan {
    let changes = vec![FieldChange {
        field: "replicas".to_owned(),
        from: Some(2_i64.into()),
        to: Some(3_i64.into()),
        outside: false,
    }];
    let steps = vec![
        step(0, addr("network", "zone"), create(), &[]),
        step(1, addr("network", "balancer"), create(), &[0]),
        step(2, addr("web", "tasks"), Action::Update { spec: Spec::new(), changes }, &[1]),
        step(3, addr("api", "tasks"), Action::Create { spec: Spec::new(), replaces: Some(Generation(1)) }, &[1]),
        step(4, addr("api", "tasks"), Action::Delete { replaced_by: Some(Generation(2)) }, &[3]),
        step(5, addr("old", "tasks"), delete(), &[]),
    ];
    let drift = vec![Drift { addr: addr("db", "tasks"), how: Drifted::Behind }];
    let delta = Delta { services: [(name("web"), running(false))].into(), ..Delta::default() };
    Plan { steps, drift, delta, ..Plan::default() }
}

pub(super) fn proposed(request: Request, plan: Plan, policy: Policy) -> Entry {
    let deadline = Terms::from(policy.clone()).deadline(start());
    Entry::Proposed { request: Box::new(request), plan: Box::new(plan), policy, deadline, terms: None }
}

pub(super) fn votes(count: u32) -> Policy {
    Policy::votes(count, "platform")
}

pub(super) fn vote(by: &str, ballot: Ballot, plan: &Plan) -> Entry {
    Entry::Voted(Vote {
        by: UserId::new(by),
        ballot,
        digest: plan.digest(),
        plan: None,
        groups: [GroupName::new("platform")].into(),
        because: Some("`looks` *fine*".to_owned()),
        at: start(),
    })
}

pub(super) fn admitted(plan: &Plan) -> Entry {
    Entry::Admitted { digest: plan.digest(), before: None }
}

pub(super) fn started(step: u32) -> Entry {
    Entry::Started { step: StepId(step), token: Token(format!("t{step}")), attempt: 1, unsure: false, before: None }
}

pub(super) fn succeeded(step: u32) -> Entry {
    Entry::Succeeded { step: StepId(step), id: None, outputs: Outputs::new() }
}

pub(super) fn done(steps: impl IntoIterator<Item = u32>) -> Vec<Entry> {
    steps.into_iter().flat_map(|step| [started(step), succeeded(step)]).collect()
}

pub(super) fn failure(kind: FailureKind, message: &str) -> Failure {
    Failure { kind, message: message.to_owned() }
}

/// Entries with their numbers, ten seconds apart.
pub(super) fn journal(entries: impl IntoIterator<Item = Entry>) -> Vec<Stamped> {
    let stamp = |(seq, entry)| Stamped {
        seq,
        at: start() + SignedDuration::from_secs(10) * i32::try_from(seq).unwrap(),
        entry,
    };
    (1..).zip(entries).map(stamp).collect()
}

pub(super) fn record(journal: &[Stamped]) -> OpRecord {
    let op = Operation::fold(OP, journal).unwrap();
    OpRecord {
        id: OP,
        key: key(),
        services: BTreeSet::new(),
        place: op.request.place.clone(),
        state: op.state(),
        seq: op.seq,
        reported: 0,
        at: start(),
    }
}
