//! Locks, and what happened to them.

use super::state::State;
use gantry_engine::audit::Event;
use gantry_engine::lock::{LockChange, LockEvent};
use gantry_engine::names::EnvKey;
use gantry_engine::ports::LockChanged;

impl State {
    pub(super) fn change_lock(&mut self, change: LockChange) -> LockChanged {
        let LockChange { from, to, event } = change;
        if self.lock_events.iter().any(|known| known.delivery == event.delivery) {
            return LockChanged::Repeated;
        }
        if self.locks.get(&event.target) != from.as_ref() {
            return LockChanged::Moved;
        }
        match to {
            Some(lock) => self.locks.insert(event.target.clone(), lock),
            None => self.locks.remove(&event.target),
        };
        self.audit(&Event::of_lock(&event));
        self.lock_events.push(event);
        LockChanged::Done
    }

    pub(super) fn lock_events(&self, key: Option<&EnvKey>, most: usize) -> Vec<LockEvent> {
        let all = self.lock_events.iter().rev();
        all.filter(|event| key.is_none_or(|key| &event.target.key == key)).take(most).cloned().collect()
    }
}
