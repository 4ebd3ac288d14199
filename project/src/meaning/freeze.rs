//! `[[freeze]]` windows. When one holds is the engine's matter; here its ends only have to be some.

use super::{Check, amounts, rule};
use crate::finding::Finding;
use crate::raw::{self, At, Span};
use gantry_engine::freeze::{Freeze, Moment, Window};
use gantry_engine::recurrence::CronRule;
use jiff::SignedDuration;

/// The longest reason, in characters: it stands in refusals.
const LONGEST_REASON: usize = 200;

pub(super) fn freezes(check: &mut Check<'_>, tables: &[At<raw::Freeze>], home: &str) -> Vec<Freeze> {
    tables.iter().filter_map(|table| freeze(check, table, home)).collect()
}

fn freeze(check: &mut Check<'_>, At { value: table, span }: &At<raw::Freeze>, home: &str) -> Option<Freeze> {
    let line = check.line(span);
    let places = table.environments.iter().flatten();
    let environments = places.filter_map(|place| rule::environment(check, place)).collect();
    if let Some(zone) = &table.zone {
        check.zone(zone);
    }
    let because = table.because.as_ref().and_then(|because| reason(check, because));
    let window = window(check, table, span)?;
    let zone = table.zone.as_ref().map_or(home, |zone| &zone.value).to_owned();
    Some(Freeze { environments, window, zone, because: because?, line })
}

/// When it holds: from one moment to another, or for a while whenever cron says so.
fn window(check: &mut Check<'_>, table: &raw::Freeze, span: &Span) -> Option<Window> {
    match (&table.from, &table.until, &table.cron, &table.lasts) {
        (Some(from), Some(until), None, None) => between(check, from, until),
        (None, None, Some(cron), Some(lasts)) => {
            let lasts = check.read(&lasts.span, amounts::length(&lasts.value.0, SignedDuration::from_secs(1)));
            let rule = CronRule::new(&cron.value).map_err(|why| {
                let message = format!("`{}` isn't a cron rule: {why}", cron.value);
                let remedy = "minute, hour, day of the month, month, day of the week, as in `0 16 * * fri`";
                check.report(Finding::error(&cron.span, message).label("can't be read").remedy_is(remedy));
            });
            Some(Window::Cron { rule: rule.ok()?, lasts: lasts? })
        }
        _ => {
            let message = "a freeze needs a begin and an end".to_owned();
            let remedy = "write `from` and `until`, or `cron` and `lasts`, and not some of both";
            check.report(Finding::error(span, message).label("when it holds isn't said").remedy_is(remedy));
            None
        }
    }
}

fn between(check: &mut Check<'_>, begin: &At<String>, written: &At<String>) -> Option<Window> {
    let (from, until) = (moment(check, begin), moment(check, written));
    let (from, until) = (from?, until?);
    let mut refuse = |message: String, remedy: &str| {
        let finding = Finding::error(&written.span, message).label("the end").remedy_is(remedy);
        check.report(finding.also(&begin.span, "the begin"));
    };
    if !from.is_like(until) {
        let remedy = "write two times of day, two days of the week, or two dates";
        refuse(format!("`{from}` and `{until}` don't come equally often"), remedy);
        return None;
    }
    if Moment::is_nothing_between(from, until) {
        refuse(format!("nothing lies between `{from}` and `{until}`"), "let it end after it begins");
        return None;
    }
    Some(Window::Between { from, until })
}

fn moment(check: &mut Check<'_>, text: &At<String>) -> Option<Moment> {
    match text.value.parse() {
        Ok(moment) => Some(moment),
        Err(_) => {
            let remedy = "every day `16:00`, every week `fri 16:00` or `fri`, once `2026-12-24 16:00` or `2026-12-24`";
            let message = format!("`{}` isn't a moment", text.value);
            check.report(Finding::error(&text.span, message).label("can't be read").remedy_is(remedy));
            None
        }
    }
}

fn reason(check: &mut Check<'_>, because: &At<String>) -> Option<String> {
    let text = because.value.trim();
    if text.is_empty() || text.chars().count() > LONGEST_REASON {
        let remedy = format!("one sentence, of at most {LONGEST_REASON} characters, that helps whoever is refused");
        let finding = Finding::error(&because.span, "a freeze needs a reason".to_owned());
        check.report(finding.label("no reason").remedy_is(remedy));
        return None;
    }
    Some(text.to_owned())
}
