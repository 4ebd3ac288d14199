//! What comes next, in each situation.

use super::bench::{Book, at, ending, failed, reverted, signalled, started, succeeded, three, vote, votes, waiting};
use gantry_engine::approval::{Ballot, Vote};
use gantry_engine::journal::{Entry, FailureKind, Next, Outcome, Signal, Stamped, State, StepState, WhatChanged};
use gantry_engine::names::{OpId, ServiceName};
use gantry_engine::plan::{Plan, Step, StepId};
use gantry_engine::policy::{CONFIRM_WITHIN, Policy, VOTE_WITHIN};
use gantry_engine::receipt::{Item, Receipt};
use gantry_engine::resource::PhysicalId;

fn ids(all: &[u32]) -> Vec<StepId> {
    all.iter().copied().map(StepId).collect()
}

fn steps(start: &[u32], moving: &[u32]) -> Next {
    Next::Steps { start: ids(start), moving: ids(moving), wake: None, abort: false }
}

#[test]
fn people_are_asked_until_the_deadline() {
    let book = Book::proposed(three(), votes(1));
    let until = Some(at(0) + VOTE_WITHIN);
    assert_eq!((book.next(), book.op.state()), (Next::People { until }, State::Voting));
    assert_eq!(book.op.next(at(0) + VOTE_WITHIN), Next::Close(Outcome::Expired));
    let confirm = Book::proposed(three(), Policy::Confirm);
    assert_eq!(confirm.next(), Next::People { until: Some(at(0) + CONFIRM_WITHIN) });
}

#[test]
fn votes_admit_or_reject_and_a_new_plan_makes_them_void() {
    let plan = three();
    let mut book = Book::proposed(plan.clone(), votes(1));
    book.add(vote("U1", Ballot::Approve, &plan));
    assert!(matches!(book.next(), Next::People { .. }), "their own");
    let mut rejected = book.clone();
    rejected.add(vote("U2", Ballot::Reject, &plan));
    assert!(matches!(rejected.next(), Next::Close(Outcome::Rejected { .. })));
    book.add(vote("U2", Ballot::Approve, &plan));
    assert_eq!((book.next(), book.op.state()), (Next::Admit, State::Ready));
    assert_eq!(book.op.next(at(0) + VOTE_WITHIN), Next::Admit, "decided is decided");
    book.add(Entry::Queued { ahead: vec![OpId(7)] });
    assert_eq!(book.op.state(), State::Queued);
    book.add(Entry::Replanned { plan: Box::new(ending()), changed: vec![WhatChanged::Steps], asked: None });
    assert!(matches!(book.next(), Next::People { .. }), "the votes were on another plan");
    assert_eq!(book.op.changed, [WhatChanged::Steps]);
}

#[test]
fn steps_start_as_the_graph_allows() {
    let mut book = Book::running(three());
    assert_eq!((book.next(), book.op.state()), (steps(&[0], &[]), State::Running));
    book.add(started(0));
    assert_eq!(book.next(), steps(&[], &[0]));
    book.add(waiting(0, false));
    assert_eq!(book.next(), steps(&[], &[0]), "no output yet");
    book.add(waiting(0, true));
    assert_eq!(book.next(), steps(&[1], &[0]), "its id is enough for the balancer");
    book.add(started(1)).add(waiting(1, true)).add(succeeded(0));
    assert_eq!(book.next(), steps(&[2], &[1]));
    book.add(succeeded(1)).done(2);
    assert!(matches!(book.next(), Next::Close(Outcome::Succeeded { .. })));
    assert_eq!(book.op.done(), 3);
}

#[test]
fn a_failed_step_waits_for_its_time_and_then_for_people() {
    let mut book = Book::running(three());
    book.add(started(0)).add(failed(0, FailureKind::Transient, Some(at(60))));
    let wake = Some(at(60));
    let waits = Next::Steps { start: vec![], moving: vec![], wake, abort: false };
    assert_eq!(book.op.next(at(59)), waits);
    assert_eq!(book.op.next(at(60)), steps(&[0], &[]));
    book.add(started(0)).add(failed(0, FailureKind::Conflict, None));
    assert_eq!((book.next(), book.op.state()), (Next::People { until: None }, State::Parked));
    book.add(signalled(Signal::Retry));
    assert_eq!((book.next(), book.op.state()), (steps(&[0], &[]), State::Running));
    let Some((_, StepState::Retrying { attempt: 0, .. })) = book.op.step(StepId(0)) else {
        panic!("tries start again")
    };
}

#[test]
fn an_answer_with_a_new_id_counts_as_something_made_a_moment_ago() {
    let unsure = |book: &Book| match book.op.step(StepId(0)) {
        Some((_, StepState::Started { past, .. } | StepState::Waiting { past, .. })) => past.unsure,
        other => panic!("{other:?}"),
    };
    let mut book = Book::running(three());
    book.add(started(0));
    assert_eq!(unsure(&book), None, "nothing was tried before");
    book.add(waiting(0, true));
    let made = book.op.at;
    assert_eq!(unsure(&book), Some(made), "a look-up may not show it yet");
    book.add(waiting(0, true));
    assert_eq!(unsure(&book), Some(made), "it is the same one");
}

