//! What the Events API sends: words to the bot, and looks at its Home tab.

use crate::intake::{Arrival, Incoming, Way};
use gantry_engine::names::{ChannelId, DeliveryId, MessageTs, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Something that happened.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    /// A message that mentions the bot.
    AppMention(Said),
    /// Any message that the bot can see.
    Message(Said),
    /// Somebody looks at the app.
    AppHomeOpened(Opened),
    /// Everything that isn't said to us.
    #[serde(other)]
    Other,
}

/// Which of the app's tabs somebody looks at, beside which conversation.
#[derive(Deserialize)]
pub(super) struct Opened {
    user: String,
    channel: String,
    tab: Option<String>,
}

/// A message.
#[derive(Deserialize)]
pub(super) struct Said {
    ts: String,
    thread_ts: Option<String>,
    channel: Option<String>,
    channel_type: Option<String>,
    user: Option<String>,
    bot_id: Option<String>,
    /// Which one doesn't matter: people's own words have none.
    subtype: Option<IgnoredAny>,
    text: Option<String>,
}

impl Event {
    /// Words for the bot `me`: a mention, or a direct message. Or a look at the Home tab.
    pub(super) fn heard(self, me: &UserId) -> Option<Arrival> {
        let (way, said) = match self {
            Self::AppHomeOpened(Opened { user, channel, tab }) => {
                return (tab.as_deref() == Some("home"))
                    .then(|| Arrival::Home(UserId::new(user), ChannelId::new(channel)));
            }
            Self::AppMention(said) => (Way::Mention, said),
            Self::Message(said) if said.is_direct() => (Way::Direct, said),
            Self::Message(_) | Self::Other => return None,
        };
        let (user, channel) = (said.user?, said.channel?);
        if user == me.as_str() {
            return None;
        }
        // One message can bring several events (a mention in a channel brings two), and each may be repeated: what
        // makes them one is the message.
        let id = DeliveryId::new(format!("said:{channel}:{}", said.ts));
        // A channel is kept clear: what is said there is answered in a thread. A direct conversation has nobody to disturb,
        // and an answer in a thread would be overlooked.
        let thread = said.thread_ts.or_else(|| (way == Way::Mention).then_some(said.ts));
        let incoming = Incoming {
            way,
            user: UserId::new(user),
            channel: ChannelId::new(channel),
            thread: thread.map(MessageTs::new),
            text: said.text?,
            digest: None,
            scheduled: None,
        };
        Some(Arrival::Words(id, incoming))
    }
}

impl Said {
    /// Messages of bots (us too), edits and joins are nobody's words to us.
    fn is_direct(&self) -> bool {
        self.channel_type.as_deref() == Some("im") && self.subtype.is_none() && self.bot_id.is_none()
    }
}
