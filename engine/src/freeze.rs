//! Freezes: times at which a project wants no changes. Pure: a moment is passed in, and the time zones are the ones that
//! are built in, not the machine's.
//!
//! Where clocks are set, a local time can mean two moments, or none. A freeze then begins at the earlier and ends at the
//! later one: it is never shorter than it was written.

use crate::names::EnvName;
use crate::project::{EnvPattern, Project, jiff_seconds};
use crate::recurrence::CronRule;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Times at which some environments aren't to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Which environments; empty means all.
    pub environments: Vec<EnvPattern>,
    /// When it holds.
    pub window: Window,
    /// The time zone of that, as an IANA name.
    pub zone: String,
    /// Why, for whoever is refused.
    pub because: String,
    /// The line of the file that says so.
    pub line: u32,
}

/// When a freeze holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// From one moment to another.
    Between {
        /// When it begins.
        from: Moment,
        /// When it ends; as often as it begins.
        until: Moment,
    },
    /// For a while whenever a cron rule says so.
    Cron {
        /// When it begins.
        rule: CronRule,
        /// How long it lasts, by the sun.
        #[serde(with = "jiff_seconds")]
        lasts: SignedDuration,
    },
}

/// A freeze that holds at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frozen<'p> {
    /// Which.
    pub freeze: &'p Freeze,
    /// When it ends.
    pub until: Timestamp,
}

