//! A slash command.

use crate::intake::{Arrival, Incoming, Way};
use gantry_engine::names::{ChannelId, DeliveryId, UserId};
use serde::Deserialize;

/// A slash command.
#[derive(Deserialize)]
pub(in crate::slack) struct Command {
    trigger_id: String,
    user_id: String,
    channel_id: String,
    text: Option<String>,
}

impl Command {
    pub(in crate::slack) fn heard(self) -> Arrival {
        let incoming = Incoming {
            way: Way::Command,
            user: UserId::new(self.user_id),
            channel: ChannelId::new(self.channel_id),
            thread: None,
            text: self.text.unwrap_or_default(),
            digest: None,
            scheduled: None,
        };
        Arrival::Words(DeliveryId::new(self.trigger_id), incoming)
    }
}
