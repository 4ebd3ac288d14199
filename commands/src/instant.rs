//! Moments as people say them (`18:00`, `tomorrow 9am`, `fri 18:00`, `2026-12-24`, `in 2h`, RFC 3339) in the speaker's
//! time zone. An unclear one is refused with what it could mean; nothing is chosen silently.

use crate::error::{Candidates, ErrorKind, InstantProblem, ParseError, What, shown};
use crate::reader::Reader;
use crate::scan::{Kind, Span};
use crate::{Context, Length, length};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{Timestamp, ToSpan, Zoned};
use serde::{Serialize, Serializer};
use std::fmt;

/// A moment, and the time zone to tell it in. Two are equal when the moment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instant(Zoned);

impl Instant {
    /// The moment itself.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.0.timestamp()
    }

    /// For people, in the speaker's zone: `Thu 2026-12-24 18:00 CET`.
    #[must_use]
    pub fn echo(&self) -> String {
        let format = if self.0.second() == 0 { "%a %Y-%m-%d %H:%M %Z" } else { "%a %Y-%m-%d %H:%M:%S %Z" };
        self.0.strftime(format).to_string()
    }

    /// In RFC 3339 with the zone's offset: `2026-12-24T18:00:00+01:00`. Parses back.
    pub(crate) fn with_offset(&self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl From<Zoned> for Instant {
    fn from(zoned: Zoned) -> Self {
        Self(zoned)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC: the same for every reader.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.timestamp().fmt(f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a moment is for. `18:00` is the next one or the last one, a day alone is its begin or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    /// To come; a day alone is its first moment.
    At,
    /// To come; a day alone is counted in, so it's the next day's first moment.
    Until,
    /// Over; a day alone is its first moment.
    Since,
}

/// What can be written for a moment.
const EXPECTED: [&str; 5] = ["18:00", "tomorrow 9am", "fri 18:00", "2026-12-24", "in 2h"];

/// Reads the moment that the next words are.
pub(crate) fn read(reader: &mut Reader<'_>, sense: Sense) -> Result<Instant, ParseError> {
    let start = reader.position();
    let words = |reader: &Reader<'_>| start..reader.before().max(start);
    if reader.next_word().is_some_and(|word| word.eq_ignore_ascii_case("in")) {
        reader.take();
        return read_in(reader, sense);
    }
    let Some(first) = reader.value() else { return Err(reader.missing(What::Instant).expecting(EXPECTED)) };
    let exact = match &first.kind {
        Kind::Date(seconds) => Timestamp::from_second(*seconds).ok().map(Exact::Moment),
        _ => reader.next_word().and_then(exact),
    };
    if let Some(exact) = exact {
        reader.take();
        return exact.resolve(reader.cx, sense).map_err(|why| problem(why, words(reader)));
    }
    let spoken = Spoken::read(reader);
    if spoken == Spoken::default() {
        let word = reader.source(&first.span);
        let hour = word.parse::<u8>().ok().filter(|hour| *hour < 24);
        return Err(problem(InstantProblem::Shape(shown(word)), first.span.clone())
            .suggesting(hour.map(|hour| format!("{hour:02}:00"))));
    }
    spoken.resolve(reader.cx, sense).map_err(|why| problem(why, words(reader)))
}

/// Reads what stands behind `in`: a length from now.
pub(crate) fn read_in(reader: &mut Reader<'_>, sense: Sense) -> Result<Instant, ParseError> {
    let start = reader.position();
    let length = length::read(reader)?;
    shifted(reader.cx, length, sense).map_err(|why| problem(why, start..reader.before()))
}

/// Reads what stands behind `since`: a length before now (`10m`, `2h ago`) or a moment that was.
pub(crate) fn read_since(reader: &mut Reader<'_>) -> Result<Instant, ParseError> {
    if !reader.next_word().is_some_and(|word| length::starts(word, reader.after_next_word())) {
        return read(reader, Sense::Since);
    }
    let instant = read_in(reader, Sense::Since)?;
    if reader.next_word().is_some_and(|word| word.eq_ignore_ascii_case("ago")) {
        reader.take();
    }
    Ok(instant)
}

/// The refusal of a word that is no time of day.
pub(crate) fn no_time(word: String, span: Span) -> ParseError {
    problem(InstantProblem::Shape(word), span)
}

fn problem(why: InstantProblem, span: Span) -> ParseError {
    ParseError::new(ErrorKind::BadInstant(why), span).expecting(EXPECTED)
}

/// The moment that lies so far away: before now for [`Sense::Since`].
fn shifted(cx: &Context<'_>, length: Length, sense: Sense) -> Result<Instant, InstantProblem> {
    let length = length.duration();
    let moment = if sense == Sense::Since { cx.now.checked_sub(length) } else { cx.now.checked_add(length) };
    // Whole seconds: nobody says less, and the canonical form stays short.
    let moment = moment.and_then(|moment| Timestamp::from_second(moment.as_second()));
    moment.map(|moment| Instant(moment.to_zoned(cx.zone.clone()))).map_err(|_| InstantProblem::TooFar)
}

/// Refuses what is on the wrong side of now, and what is more than a year away.
fn bounded(instant: Instant, cx: &Context<'_>, sense: Sense) -> Result<Instant, InstantProblem> {
    let ahead = instant.timestamp().duration_since(cx.now);
    match sense {
        Sense::At | Sense::Until if !ahead.is_positive() => Err(InstantProblem::Past(Box::new(instant))),
        Sense::Since if ahead.is_positive() => Err(InstantProblem::Future(Box::new(instant))),
        _ if ahead.abs() > Length::MAX.duration() => Err(InstantProblem::TooFar),
        _ => Ok(instant),
    }
}

/// A moment in one word: with an offset (RFC 3339), or local.
enum Exact {
    Moment(Timestamp),
    Local(DateTime),
}

fn exact(word: &str) -> Option<Exact> {
    // `2026-12-24T18:00`; shorter words are days or times of day, and jiff would read more forms than we tell of.
    let is_form = word.len() >= 16 && matches!(word.as_bytes().get(10), Some(b'T' | b't')) && !word.contains('[');
    let moment = || word.parse().ok().map(Exact::Moment);
    let local = || word.parse().ok().map(Exact::Local);
    is_form.then(|| moment().or_else(local)).flatten()
}

impl Exact {
    fn resolve(self, cx: &Context<'_>, sense: Sense) -> Result<Instant, InstantProblem> {
        match self {
            Self::Moment(moment) => bounded(Instant(moment.to_zoned(cx.zone.clone())), cx, sense),
            Self::Local(local) => bounded(local_moment(local, cx)?, cx, sense),
        }
    }
}

/// The one moment at which clocks show a local time.
fn local_moment(local: DateTime, cx: &Context<'_>) -> Result<Instant, InstantProblem> {
    let moment = cx.zone.to_ambiguous_zoned(local);
    if !moment.is_ambiguous() {
        return moment.unambiguous().map(Instant).map_err(|_| InstantProblem::TooFar);
    }
    let gap = matches!(moment.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
    let (Ok(earlier), Ok(later)) = (moment.clone().earlier(), moment.later()) else {
        return Err(InstantProblem::TooFar);
    };
    let candidates = Box::new(Candidates { earlier: Instant(earlier), later: Instant(later) });
    Err(if gap { InstantProblem::Gap(candidates) } else { InstantProblem::Ambiguous(candidates) })
}

/// A day and a time of day, one of which may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Spoken {
    day: Option<Day>,
    time: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// Days from today.
    Away(i8),
    Week(Weekday),
    Date(Date),
}

impl Spoken {
    /// Takes the words that are a day or a time, in either order, with `at` and `on` between them.
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut spoken = Self::default();
        while let Some(word) = reader.next_word() {
            let next = reader.after_next_word();
            let joins = |joint: &str| word.eq_ignore_ascii_case(joint);
            let next_is_time = || next.is_some_and(|next| time(next, reader.word_at(2)).is_some());
            let next_is_day = || next.is_some_and(|next| day(next).is_some());
            if spoken.day.is_some() && spoken.time.is_none() && joins("at") && next_is_time()
                || spoken.time.is_some() && spoken.day.is_none() && joins("on") && next_is_day()
            {
                reader.take();
            } else if let Some((found, words)) = time(word, next).filter(|_| spoken.time.is_none()) {
                spoken.time = Some(found);
                reader.skip(words);
            } else if let Some(found) = day(word).filter(|_| spoken.day.is_none()) {
                spoken.day = Some(found);
                reader.take();
            } else {
                break;
            }
        }
        spoken
    }

    /// The nearest moment on the right side of now that the words can mean.
    fn resolve(self, cx: &Context<'_>, sense: Sense) -> Result<Instant, InstantProblem> {
        let today = cx.now.to_zoned(cx.zone.clone()).date();
        let back = sense == Sense::Since;
        let (first, again) = match self.day {
            None => (Ok(today), Some(1)),
            Some(Day::Away(days)) => (today.checked_add(days.days()), None),
            Some(Day::Date(date)) => (Ok(date), None),
            Some(Day::Week(wanted)) => {
                let away = if back { -today.weekday().since(wanted) } else { today.weekday().until(wanted) };
                (today.checked_add(away.days()), Some(7))
            }
        };
        let first = first.map_err(|_| InstantProblem::TooFar)?;
        let found = self.on(first, cx, sense);
        let (Err(InstantProblem::Past(_) | InstantProblem::Future(_)), Some(days)) = (&found, again) else {
            return found;
        };
        let days = if back { -days } else { days };
        let second = first.checked_add(days.days()).map_err(|_| InstantProblem::TooFar)?;
        self.on(second, cx, sense)
    }

    /// The moment on a given date.
    fn on(self, date: Date, cx: &Context<'_>, sense: Sense) -> Result<Instant, InstantProblem> {
        let Some(time) = self.time else {
            let date = if sense == Sense::Until { date.tomorrow() } else { Ok(date) };
            // A day's first moment is always clear, also where the clocks go forward at midnight.
            let start = date.and_then(|date| date.to_zoned(cx.zone.clone()));
            return bounded(Instant(start.map_err(|_| InstantProblem::TooFar)?), cx, sense);
        };
        match local_moment(date.to_datetime(time), cx) {
            Ok(instant) => bounded(instant, cx, sense),
            Err(InstantProblem::Ambiguous(both) | InstantProblem::Gap(both)) if wrong_side(&both, cx, sense) => {
                bounded(both.later, cx, sense)
            }
            Err(why) => Err(why),
        }
    }
}

/// Whether both meanings are on the wrong side of now, so that it doesn't matter which was meant.
fn wrong_side(both: &Candidates, cx: &Context<'_>, sense: Sense) -> bool {
    if sense == Sense::Since { both.earlier.timestamp() > cx.now } else { both.later.timestamp() <= cx.now }
}

fn day(word: &str) -> Option<Day> {
    const AWAY: [(&str, i8); 3] = [("yesterday", -1), ("today", 0), ("tomorrow", 1)];
    const WEEK: [(&str, &str, Weekday); 7] = [
        ("mon", "monday", Weekday::Monday),
        ("tue", "tuesday", Weekday::Tuesday),
        ("wed", "wednesday", Weekday::Wednesday),
        ("thu", "thursday", Weekday::Thursday),
        ("fri", "friday", Weekday::Friday),
        ("sat", "saturday", Weekday::Saturday),
        ("sun", "sunday", Weekday::Sunday),
    ];
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    let away = || AWAY.iter().find(|(name, _)| is(name)).map(|(_, days)| Day::Away(*days));
    let week = || WEEK.iter().find(|(short, long, _)| is(short) || is(long)).map(|(.., day)| Day::Week(*day));
    let date = || (word.len() == "2026-12-24".len()).then(|| word.parse().ok().map(Day::Date)).flatten();
    away().or_else(week).or_else(date)
}

/// A time of day, and how many words it took: `18:00`, `9am`, `9:30 pm`, `noon`.
pub(crate) fn time(word: &str, next: Option<&str>) -> Option<(Time, usize)> {
    if word.eq_ignore_ascii_case("noon") {
        return Some((Time::midnight().with().hour(12).build().ok()?, 1));
    }
    let half = |text: &str| match () {
        () if text.eq_ignore_ascii_case("am") => Some(0),
        () if text.eq_ignore_ascii_case("pm") => Some(12),
        () => None,
    };
    let letters = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (clock, half_day, words) = match (&word[letters.len()..], next.and_then(half)) {
        ("", Some(pm)) => (letters, Some(pm), 2),
        ("", None) => (letters, None, 1),
        (suffix, _) => (letters, Some(half(suffix)?), 1),
    };
    let mut parts = clock.split(':').map(|part| {
        let digits = !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i8>().ok()).flatten()
    });
    let hour = parts.next()??;
    let (minute, second) = (parts.next(), parts.next());
    // `18` alone may be anything; minutes have two digits.
    if parts.next().is_some()
        || (minute.is_none() && half_day.is_none())
        || clock.split(':').skip(1).any(|part| part.len() != 2)
    {
        return None;
    }
    let hour = match half_day {
        Some(pm) if (1..=12).contains(&hour) => hour % 12 + pm,
        Some(_) => return None,
        None => hour,
    };
    let time = Time::new(hour, minute.unwrap_or(Some(0))?, second.unwrap_or(Some(0))?, 0).ok()?;
    Some((time, words))
}

#[cfg(test)]
mod tests;
