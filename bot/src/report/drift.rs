//! What somebody changed outside, line by line: how, and whether a plan mends it.

use super::voice::{few, words};
use gantry_engine::address::Addr;
use gantry_engine::plan::Plan;
use gantry_engine::ports::{Drift, Drifted};
use gantry_templates::{Said, sentences as s};

/// How many changes are told one by one.
const LINES: usize = 8;

/// How many addresses are named that merely lag behind.
const NAMED: usize = 6;

/// What a plan finds different: what it mends, what it leaves, and what isn't its business.
pub(super) fn of_plan(plan: &Plan) -> Vec<Said> {
    let (mended, left) = (words().say(&s::DriftMended {}), words().say(&s::DriftLeft {}));
    let mends = plan.mends.iter().map(|drift| (drift, Some(&mended)));
    let leaves = plan.drift.iter().map(|drift| (drift, Some(&left)));
    let mut said = outside(mends.chain(leaves));
    let behind = plan.drift.iter().filter(|drift| drift.how == Drifted::Behind);
    let behind: Vec<&Addr> = behind.map(|drift| &drift.addr).collect();
    if !behind.is_empty() {
        let (addrs, more) = few(behind, NAMED);
        said.push(words().say(&s::Drift { addrs, more }));
    }
    said
}

/// What is different now, with no plan in sight.
pub(super) fn seen(drift: &[Drift]) -> Vec<Said> {
    outside(drift.iter().map(|drift| (drift, None)))
}

fn outside<'a>(all: impl Iterator<Item = (&'a Drift, Option<&'a Said>)>) -> Vec<Said> {
    let mut all = all.filter_map(|(drift, tail)| line(drift, tail.cloned()));
    let mut said: Vec<Said> = all.by_ref().take(LINES).collect();
    let more = all.count();
    if more > 0 {
        said.push(words().say(&s::DriftMore { more }));
    }
    said
}

fn line(Drift { addr, how }: &Drift, tail: Option<Said>) -> Option<Said> {
    let addr = addr.to_string();
    match how {
        Drifted::Gone => Some(words().say(&s::DriftGone { addr, tail })),
        Drifted::Field { field, ours, theirs } => {
            let (field, ours, theirs) = (field.clone(), ours.clone(), theirs.clone());
            Some(words().say(&s::DriftField { addr, field, ours, theirs, tail }))
        }
        // Nobody touched it: the record is ahead of what was built.
        Drifted::Behind => None,
    }
}
