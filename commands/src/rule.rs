//! When a schedule comes, as people say it: `every weekday at 19:00`, `every 2h`, `on 2026-12-24 at 18:00`,
//! `cron "0 19 * * 1-5"`, each with `in ZONE` behind it where it isn't the speaker's. What it means is the engine's.

use crate::context::closest;
use crate::error::{ErrorKind, ParseError, What, shown};
use crate::instant::{self, Sense};
use crate::reader::Reader;
use crate::scan::plain;
use crate::{Context, length};
use gantry_engine::recurrence::{CronRule, Day, Rule, ZoneName};
use jiff::SignedDuration;
use jiff::civil::Time;
use std::collections::BTreeSet;

/// What can be written for a rule.
const EXPECTED: [&str; 4] = ["every weekday at 19:00", "every 2h", "on 2026-12-24 at 18:00", "cron \"0 19 * * 1-5\""];

/// Reads when something comes, and in which zone if that is said.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<(Rule, Option<ZoneName>), ParseError> {
    let start = reader.position();
    let Some(first) = reader.next_word() else { return Err(reader.missing(What::Rule).expecting(EXPECTED)) };
    let is = |word: &str| first.eq_ignore_ascii_case(word);
    let (rule, end) = if is("every") {
        reader.take();
        (every(reader)?, reader.before())
    } else if is("cron") {
        reader.take();
        (cron(reader)?, reader.before())
    } else {
        if is("on") || is("at") {
            reader.take();
        }
        let zone = zone_ahead(reader);
        let zone = zone.map_or_else(|| reader.cx.zone.clone(), |zone| zone.zone());
        let cx = Context { zone, ..reader.cx.clone() };
        let at = reader.within(&cx, |reader| instant::read(reader, Sense::At))?;
        (Rule::Once(at.timestamp()), reader.before())
    };
    let zone = zone(reader)?;
    let clocks = zone.as_ref().map_or_else(|| reader.cx.zone.clone(), ZoneName::zone);
    rule.check(&clocks, reader.cx.now).map_err(|why| ParseError::new(ErrorKind::BadRule(why), start..end))?;
    Ok((rule, zone))
}

fn every(reader: &mut Reader<'_>) -> Result<Rule, ParseError> {
    let Some(token) = reader.peek() else { return Err(reader.missing(What::Rule).expecting(EXPECTED)) };
    let word = token.bare().unwrap_or("");
    if length::starts(word, reader.after_next_word()) {
        return Ok(Rule::Every(length::read(reader)?.duration()));
    }
    if word.eq_ignore_ascii_case("hour") {
        reader.take();
        return Ok(Rule::Every(SignedDuration::from_hours(1)));
    }
    let mut all = BTreeSet::new();
    while let Some(next) = reader.next_word() {
        match days(next) {
            Some(found) => all.extend(found),
            None if !all.is_empty() && next.eq_ignore_ascii_case("and") => {}
            None => break,
        }
        reader.take();
    }
    if all.is_empty() {
        let kind = ErrorKind::BadDays(shown(reader.source(&token.span)));
        let error = ParseError::new(kind, token.span.clone()).expecting(["weekday", "day", "mon, wed", "2h"]);
        return Err(error.suggesting(closest(word, DAYS.iter().flat_map(|(names, _)| names.iter().copied()))));
    }
    Ok(Rule::Days { days: all, at: time(reader)? })
}

const DAYS: [(&[&str], &[Day]); 10] = [
    (&["day", "days"], &Day::ALL),
    (&["weekday", "weekdays", "workday"], Day::ALL.split_at(5).0),
    (&["weekend", "weekends"], Day::ALL.split_at(5).1),
    (&["monday", "mon"], &[Day::Mon]),
    (&["tuesday", "tue"], &[Day::Tue]),
    (&["wednesday", "wed"], &[Day::Wed]),
    (&["thursday", "thu"], &[Day::Thu]),
    (&["friday", "fri"], &[Day::Fri]),
    (&["saturday", "sat"], &[Day::Sat]),
    (&["sunday", "sun"], &[Day::Sun]),
];

fn days(word: &str) -> Option<&'static [Day]> {
    DAYS.iter().find(|(names, _)| names.iter().any(|name| name.eq_ignore_ascii_case(word))).map(|(_, days)| *days)
}

/// A time of day, with `at` before it or without.
fn time(reader: &mut Reader<'_>) -> Result<Time, ParseError> {
    if reader.next_word().is_some_and(|word| word.eq_ignore_ascii_case("at")) {
        reader.take();
    }
    let missing = |reader: &Reader<'_>| reader.missing(What::Instant).expecting(["at 19:00"]);
    let Some(token) = reader.value() else { return Err(missing(reader)) };
    match instant::time(token.bare().unwrap_or(""), reader.after_next_word()) {
        Some((time, words)) if time.second() == 0 => {
            reader.skip(words);
            Ok(time)
        }
        _ => Err(instant::no_time(shown(reader.source(&token.span)), token.span.clone())),
    }
}

fn cron(reader: &mut Reader<'_>) -> Result<Rule, ParseError> {
    let example = ["\"0 19 * * 1-5\""];
    let quoted = reader.quoted().ok_or_else(|| reader.missing(What::Cron).expecting(example))?;
    let text = plain(reader.source(&quoted));
    CronRule::new(&text)
        .map(Rule::Cron)
        .map_err(|why| ParseError::new(ErrorKind::BadCron(shown(&text), why), quoted).expecting(["0 19 * * 1-5"]))
}

/// The zone that stands somewhere ahead: what a date and a time mean hangs on it.
fn zone_ahead(reader: &Reader<'_>) -> Option<ZoneName> {
    let is_in = |ahead: usize| reader.word_at(ahead).is_some_and(|word| word.eq_ignore_ascii_case("in"));
    /// No date and time have more words.
    const FAR: usize = 6;
    (0..FAR).filter(|ahead| is_in(*ahead)).find_map(|ahead| ZoneName::new(reader.word_at(ahead + 1)?))
}

fn zone(reader: &mut Reader<'_>) -> Result<Option<ZoneName>, ParseError> {
    if !reader.next_word().is_some_and(|word| word.eq_ignore_ascii_case("in")) {
        return Ok(None);
    }
    reader.take();
    let Some(token) = reader.value() else { return Err(reader.missing(What::Zone).expecting(["Europe/Berlin"])) };
    let word = token.word().unwrap_or("");
    let Some(zone) = ZoneName::new(word) else {
        let kind = ErrorKind::UnknownName { what: "time zone", name: shown(reader.source(&token.span)) };
        let error = ParseError::new(kind, token.span.clone()).expecting(["Europe/Berlin", "UTC"]);
        return Err(error.suggesting(near(word)));
    };
    reader.take();
    Ok(Some(zone))
}

/// The zone whose name a misspelt one is near to.
fn near(word: &str) -> Option<String> {
    let all: Vec<(String, String)> = ZoneName::all().map(|name| (name.to_ascii_lowercase(), name)).collect();
    let meant = closest(word, all.iter().map(|(lower, _)| lower.as_str()))?;
    all.iter().find(|(lower, _)| lower == meant).map(|(_, name)| name.clone())
}
