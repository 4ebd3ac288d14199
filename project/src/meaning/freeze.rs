//! `[[freeze]]` windows. When one holds is the engine's matter; here its ends only have to be some.

use super::{Check, rule};
use crate::finding::Finding;
use crate::raw::{self, At};
use gantry_engine::freeze::{Freeze, Moment};

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
    let from = table.from.as_ref().and_then(|text| moment(check, text));
    let until = table.until.as_ref().and_then(|text| moment(check, text));
    let (from, until, written) = (from?, until?, table.until.as_ref()?);
    let mut refuse = |message: String, remedy: &str| {
        let finding = Finding::error(&written.span, message).label("the end").remedy_is(remedy);
        let begin = table.from.as_ref().map_or(0..0, |begin| begin.span.clone());
        check.report(finding.also(&begin, "the begin"));
    };
    if !from.is_like(until) {
        let remedy = "write two times of day, two days of the week, or two dates";
        refuse(format!("`{from}` and `{until}` don't come equally often"), remedy);
        return None;
    }
    let freeze = Freeze {
        environments,
        from,
        until,
        zone: table.zone.as_ref().map_or(home, |zone| &zone.value).to_owned(),
        because: because?,
        line,
    };
    if freeze.is_empty() {
        refuse(format!("nothing lies between `{from}` and `{until}`"), "let it end after it begins");
        return None;
    }
    Some(freeze)
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
