//! Deliveries: stored once, handled once.

use super::state::{Result, State};
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{Accepted, Delivery, Told};

impl State {
    pub(super) fn accept(&mut self, delivery: Delivery) -> Accepted {
        if self.deliveries.iter().any(|(known, _)| known.id == delivery.id) {
            return Accepted::Duplicate;
        }
        self.deliveries.push((delivery, false));
        Accepted::New
    }

    pub(super) fn unhandled(&self, limit: usize) -> Vec<Delivery> {
        let open = self.deliveries.iter().filter(|(_, handled)| !handled);
        open.take(limit).map(|(delivery, _)| delivery.clone()).collect()
    }

    pub(super) fn handled(&mut self, id: &DeliveryId, told: Told) -> Result<()> {
        let open = self.deliveries.iter_mut().find(|(delivery, handled)| &delivery.id == id && !handled);
        if let Some((_, handled)) = open {
            *handled = true;
            told.events.iter().for_each(|event| self.audit(event));
            told.posts.into_iter().for_each(|draft| self.draft(draft));
        }
        Ok(())
    }
}
