//! What may follow what: a table of every step state against every entry about a step, and the rules around it.

use super::bench::{
    Book, at, ending, failed, reverted, signalled, started, succeeded, three, user, vote, votes, waiting,
};
use gantry_engine::approval::Ballot;
use gantry_engine::journal::{Entry, Failure, FailureKind, Operation, Outcome, Signal, Stamped, Standing};
use gantry_engine::names::{Digest, OpId};
use gantry_engine::project::Policy;
use gantry_engine::receipt::Receipt;
use std::collections::BTreeMap;

/// The first step of three, in each of its states.
fn states() -> Vec<(&'static str, Book)> {
    let book = |entries: &[Entry]| {
        let mut book = Book::running(three());
        for entry in entries {
            book.add(entry.clone());
        }
        book
    };
    let later = Some(at(100));
    vec![
        ("todo", book(&[])),
        ("started", book(&[started(0)])),
        ("waiting", book(&[started(0), waiting(0, true)])),
        ("retrying", book(&[started(0), failed(0, FailureKind::Transient, later)])),
        ("stuck", book(&[started(0), failed(0, FailureKind::Denied, None)])),
        ("reverted", book(&[started(0), reverted(0)])),
        ("done", book(&[started(0), succeeded(0)])),
    ]
}

#[test]
fn each_state_of_a_step_allows_what_the_table_says() {
    let entries = [
        ("started", started(0)),
        ("waiting", waiting(0, true)),
        ("succeeded", succeeded(0)),
        ("reverted", reverted(0)),
        ("failed", failed(0, FailureKind::Transient, Some(at(50)))),
    ];
    let moving = "waiting succeeded reverted failed";
    let again = "started waiting succeeded reverted failed";
    let allowed = BTreeMap::from([
        ("todo", "started"),
        ("started", again),
        ("waiting", moving),
        ("retrying", "started"),
        ("stuck", ""),
        ("reverted", ""),
        ("done", ""),
    ]);
    for (state, book) in states() {
        for (name, entry) in &entries {
            let legal = allowed[state].split(' ').any(|allowed| allowed == *name);
            let offered = book.clone().offer(entry.clone());
            assert_eq!(offered.is_ok(), legal, "{name} after {state}: {offered:?}");
        }
    }
}

#[test]
fn a_step_starts_only_after_what_it_waits_for() {
    let mut book = Book::running(three());
    assert!(book.offer(started(1)).is_err(), "the network isn't known");
    book.add(started(0)).add(waiting(0, false));
    assert!(book.offer(started(1)).is_err(), "it is on its way, but nobody knows its id");
    book.add(waiting(0, true)).add(started(1)).add(waiting(1, true));
    assert!(book.offer(started(2)).is_err(), "the network isn't ready");
    book.add(succeeded(0)).add(started(2));
}

#[test]
fn nothing_about_steps_before_admission_or_that_arent_there() {
    let mut book = Book::proposed(three(), Policy::None);
    assert!(book.offer(started(0)).is_err());
    let mut book = Book::running(three());
    assert!(book.offer(started(3)).is_err());
}

#[test]
fn a_journal_begins_with_its_proposal_and_counts_without_gaps() {
    assert!(Operation::fold(OpId(1), &[]).is_err());
    let book = Book::running(three());
    assert!(Operation::fold(OpId(1), &book.journal[1..]).is_err(), "not a proposal");
    let mut twice = book.clone();
    assert!(twice.offer(book.journal[0].entry.clone()).is_err(), "proposed twice");
    let mut op = book.op.clone();
    for seq in [book.op.seq, book.op.seq + 2] {
        let stamped = Stamped { seq, at: at(9), entry: started(0) };
        assert!(op.apply(&stamped).is_err(), "entry {seq} after {}", book.op.seq);
    }
}

