//! A card in every state, with its milestones, and the warning.

use super::journals::*;
use super::transcript::transcript;
use crate::report::{ReportContext, project, warning};
use gantry_engine::address::Generation;
use gantry_engine::address::Kind;
use gantry_engine::approval::Ballot;
use gantry_engine::change::{Actor, Change, Extension};
use gantry_engine::cost::{Cost, Meter, Money, Rate};
use gantry_engine::environment::{Delta, Environment, Phase};
use gantry_engine::expiry::Warned;
use gantry_engine::journal::{Entry, FailureKind, Operation, Outcome, Serving, Signal, Standing, State, WhatChanged};
use gantry_engine::lock::{Holdup, Lock, Target};
use gantry_engine::names::{ChannelId, MessageTs, OpId, UserId, Version};
use gantry_engine::plan::{Action, Plan, StepId};
use gantry_engine::ports::{Drift, Drifted, Platform, Thread};
use gantry_engine::project::{Policy, VolumesAtEnd};
use gantry_engine::provider::Note;
use gantry_engine::receipt::{Item, Receipt};
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::{Outputs, Spec};
use jiff::SignedDuration;
use std::collections::BTreeSet;

fn context() -> ReportContext {
    ReportContext { env: Some(environment(VolumesAtEnd::Keep)), ..ReportContext::default() }
}

fn of(env: Environment) -> ReportContext {
    ReportContext { env: Some(env), ..ReportContext::default() }
}

fn told(state: State, entries: Vec<Entry>) -> String {
    told_with(state, entries, &context())
}

fn told_with(state: State, entries: Vec<Entry>, cx: &ReportContext) -> String {
    let journal = journal(entries);
    assert_eq!(Operation::fold(OP, &journal).unwrap().state(), state);
    transcript(&project(&journal, &record(&journal), cx).unwrap())
}

fn running() -> Vec<Entry> {
    vec![proposed(deploy(), plan(), Policy::None), admitted(&plan())]
}

fn standing() -> Standing {
    Standing { created: vec![addr("network", "zone")], changed: Vec::new(), unsure: vec![addr("web", "tasks")] }
}

fn closed(mut entries: Vec<Entry>, outcome: Outcome) -> Vec<Entry> {
    entries.push(Entry::Closed(outcome));
    entries
}

#[test]
fn voting() {
    let entries = vec![proposed(deploy(), plan(), votes(2)), vote("U02PLATFORM", Ballot::Approve, &plan())];
    insta::assert_snapshot!(told(State::Voting, entries));
}

#[test]
fn confirming() {
    insta::assert_snapshot!(told(State::Voting, vec![proposed(deploy(), plan(), Policy::Confirm)]));
}

#[test]
fn voting_again_because_the_world_moved_on() {
    let mut newer = plan();
    newer.steps.truncate(2);
    let changed = vec![WhatChanged::Service(name("api")), WhatChanged::Resource(addr("db", "volume"))];
    let entries = vec![
        proposed(deploy(), plan(), votes(1)),
        vote("U02PLATFORM", Ballot::Approve, &plan()),
        Entry::Replanned { plan: Box::new(newer), changed, asked: None },
    ];
    insta::assert_snapshot!(told(State::Voting, entries));
}

#[test]
fn ready() {
    insta::assert_snapshot!(told(State::Ready, vec![proposed(deploy(), plan(), Policy::None)]));
}

#[test]
fn queued() {
    let entries = vec![
        proposed(deploy(), plan(), votes(1)),
        vote("U02PLATFORM", Ballot::Approve, &plan()),
        Entry::Queued { ahead: vec![OpId(3)] },
    ];
    insta::assert_snapshot!(told(State::Queued, entries));
}

#[test]
fn held_back() {
    let lock = Lock {
        target: Target { key: key(), service: None },
        by: UserId::new("U02PLATFORM"),
        because: "the demo".to_owned(),
        since: start(),
        until: start() + SignedDuration::from_hours(2),
        channel: ChannelId::new("C1"),
        thread: Thread::None,
        after: None,
    };
    let by = Holdup::Lock(Box::new(lock));
    insta::assert_snapshot!(told(State::Held, vec![proposed(deploy(), plan(), Policy::None), Entry::Held { by }]));
}

#[test]
fn running_with_notes() {
    let mut entries = running();
    entries.extend(done([0, 1]));
    entries.extend([started(2), started(3), started(5)]);
    let note = Note::Tasks { healthy: 3, wanted: 5, blocked: Some("no room on cluster a".to_owned()) };
    entries.push(Entry::Waiting { step: StepId(2), id: None, outputs: Outputs::new(), note });
    let (failure, retry) = (failure(FailureKind::Throttled, "slow down"), Some(start() + SignedDuration::from_mins(5)));
    entries.push(Entry::Failed { step: StepId(3), failure, retry });
    insta::assert_snapshot!(told(State::Running, entries));
}

