//! `[locks]`: lengths that fit together.

use super::{Check, environment};
use crate::finding::Finding;
use crate::raw::{self, At, Length};
use gantry_engine::project::Locking;
use jiff::SignedDuration;

pub(super) fn locking(check: &mut Check<'_>, table: Option<&At<raw::Locks>>) -> Locking {
    let defaults = Locking::default();
    let Some(At { value: table, .. }) = table else { return defaults };
    let max = table.max.as_ref().and_then(|length| environment::seconds(check, length)).unwrap_or(defaults.max);
    let mut within = |length: Option<&At<Length>>| -> Option<SignedDuration> {
        let length = length?;
        let read = environment::seconds(check, length)?;
        if read > max {
            let bound = table.max.as_ref().map_or("3d, as none is given", |max| &max.value.0);
            let message = format!("{} is longer than `max`, {bound}", length.value.0);
            let finding = Finding::error(&length.span, message).label("longer");
            check.report(finding.remedy_is("make it shorter, or `max` longer"));
        }
        Some(read)
    };
    let length = within(table.length.as_ref()).unwrap_or(defaults.length.min(max));
    Locking { length, max, after_rollback: within(table.after_rollback.as_ref()) }
}
