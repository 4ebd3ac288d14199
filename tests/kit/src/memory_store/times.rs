//! Schedules, and warnings that stand.

use super::state::State;
use gantry_engine::audit::Event;
use gantry_engine::expiry::Warned;
use gantry_engine::names::{DeliveryId, EnvKey};
use gantry_engine::ports::{PostDraft, Told};
use gantry_engine::schedule::{Schedule, ScheduleId};

impl State {
    pub(super) fn add_schedule(&mut self, new: Schedule, delivery: &DeliveryId) -> Schedule {
        if let Some((_, before)) = self.schedules.iter().find(|(made_by, _)| made_by == delivery) {
            return before.clone();
        }
        let id = ScheduleId(self.schedules.len() as u64 + 1);
        let added = Schedule { id, version: 1, ..new };
        self.audit(&Event::of_new_schedule(&added));
        self.schedules.push((delivery.clone(), added.clone()));
        added
    }

    pub(super) fn change_schedule(&mut self, changed: Schedule, told: Told) -> bool {
        let same = |known: &&mut Schedule| known.id == changed.id && known.version == changed.version;
        let Some(known) = self.schedules.iter_mut().map(|(_, known)| known).find(same) else { return false };
        *known = Schedule { version: changed.version + 1, ..changed };
        told.events.iter().for_each(|event| self.audit(event));
        told.posts.into_iter().for_each(|draft| self.draft(draft));
        true
    }

    pub(super) fn warn(&mut self, key: &EnvKey, standing: Option<Warned>, posts: Vec<PostDraft>) {
        match standing {
            Some(warned) => self.warned.insert(key.clone(), warned),
            None => self.warned.remove(key),
        };
        posts.into_iter().for_each(|draft| self.draft(draft));
    }
}
