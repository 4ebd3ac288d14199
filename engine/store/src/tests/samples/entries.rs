//! One sample of each entry of a journal.

use super::lock;
use super::objects::{full_environment, full_row, plan};
use gantry_engine::address::{Generation, Kind};
use gantry_engine::approval::{Ask, Ballot, Terms, Vote};
use gantry_engine::change::{Actor, Change, Extension, Place, Request};
use gantry_engine::cost::{Money, Rate};
use gantry_engine::environment::ReleaseNo;
use gantry_engine::journal::{Asked, Entry, Failure, FailureKind, Outcome, Serving, Signal, Standing, WhatChanged};
use gantry_engine::lock::Holdup;
use gantry_engine::names::{ChannelId, DeliveryId, Digest, GroupName, OpId, UserId, Version};
use gantry_engine::plan::{Plan, StepId};
use gantry_engine::project::{Danger, Policy};
use gantry_engine::provider::{Note, Token};
use gantry_engine::receipt::{Item, Receipt};
use gantry_engine::resource::{PhysicalId, RowState};
use gantry_engine::schedule::ScheduleId;
use gantry_engine::value::Output;
use gantry_testkit::store_suite::samples::{FIRST, addr, at, key, service, ts};
use jiff::SignedDuration;

pub(super) fn entries() -> Vec<(&'static str, Entry)> {
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
        ("-plan", Entry::Voted(Vote { plan: Some(Digest::new("p1")), ..vote(Ballot::Approve) })),
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

fn vote(ballot: Ballot) -> Vote {
    Vote {
        by: UserId::new("U2"),
        ballot,
        digest: Digest::new("d1"),
        plan: None,
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
