//! When something comes again: a rule over wall clocks, a length of time, or a single moment. Pure: a moment in, the next
//! moment out; it never looks at a clock, and knows nothing of what is to be done then.
//!
//! Where clocks are changed: a time of day that doesn't come is the first moment after the gap, one that comes twice is the
//! first of the two. A cron rule with a `*` or a step in its minutes or hours follows the clock as it is shown instead:
//! what it skips is skipped, what comes twice comes twice (as in Vixie cron). That is croner's reading, too.

use crate::project::jiff_seconds;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// A time zone by its IANA name. There is one: the names are checked against the copy of the database that is built in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ZoneName(Arc<str>);

impl ZoneName {
    /// A zone's name in its own spelling, whatever case it is written in; none if there is no such zone.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        zones().get(name).ok()?.iana_name().map(|name| Self(name.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its rules; UTC where a stored name isn't one any more.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        zones().get(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// Every name.
    pub fn all() -> impl Iterator<Item = String> {
        zones().available().map(|name| name.to_string())
    }
}

fn zones() -> &'static TimeZoneDatabase {
    static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    &ZONES
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// All, from Monday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Three letters, which cron knows, too.
    #[must_use]
    pub fn short(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][self as usize]
    }
}

/// Five fields as cron reads them: minute, hour, day of the month, month, day of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CronRule(String);

impl CronRule {
    /// Takes a text of five fields.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence's end.
    pub fn new(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != 5 {
            return Err(format!("it has {} fields, and cron has five", fields.len()));
        }
        let text = fields.join(" ");
        parsed(&text).map_err(|error| error.to_string())?;
        Ok(Self(text))
    }

    /// The newest moment that isn't after `at`; none if there was none.
    #[must_use]
    pub fn latest(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let whole = Timestamp::from_second(at.as_second()).ok()?;
        let found = parsed(&self.0).ok()?.find_previous_occurrence(&whole.to_zoned(zone.clone()), true).ok()?;
        Some(found.timestamp())
    }
}

fn parsed(text: &str) -> Result<Cron, croner::errors::CronError> {
    CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build().parse(text)
}

/// When something comes again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// At a time of day on days of the week.
    Days {
        /// Which days; at least one.
        days: BTreeSet<Day>,
        /// When, to the minute.
        at: Time,
    },
    /// Every so often, counted from when it began, whatever clocks show.
    Every(#[serde(with = "jiff_seconds")] SignedDuration),
    /// Once.
    Once(Timestamp),
    /// As cron says.
    Cron(CronRule),
}

/// What comes more often than this floods a channel, and is better done by something that isn't a chat.
pub const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// How far a rule is looked at to tell how often it comes: a day that it comes on is like any other, so that a pair which
/// is too close is seen within one of them.
const LOOKED_AT: SignedDuration = SignedDuration::from_hours(25);

impl Rule {
    /// The first moment after `after`; none if there is none any more. `begun` is when it was made.
    #[must_use]
    pub fn next(&self, zone: &TimeZone, begun: Timestamp, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Once(at) => Some(*at).filter(|at| *at > after),
            Self::Every(length) => {
                let length = length.as_secs().max(1);
                let past = after.duration_since(begun).as_secs().div_euclid(length).max(0);
                begun.checked_add(SignedDuration::from_secs(length.checked_mul(past + 1)?)).ok()
            }
            Self::Days { days, at } => {
                let days: Vec<&str> = days.iter().map(|day| day.short()).collect();
                cron(&format!("{} {} * * {}", at.minute(), at.hour(), days.join(",")), zone, after)
            }
            Self::Cron(CronRule(text)) => cron(text, zone, after),
        }
    }

    /// Whether it ever comes again after `now`, and never twice within [`SHORTEST`].
    ///
    /// # Errors
    /// [`BadRule`] says which of the two is wrong.
    pub fn check(&self, zone: &TimeZone, now: Timestamp) -> Result<(), BadRule> {
        let first = self.next(zone, now, now).ok_or(BadRule::Never)?;
        let mut before = first;
        while let Some(next) = self.next(zone, now, before).filter(|_| before.duration_since(first) < LOOKED_AT) {
            if next.duration_since(before) < SHORTEST {
                return Err(BadRule::TooOften);
            }
            before = next;
        }
        Ok(())
    }
}

