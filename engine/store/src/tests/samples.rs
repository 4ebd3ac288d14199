//! One sample of each form that is stored, with every field filled where that says something.

use gantry_engine::address::{Generation, Kind, Mark};
use gantry_engine::approval::{Ask, Ballot, Terms, Vote};
use gantry_engine::change::{Actor, Change, Extension, Place, Request};
use gantry_engine::cost::{Cost, Meter, Money, Rate};
use gantry_engine::environment::{Delta, Environment, Phase, ReleaseNo, Running};
use gantry_engine::expiry::Warned;
use gantry_engine::journal::{Asked, Entry, Failure, FailureKind, Outcome, Serving, Signal, Standing, WhatChanged};
use gantry_engine::lock::{Holdup, Lock, LockEvent, LockWhat, Target};
use gantry_engine::names::{
    ChannelId, ClusterName, DeliveryId, Digest, EnvName, GroupName, InstallationId, OpId, PlatformName, UserId, Version,
};
use gantry_engine::plan::{Action, FieldChange, Plan, Step, StepId};
use gantry_engine::ports::{Drift, Drifted, PostKey, Thread};
use gantry_engine::project::{
    Capacity, Cluster, Danger, HealthCheck, Policy, Port, Protocol, SecretRef, Service, Template, TemplatePart, Volume,
};
use gantry_engine::provider::{Facts, Note, Token};
use gantry_engine::receipt::{Found, Item, Receipt};
use gantry_engine::recurrence::{CronRule, Day, Rule};
use gantry_engine::resource::{Fingerprint, PhysicalId, Row, RowState};
use gantry_engine::schedule::{Run, RunOutcome, Schedule, ScheduleId, ScheduleState};
use gantry_engine::value::{Output, Ref, Spec, Value, When};
use gantry_testkit::store_suite::samples::{
    FIRST, addr, at, environment, key, release, row, schedule, service, settings, ts,
};
use jiff::SignedDuration;
use jiff::civil::Time;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Which file an entry is in begins with this. A new variant has to be named here, and then sampled below.
pub(super) fn entry_name(entry: &Entry) -> &'static str {
    match entry {
        Entry::Proposed { .. } => "entry-proposed",
        Entry::Voted(_) => "entry-voted",
        Entry::Queued { .. } => "entry-queued",
        Entry::Held { .. } => "entry-held",
        Entry::Replanned { .. } => "entry-replanned",
        Entry::Admitted { .. } => "entry-admitted",
        Entry::Started { .. } => "entry-started",
        Entry::Resumed { .. } => "entry-resumed",
        Entry::Tidied { .. } => "entry-tidied",
        Entry::Counting { .. } => "entry-counting",
        Entry::Waiting { .. } => "entry-waiting",
        Entry::Succeeded { .. } => "entry-succeeded",
        Entry::Reverted { .. } => "entry-reverted",
        Entry::Failed { .. } => "entry-failed",
        Entry::Signalled { .. } => "entry-signalled",
        Entry::Receipted(_) => "entry-receipted",
        Entry::Closed(outcome) => match outcome {
            Outcome::Succeeded { .. } => "entry-closed-succeeded",
            Outcome::Reverted { .. } => "entry-closed-reverted",
            Outcome::Failed { .. } => "entry-closed-failed",
            Outcome::Cancelled { .. } => "entry-closed-cancelled",
            Outcome::Rejected { .. } => "entry-closed-rejected",
            Outcome::Expired => "entry-closed-expired",
        },
    }
}

fn row_name(state: RowState) -> &'static str {
    match state {
        RowState::Live => "row-live",
        RowState::Unsettled => "row-unsettled",
        RowState::Deleting => "row-deleting",
    }
}

