//! What is news in an operation's thread. Only what people would miss if they looked at the card an hour later.

use super::project::{ReportContext, Told};
use super::voice::{called, lines, message, small, words};
use super::{card, lock, outcome};
use crate::message::{Block, Body, MarkState};
use gantry_engine::approval::{Ballot, Tally, Vote};
use gantry_engine::change::Actor;
use gantry_engine::journal::{Entry, Operation, Outcome, Signal, Stamped, StepState};
use gantry_templates::{Said, sentences as s};

/// The news that an entry is, if it is any. `before` tells whether the operation was parked before it.
pub(super) fn milestone(told: &Told<'_>, stamped: &Stamped, before: bool, cx: &ReportContext) -> Option<Body> {
    let op = told.op;
    if let Entry::Closed(outcome) = &stamped.entry {
        return ended(told, outcome, cx);
    }
    let said = match &stamped.entry {
        Entry::Voted(vote) => approved(op, vote),
        Entry::Replanned { .. } => {
            let why = card::why_replanned(op, cx);
            Some(words().say(&s::ReplannedNow { op: op.id.to_string(), why }))
        }
        Entry::Held { by } => Some(words().say(&s::HeldNow { op: op.id.to_string(), by: lock::holdup(by) })),
        Entry::Admitted { .. } if !op.plan.is_empty() && told.waited => op.request.by.user().map(|by| {
            words().say(&s::YourTurn { by: by.to_string(), op: op.id.to_string(), steps: op.plan.steps.len() })
        }),
        Entry::Admitted { .. } if !op.plan.is_empty() => {
            Some(words().say(&s::StartedNow { op: op.id.to_string(), steps: op.plan.steps.len() }))
        }
        Entry::Reverted { step, serving, why } => op.step(*step).map(|(step, _)| {
            let service = step.addr.component.to_string();
            words().say(&s::RevertedNow { service, why: why.clone(), serving: words().serving(serving) })
        }),
        // What didn't run ends at once, and that says it.
        Entry::Signalled { signal, by, because } if op.admitted.is_some() => {
            Some(signalled(op, *signal, by, because.clone()))
        }
        _ => None,
    };
    let said = said.or_else(|| if !before && op.is_parked() { parked(op) } else { None })?;
    Some(note(op, &said))
}

fn note(op: &Operation, said: &Said) -> Body {
    let blocks = vec![Block::section(said.mrkdwn.clone())];
    Body::new(MarkState::Note, Some(op.request.delivery.clone()), message(&[said], blocks))
}

/// A vote for the plan; one against it ends the operation, and that says it.
fn approved(op: &Operation, vote: &Vote) -> Option<Said> {
    if vote.ballot == Ballot::Reject || vote.digest != op.motion().digest() {
        return None;
    }
    let missing = op.tally().iter().map(Tally::missing).sum();
    let because = vote.because.clone();
    Some(words().say(&s::ApprovedNow { by: vote.by.to_string(), op: op.id.to_string(), because, missing }))
}

fn signalled(op: &Operation, signal: Signal, by: &Actor, because: Option<String>) -> Said {
    let id = op.id.to_string();
    match (signal, by) {
        (Signal::Retry, Actor::User(by)) => words().say(&s::RetryNow { by: by.to_string(), because }),
        (Signal::Cancel, Actor::User(by)) => words().say(&s::CancellingNow { by: by.to_string(), op: id, because }),
        (_, Actor::Schedule) => words().say(&s::SupersededNow { op: id }),
    }
}

fn parked(op: &Operation) -> Option<Said> {
    let (step, failure) = op.plan.steps.iter().zip(&op.steps).find_map(|(step, state)| match state {
        StepState::Stuck { failure, .. } => Some((step, failure)),
        _ => None,
    })?;
    Some(words().say(&s::ParkedNow {
        op: op.id.to_string(),
        at: step.addr.to_string(),
        why: words().failure(failure),
        retry: format!("retry {}", op.id),
        cancel: format!("cancel {}", op.id),
    }))
}

/// The end, with the outputs once more. What needed no steps was over at once: its card says all.
fn ended(told: &Told<'_>, outcome: &Outcome, cx: &ReportContext) -> Option<Body> {
    let op = told.op;
    if op.plan.is_empty() && matches!(outcome, Outcome::Succeeded { .. }) {
        return None;
    }
    let words = words();
    let mut lines_said = outcome::lines(op, told.took(), cx);
    let first = if lines_said.is_empty() { Said::default() } else { lines_said.remove(0) };
    let head = words.say(&s::Ended {
        sign: card::sign(op.state()).to_owned(),
        op: op.id.to_string(),
        what: words.change(&op.request.change, &called(&op.request)),
        state: words.state(op.state()),
        outcome: first,
    });
    let mut blocks = vec![Block::section(head.mrkdwn.clone())];
    blocks.extend(lines(&lines_said));
    if cx.can_go_back(op) {
        blocks.push(Block::Actions(card::after(op)));
    }
    blocks.push(small(&words.say(&s::Next { words: card::next(op, cx) })));
    let sentence: Vec<&Said> = std::iter::once(&head).chain(&lines_said).collect();
    Some(Body::new(MarkState::Note, Some(op.request.delivery.clone()), message(&sentence, blocks)))
}
