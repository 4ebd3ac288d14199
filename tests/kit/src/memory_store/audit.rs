//! The audit log: lines at its end, each on the one before.

use super::state::State;
use gantry_engine::audit::{Chain, Event, Line};
use gantry_engine::ports::LogFilter;

impl State {
    pub(super) fn audit(&mut self, event: &Event) {
        let newest = self.audit.last().map(|(_, line)| Chain { seq: line.seq, digest: line.digest.clone() });
        let body = serde_json::to_string(event).expect("an event is JSON");
        self.audit.push((event.op, newest.unwrap_or_default().next(body)));
    }

    pub(super) fn audited(&self, filter: &LogFilter) -> Vec<Line> {
        let limit = if filter.limit == 0 { usize::MAX } else { filter.limit };
        let wanted = |(op, line): &&(_, Line)| line.seq > filter.after && (filter.op.is_none() || filter.op == *op);
        self.audit.iter().filter(wanted).take(limit).map(|(_, line)| line.clone()).collect()
    }
}