#[test]
fn cancelling() {
    let mut entries = running();
    let by = Actor::User(UserId::new("U02PLATFORM"));
    entries.extend([started(0), Entry::Signalled { signal: Signal::Cancel, by, because: Some("lunch".to_owned()) }]);
    insta::assert_snapshot!(told(State::Cancelling, entries));
}

fn parked_entries() -> Vec<Entry> {
    let mut entries = running();
    entries.extend(done([5]));
    let failure = failure(FailureKind::Denied, "no right to make zones\u{1b}[31m <!here>");
    entries.extend([started(0), Entry::Failed { step: StepId(0), failure, retry: None }]);
    entries
}

#[test]
fn parked() {
    insta::assert_snapshot!(told(State::Parked, parked_entries()));
}

#[test]
fn tried_again() {
    let mut entries = parked_entries();
    let by = Actor::User(UserId::new("U02PLATFORM"));
    entries.push(Entry::Signalled { signal: Signal::Retry, by, because: None });
    insta::assert_snapshot!(told(State::Running, entries));
}

#[test]
fn succeeded_with_outputs() {
    let mut entries = running();
    entries.extend(done([0, 1, 2, 3, 4, 5]));
    let outputs = [("web", "http://www.dev.shop.localhost:8080/"), ("dns", "127.0.0.1:5353")];
    let outputs = outputs.map(|(label, value)| (label.to_owned(), value.to_owned())).into();
    insta::assert_snapshot!(told(State::Succeeded, closed(entries, Outcome::Succeeded { outputs })));
}

#[test]
fn reverted() {
    let mut entries = running();
    entries.extend(done([0, 1]));
    let serving = Serving::Release { number: None, version: Version::new("1.3") };
    let why = "exit code 1: can't bind".to_owned();
    entries.extend([started(2), Entry::Reverted { step: StepId(2), serving: serving.clone(), why: why.clone() }]);
    let services = [(name("web"), (serving, why)), (name("api"), (Serving::Nothing, "killed".to_owned()))].into();
    insta::assert_snapshot!(told(
        State::Reverted,
        closed(entries, Outcome::Reverted { services, standing: Standing::default() })
    ));
}

#[test]
fn failed() {
    let why = failure(FailureKind::Invalid, "no such image");
    let outcome = Outcome::Failed { why, at: Some(addr("web", "tasks")), standing: standing() };
    insta::assert_snapshot!(told(State::Failed, closed(running(), outcome)));
}

#[test]
fn cancelled() {
    let nothing = Standing { created: Vec::new(), changed: Vec::new(), unsure: Vec::new() };
    let (by, because) = (Actor::User(UserId::new("U02PLATFORM")), Some("lunch".to_owned()));
    let signalled = Entry::Signalled { signal: Signal::Cancel, by: by.clone(), because: because.clone() };
    let outcome = Outcome::Cancelled { by, because, standing: nothing };
    let entries = vec![proposed(deploy(), plan(), votes(1)), signalled];
    insta::assert_snapshot!(told(State::Cancelled, closed(entries, outcome)));
}

#[test]
fn rejected() {
    let against = vote("U02PLATFORM", Ballot::Reject, &plan());
    let Entry::Voted(vote) = against.clone() else { unreachable!() };
    let entries = vec![proposed(deploy(), plan(), votes(1)), against];
    insta::assert_snapshot!(told(State::Rejected, closed(entries, Outcome::Rejected { vote })));
}

#[test]
fn expired() {
    let entries = vec![proposed(deploy(), plan(), votes(1))];
    insta::assert_snapshot!(told(State::Expired, closed(entries, Outcome::Expired)));
}

fn teardown_plan() -> Plan {
    let steps = vec![step(0, addr("web", "tasks"), delete(), &[]), step(1, addr("network", "zone"), delete(), &[0])];
    Plan { steps, delta: Delta { end: true, ..Delta::default() }, ..Plan::default() }
}

#[test]
fn a_teardown_says_what_becomes_of_data() {
    let request = request(Change::Teardown { volumes: true }, None);
    insta::assert_snapshot!(told(State::Voting, vec![proposed(request, teardown_plan(), Policy::Confirm)]));
}

#[test]
fn torn_down_by_the_schedule_with_a_receipt() {
    let mut request = request(Change::Teardown { volumes: false }, None);
    request.by = Actor::Schedule;
    request.place.thread = Some(MessageTs::new("1700000000.000100"));
    let mut entries = vec![proposed(request, teardown_plan(), votes(1)), admitted(&teardown_plan())];
    entries.extend(done([0, 1]));
    let item = |part: &str| Item {
        addr: addr("db", part),
        generation: Generation::FIRST,
        kind: Kind::new("local.volume"),
        id: PhysicalId("vol-1".to_owned()),
    };
    entries.push(Entry::Receipted(Receipt {
        created: 4,
        destroyed: 2,
        kept: vec![item("volume")],
        left: vec![item("task")],
    }));
    let mut env = environment(VolumesAtEnd::Keep);
    env.phase = Phase::Gone;
    env.meter = Some(Meter { spent: Money(3_360_000), since: start(), rate: Rate(0) });
    let outcome = Outcome::Succeeded { outputs: std::collections::BTreeMap::new() };
    insta::assert_snapshot!(told_with(State::Succeeded, closed(entries, outcome), &of(env)));
}

