//! What is on its way to people beside messages: forms that are being opened, Home tabs that somebody looks at. In memory
//! only: a form's trigger lives for three seconds, and a Home tab is asked for anew each time it is opened.

use super::Asked;
use crate::intake::{Incoming, Way};
use gantry_engine::names::{ChannelId, DeliveryId, UserId};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// Somebody who looks at their Home tab, and the direct conversation beside it.
pub type Visitor = (UserId, ChannelId);

/// Where what comes in is handed to whoever opens forms and draws Home tabs.
pub struct Desk {
    opening: Mutex<BTreeSet<DeliveryId>>,
    forms: UnboundedSender<(DeliveryId, Incoming)>,
    homes: UnboundedSender<Visitor>,
}

/// The other side.
pub struct Queues {
    /// Forms that are asked for.
    pub forms: UnboundedReceiver<(DeliveryId, Incoming)>,
    /// People who look at their Home tab.
    pub homes: UnboundedReceiver<Visitor>,
}

impl Desk {
    /// A desk and its other side.
    #[must_use]
    pub fn new() -> (Arc<Self>, Queues) {
        let ((forms, asked), (homes, visitors)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        (Arc::new(Self { opening: Mutex::default(), forms, homes }), Queues { forms: asked, homes: visitors })
    }

    fn opening(&self) -> MutexGuard<'_, BTreeSet<DeliveryId>> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a delivery asks for a form, by a way that can have one, and not for the second time; then it is left alone
    /// until [`Desk::done`].
    pub(crate) fn begin(&self, id: &DeliveryId, incoming: &Incoming) -> bool {
        let can = matches!(incoming.way, Way::Command | Way::Click | Way::Home);
        can && Asked::parse(&incoming.text).is_some() && self.opening().insert(id.clone())
    }

    /// Hands over a form that is asked for, now that its delivery is stored.
    pub(crate) fn ask(&self, id: DeliveryId, incoming: Incoming) {
        if let Err(stopped) = self.forms.send((id, incoming)) {
            self.done(&stopped.0.0);
        }
    }

    /// The form was opened, or can't be.
    pub(crate) fn done(&self, id: &DeliveryId) {
        self.opening().remove(id);
    }

    /// Whether a form is being opened for a delivery.
    pub(crate) fn is_opening(&self, id: &DeliveryId) -> bool {
        self.opening().contains(id)
    }

    /// Somebody looks at their Home tab.
    pub(crate) fn visited(&self, visitor: Visitor) {
        // Nobody draws once the bot stops; the next start draws at the next look.
        let _stopped = self.homes.send(visitor);
    }
}
