//! What things cost. A provider knows the prices; here they are added up, and measured over an environment's life.
//!
//! Amounts are whole millionths of a US dollar: no floating point, so the same plan always shows the same price. What is
//! charged by use (traffic, requests) has no rate that could be known before; it is named beside the sum.

use crate::address::{Addr, Generation, Kind};
use crate::names::{Component, EnvName};
use crate::plan::Plan;
use crate::provider::Facts;
use crate::resource::{Actual, Row, RowState};
use crate::value::Spec;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// An amount of money, in millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub u64);

/// Money per hour, in millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub u64);

impl Rate {
    /// What it comes to over a time; nothing where the time is negative.
    #[must_use]
    pub fn over(self, time: SignedDuration) -> Money {
        let seconds = u128::try_from(time.as_secs()).unwrap_or(0);
        Money(u64::try_from(u128::from(self.0) * seconds / 3600).unwrap_or(u64::MAX))
    }
}

impl Add for Rate {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Rate {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        dollars(f, self.0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        dollars(f, self.0)
    }
}

/// Millionths of a dollar as people write prices: to the cent, and below ten cents with two digits that count, as far as
/// four places after the point go. What costs something is never shown as nothing.
fn dollars(f: &mut fmt::Formatter<'_>, millionths: u64) -> fmt::Result {
    // What the last place is worth, and how many places there are.
    let (unit, places) = match millionths {
        0 => return f.write_str("$0"),
        1..10_000 => (100, 4),
        10_000..100_000 => (1_000, 3),
        _ => (10_000, 2),
    };
    let units = (millionths.saturating_add(unit / 2) / unit).max(1);
    let per_dollar = 1_000_000 / unit;
    let fraction = format!("{:0places$}", units % per_dollar);
    write!(f, "${}.{:0<2}", units / per_dollar, fraction.trim_end_matches('0'))
}

/// What one resource costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Price {
    /// By the hour, for being there.
    pub rate: Rate,
    /// What is charged by use beside that, in a few words (`$0.052 per GB through the NAT gateway`).
    pub by_use: Option<String>,
}

/// A provider's price table.
pub trait Prices: Send + Sync {
    /// What a resource of this kind and spec costs. References in the spec may be unresolved.
    fn price(&self, kind: &Kind, spec: &Spec, facts: &Facts) -> Price;

    /// The day that the table was read from the provider, as `2026-11-01`.
    fn as_of(&self) -> &'static str;
}

/// What a plan changes about the cost of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Per hour, as it is now.
    pub before: Rate,
    /// Per hour, when the plan is done.
    pub after: Rate,
    /// Per hour when the plan is done, by component; only those that cost something.
    #[serde(default)]
    pub components: BTreeMap<Component, Rate>,
    /// What is charged by use beside that.
    pub by_use: BTreeSet<String>,
    /// The day of the price table.
    pub as_of: String,
}

impl Cost {
    /// What a plan changes, for one environment.
    #[must_use]
    pub fn of(prices: &dyn Prices, actual: &Actual, plan: &Plan, env: &EnvName) -> Self {
        let mut there = standing(actual, env);
        let before = there.values().map(|(kind, spec)| prices.price(kind, spec, &plan.facts).rate).sum();
        for step in &plan.steps {
            let at = (&step.addr, step.generation);
            match step.spec() {
                Some(spec) => there.insert(at, (&step.kind, spec)),
                None => there.remove(&at),
            };
        }
        let mut cost = Self { before, as_of: prices.as_of().to_owned(), ..Self::default() };
        for ((addr, _), (kind, spec)) in there {
            let Price { rate, by_use } = prices.price(kind, spec, &plan.facts);
            cost.after = cost.after + rate;
            cost.by_use.extend(by_use);
            if rate > Rate(0) {
                let of = cost.components.entry(addr.component.clone()).or_default();
                *of = *of + rate;
            }
        }
        cost
    }
}

/// What an environment costs by the hour as it stands. What may have been made, and nobody knows, isn't counted.
#[must_use]
pub fn rate(prices: &dyn Prices, actual: &Actual, env: &EnvName, facts: &Facts) -> Rate {
    standing(actual, env).values().map(|(kind, spec)| prices.price(kind, spec, facts).rate).sum()
}

type There<'a> = BTreeMap<(&'a Addr, Generation), (&'a Kind, &'a Spec)>;

fn standing<'a>(actual: &'a Actual, env: &EnvName) -> There<'a> {
    let stands = |row: &Row| row.state == RowState::Live || row.id.is_some();
    let rows = actual.rows.iter().filter(|((addr, _), row)| &addr.env == env && stands(row));
    rows.map(|((addr, generation), row)| ((addr, *generation), (&row.kind, &row.spec))).collect()
}

/// What an environment has cost: settled up to an instant, and running at a rate since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// Spent until `since`.
    pub spent: Money,
    /// From when on the rate counts.
    pub since: Timestamp,
    /// What it costs since.
    pub rate: Rate,
}

impl Meter {
    /// What it comes to at an instant.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Money {
        self.spent + self.rate.over(now.duration_since(self.since))
    }

    /// The same meter, going at another rate from an instant on.
    #[must_use]
    pub fn turned(&self, rate: Rate, now: Timestamp) -> Self {
        Self { spent: self.at(now), since: now, rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_prices() {
        let shown = |amounts: &[u64]| amounts.iter().map(|amount| Money(*amount).to_string()).collect::<Vec<_>>();
        assert_eq!(
            shown(&[0, 1, 149, 4_900, 8_000, 9_996]),
            ["$0", "$0.0001", "$0.0001", "$0.0049", "$0.008", "$0.01"]
        );
        assert_eq!(shown(&[27_912, 51_912, 80_400, 99_960]), ["$0.028", "$0.052", "$0.08", "$0.10"]);
        assert_eq!(shown(&[420_000, 996_000, 3_359_999, 1_234_567_890]), ["$0.42", "$1.00", "$3.36", "$1234.57"]);
        assert_eq!(Rate(51_912).to_string(), "$0.052", "a price by the hour reads the same");
        assert_eq!(Money(u64::MAX).to_string(), "$18446744073709.55");
    }

    #[test]
    fn a_meter_keeps_what_was_spent_when_the_rate_turns() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let meter = Meter { spent: Money(0), since: at(0), rate: Rate(1_000_000) };
        assert_eq!(meter.at(at(1_800)), Money(500_000), "half an hour at a dollar an hour");
        let turned = meter.turned(Rate(0), at(3_600));
        assert_eq!(turned.at(at(36_000)), Money(1_000_000));
        assert_eq!(turned.at(at(0)), Money(1_000_000), "a clock that jumps back costs nothing");
    }
}
