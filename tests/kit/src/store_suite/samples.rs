//! Small values for tests of stores: valid, and different where a number says so.

use gantry_engine::address::{Addr, Generation, Kind};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::environment::{Environment, Phase, Release, ReleaseNo};
use gantry_engine::journal::{Entry, Signal, State};
use gantry_engine::names::{
    ChannelId, Component, DeliveryId, Digest, EnvKey, EnvName, Holder, MessageTs, OpId, PlatformName, ProjectName,
    ServiceName, UserId, Version,
};
use gantry_engine::plan::Plan;
use gantry_engine::ports::{
    Claim, Commit, Delivery, Lease, NewOperation, PostDraft, PostKey, Proposed, Store, StoreError, Thread, Writer,
};
use gantry_engine::project::{Capacity, Policy, Service, VolumesAtEnd};
use gantry_engine::recurrence::{Rule, ZoneName};
use gantry_engine::resource::{PhysicalId, Row, RowState};
use gantry_engine::schedule::{Schedule, ScheduleId, ScheduleState};
use gantry_engine::value::{Output, Spec};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// So many seconds after the start of a day in 2026.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).expect("a sample's time is in range")
}

/// An environment of the project `shop`.
#[must_use]
pub fn key(env: &str) -> EnvKey {
    EnvKey { project: ProjectName::new("shop").expect("a name"), env: EnvName::new(env).expect("a name") }
}

/// A service's name.
#[must_use]
pub fn service(name: &str) -> ServiceName {
    ServiceName::new(name).expect("a name")
}

/// An address in an environment.
#[must_use]
pub fn addr(env: &str, part: &str) -> Addr {
    Addr::new(&EnvName::new(env).expect("a name"), "network", part).expect("an address")
}

/// A delivery that came at a second.
#[must_use]
pub fn delivery(id: &str, second: i64) -> Delivery {
    Delivery {
        id: DeliveryId::new(id),
        kind: "command".to_owned(),
        body: format!("{{\"text\":\"{id}\"}}"),
        at: at(second),
    }
}

/// Who holds leases in a test.
#[must_use]
pub fn holder(name: &str) -> Holder {
    Holder::new(name)
}

/// A message in the channel `C1`, at top level.
#[must_use]
pub fn draft(key: &str, body: &str) -> PostDraft {
    PostDraft {
        key: PostKey(key.to_owned()),
        channel: ChannelId::new("C1"),
        thread: Thread::None,
        only_for: None,
        body: body.to_owned(),
    }
}

/// A schedule that somebody made at second 0, with every field filled. Its number is the store's to give.
#[must_use]
pub fn schedule() -> Schedule {
    Schedule {
        id: ScheduleId(0),
        version: 0,
        words: "scale web to 0 in dev".to_owned(),
        rule: Rule::Every(SignedDuration::from_mins(30)),
        zone: ZoneName::new("Europe/Berlin").expect("a zone"),
        owner: UserId::new("U1"),
        place: Place { channel: ChannelId::new("C1"), thread: Some(ts(1)) },
        env: Some(key("dev")),
        because: Some("nobody is there".to_owned()),
        made: at(0),
        decided: at(0),
        state: ScheduleState::Active,
        last: None,
    }
}

/// A proposal for an environment, made by a delivery, asked for in the channel `C1` outside of any thread.
#[must_use]
pub fn proposal(delivery: &str, env: &str) -> NewOperation {
    let place = Place { channel: ChannelId::new("C1"), thread: None };
    let request = Request {
        key: key(env),
        change: Change::Restart { service: service("web") },
        by: Actor::User(UserId::new("U1")),
        schedule: None,
        resumes: None,
        because: None,
        bypass: false,
        words: format!("restart web in {env}"),
        delivery: DeliveryId::new(delivery),
        place: place.clone(),
        at: at(0),
        waits: false,
    };
    let first = Entry::Proposed {
        request: Box::new(request),
        plan: Box::new(Plan::default()),
        policy: Policy::None,
        deadline: None,
        terms: None,
    };
    NewOperation {
        first,
        key: key(env),
        services: [service("web")].into(),
        delivery: DeliveryId::new(delivery),
        place,
        state: State::Ready,
        at: at(0),
    }
}