/// Why a rule can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// It never comes.
    #[error("that never comes")]
    Never,
    /// It comes all the time.
    #[error("that's too often; at most every 5 minutes")]
    TooOften,
}

fn cron(text: &str, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let cron = parsed(text).ok()?;
    // Cron knows whole seconds only: a part of one would be carried along.
    let whole = Timestamp::from_second(after.as_second()).ok()?;
    let mut from = whole.to_zoned(zone.clone());
    // Where many times fall into one gap, they are one moment.
    loop {
        let next = cron.find_next_occurrence(&from, false).ok()?;
        if next.timestamp() > after {
            return Some(next.timestamp());
        }
        from = next.checked_add(SignedDuration::from_secs(1)).ok()?;
    }
}

impl fmt::Display for Rule {
    /// As it is said, without a zone: `every weekday at 19:00`, `every 2h`, `cron "0 19 * * 1-5"`. A single moment is told in
    /// UTC, so that it means the same wherever it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days { days, at } => {
                let (days, at): (Vec<Day>, _) = (days.iter().copied().collect(), at.strftime("%H:%M"));
                match days.as_slice() {
                    all if all.len() == 7 => write!(f, "every day at {at}"),
                    week if *week == Day::ALL[..5] => write!(f, "every weekday at {at}"),
                    end if *end == Day::ALL[5..] => write!(f, "every weekend at {at}"),
                    some => {
                        let some: Vec<&str> = some.iter().map(|day| day.short()).collect();
                        write!(f, "every {} at {at}", some.join(", "))
                    }
                }
            }
            Self::Every(length) => {
                f.write_str("every ")?;
                let mut left = length.as_secs();
                for (size, unit) in [(7 * 86_400, "w"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")] {
                    if left >= size {
                        write!(f, "{}{unit}", left / size)?;
                        left %= size;
                    }
                }
                Ok(())
            }
            Self::Once(at) => write!(f, "on {at}"),
            Self::Cron(CronRule(text)) => write!(f, "cron \"{text}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        ZoneName::new("europe/berlin").unwrap().zone()
    }

    fn daily(at: &str) -> Rule {
        Rule::Days { days: Day::ALL.into(), at: at.parse().unwrap() }
    }

    fn all(rule: &Rule, zone: &TimeZone, from: &str, count: usize) -> Vec<String> {
        let mut at: Timestamp = from.parse().unwrap();
        let begun = at;
        let mut found = Vec::new();
        for _ in 0..count {
            at = rule.next(zone, begun, at).unwrap();
            found.push(at.to_string());
        }
        found
    }

    #[test]
    fn a_time_that_does_not_come_is_the_end_of_the_gap() {
        // 29 March 2026: 02:00 is 03:00 in Berlin.
        let found = all(&daily("02:30"), &berlin(), "2026-03-28T00:00:00Z", 3);
        assert_eq!(found, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_of_the_two() {
        // 25 October 2026: 03:00 is 02:00 in Berlin.
        let found = all(&daily("02:30"), &berlin(), "2026-10-24T12:00:00Z", 2);
        assert_eq!(found, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        let between = all(&daily("02:30"), &berlin(), "2026-10-25T00:30:00Z", 1);
        assert_eq!(between, ["2026-10-26T01:30:00Z"], "the second time it is shown is no time of its own");
    }

    #[test]
    fn a_length_is_counted_from_the_beginning() {
        let every = Rule::Every(SignedDuration::from_hours(2));
        let (begun, zone): (Timestamp, _) = ("2026-10-24T23:30:00Z".parse().unwrap(), berlin());
        let next = |after: &str| every.next(&zone, begun, after.parse().unwrap()).unwrap().to_string();
        assert_eq!(next("2026-10-24T23:30:00Z"), "2026-10-25T01:30:00Z");
        assert_eq!(next("2026-10-25T01:29:59Z"), "2026-10-25T01:30:00Z");
        assert_eq!(next("2026-10-25T01:30:00Z"), "2026-10-25T03:30:00Z");
        assert_eq!(next("2020-01-01T00:00:00Z"), "2026-10-25T01:30:00Z", "it doesn't come before it began");
    }

    #[test]
    fn what_never_comes_and_what_floods_is_refused() {
        let now = "2026-11-20T09:00:30.5Z".parse().unwrap();
        let check = |rule: &Rule| rule.check(&berlin(), now);
        let cron = |text: &str| Rule::Cron(CronRule::new(text).unwrap());
        assert_eq!(check(&Rule::Once(now)), Err(BadRule::Never));
        assert_eq!(check(&cron("0 0 31 2 *")), Err(BadRule::Never));
        for often in ["* * * * *", "*/4 * * * *", "0,3 4 * * *"] {
            assert_eq!(check(&cron(often)), Err(BadRule::TooOften), "{often}");
        }
        for fine in ["*/5 * * * *", "0 19 * * 1-5", "0 0 29 2 *", "30 9 1 * MON"] {
            assert_eq!(check(&cron(fine)), Ok(()), "{fine}");
        }
        assert_eq!(check(&daily("02:30")), Ok(()));
        for bad in ["", "* * * *", "0 0 0 * * *", "61 * * * *", "@daily", "a b c d e"] {
            assert!(CronRule::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_newest_moment_of_a_cron_rule_is_the_one_that_came_last() {
        for text in ["30 2 * * *", "0 16 * * fri", "*/20 1-3 * * *", "0 0 29 2 *"] {
            let cron = CronRule::new(text).unwrap();
            let rule = Rule::Cron(cron.clone());
            for (from, days) in [("2026-03-27T00:00:00Z", 4), ("2026-10-23T00:00:00Z", 4), ("2028-02-20T00:00:00Z", 12)]
            {
                let begun: Timestamp = from.parse().unwrap();
                let mut came = cron.latest(&berlin(), begun);
                // All of these rules come at tens of minutes.
                for tens in 1..days * 24 * 6 {
                    let at = begun + SignedDuration::from_mins(tens * 10);
                    let next = rule.next(&berlin(), begun, at - SignedDuration::from_secs(1));
                    came = next.filter(|next| *next == at).or(came);
                    assert_eq!(cron.latest(&berlin(), at), came, "{text} at {at}");
                }
            }
        }
    }

    #[test]
    fn rules_are_told_as_they_are_said() {
        let days = |days: &[Day]| {
            Rule::Days { days: days.iter().copied().collect(), at: Time::constant(9, 5, 0, 0) }.to_string()
        };
        assert_eq!(days(&Day::ALL), "every day at 09:05");
        assert_eq!(days(&Day::ALL[..5]), "every weekday at 09:05");
        assert_eq!(days(&[Day::Sun, Day::Sat]), "every weekend at 09:05");
        assert_eq!(days(&[Day::Wed, Day::Mon]), "every mon, wed at 09:05");
        assert_eq!(Rule::Every(SignedDuration::from_mins(90)).to_string(), "every 1h30m");
        assert_eq!(Rule::Cron(CronRule::new("0  19 * * 1-5").unwrap()).to_string(), "cron \"0 19 * * 1-5\"");
    }

    #[test]
    fn a_stored_rule_reads_back() {
        for rule in [daily("19:00"), Rule::Every(SHORTEST), Rule::Once(Timestamp::UNIX_EPOCH)] {
            let text = serde_json::to_string(&rule).unwrap();
            assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule, "{text}");
        }
    }
}
