//! What is forgotten after a while.

use super::state::State;
use gantry_engine::audit::{Chain, Event};
use gantry_engine::ports::{Anchor, Horizon, Pruned};
use jiff::Timestamp;

impl State {
    pub(super) fn prune(&mut self, horizon: &Horizon, most: usize) -> Pruned {
        let lines = horizon.audit.map_or(0, |before| self.prune_lines(before, horizon.now, most));
        Pruned {
            deliveries: self.prune_deliveries(horizon.deliveries, most),
            messages: self.prune_messages(horizon, most),
            lines,
        }
    }

    fn prune_deliveries(&mut self, before: Timestamp, most: usize) -> u64 {
        let handled = self.deliveries.iter().filter(|(_, handled)| *handled).take(most);
        let old = handled.take_while(|(delivery, _)| delivery.at < before).count();
        let mut left = old;
        self.deliveries.retain(|(_, handled)| {
            let goes = *handled && left > 0;
            left -= usize::from(goes);
            !goes
        });
        old as u64
    }

    fn prune_messages(&mut self, horizon: &Horizon, most: usize) -> u64 {
        for message in self.posts.iter_mut().filter(|message| message.post.sent >= message.post.version) {
            message.done.get_or_insert(horizon.now);
        }
        let over = self.posts.iter_mut().filter(|message| {
            let sent = message.post.sent >= message.post.version && !message.post.draft.body.is_empty();
            sent && message.done.is_some_and(|done| done.as_second() < horizon.messages.as_second())
        });
        over.take(most).map(|message| message.post.draft.body.clear()).count() as u64
    }

    fn prune_lines(&mut self, before: Timestamp, now: Timestamp, most: usize) -> u64 {
        let is_old = |line: &gantry_engine::audit::Line| line.event().is_ok_and(|event| event.at < before);
        let count = self.audit.iter().take(most).take_while(|(_, line)| is_old(line)).count();
        let Some((_, line)) = self.audit[..count].last() else { return 0 };
        let last = Chain { seq: line.seq, digest: line.digest.clone() };
        self.audit(&Event::of_pruning(&last, now));
        self.anchor = Some(Anchor { last, at: now });
        self.audit.drain(..count).count() as u64
    }
}
