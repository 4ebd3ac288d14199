//! What Slack delivers, reduced to the few fields that mean something here, and turned into our own form.
//!
//! Both ways in meet here: signed HTTP reads these shapes from the request, Socket Mode takes them from the library's
//! types. They ask for no more than they use: the library's own types refuse a click with `team: null` (as installations
//! for a whole organisation send it) and know nothing of the thread of an ephemeral message. Nothing is verified,
//! stored or answered here.

use crate::intake::{Arrival, Incoming, Submission, Way};
use crate::message::{ButtonValue, PostMark, filled};
use gantry_engine::names::{ChannelId, DeliveryId, MessageTs, OpId, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use slack_morphism::prelude::*;

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
    pub(super) fn heard(self) -> Arrival {
        let incoming = Incoming {
            way: Way::Command,
            user: UserId::new(self.user_id),
            channel: ChannelId::new(self.channel_id),
            thread: None,
            text: self.text,
            digest: None,
            scheduled: None,
        };
        Arrival::Words(DeliveryId::new(self.trigger_id), incoming)
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
    /// A form that was filled in.
    ViewSubmission(Filled),
    /// Something that a message's menu offers.
    MessageAction(Chosen),
    /// What we have none of.
    #[serde(other)]
    Other,
}

/// The one thing that our messages' menus offer: what a message is about.
pub(super) const ABOUT: &str = "about_message";

/// A form that was filled in.
#[derive(Deserialize)]
pub(super) struct Filled {
    user: Id,
    view: View,
}

/// What was clicked in, or filled in.
#[derive(Deserialize)]
struct View {
    #[serde(default)]
    id: String,
    #[serde(default)]
    callback_id: String,
    #[serde(default)]
    private_metadata: String,
    #[serde(default)]
    state: serde_json::Value,
}

/// Something chosen from a message's menu.
#[derive(Deserialize)]
pub(super) struct Chosen {
    callback_id: String,
    trigger_id: String,
    user: Id,
    channel: Id,
    message: Origin,
}

/// A click in a message.
#[derive(Deserialize)]
pub(super) struct Click {
    trigger_id: String,
    user: Option<Id>,
    channel: Option<Id>,
    message: Option<Origin>,
    container: Option<Container>,
    view: Option<View>,
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
    #[serde(default)]
    blocks: Vec<serde_json::Value>,
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
    /// A click on one of our buttons, a form of ours, a question about a message. Anything else interactive isn't ours.
    pub(super) fn heard(self) -> Option<Arrival> {
        match self {
            Self::BlockActions(click) => click.heard(),
            Self::ViewSubmission(Filled { user, view }) => Some(Arrival::Form(Submission {
                filled: filled(&view.state),
                view: view.id,
                user: UserId::new(user.id),
                callback: view.callback_id,
                metadata: view.private_metadata,
            })),
            Self::MessageAction(chosen) => (chosen.callback_id == ABOUT).then(|| chosen.heard()),
            Self::Other => None,
        }
    }
}

impl Click {
    fn heard(self) -> Option<Arrival> {
        let thread = self.thread();
        let value = self.actions.into_iter().find_map(|action| action.value)?;
        let Some(ButtonValue { digest, words }) = ButtonValue::parse(&value) else {
            tracing::warn!("a click on a button that isn't ours");
            return None;
        };
        // The Home tab is in no channel: it brings the conversation beside it along.
        let (way, channel) = match (self.channel, self.view) {
            (Some(channel), _) => (Way::Click, channel.id),
            (None, view) => (Way::Home, view?.private_metadata),
        };
        let incoming = Incoming {
            way,
            user: UserId::new(self.user?.id),
            channel: ChannelId::new(channel),
            thread: thread.map(MessageTs::new),
            text: words,
            digest,
            scheduled: None,
        };
        Some(Arrival::Words(DeliveryId::new(self.trigger_id), incoming))
    }
}

impl Chosen {
    /// The operation that the message's mark names, else that of its thread.
    fn heard(self) -> Arrival {
        let mark = self.message.blocks.first().and_then(|block| block["block_id"].as_str()).and_then(PostMark::parse);
        let key = mark.and_then(|mark| mark.key());
        let op: Option<OpId> = key.and_then(|key| key.0.split('/').next()?.parse().ok());
        let thread = self.message.thread_ts.unwrap_or(self.message.ts);
        let incoming = Incoming {
            way: Way::Shortcut,
            user: UserId::new(self.user.id),
            channel: ChannelId::new(self.channel.id),
            thread: Some(MessageTs::new(thread)),
            text: op.map_or_else(|| "about".to_owned(), |op| format!("about {op}")),
            digest: None,
            scheduled: None,
        };
        Arrival::Words(DeliveryId::new(self.trigger_id), incoming)
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
        match event {
            SlackInteractionEvent::BlockActions(event) => Self::BlockActions(event.into()),
            SlackInteractionEvent::ViewSubmission(event) => Self::ViewSubmission(event.into()),
            SlackInteractionEvent::MessageAction(event) => {
                let (Some(channel), Some(message)) = (event.channel, event.message) else { return Self::Other };
                Self::MessageAction(Chosen {
                    callback_id: event.callback_id.0,
                    trigger_id: event.trigger_id.0,
                    user: Id { id: event.user.id.0 },
                    channel: Id { id: channel.id.0 },
                    message: message.into(),
                })
            }
            _ => Self::Other,
        }
    }
}

impl From<SlackInteractionBlockActionsEvent> for Click {
    fn from(event: SlackInteractionBlockActionsEvent) -> Self {
        let actions = event.actions.unwrap_or_default();
        Self {
            trigger_id: event.trigger_id.0,
            user: event.user.map(|user| Id { id: user.id.0 }),
            channel: event.channel.map(|channel| Id { id: channel.id.0 }),
            message: event.message.map(Origin::from),
            container: None,
            view: event.view.map(View::from),
            actions: actions.into_iter().map(|action| ClickAction { value: action.value }).collect(),
        }
    }
}

impl From<SlackInteractionViewSubmissionEvent> for Filled {
    fn from(event: SlackInteractionViewSubmissionEvent) -> Self {
        let SlackStatefulView { state_params, view } = event.view;
        // The library's values are JSON with the same names again.
        let state = state_params.state.and_then(|state| serde_json::to_value(state).ok()).unwrap_or_default();
        Self { user: Id { id: event.user.id.0 }, view: View { id: state_params.id.0, state, ..View::from(view) } }
    }
}

impl From<SlackView> for View {
    fn from(view: SlackView) -> Self {
        let (callback_id, private_metadata) = match view {
            SlackView::Home(home) => (home.callback_id, home.private_metadata),
            SlackView::Modal(modal) => (modal.callback_id, modal.private_metadata),
        };
        Self {
            id: String::new(),
            callback_id: callback_id.map(|id| id.0).unwrap_or_default(),
            private_metadata: private_metadata.unwrap_or_default(),
            state: serde_json::Value::Null,
        }
    }
}

impl From<SlackHistoryMessage> for Origin {
    fn from(message: SlackHistoryMessage) -> Self {
        let blocks = message.content.blocks.unwrap_or_default();
        // Only the first one carries a mark.
        let first = blocks.first().and_then(|block| serde_json::to_value(block).ok());
        let at = message.origin;
        Self { ts: at.ts.0, thread_ts: at.thread_ts.map(|ts| ts.0), blocks: first.into_iter().collect() }
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
    #[serde(default)]
    tab: String,
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
                return (tab == "home").then(|| Arrival::Home(UserId::new(user), ChannelId::new(channel)));
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
            SlackEventCallbackBody::AppHomeOpened(opened) => Self::AppHomeOpened(Opened {
                user: opened.user.0,
                channel: opened.channel.0,
                tab: opened.tab.unwrap_or_default(),
            }),
            // What the library can't read it hands over as it came.
            SlackEventCallbackBody::Unknown(raw) => serde_json::from_value(raw).unwrap_or(Self::Other),
            _ => Self::Other,
        }
    }
}
