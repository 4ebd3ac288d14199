//! What things cost, in words. Amounts come from the provider's price table; here they are only shown.

use super::voice::words;
use gantry_engine::cost::{Cost, Meter, Money, Rate};
use gantry_engine::environment::Environment;
use gantry_templates::{Said, sentences as s};
use jiff::Timestamp;

/// What a plan comes to: by the hour, and until the environment's end if it has one.
pub(super) fn plan(cost: &Cost, after: Option<&Environment>, from: Timestamp) -> Said {
    let Cost { before, after: rate_after, by_use, as_of, .. } = cost;
    let until = after.and_then(|env| env.expiry).map(|end| rate_after.over(end.duration_since(from)));
    words().say(&s::PlanCost {
        after: rate_after.to_string(),
        before: (before != rate_after && *before != Rate(0)).then(|| before.to_string()),
        until: until.filter(|total| *total > Money(0)).map(|total| total.to_string()),
        by_use: by_use.iter().cloned().collect(),
        as_of: as_of.clone(),
    })
}

/// What an environment costs, and has cost so far; nothing is said where nothing costs.
pub(super) fn status(meter: &Meter, now: Timestamp) -> Option<Said> {
    let spent = spent(meter, now)?;
    Some(words().say(&s::StatusCost { rate: meter.rate.to_string(), spent: spent.to_string() }))
}

/// What it has cost at a moment before its end, and will have at the end.
pub(super) fn warning(meter: &Meter, now: Timestamp, end: Timestamp) -> Option<Said> {
    let spent = spent(meter, now)?;
    Some(words().say(&s::WarningCost { spent: spent.to_string(), until: meter.at(end).to_string() }))
}

/// What an environment that is gone came to.
pub(super) fn receipt(meter: &Meter, now: Timestamp) -> Option<Said> {
    Some(words().say(&s::ReceiptCost { spent: spent(meter, now)?.to_string() }))
}

/// What an environment costs an hour; nothing where it costs nothing.
pub(super) fn by_the_hour(meter: &Meter) -> Option<String> {
    (meter.rate > Rate(0)).then(|| meter.rate.to_string())
}

fn spent(meter: &Meter, now: Timestamp) -> Option<Money> {
    let spent = meter.at(now);
    (spent > Money(0) || meter.rate > Rate(0)).then_some(spent)
}