/// A moment in a freeze: every day's, every week's or one only. A day without a time is all of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Moment {
    /// Every day: `16:00`.
    Daily(Time),
    /// Every week: `fri 16:00`, `fri`.
    Weekly(Weekday, Option<Time>),
    /// Once: `2026-12-24 16:00`, `2026-12-24`.
    Once(Date, Option<Time>),
}

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` isn't a moment; they look like `16:00`, `fri 16:00` or `2026-12-24 16:00`")]
pub struct NoMoment(pub String);

/// Which end of a freeze a moment is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    Until,
}

impl Project {
    /// The freeze that holds for an environment at a time; of several, the one that ends last.
    #[must_use]
    pub fn frozen(&self, env: &EnvName, at: Timestamp) -> Option<Frozen<'_>> {
        let meant = |freeze: &&Freeze| {
            freeze.environments.is_empty() || freeze.environments.iter().any(|pattern| pattern.matches(env))
        };
        let holds = |freeze| Freeze::end(freeze, at).map(|until| Frozen { freeze, until });
        self.freezes.iter().filter(meant).filter_map(holds).max_by_key(|frozen| frozen.until)
    }
}

impl Freeze {
    /// When it ends, if it holds at a time. A zone that isn't known any more is read as UTC.
    #[must_use]
    pub fn end(&self, at: Timestamp) -> Option<Timestamp> {
        let zone = TimeZoneDatabase::bundled().get(&self.zone).unwrap_or(TimeZone::UTC);
        match &self.window {
            Window::Between { from, until } => Moment::end(*from, *until, &zone, at),
            Window::Cron { rule, lasts } => {
                let end = rule.latest(&zone, at)?.checked_add(*lasts).ok()?;
                Some(end).filter(|end| at < *end)
            }
        }
    }
}

impl Moment {
    /// Whether nothing lies between two: the one ends before the other begins, or where it begins.
    #[must_use]
    pub fn is_nothing_between(from: Self, until: Self) -> bool {
        match (from, until) {
            (Moment::Once(from, begin), Moment::Once(until, end)) => {
                let begin = begin.unwrap_or(Time::midnight());
                from > until || from == until && end.is_some_and(|end| end <= begin)
            }
            (Moment::Weekly(from, Some(begin)), Moment::Weekly(until, Some(end))) => (from, begin) == (until, end),
            (from, until) => from == until && matches!(from, Moment::Daily(_)),
        }
    }

    /// When what lies between two ends, if it holds at a time.
    fn end(from: Self, until: Self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let (begun_on, begun) = match from {
            Moment::Once(date, _) => (date, from.on(date, zone, End::From)?),
            Moment::Daily(_) | Moment::Weekly(..) => {
                let today = at.to_zoned(zone.clone()).date();
                let days = (0..=7).filter_map(|back| today.checked_sub(back.days()).ok());
                let starts = days.filter_map(|date| Some((date, from.on(date, zone, End::From)?)));
                starts.into_iter().find(|(_, start)| *start <= at)?
            }
        };
        let ended = match until {
            Moment::Once(date, _) => until.on(date, zone, End::Until)?,
            Moment::Daily(_) | Moment::Weekly(..) => {
                let days = (0..=8).filter_map(|ahead| begun_on.checked_add(ahead.days()).ok());
                days.filter_map(|date| until.on(date, zone, End::Until)).find(|end| *end > begun)?
            }
        };
        (begun <= at && at < ended).then_some(ended)
    }

    /// Whether both come as often.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// The moment on a date, if it has one there.
    fn on(self, date: Date, zone: &TimeZone, end: End) -> Option<Timestamp> {
        let time = match self {
            Self::Daily(time) => Some(time),
            Self::Weekly(day, time) => Some(time).filter(|_| date.weekday() == day)?,
            Self::Once(day, time) => Some(time).filter(|_| date == day)?,
        };
        let Some(time) = time else {
            let date = if end == End::Until { date.tomorrow().ok()? } else { date };
            return date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
        };
        let moment = zone.to_ambiguous_timestamp(date.to_datetime(time));
        if end == End::From { moment.earlier() } else { moment.later() }.ok()
    }
}

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let fail = || NoMoment(text.to_owned());
        let time = |word: &str| {
            let form = word.len() == 5 && word.as_bytes()[2] == b':';
            form.then(|| word.parse::<Time>().ok()).flatten().ok_or_else(fail)
        };
        let (first, rest) = text.split_once(' ').map_or((text, None), |(first, rest)| (first, Some(rest)));
        let rest = rest.map(time).transpose()?;
        if let Some((_, day)) = WEEK.iter().find(|(name, _)| *name == first) {
            return Ok(Self::Weekly(*day, rest));
        }
        if first.len() == "2026-12-24".len() {
            return first.parse().map(|date| Self::Once(date, rest)).map_err(|_| fail());
        }
        if rest.is_some() { Err(fail()) } else { time(first).map(Self::Daily) }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: Time| time.strftime("%H:%M");
        let name = |day: Weekday| WEEK.iter().find(|(_, known)| *known == day).map_or("", |(name, _)| name);
        match *self {
            Self::Daily(at) => time(at).fmt(f),
            Self::Weekly(day, None) => f.write_str(name(day)),
            Self::Weekly(day, Some(at)) => write!(f, "{} {}", name(day), time(at)),
            Self::Once(date, None) => date.fmt(f),
            Self::Once(date, Some(at)) => write!(f, "{date} {}", time(at)),
        }
    }
}

impl TryFrom<String> for Moment {
    type Error = NoMoment;

    fn try_from(text: String) -> Result<Self, NoMoment> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freeze(from: &str, until: &str, zone: &str) -> Freeze {
        Freeze {
            environments: Vec::new(),
            window: Window::Between { from: from.parse().unwrap(), until: until.parse().unwrap() },
            zone: zone.to_owned(),
            because: "people sleep".to_owned(),
            line: 1,
        }
    }

    /// The end that a freeze has at a moment, both as instants.
    fn end(freeze: &Freeze, at: &str) -> Option<String> {
        freeze.end(at.parse().unwrap()).map(|end| end.to_string())
    }

    fn some(end: &str) -> Option<String> {
        Some(end.to_owned())
    }

    #[test]
    fn a_week_has_its_end_and_another_one_begins() {
        let weekend = freeze("fri 16:00", "mon 08:00", "Europe/Berlin");
        assert_eq!(end(&weekend, "2026-11-20T14:59:59Z"), None);
        assert_eq!(end(&weekend, "2026-11-20T15:00:00Z"), some("2026-11-23T07:00:00Z"), "its first moment is in");
        assert_eq!(end(&weekend, "2026-11-23T06:59:59Z"), some("2026-11-23T07:00:00Z"));
        assert_eq!(end(&weekend, "2026-11-23T07:00:00Z"), None, "its last one isn't");
        let days = freeze("sat", "sun", "Europe/Berlin");
        assert_eq!(end(&days, "2026-11-20T22:59:59Z"), None);
        assert_eq!(end(&days, "2026-11-20T23:00:00Z"), some("2026-11-22T23:00:00Z"), "a day alone is all of it");
    }

    #[test]
    fn nights_and_dates() {
        let night = freeze("22:00", "06:00", "America/New_York");
        assert_eq!(end(&night, "2026-07-02T01:59:00Z"), None);
        assert_eq!(end(&night, "2026-07-02T02:00:00Z"), some("2026-07-02T10:00:00Z"));
        let lunch = freeze("12:00", "13:00", "UTC");
        assert_eq!(end(&lunch, "2026-07-02T12:30:00Z"), some("2026-07-02T13:00:00Z"));
        assert_eq!(end(&lunch, "2026-07-02T13:30:00Z"), None);
        let holidays = freeze("2026-12-24 12:00", "2027-01-01", "Europe/Berlin");
        assert_eq!(end(&holidays, "2026-12-24T10:59:00Z"), None);
        assert_eq!(end(&holidays, "2026-12-24T11:00:00Z"), some("2027-01-01T23:00:00Z"));
        assert_eq!(end(&holidays, "2027-01-01T23:00:00Z"), None);
        assert_eq!(end(&holidays, "2027-12-25T11:00:00Z"), None, "once is once");
    }

    #[test]
    fn a_cron_rule_begins_it_and_its_length_ends_it() {
        let mut month_ends = freeze("16:00", "17:00", "Europe/Berlin");
        let rule = CronRule::new("0 18 28-31 * *").unwrap();
        month_ends.window = Window::Cron { rule, lasts: SignedDuration::from_hours(30) };
        assert_eq!(end(&month_ends, "2026-07-28T15:59:59Z"), None);
        assert_eq!(end(&month_ends, "2026-07-28T16:00:00Z"), some("2026-07-29T22:00:00Z"), "its first moment is in");
        assert_eq!(end(&month_ends, "2026-07-29T16:00:00Z"), some("2026-07-30T22:00:00Z"), "the newest one counts");
        assert_eq!(end(&month_ends, "2026-08-01T21:59:59Z"), some("2026-08-01T22:00:00Z"));
        assert_eq!(end(&month_ends, "2026-08-01T22:00:00Z"), None, "its last one isn't");
    }

    #[test]
    fn where_clocks_are_set_it_is_never_shorter_than_written() {
        // In Berlin 2026-03-29 has no 02:30, and 2026-10-25 has two.
        let gap = freeze("2026-03-29 02:30", "2026-03-29 04:00", "Europe/Berlin");
        assert_eq!(end(&gap, "2026-03-29T00:30:00Z"), some("2026-03-29T02:00:00Z"), "begins at the earlier meaning");
        let gap = freeze("2026-03-29 01:00", "2026-03-29 02:30", "Europe/Berlin");
        assert_eq!(end(&gap, "2026-03-29T00:30:00Z"), some("2026-03-29T01:30:00Z"), "ends at the later one");
        let overlap = freeze("02:30", "02:45", "Europe/Berlin");
        assert_eq!(end(&overlap, "2026-10-25T00:30:00Z"), some("2026-10-25T01:45:00Z"));
        assert_eq!(end(&overlap, "2026-10-25T01:44:59Z"), some("2026-10-25T01:45:00Z"));
        assert_eq!(end(&overlap, "2026-10-25T01:45:00Z"), None);
        let weekend = freeze("fri 16:00", "mon 08:00", "Europe/Berlin");
        assert_eq!(end(&weekend, "2026-10-24T12:00:00Z"), some("2026-10-26T07:00:00Z"), "an hour longer by the sun");
    }

    /// A freeze and its opposite share no moment and leave none out, except where clocks are set; there both may hold.
    #[test]
    fn what_a_window_leaves_out_its_opposite_has() {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"] {
            let (one, other) = (freeze("fri 16:00", "mon 08:00", zone), freeze("mon 08:00", "fri 16:00", zone));
            let mut at: Timestamp = "2026-01-01T00:30:00Z".parse().unwrap();
            for _ in 0..(365 * 24) {
                assert!(one.end(at).is_some() != other.end(at).is_some(), "{zone} {at}");
                assert!(one.end(at).or(other.end(at)).is_some_and(|end| end > at));
                at += jiff::SignedDuration::from_hours(1);
            }
        }
    }

    #[test]
    fn a_moment_has_one_spelling() {
        for text in ["16:00", "fri 16:00", "sun", "2026-12-24", "2026-12-24 08:30"] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        }
        for bad in ["", "fri 16", "16", "25:00", "friday", "fri  16:00", "2026-13-01", "16:00 fri", "8:00", "é:000"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }
}
