//! `[project.quiet]`: times of day. What falls into them is the engine's matter.

use super::Check;
use crate::finding::Finding;
use crate::raw::{self, At};
use gantry_engine::project::Quiet;
use gantry_engine::recurrence::ZoneName;
use jiff::civil::Time;

pub(super) fn quiet(check: &mut Check<'_>, At { value: table, .. }: &At<raw::Quiet>, home: &str) -> Option<Quiet> {
    if let Some(zone) = &table.zone {
        check.zone(zone);
    }
    let from = table.from.as_ref().and_then(|text| time(check, text));
    let until = table.until.as_ref().and_then(|text| time(check, text));
    let (from, until, written) = (from?, until?, table.until.as_ref()?);
    if from == until {
        let message = format!("nothing lies between `{}` and itself", written.value);
        check.report(Finding::error(&written.span, message).label("the end").remedy_is("name another time"));
    }
    // What isn't a zone was reported.
    let zone = ZoneName::new(table.zone.as_ref().map_or(home, |zone| &zone.value))?;
    Some(Quiet { from, until, zone })
}

fn time(check: &mut Check<'_>, text: &At<String>) -> Option<Time> {
    let form = text.value.len() == "20:00".len() && text.value.as_bytes()[2] == b':';
    let time = form.then(|| text.value.parse().ok()).flatten();
    if time.is_none() {
        let message = format!("`{}` isn't a time of day", text.value);
        let remedy = "write hours and minutes of a clock of 24 hours: `08:00`, `20:30`";
        check.report(Finding::error(&text.span, message).label("can't be read").remedy_is(remedy));
    }
    time
}
