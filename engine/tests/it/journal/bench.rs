//! A journal in the making: entries in a shorthand, and the operation that they tell.

use crate::planner::world::{built, desired, everything, planned, resource, to};
use gantry_engine::approval::{Ballot, Terms, Vote};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::environment::Delta;
use gantry_engine::journal::{Entry, Failure, FailureKind, Illegal, Next, Operation, Serving, Signal, Stamped};
use gantry_engine::names::{ChannelId, DeliveryId, GroupName, OpId, UserId, Version};
use gantry_engine::plan::{Plan, StepId};
use gantry_engine::project::Policy;
use gantry_engine::provider::{Note, Token};
use gantry_engine::resource::{Actual, Desired, PhysicalId};
use gantry_engine::value::{Output, Outputs, When};
use gantry_testkit::sample;
use jiff::{SignedDuration, Timestamp};

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

/// Three steps: a network, a balancer that needs its id, a service that needs both (the network ready).
pub(super) fn three() -> Plan {
    let all = desired([
        ("net/main", resource("first", 1, "red", &[])),
        ("web/balancer", resource("plain", 1, "red", &[to("net/main", When::Known)])),
        ("web/service", resource("plain", 1, "red", &[to("web/balancer", When::Known), to("net/main", When::Ready)])),
    ]);
    planned(&all, &Actual::default(), &everything()).expect("it can be planned")
}

/// The end of one resource.
pub(super) fn ending() -> Plan {
    let all = desired([("net/main", resource("plain", 1, "red", &[]))]);
    let plan = planned(&Desired::default(), &built(&all), &everything()).expect("it can be planned");
    Plan { delta: Delta { end: true, ..Delta::default() }, ..plan }
}

pub(super) fn votes(count: u32) -> Policy {
    Policy::votes(count, "platform")
}

pub(super) fn request(by: Actor) -> Request {
    Request {
        key: sample::key("dev"),
        change: Change::Provision { lifetime: None },
        by,
        schedule: None,
        resumes: None,
        because: None,
        bypass: false,
        words: "provision dev".to_owned(),
        delivery: DeliveryId::new("d1"),
        place: Place { channel: ChannelId::new("C1"), thread: None },
        at: at(0),
        waits: false,
    }
}

pub(super) fn user(name: &str) -> Actor {
    Actor::User(UserId::new(name))
}

/// An operation with its journal.
#[derive(Debug, Clone)]
pub(super) struct Book {
    pub(super) op: Operation,
    pub(super) journal: Vec<Stamped>,
}

impl Book {
    /// Proposed by `U1`.
    pub(super) fn proposed(plan: Plan, policy: Policy) -> Self {
        let deadline = Terms::from(policy.clone()).deadline(at(0));
        let request = Box::new(request(user("U1")));
        let entry = Entry::Proposed { request, plan: Box::new(plan), policy, deadline, terms: None };
        let journal = vec![Stamped { seq: 1, at: at(0), entry }];
        Self { op: Operation::fold(OpId(1), &journal).expect("a proposal is a beginning"), journal }
    }

    /// Proposed and admitted, nobody's word needed.
    pub(super) fn running(plan: Plan) -> Self {
        let digest = plan.digest();
        let mut book = Self::proposed(plan, Policy::None);
        book.add(Entry::Admitted { digest, before: None });
        book
    }

    /// Tries to add an entry, a second later; the operation that refuses it must be as it was.
    pub(super) fn offer(&mut self, entry: Entry) -> Result<(), Illegal> {
        let seq = self.op.seq + 1;
        let stamped = Stamped { seq, at: self.op.at + SignedDuration::from_secs(1), entry };
        let before = format!("{:?}", self.op);
        match self.op.apply(&stamped) {
            Ok(()) => {
                self.journal.push(stamped);
                Ok(())
            }
            Err(illegal) => {
                assert_eq!(format!("{:?}", self.op), before, "what was refused changed something");
                Err(illegal)
            }
        }
    }

    pub(super) fn add(&mut self, entry: Entry) -> &mut Self {
        self.offer(entry).expect("it can follow");
        self
    }

    pub(super) fn next(&self) -> Next {
        self.op.next(self.op.at)
    }

    /// Starts a step and brings it to its end.
    pub(super) fn done(&mut self, step: u32) -> &mut Self {
        self.add(started(step)).add(succeeded(step))
    }
}

pub(super) fn started(step: u32) -> Entry {
    Entry::Started { step: StepId(step), token: Token(format!("t{step}")), attempt: 1, unsure: false, before: None }
}

fn id() -> Outputs {
    Outputs::from([(Output::new("id"), "i".to_owned())])
}

/// Waiting, with its id known or not.
pub(super) fn waiting(step: u32, known: bool) -> Entry {
    let outputs = if known { id() } else { Outputs::new() };
    let note = Note::Other("patience".to_owned());
    Entry::Waiting { step: StepId(step), id: known.then(|| PhysicalId("i".to_owned())), outputs, note }
}

pub(super) fn succeeded(step: u32) -> Entry {
    Entry::Succeeded { step: StepId(step), id: Some(PhysicalId("i".to_owned())), outputs: id() }
}

pub(super) fn failed(step: u32, kind: FailureKind, retry: Option<Timestamp>) -> Entry {
    Entry::Failed { step: StepId(step), failure: Failure { kind, message: "no".to_owned() }, retry }
}

pub(super) fn reverted(step: u32) -> Entry {
    let serving = Serving::Release { number: None, version: Version::new("1.0") };
    Entry::Reverted { step: StepId(step), serving, why: "they died".to_owned() }
}

pub(super) fn signalled(signal: Signal) -> Entry {
    Entry::Signalled { signal, by: user("U2"), because: None }
}

pub(super) fn vote(by: &str, ballot: Ballot, plan: &Plan) -> Entry {
    Entry::Voted(Vote {
        by: UserId::new(by),
        ballot,
        digest: plan.digest(),
        plan: None,
        groups: [GroupName::new("platform")].into(),
        because: None,
        at: at(1),
    })
}