#[test]
fn what_needs_no_steps_is_one_card_and_nothing_more() {
    let later = start() + SignedDuration::from_hours(12);
    let plan = Plan { delta: Delta { expiry: Some(Some(later)), ..Delta::default() }, ..Plan::default() };
    let request = request(Change::Extend(Extension::By(SignedDuration::from_hours(4))), None);
    let entries = vec![proposed(request, plan.clone(), Policy::None), admitted(&plan)];
    let outcome = Outcome::Succeeded { outputs: std::collections::BTreeMap::new() };
    let mut env = environment(VolumesAtEnd::Delete);
    env.expiry = Some(later);
    insta::assert_snapshot!(told_with(State::Succeeded, closed(entries, outcome), &of(env)));
}

#[test]
fn a_warning_names_the_end_and_the_data_and_offers_what_can_work() {
    let mut env = environment(VolumesAtEnd::Delete);
    let (end, distance) = (env.expiry.unwrap(), SignedDuration::from_hours(1));
    let warned = Warned { key: env.key.clone(), incarnation: env.incarnation, end, distance, left: distance };
    let warn = |env: &_| warning(env, &warned, ChannelId::new("C1"), Thread::None);
    let mut drafts = vec![warn(&env)];
    env.latest = Some(end + distance);
    env.volumes = VolumesAtEnd::Keep;
    drafts.push(warn(&env));
    env.latest = None;
    drafts.push(warn(&env));
    env.meter = Some(Meter { spent: Money(0), since: start(), rate: Rate(420_000) });
    drafts.push(warn(&env));
    insta::assert_snapshot!(transcript(&drafts));
}

#[test]
fn a_plan_tells_its_price_its_data_and_what_it_finds_changed() {
    let rates = [("network", 95_000), ("web", 325_000)];
    let components = rates.map(|(name, rate)| (gantry_engine::names::Component::new(name).unwrap(), Rate(rate)));
    let cost = Cost {
        before: Rate(100_000),
        after: Rate(420_000),
        components: components.into(),
        by_use: ["$0.045 per GB through the NAT gateway".to_owned()].into(),
        as_of: "2026-11-01".to_owned(),
    };
    let mut steps: Vec<_> = (0..9).map(|n| step(n, addr("network", &format!("part-{n}")), create(), &[])).collect();
    steps.push(step(9, addr("web", "rule"), Action::Create { spec: Spec::new(), replaces: Some(Generation(1)) }, &[]));
    steps.push(step(
        10,
        addr("web", "group"),
        Action::Create { spec: Spec::new(), replaces: Some(Generation(1)) },
        &[],
    ));
    let mut volume = step(11, addr("old", "volume"), delete(), &[]);
    volume.kind = gantry_testkit::fake::kind::VOLUME;
    steps.extend([volume, step(12, addr("old", "tasks"), delete(), &[])]);
    let changed = Drifted::Field { field: "desired_count".into(), ours: "2".into(), theirs: "5".into() };
    let drift = |component, how| Drift { addr: addr(component, "service"), how };
    let (mends, rest) = (vec![drift("web", changed.clone())], vec![drift("api", changed), drift("db", Drifted::Gone)]);
    let plan = Plan { steps, mends, drift: rest, cost: Some(cost), ..Plan::default() };
    let cloud = gantry_testkit::fake::FakeCloud::new(gantry_testkit::fake::Weather::FAIR);
    let platform: std::sync::Arc<dyn Platform> = std::sync::Arc::new(gantry_testkit::fake::FakePlatform::new(&cloud));
    let env = environment(VolumesAtEnd::Keep);
    let cx = ReportContext { platforms: [(env.platform.clone(), platform)].into(), ..of(env) };
    insta::assert_snapshot!(told_with(State::Voting, vec![proposed(deploy(), plan, Policy::Confirm)], &cx));
}

#[test]
fn only_news_is_news() {
    let journal = journal(parked_entries());
    let mut record = record(&journal);
    let keys = |record: &_| -> BTreeSet<String> {
        project(&journal, record, &context()).unwrap().into_iter().map(|draft| draft.key.0).collect()
    };
    assert_eq!(keys(&record), ["op-17/card", "op-17/2", "op-17/6"].map(str::to_owned).into());
    record.reported = 2;
    assert_eq!(keys(&record), ["op-17/card", "op-17/6"].map(str::to_owned).into());
}

#[test]
fn every_state_has_a_card_here() {
    let source: String = include_str!("cards.rs").split_whitespace().collect();
    for state in State::ALL {
        assert!(source.contains(&format!("(State::{state:?},")), "{state:?}");
    }
}