#[test]
fn admission_needs_the_word_on_exactly_this_plan_and_comes_once() {
    let plan = three();
    let admitted = Entry::Admitted { digest: plan.digest(), before: None };
    let mut book = Book::proposed(plan.clone(), votes(1));
    assert!(book.offer(admitted.clone()).is_err(), "nobody voted");
    book.add(vote("U2", Ballot::Approve, &plan));
    assert!(book.offer(Entry::Admitted { digest: Digest::new("another"), before: None }).is_err());
    book.add(admitted.clone());
    assert!(book.offer(admitted).is_err(), "twice");
    assert!(book.offer(Entry::Queued { ahead: vec![OpId(9)] }).is_err());
    let again = Entry::Replanned { plan: Box::new(plan), changed: Vec::new(), asked: None };
    assert!(book.offer(again).is_err(), "it runs already");
}

#[test]
fn nothing_follows_the_end() {
    let mut book = Book::proposed(three(), votes(1));
    book.add(Entry::Closed(Outcome::Expired));
    for entry in [
        vote("U2", Ballot::Approve, &three()),
        signalled(Signal::Cancel),
        signalled(Signal::Retry),
        Entry::Closed(Outcome::Expired),
        Entry::Queued { ahead: Vec::new() },
        started(0),
    ] {
        assert!(book.offer(entry).is_err());
    }
}

fn standing() -> Standing {
    Standing { created: Vec::new(), changed: Vec::new(), unsure: Vec::new() }
}

fn over() -> [(&'static str, Outcome); 6] {
    let why = Failure { kind: FailureKind::Denied, message: "no".to_owned() };
    let Entry::Voted(against) = vote("U2", Ballot::Reject, &three()) else { unreachable!("it is a vote") };
    [
        ("succeeded", Outcome::Succeeded { outputs: BTreeMap::new() }),
        ("reverted", Outcome::Reverted { services: BTreeMap::new(), standing: Standing::default() }),
        ("failed", Outcome::Failed { why, at: None, standing: standing() }),
        ("cancelled", Outcome::Cancelled { by: user("U2"), because: None, standing: standing() }),
        ("rejected", Outcome::Rejected { vote: against }),
        ("expired", Outcome::Expired),
    ]
}

#[test]
fn each_end_is_the_end_of_what_came_before() {
    let proposed = || Book::proposed(three(), votes(1));
    let running = || Book::running(three());
    let mut cancelled = proposed();
    cancelled.add(signalled(Signal::Cancel));
    let mut moving = running();
    moving.add(started(0));
    let mut cancelling = moving.clone();
    cancelling.add(signalled(Signal::Cancel));
    let mut stuck = moving.clone();
    stuck.add(failed(0, FailureKind::Denied, None));
    let mut reverting = running();
    reverting.done(0).add(started(1)).add(reverted(1));
    let mut done = running();
    done.done(0).done(1).done(2);
    let cases = [
        ("proposed", proposed(), "failed rejected expired"),
        ("cancelled", cancelled, "failed cancelled rejected expired"),
        ("running", running(), "failed"),
        ("moving", moving, ""),
        ("cancelling", cancelling, ""),
        ("stuck", stuck, "failed"),
        ("reverting", reverting, "reverted failed"),
        ("done", done, "succeeded failed"),
    ];
    for (state, book, allowed) in cases {
        for (name, outcome) in over() {
            let offered = book.clone().offer(Entry::Closed(outcome));
            let legal = allowed.split(' ').any(|allowed| allowed == name);
            assert_eq!(offered.is_ok(), legal, "{name} when {state}: {offered:?}");
        }
    }
}

#[test]
fn a_receipt_belongs_to_an_end_where_all_is_done() {
    let receipt = || Entry::Receipted(Receipt::default());
    assert!(Book::proposed(ending(), Policy::None).offer(receipt()).is_err(), "it hasn't begun");
    assert!(Book::running(three()).offer(receipt()).is_err(), "it ends nothing");
    let mut book = Book::running(ending());
    assert!(book.offer(receipt()).is_err(), "a step isn't done");
    book.done(0).add(receipt());
}