#[test]
fn what_can_only_fail_again_and_left_nothing_is_over_at_once() {
    let mut book = Book::running(three());
    book.add(started(0)).add(failed(0, FailureKind::Invalid, None));
    let Next::Close(Outcome::Failed { at: Some(at), standing, .. }) = book.next() else { panic!("{:?}", book.next()) };
    assert_eq!((at.to_string().as_str(), standing.unsure.len()), ("dev/net/main", 1));
    let mut later = Book::running(three());
    later.done(0).add(started(1)).add(failed(1, FailureKind::Invalid, None));
    assert_eq!(later.next(), Next::People { until: None }, "something stands: people decide");
}

#[test]
fn a_cancelled_operation_ends_after_what_is_on_its_way() {
    let mut book = Book::proposed(three(), votes(1));
    book.add(signalled(Signal::Cancel));
    assert!(matches!(book.next(), Next::Close(Outcome::Cancelled { .. })));
    let mut book = Book::running(three());
    book.done(0).add(started(1)).add(signalled(Signal::Cancel));
    let ends = Next::Steps { start: vec![], moving: ids(&[1]), wake: None, abort: true };
    assert_eq!((book.next(), book.op.state()), (ends, State::Cancelling));
    book.add(succeeded(1));
    let Next::Close(Outcome::Cancelled { standing, .. }) = book.next() else { panic!("{:?}", book.next()) };
    assert_eq!((standing.created.len(), standing.unsure.len()), (2, 0));
}

#[test]
fn a_revert_is_told_with_the_service() {
    let mut book = Book::running(three());
    book.done(0).add(started(1)).add(reverted(1));
    assert_eq!(book.next(), Next::Tidy, "what it made in vain goes first");
    book.add(Entry::Tidied { steps: Vec::new() });
    let Next::Close(Outcome::Reverted { services, .. }) = book.next() else { panic!("{:?}", book.next()) };
    assert_eq!(services.keys().map(ServiceName::as_str).collect::<Vec<_>>(), ["web"]);
}

#[test]
fn a_teardown_ends_with_a_receipt_that_says_whether_it_is_clean() {
    let mut book = Book::running(ending());
    book.done(0);
    assert_eq!(book.next(), Next::Receipt);
    let step = &book.op.plan.steps[0];
    let (addr, generation, kind) = (step.addr.clone(), step.generation, step.kind.clone());
    let item = Item { addr, generation, kind, id: PhysicalId("i".to_owned()) };
    let mut dirty = book.clone();
    dirty.add(Entry::Receipted(Receipt { left: vec![item.clone()], ..Receipt::default() }));
    assert!(matches!(dirty.next(), Next::Close(Outcome::Failed { .. })));
    book.add(Entry::Receipted(Receipt { kept: vec![item], ..Receipt::default() }));
    assert!(matches!(book.next(), Next::Close(Outcome::Succeeded { .. })));
}

#[test]
fn nothing_comes_after_the_end() {
    let mut book = Book::proposed(three(), votes(1));
    book.add(Entry::Closed(Outcome::Expired));
    assert_eq!((book.next(), book.op.state()), (Next::Nothing, State::Expired));
}

#[test]
fn steps_that_wait_for_each_other_are_no_success() {
    let plan = three();
    let circle = Step { after: ids(&[2]), ..plan.steps[0].clone() };
    let plan = Plan { steps: vec![circle, plan.steps[1].clone(), plan.steps[2].clone()], ..plan };
    let next = Book::running(plan).next();
    assert!(matches!(next, Next::Close(Outcome::Failed { .. })), "{next:?}");
}

#[test]
fn void_votes_stay_void_when_the_old_plan_comes_back() {
    let plan = three();
    let mut book = Book::proposed(plan.clone(), votes(1));
    book.add(vote("U2", Ballot::Approve, &plan));
    let replanned = |plan| Entry::Replanned { plan: Box::new(plan), changed: vec![WhatChanged::Steps], asked: None };
    book.add(replanned(ending())).add(replanned(plan.clone()));
    assert!(matches!(book.next(), Next::People { .. }), "people were told that their votes are void");
    book.add(vote("U2", Ballot::Approve, &plan));
    assert_eq!(book.next(), Next::Admit);
}

#[test]
fn who_is_asked_anew_has_the_time_anew_and_is_in_no_queue() {
    let plan = three();
    let mut book = Book::proposed(plan.clone(), votes(1));
    book.add(vote("U2", Ballot::Approve, &plan)).add(Entry::Queued { ahead: vec![OpId(7)] });
    let entry = Entry::Replanned { plan: Box::new(ending()), changed: vec![WhatChanged::Steps], asked: None };
    let at = at(0) + VOTE_WITHIN * 2;
    book.op.apply(&Stamped { seq: book.op.seq + 1, at, entry }).expect("it can follow");
    assert_eq!(book.op.next(at), Next::People { until: Some(at + VOTE_WITHIN) });
    assert_eq!(book.op.ahead, []);
}

#[test]
fn a_vote_after_the_deadline_is_too_late() {
    let plan = three();
    let mut book = Book::proposed(plan.clone(), votes(1));
    let Entry::Voted(vote) = vote("U2", Ballot::Approve, &plan) else { unreachable!("it is a vote") };
    let late = at(1) + VOTE_WITHIN;
    book.add(Entry::Voted(Vote { at: late, ..vote }));
    assert_eq!(book.op.next(late), Next::Close(Outcome::Expired));
}
