//! What Slack delivers, reduced to the few fields that mean something here, and turned into our own form.
//!
//! Both ways in meet here: signed HTTP reads these shapes from the request, Socket Mode takes them from the library's
//! types. They ask for no more than they use: the library's own types refuse a click with `team: null` (as installations
//! for a whole organisation send it) and know nothing of the thread of an ephemeral message. Nothing is verified,
//! stored or answered here.

use crate::intake::{Incoming, Way};
use crate::message::ButtonValue;
use gantry_engine::names::{ChannelId, DeliveryId, MessageTs, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use slack_morphism::prelude::*;

/// A delivery, under the id that makes its repeats one.
pub(super) type Heard = (DeliveryId, Incoming);

/// A slash command.
#[derive(Deserialize)]
pub(super) struct Command {
    trigger_id: String,
    user_id: String,
    channel_id: String,
    #[serde(default)]
    text: String,
}

impl Command {
    pub(super) fn heard(self) -> Heard {
        let incoming = Incoming {
            way: Way::Command,
            user: UserId::new(self.user_id),
            channel: ChannelId::new(self.channel_id),
            thread: None,
            text: self.text,
            digest: None,
        };
        (DeliveryId::new(self.trigger_id), incoming)
    }
}

impl From<SlackCommandEvent> for Command {
    fn from(event: SlackCommandEvent) -> Self {
        Self {
            trigger_id: event.trigger_id.0,
            user_id: event.user_id.0,
            channel_id: event.channel_id.0,
            text: event.text.unwrap_or_default(),
        }
    }
}

/// Something interactive, told apart by its type.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Interaction {
    /// Buttons of a message, or of a view.
    BlockActions(Click),
    /// Views and shortcuts: we have none.
    #[serde(other)]
    Other,
}

/// A click in a message.
#[derive(Deserialize)]
pub(super) struct Click {
    trigger_id: String,
    user: Option<Id>,
    channel: Option<Id>,
    message: Option<Origin>,
    container: Option<Container>,
    #[serde(default)]
    actions: Vec<ClickAction>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Origin {
    ts: String,
    thread_ts: Option<String>,
}

/// Where the clicked thing is; of an ephemeral message there is nothing else.
#[derive(Deserialize)]
struct Container {
    message_ts: Option<String>,
    thread_ts: Option<String>,
    #[serde(default)]
    is_ephemeral: bool,
}

#[derive(Deserialize)]
struct ClickAction {
    value: Option<String>,
}

impl Interaction {
    /// A click on one of our buttons. Anything else interactive isn't ours.
    pub(super) fn heard(self) -> Option<Heard> {
        let Self::BlockActions(click) = self else { return None };
        let thread = click.thread();
        let value = click.actions.into_iter().find_map(|action| action.value)?;
        let Some(ButtonValue { digest, words }) = ButtonValue::parse(&value) else {
            tracing::warn!("a click on a button that isn't ours");
            return None;
        };
        let incoming = Incoming {
            way: Way::Click,
            user: UserId::new(click.user?.id),
            channel: ChannelId::new(click.channel?.id),
            thread: thread.map(MessageTs::new),
            text: words,
            digest,
        };
        Some((DeliveryId::new(click.trigger_id), incoming))
    }
}

impl Click {
    /// The thread that the message is in, or opens. An ephemeral message opens none.
    fn thread(&self) -> Option<String> {
        if let Some(origin) = &self.message {
            return Some(origin.thread_ts.as_ref().unwrap_or(&origin.ts).clone());
        }
        let container = self.container.as_ref()?;
        let own = || container.message_ts.clone().filter(|_| !container.is_ephemeral);
        container.thread_ts.clone().or_else(own)
    }
}

impl From<SlackInteractionEvent> for Interaction {
    fn from(event: SlackInteractionEvent) -> Self {
        let SlackInteractionEvent::BlockActions(event) = event else { return Self::Other };
        let actions = event.actions.unwrap_or_default();
        let message = event.message.map(|message| message.origin);
        Self::BlockActions(Click {
            trigger_id: event.trigger_id.0,
            user: event.user.map(|user| Id { id: user.id.0 }),
            channel: event.channel.map(|channel| Id { id: channel.id.0 }),
            message: message.map(|at| Origin { ts: at.ts.0, thread_ts: at.thread_ts.map(|ts| ts.0) }),
            container: None,
            actions: actions.into_iter().map(|action| ClickAction { value: action.value }).collect(),
        })
    }
}

/// What the Events API sends.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Push {
    /// Slack asks whether this address is ours.
    UrlVerification { challenge: String },
    /// Something happened.
    EventCallback { event: Event },
    /// Notices about the app itself.
    #[serde(other)]
    Other,
}

/// Something that happened.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    /// A message that mentions the bot.
    AppMention(Said),
    /// Any message that the bot can see.
    Message(Said),
    /// Everything that isn't said to us.
    #[serde(other)]
    Other,
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
    /// Words for the bot `me`: a mention, or a direct message.
    pub(super) fn heard(self, me: &UserId) -> Option<Heard> {
        let (way, said) = match self {
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
        };
        Some((id, incoming))
    }
}

impl Said {
    /// Messages of bots (us too), edits and joins are nobody's words to us.
    fn is_direct(&self) -> bool {
        self.channel_type.as_deref() == Some("im") && self.subtype.is_none() && self.bot_id.is_none()
    }
}

impl From<SlackEventCallbackBody> for Event {
    fn from(event: SlackEventCallbackBody) -> Self {
        match event {
            SlackEventCallbackBody::AppMention(mention) => Self::AppMention(Said {
                ts: mention.origin.ts.0,
                thread_ts: mention.origin.thread_ts.map(|ts| ts.0),
                channel: Some(mention.channel.0),
                channel_type: None,
                user: Some(mention.user.0),
                bot_id: None,
                subtype: None,
                text: mention.content.text,
            }),
            SlackEventCallbackBody::Message(message) => Self::Message(Said {
                ts: message.origin.ts.0,
                thread_ts: message.origin.thread_ts.map(|ts| ts.0),
                channel: message.origin.channel.map(|channel| channel.0),
                channel_type: message.origin.channel_type.map(|kind| kind.0),
                user: message.sender.user.map(|user| user.0),
                bot_id: message.sender.bot_id.map(|bot| bot.0),
                subtype: message.subtype.map(|_| IgnoredAny),
                text: message.content.and_then(|content| content.text),
            }),
            // What the library can't read it hands over as it came.
            SlackEventCallbackBody::Unknown(raw) => serde_json::from_value(raw).unwrap_or(Self::Other),
            _ => Self::Other,
        }
    }
}
