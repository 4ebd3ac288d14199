//! What holds for any history: a worker and people write at random what may be written.

use super::bench::{Book, ending, failed, reverted, signalled, started, succeeded, three, vote, votes, waiting};
use gantry_engine::approval::Ballot;
use gantry_engine::journal::{Entry, FailureKind, Next, Operation, Signal, Stamped};
use gantry_engine::names::OpId;
use gantry_engine::plan::StepId;
use gantry_engine::project::Policy;
use gantry_engine::receipt::Receipt;
use gantry_testkit::dice::Dice;
use jiff::SignedDuration;
use proptest::prelude::*;

/// More entries than any of these histories needs.
const LONG: usize = 400;

fn kind(dice: &mut Dice) -> FailureKind {
    use FailureKind::{Conflict, Deadline, Denied, Invalid, NotYet, Throttled, Transient};
    let all = [Conflict, Deadline, Denied, Invalid, NotYet, Throttled, Transient];
    all[usize::try_from(dice.below(7)).expect("it is small")]
}

fn progress(dice: &mut Dice, book: &Book, StepId(step): StepId) -> Entry {
    match dice.below(8) {
        0 => failed(step, kind(dice), None),
        1 | 2 => failed(step, kind(dice), Some(book.op.at + SignedDuration::from_secs(5))),
        3 => waiting(step, dice.percent(50)),
        4 if dice.percent(20) => reverted(step),
        _ => succeeded(step),
    }
}

/// What a person does now and then.
fn person(dice: &mut Dice, book: &Book) -> Entry {
    let ballot = if dice.percent(80) { Ballot::Approve } else { Ballot::Reject };
    match dice.below(6) {
        0 => signalled(Signal::Cancel),
        1 => signalled(Signal::Retry),
        n => vote(&format!("U{n}"), ballot, &book.op.plan),
    }
}

/// What a worker writes next.
fn worker(dice: &mut Dice, book: &Book) -> Option<Entry> {
    let now = book.op.at + SignedDuration::from_secs(10);
    Some(match book.op.next(now) {
        Next::Nothing => return None,
        Next::People { .. } => person(dice, book),
        Next::Admit if dice.percent(20) => Entry::Queued { ahead: vec![OpId(dice.below(9))] },
        Next::Admit if dice.percent(20) => {
            let plan = if dice.percent(50) { three() } else { ending() };
            Entry::Replanned { plan: Box::new(plan), changed: Vec::new(), asked: None }
        }
        Next::Admit => Entry::Admitted { digest: book.op.digest.clone(), before: None },
        Next::Steps { start, moving, .. } => {
            let pick = |dice: &mut Dice, all: &[StepId]| {
                let at = dice.below(u64::try_from(all.len()).expect("it is small"));
                all[usize::try_from(at).expect("it is small")]
            };
            match (start.is_empty(), moving.is_empty()) {
                (false, true) => started(pick(dice, &start).0),
                (false, false) if dice.percent(50) => started(pick(dice, &start).0),
                (_, false) => {
                    let step = pick(dice, &moving);
                    progress(dice, book, step)
                }
                (true, true) => person(dice, book),
            }
        }
        Next::Tidy => Entry::Tidied { steps: Vec::new() },
        Next::Receipt => Entry::Receipted(Receipt::default()),
        Next::Close(outcome) => Entry::Closed(outcome),
    })
}

fn history(seed: u64) -> Book {
    let mut dice = Dice::new(seed);
    let plan = if dice.percent(30) { ending() } else { three() };
    let policy = if dice.percent(50) { Policy::None } else { votes(1 + u32::from(dice.percent(30))) };
    let mut book = Book::proposed(plan, policy);
    while book.journal.len() < LONG {
        if dice.percent(8) && book.op.outcome.is_none() {
            let entry = person(&mut dice, &book);
            book.add(entry);
        }
        match worker(&mut dice, &book) {
            Some(entry) => book.add(entry),
            None => return book,
        };
    }
    book
}

fn told(op: &Operation) -> String {
    format!("{op:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_the_operation_ends(seed in any::<u64>()) {
        let book = history(seed);
        prop_assert!(book.op.state().is_closed(), "still {:?} after {} entries", book.op.state(), book.journal.len());
    }

    #[test]
    fn a_history_means_the_same_however_it_is_read(seed in any::<u64>(), cut in any::<prop::sample::Index>()) {
        let book = history(seed);
        let whole = Operation::fold(OpId(1), &book.journal).unwrap();
        prop_assert_eq!(told(&whole), told(&book.op), "all at once, or entry by entry");
        let cut = 1 + cut.index(book.journal.len());
        let mut rest = Operation::fold(OpId(1), &book.journal[..cut]).unwrap();
        for stamped in &book.journal[cut..] {
            rest.apply(stamped).unwrap();
        }
        prop_assert_eq!(told(&rest), told(&whole), "the beginning, then the rest");
        let text = serde_json::to_string(&book.journal).unwrap();
        let read: Vec<Stamped> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(told(&Operation::fold(OpId(1), &read).unwrap()), told(&whole), "as it is stored");
    }

    #[test]
    fn what_cant_follow_changes_nothing(seed in any::<u64>(), other in any::<u64>(), cut in any::<prop::sample::Index>()) {
        // Any entry of another history, at any point of this one: refused without a trace, or taken.
        let (book, other) = (history(seed), history(other));
        let cut = 1 + cut.index(book.journal.len());
        let journal = book.journal[..cut].to_vec();
        let op = Operation::fold(OpId(1), &journal).unwrap();
        for stamped in &other.journal {
            let mut book = Book { op: op.clone(), journal: journal.clone() };
            // The check is in `offer`.
            let _taken = book.offer(stamped.entry.clone());
        }
    }
}
