//! How an operation ended: the same words in its card and in the thread.

use super::cost;
use super::project::ReportContext;
use super::voice::{few, words};
use gantry_engine::address::Addr;
use gantry_engine::change::{Actor, Change};
use gantry_engine::environment::Phase;
use gantry_engine::journal::{Operation, Outcome, Standing};
use gantry_engine::names::OpId;
use gantry_engine::plan::Action;
use gantry_engine::receipt::{Item, Receipt};
use gantry_templates::{Said, duration, sentences as s};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// How many outputs, services or names are shown.
const SHOWN: usize = 15;

/// How many of what is left over are named: as many as fit, since somebody has to remove them.
const LEFT: usize = 60;

/// The outcome, line by line; empty as long as there is none.
pub(super) fn lines(op: &Operation, took: Option<SignedDuration>, cx: &ReportContext) -> Vec<Said> {
    let Some(outcome) = &op.outcome else { return Vec::new() };
    let words = words();
    let mut said = match outcome {
        Outcome::Succeeded { outputs } => succeeded(op, outputs, took, cx),
        Outcome::Reverted { services, standing: left } => {
            let one = |(service, (serving, why)): (&gantry_engine::names::ServiceName, &(_, String))| {
                let serving = words.serving(serving);
                words.say(&s::Reverted { service: service.to_string(), why: why.clone(), serving })
            };
            let mut said = folded(services.iter().map(one).collect(), "service");
            // What a revert is, is told; only what it left behind is news.
            said.extend(standing(left).into_iter().filter(|_| *left != Standing::default()));
            said
        }
        Outcome::Failed { why, at, standing: left } => {
            let at = at.as_ref().map(ToString::to_string);
            let mut said = vec![words.say(&s::Failed { at, why: words.failure(why) })];
            said.extend(standing(left));
            said
        }
        Outcome::Cancelled { by, because, standing: left } => {
            let first = match by {
                Actor::User(by) => words.say(&s::Cancelled { by: by.to_string(), because: because.clone() }),
                Actor::Schedule => words.say(&s::Superseded {}),
            };
            std::iter::once(first).chain(standing(left)).collect()
        }
        Outcome::Rejected { vote } => {
            vec![words.say(&s::Rejected { by: vote.by.to_string(), because: vote.because.clone() })]
        }
        Outcome::Expired => vec![words.say(&s::Expired {})],
    };
    said.extend(op.receipt.iter().flat_map(receipt));
    // The record of what is gone tells what it came to; a name that was reborn has another record.
    let gone = cx.env.as_ref().filter(|env| op.receipt.is_some() && env.phase == Phase::Gone);
    said.extend(gone.and_then(|env| cost::receipt(env.meter.as_ref()?, op.at)));
    said
}

fn succeeded(
    op: &Operation,
    outputs: &BTreeMap<String, String>,
    took: Option<SignedDuration>,
    cx: &ReportContext,
) -> Vec<Said> {
    let mut said = vec![words().say(&s::Succeeded { took: took.map(duration) })];
    if let Change::Undo { op: of } = op.request.change {
        return undone(op, of);
    }
    // Who moved an end didn't ask for addresses.
    if !matches!(op.request.change, Change::Extend(_) | Change::Keep | Change::Own { .. }) {
        said.extend(self::outputs(outputs, |value| cx.link(op, value)));
    }
    said
}

/// What an undo did.
fn undone(op: &Operation, of: OpId) -> Vec<Said> {
    let words = words();
    let (mut removed, mut changed, mut made) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for step in &op.plan.steps {
        let list = match &step.action {
            Action::Create { .. } => &mut made,
            Action::Update { .. } => &mut changed,
            Action::Delete { .. } => &mut removed,
        };
        list.insert(&step.addr);
    }
    // What another life takes the place of is there again, and what an older one stands for isn't gone.
    removed.retain(|addr| !made.contains(addr) && !op.plan.back.contains_key(*addr));
    changed.extend(op.plan.back.keys());
    let mut said = vec![words.say(&s::Undone { op: of.to_string() })];
    let some = |all: &BTreeSet<&Addr>| (!all.is_empty()).then(|| few(all, SHOWN));
    said.extend(some(&removed).map(|(addrs, more)| words.say(&s::UndoneRemoved { addrs, more })));
    said.extend(some(&changed).map(|(addrs, more)| words.say(&s::UndoneChanged { addrs, more })));
    said.extend(some(&made).map(|(addrs, more)| words.say(&s::UndoneMade { addrs, more })));
    said
}

/// Addresses and other results, a line each.
pub(super) fn outputs(outputs: &BTreeMap<String, String>, link: impl Fn(&str) -> Option<String>) -> Vec<Said> {
    let one = |(label, value): (&String, &String)| {
        words().say(&s::Output { label: label.clone(), value: value.clone(), href: link(value) })
    };
    folded(outputs.iter().map(one).collect(), "output")
}

/// At most so many lines, and how many there are besides.
pub(super) fn folded(mut said: Vec<Said>, what: &str) -> Vec<Said> {
    if said.len() > SHOWN {
        let more = gantry_templates::Mrkdwn::more(said.len() - SHOWN, what);
        said.truncate(SHOWN);
        said.push(Said { mrkdwn: more.clone(), text: more });
    }
    said
}

fn standing(standing: &Standing) -> Vec<Said> {
    let words = words();
    let mut said = Vec::new();
    let mut name = |all: &[Addr], say: &dyn Fn(Vec<String>, usize) -> Said| {
        if !all.is_empty() {
            let (addrs, more) = few(all, SHOWN);
            said.push(say(addrs, more));
        }
    };
    name(&standing.created, &|addrs, more| words.say(&s::StandingCreated { addrs, more }));
    name(&standing.changed, &|addrs, more| words.say(&s::StandingChanged { addrs, more }));
    name(&standing.unsure, &|addrs, more| words.say(&s::StandingUnsure { addrs, more }));
    if said.is_empty() {
        said.push(words.say(&s::Untouched {}));
    }
    said
}

pub(super) fn receipt(receipt: &Receipt) -> Vec<Said> {
    let words = words();
    let (kept, left) = (receipt.kept.len(), receipt.left.len());
    let mut said =
        vec![words.say(&s::ReceiptSum { created: receipt.created, destroyed: receipt.destroyed, kept, left })];
    let names = |items: &[Item]| few(items.iter().map(name), SHOWN);
    if kept > 0 {
        let (items, more) = names(&receipt.kept);
        said.push(words.say(&s::ReceiptKept { items, more }));
    }
    let shown = &receipt.left[..left.min(LEFT)];
    let chunks = shown.chunks(SHOWN);
    let last = chunks.len().saturating_sub(1);
    said.extend(chunks.enumerate().map(|(place, chunk)| {
        let items = chunk.iter().map(name).collect();
        words.say(&s::ReceiptLeft { items, more: if place == last { left - shown.len() } else { 0 } })
    }));
    said
}

fn name(item: &Item) -> String {
    format!("{} {} ({} {})", item.addr, item.generation, item.kind, item.id)
}