/// Every sample: the name of its file, and what is stored.
pub(super) fn stored() -> Vec<(String, String)> {
    let mut all = vec![];
    let mut add = |name: String, text: String| {
        assert!(all.iter().all(|(other, _)| *other != name), "{name} twice");
        all.push((name, text));
    };
    for (suffix, entry) in entries() {
        add(format!("{}{suffix}", entry_name(&entry)), json(&entry));
    }
    for row in
        [full_row(RowState::Live), Row { id: None, ..full_row(RowState::Unsettled) }, full_row(RowState::Deleting)]
    {
        add(row_name(row.state).to_owned(), json(&row));
    }
    add("row-known".to_owned(), json(&Row { known: Some(at(5)), ..full_row(RowState::Live) }));
    add("environment-live".to_owned(), json(&full_environment()));
    let meter = Some(Meter { spent: Money(1_500_000), since: at(60), rate: Rate(420_000) });
    add("environment-metered".to_owned(), json(&Environment { meter, settings: spec(), ..full_environment() }));
    add("environment-gone".to_owned(), json(&Environment { phase: Phase::Gone, ..environment("dev", 2, 9) }));
    let full = gantry_engine::environment::Release { settings: full_service(), ..release(OpId(3), "web", 2, true) };
    add("release-full".to_owned(), json(&full));
    add("release-plain".to_owned(), json(&release(OpId(3), "web", 1, false)));
    add("lock-service".to_owned(), json(&lock()));
    let whole = Target { service: None, ..lock().target };
    add("lock-environment".to_owned(), json(&Lock { target: whole, thread: Thread::None, after: None, ..lock() }));
    let whats = [
        ("taken", LockWhat::Taken),
        ("moved", LockWhat::Moved),
        ("stolen", LockWhat::Stolen { from: UserId::new("U1") }),
        ("released", LockWhat::Released),
        ("ended", LockWhat::Ended { by: UserId::new("U1") }),
    ];
    for (name, what) in whats {
        let event = LockEvent {
            target: lock().target,
            what,
            by: Actor::User(UserId::new("U2")),
            because: Some("the demo".to_owned()),
            at: at(5),
            until: Some(at(900)),
            delivery: DeliveryId::new("d1"),
            channel: ChannelId::new("C1"),
            thread: Thread::Under(ts(1)),
        };
        add(format!("lockevent-{name}"), json(&event));
    }
    for (name, schedule) in schedules() {
        add(format!("schedule-{name}"), json(&schedule));
    }
    let distance = SignedDuration::from_mins(15);
    let warned = Warned { key: key("dev"), incarnation: 2, end: at(60), distance, left: distance };
    add("warning-standing".to_owned(), json(&warned));
    all
}

fn lock() -> Lock {
    Lock {
        target: Target { key: key("dev"), service: Some(service("web")) },
        by: UserId::new("U1"),
        because: "the demo".to_owned(),
        since: at(5),
        until: at(900),
        channel: ChannelId::new("C1"),
        thread: Thread::UnderPost(PostKey::card(OpId(3))),
        after: Some(OpId(3)),
    }
}