/// Makes an operation for an environment; the delivery is as good as any other.
///
/// # Errors
/// The store's own.
pub async fn propose(store: &dyn Store, delivery: &str, env: &str) -> Result<OpId, StoreError> {
    let (Proposed::New(id) | Proposed::Already(id)) = store.propose(proposal(delivery, env)).await?;
    Ok(id)
}

/// Makes an operation and takes its lease for a minute from second 0.
///
/// # Errors
/// The store's own.
pub async fn leased(store: &dyn Store, delivery: &str, env: &str) -> Result<Lease, StoreError> {
    let op = propose(store, delivery, env).await?;
    Ok(store.lease(op, &holder("w1"), at(0), at(60)).await?.expect("nobody holds a new operation"))
}

/// An entry that may stand anywhere as far as a store is concerned.
#[must_use]
pub fn entry(because: &str) -> Entry {
    Entry::Signalled { signal: Signal::Retry, by: Actor::Schedule, because: Some(because.to_owned()) }
}

/// A transaction of one entry by the holder of a lease.
#[must_use]
pub fn work(lease: &Lease, after: u64, because: &str) -> Commit {
    Commit {
        op: lease.op,
        writer: Writer::Worker(lease.clone()),
        after,
        entries: vec![entry(because)],
        at: at(1),
        state: State::Running,
        rows: vec![],
        record: None,
        releases: vec![],
    }
}

/// A transaction of one entry by a delivery.
#[must_use]
pub fn click(op: OpId, delivery: &str, after: u64) -> Commit {
    let lease = Lease { op, holder: holder("nobody"), epoch: 0 };
    Commit { writer: Writer::Delivery(DeliveryId::new(delivery)), ..work(&lease, after, delivery) }
}

/// A claim on components of an environment; none of them means all of it.
#[must_use]
pub fn claim(env: &str, components: &[&str]) -> Claim {
    let named = components.iter().map(|name| Component::new(name).expect("a name")).collect();
    Claim { key: key(env), components: (!components.is_empty()).then_some(named) }
}

/// An environment's record.
#[must_use]
pub fn environment(env: &str, incarnation: u32, version: u64) -> Environment {
    Environment {
        key: key(env),
        incarnation,
        version,
        phase: Phase::Live,
        platform: PlatformName::new("local").expect("a name"),
        revision: Digest::new("0a1b"),
        clusters: BTreeMap::new(),
        services: BTreeMap::new(),
        owner: UserId::new("U1"),
        settings: Spec::new(),
        meter: None,
        opened_by: Some(OpId(1)),
        moved: None,
        created: at(0),
        expiry: Some(at(3600)),
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: [].into(),
        home: Some(ChannelId::new("C1")),
    }
}

/// A resource row; the number is in its spec, its outputs and its name.
#[must_use]
pub fn row(op: OpId, number: u32) -> Row {
    Row {
        kind: Kind::new("fake.thing"),
        incarnation: 1,
        state: RowState::Live,
        id: Some(PhysicalId(format!("thing-{number}"))),
        spec: Spec::new().with("number", number),
        resolved: BTreeMap::new(),
        known: Some(Timestamp::UNIX_EPOCH),
        outputs: [(Output::new("number"), number.to_string())].into(),
        by: op,
    }
}

/// A release of a service.
#[must_use]
pub fn release(op: OpId, name: &str, number: u32, served: bool) -> Release {
    Release {
        service: service(name),
        number: ReleaseNo(number),
        version: Version::new(format!("1.{number}.0")),
        settings: settings(),
        revision: Digest::new("0a1b"),
        by: op,
        at: at(0),
        served,
    }
}

/// The plainest service.
#[must_use]
pub fn settings() -> Service {
    Service {
        image: None,
        command: vec!["web".to_owned()],
        version: Version::new("1.0.0"),
        replicas: 1,
        cluster: gantry_engine::names::ClusterName::new("a").expect("a name"),
        size: Capacity { cpu_millis: 100, memory_mib: 64 },
        ports: vec![],
        health: None,
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: None,
        host: None,
        depends_on: [].into(),
        stop_timeout: SignedDuration::from_secs(5),
        deadline: SignedDuration::from_secs(60),
        settings: BTreeMap::new(),
    }
}

/// The first life of an address.
pub const FIRST: Generation = Generation::FIRST;

/// A message's time stamp.
#[must_use]
pub fn ts(number: u32) -> MessageTs {
    MessageTs::new(format!("1790000000.{number:06}"))
}