/// Each rule, each state and each outcome at least once.
fn schedules() -> Vec<(&'static str, Schedule)> {
    let by = || UserId::new("U2");
    let days = Rule::Days { days: [Day::Mon, Day::Sun].into(), at: Time::constant(19, 5, 0, 0) };
    let cron = Rule::Cron(CronRule::new("0 19 * * 1-5").unwrap());
    let with = |rule, state, outcome: Option<RunOutcome>| {
        let last = outcome.map(|outcome| Run { due: at(60), outcome });
        Schedule { rule, state, last, ..schedule() }
    };
    let every = || schedule().rule;
    vec![
        ("days", with(days, ScheduleState::Active, None)),
        ("cron", with(cron, ScheduleState::Active, Some(RunOutcome::Said))),
        ("once", with(Rule::Once(at(90)), ScheduleState::Over, Some(RunOutcome::Said))),
        ("stopped", with(every(), ScheduleState::Stopped, None)),
        ("paused", with(every(), ScheduleState::Paused { by: by() }, Some(RunOutcome::Missed))),
        ("removed", with(every(), ScheduleState::Removed { by: by() }, Some(RunOutcome::Overlapped(OpId(7))))),
    ]
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

fn entries() -> Vec<(&'static str, Entry)> {
    [proposals(), decisions(), steps(), ends()].concat()
}

fn proposals() -> Vec<(&'static str, Entry)> {
    let life = Some(SignedDuration::from_hours(8));
    let to = Some(ReleaseNo(2));
    let votes = Policy::votes(2, "platform");
    let services = vec![(service("web"), Some(Version::new("1.2.3"))), (service("db"), None)];
    let propose = |change, by, policy| Entry::Proposed {
        request: Box::new(request(change, by)),
        plan: Box::new(plan()),
        policy,
        deadline: Some(at(600)),
        terms: None,
    };
    let user = || Actor::User(UserId::new("U1"));
    vec![
        ("-deploy", propose(Change::Deploy { services, lifetime: life }, user(), votes)),
        ("-scale", propose(Change::Scale { service: service("web"), replicas: 3 }, user(), Policy::Confirm)),
        ("-rollback", propose(Change::Rollback { service: service("web"), to }, user(), Policy::None)),
        ("-restart", propose(Change::Restart { service: service("web") }, user(), Policy::None)),
        ("-provision", propose(Change::Provision { lifetime: None }, user(), Policy::None)),
        ("-teardown", propose(Change::Teardown { volumes: true }, Actor::Schedule, Policy::None)),
        ("-extend-by", propose(Change::Extend(Extension::By(SignedDuration::from_mins(90))), user(), Policy::None)),
        ("-extend-until", propose(Change::Extend(Extension::Until(at(7200))), user(), Policy::None)),
        ("-sweep", propose(Change::Sweep { volumes: true }, user(), Policy::Confirm)),
        ("-keep", propose(Change::Keep, user(), Policy::None)),
        ("-terms", under_terms(propose(Change::Keep, user(), Policy::Confirm))),
        ("-undo", taking_back(propose(Change::Undo { op: OpId(2) }, user(), Policy::Confirm))),
        ("-own", propose(Change::Own { to: UserId::new("U2"), own: true }, user(), Policy::None)),
    ]
}

/// With what only an undo, or what goes on with something, has.
fn taking_back(mut entry: Entry) -> Entry {
    if let Entry::Proposed { request, plan, .. } = &mut entry {
        request.resumes = Some(OpId(2));
        plan.delta.removed_clusters = full_environment().clusters.into_keys().collect();
        plan.back = [(addr("dev", "a"), FIRST)].into();
    }
    entry
}

/// With whose word it needs beside the environment's, and nobody's waited for.
fn under_terms(mut entry: Entry) -> Entry {
    if let Entry::Proposed { request, terms: kept, .. } = &mut entry {
        request.bypass = true;
        *kept = Some(terms());
    }
    entry
}

/// Every policy and every danger that can be asked for or be a reason.
fn terms() -> Terms {
    let from = ["platform", "security"].map(GroupName::new).into();
    let within = SignedDuration::from_hours(4);
    let dangers = [
        Danger::LosesData,
        Danger::Deletes,
        Danger::Replaces,
        Danger::BeyondMaximum,
        Danger::Frozen,
        Danger::CostsPerHour(Rate(5_000_000)),
        Danger::CostsInAll(Money(200_000_000)),
    ];
    let ask = Ask { policy: Policy::Votes { count: 2, from, within }, because: dangers.into() };
    Terms::new(Some(Digest::new("r2")), &[Policy::votes(3, "platform").into(), ask])
}

fn decisions() -> Vec<(&'static str, Entry)> {
    let changed = vec![
        WhatChanged::Resource(addr("dev", "a")),
        WhatChanged::Service(service("web")),
        WhatChanged::Revision,
        WhatChanged::Steps,
    ];
    let (until, line) = (at(900), 12);
    let freeze = Holdup::Freeze { key: key("dev"), until, because: "nobody is there to look".to_owned(), line };
    let asked = Some(Asked { terms: terms(), deadline: Some(at(900)) });
    let by = Actor::User(UserId::new("U2"));
    let because = Some("a \"reason\" with\nlines".to_owned());
    vec![
        ("", Entry::Voted(vote(Ballot::Approve))),
        ("", Entry::Queued { ahead: vec![OpId(4), OpId(2)] }),
        ("-lock", Entry::Held { by: Holdup::Lock(Box::new(lock())) }),
        ("-freeze", Entry::Held { by: freeze }),
        ("", Entry::Replanned { plan: Box::new(Plan::default()), changed, asked: None }),
        ("-terms", Entry::Replanned { plan: Box::new(Plan::default()), changed: vec![WhatChanged::Rule], asked }),
        ("", Entry::Admitted { digest: Digest::new("d1"), before: None }),
        ("-before", Entry::Admitted { digest: Digest::new("d1"), before: Some(Box::new(full_environment())) }),
        ("-cancel", Entry::Signalled { signal: Signal::Cancel, by, because }),
        ("-retry", Entry::Signalled { signal: Signal::Retry, by: Actor::Schedule, because: None }),
    ]
}

fn steps() -> Vec<(&'static str, Entry)> {
    let step = StepId(1);
    let id = || Some(PhysicalId("thing-7".to_owned()));
    let outputs = || [(Output::new("address"), "127.0.0.1:9".to_owned())].into();
    let waiting = |note| Entry::Waiting { step, id: id(), outputs: outputs(), note };
    let tasks = Note::Tasks { healthy: 1, wanted: 3, blocked: Some("no room on cluster a".to_owned()) };
    let usually = Note::Usually { what: "load balancer provisioning".to_owned(), seconds: (120, 240) };
    let failed = |kind, retry| Entry::Failed { step, failure: failure(kind), retry };
    let why = "exit status 1".to_owned();
    let (token, before) = (Token("0123".to_owned()), Some(Box::new(full_row(RowState::Live))));
    vec![
        ("", Entry::Started { step, token: Token("0123".to_owned()), attempt: 2, unsure: false, before: None }),
        ("-before", Entry::Started { step, token, attempt: 1, unsure: false, before }),
        ("-unsure", Entry::Started { step, token: Token("0123".to_owned()), attempt: 1, unsure: true, before: None }),
        ("", Entry::Resumed { steps: vec![StepId(0), step] }),
        ("", Entry::Tidied { steps: plan().steps.split_off(2) }),
        ("-tasks", waiting(tasks)),
        ("-usually", waiting(usually)),
        ("-draining", waiting(Note::Draining { left: 2 })),
        ("-other", waiting(Note::Other("a change to spread".to_owned()))),
        ("", Entry::Succeeded { step, id: id(), outputs: outputs() }),
        ("-delete", Entry::Succeeded { step, id: None, outputs: [].into() }),
        ("", Entry::Reverted { step, serving: serving(), why: why.clone() }),
        ("-nothing", Entry::Reverted { step, serving: Serving::Nothing, why }),
        ("-invalid", failed(FailureKind::Invalid, None)),
        ("-denied", failed(FailureKind::Denied, None)),
        ("-conflict", failed(FailureKind::Conflict, None)),
        ("-not-yet", failed(FailureKind::NotYet, Some(at(9)))),
        ("-throttled", failed(FailureKind::Throttled, Some(at(9)))),
        ("-transient", failed(FailureKind::Transient, Some(at(9)))),
        ("-deadline", failed(FailureKind::Deadline, None)),
    ]
}

fn ends() -> Vec<(&'static str, Entry)> {
    let item = Item {
        addr: addr("dev", "a"),
        generation: Generation(2),
        kind: Kind::new("fake.thing"),
        id: PhysicalId("thing-7".to_owned()),
    };
    let receipt = Receipt { created: 9, destroyed: 7, kept: vec![item.clone()], left: vec![item] };
    let outputs = [("web".to_owned(), "http://web.dev.localhost/".to_owned())].into();
    let services: std::collections::BTreeMap<_, _> = [(service("web"), (serving(), "exit status 1".to_owned()))].into();
    let failed =
        Outcome::Failed { why: failure(FailureKind::Invalid), at: Some(addr("dev", "a")), standing: standing() };
    let by = Actor::User(UserId::new("U1"));
    let cancelled = Outcome::Cancelled { by, because: Some("wrong one".to_owned()), standing: standing() };
    vec![
        ("", Entry::Counting { left: 3, until: at(60) }),
        ("", Entry::Receipted(receipt)),
        ("", Entry::Closed(Outcome::Succeeded { outputs })),
        ("-standing", Entry::Closed(Outcome::Reverted { services: services.clone(), standing: standing() })),
        ("", Entry::Closed(Outcome::Reverted { services, standing: standing() })),
        ("", Entry::Closed(failed)),
        ("", Entry::Closed(cancelled)),
        ("", Entry::Closed(Outcome::Rejected { vote: vote(Ballot::Reject) })),
        ("", Entry::Closed(Outcome::Expired)),
    ]
}

fn request(change: Change, by: Actor) -> Request {
    Request {
        key: key("dev"),
        words: format!("{} web in dev", change.verb()),
        change,
        by,
        bypass: false,
        schedule: Some(ScheduleId(3)),
        resumes: None,
        because: Some("to see it".to_owned()),
        delivery: DeliveryId::new("Ev1"),
        place: Place { channel: ChannelId::new("C1"), thread: Some(ts(1)) },
        at: at(0),
        waits: false,
    }
}

fn plan() -> Plan {
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

fn spec() -> Spec {
    let reference = Ref { addr: addr("dev", "b"), output: Output::new("address"), when: When::Known };
    let join = Value::Join(vec!["http://".into(), reference.clone().into()]);
    let inner = Spec::new().with("yes", true).with("n", -3_i64);
    Spec::new()
        .with("list", Value::List(vec!["a".into(), 1_i64.into()]))
        .with("map", Value::Map(inner))
        .with("ref", Ref { when: When::Ready, ..reference })
        .with("url", join)
}

fn full_row(state: RowState) -> Row {
    let reference = Ref { addr: addr("dev", "b"), output: Output::new("address"), when: When::Known };
    Row {
        state,
        spec: spec(),
        resolved: [(reference, "127.0.0.1:9".to_owned())].into(),
        known: None,
        ..row(OpId(3), 1)
    }
}

fn full_service() -> Service {
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

fn full_environment() -> Environment {
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

fn vote(ballot: Ballot) -> Vote {
    Vote {
        by: UserId::new("U2"),
        ballot,
        digest: Digest::new("d1"),
        groups: [GroupName::new("platform")].into(),
        because: Some("looks right".to_owned()),
        at: at(5),
    }
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, message: "the provider's words".to_owned() }
}

fn serving() -> Serving {
    Serving::Release { number: Some(ReleaseNo(1)), version: Version::new("1.2.2") }
}

fn standing() -> Standing {
    Standing { created: vec![addr("dev", "a")], changed: vec![addr("dev", "b")], unsure: vec![addr("dev", "c")] }
}
