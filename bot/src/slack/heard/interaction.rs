//! Something interactive: buttons, forms that were filled in, what a message's menu offers.

use super::Id;
use crate::intake::{Arrival, Incoming, Submission, Way};
use crate::message::{ButtonValue, PostMark, filled};
use gantry_engine::names::{ChannelId, DeliveryId, MessageTs, OpId, UserId};
use serde::Deserialize;
use serde_json::Value;

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
pub(in crate::slack) const ABOUT: &str = "about_message";

/// A form that was filled in.
#[derive(Deserialize)]
pub(super) struct Filled {
    user: Id,
    view: View,
}

/// What was clicked in, or filled in.
#[derive(Deserialize)]
struct View {
    id: Option<String>,
    callback_id: Option<String>,
    private_metadata: Option<String>,
    #[serde(default)]
    state: Value,
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
    actions: Option<Vec<ClickAction>>,
}

#[derive(Deserialize)]
struct Origin {
    ts: String,
    thread_ts: Option<String>,
    blocks: Option<Vec<Value>>,
}

/// Where the clicked thing is; of an ephemeral message there is nothing else.
#[derive(Deserialize)]
struct Container {
    message_ts: Option<String>,
    thread_ts: Option<String>,
    is_ephemeral: Option<bool>,
}

#[derive(Deserialize)]
struct ClickAction {
    #[serde(default)]
    value: Value,
}

impl Interaction {
    /// A click on one of our buttons, a form of ours, a question about a message. Anything else interactive isn't ours.
    pub(super) fn heard(self) -> Option<Arrival> {
        match self {
            Self::BlockActions(click) => click.heard(),
            Self::ViewSubmission(Filled { user, view }) => Some(Arrival::Form(Submission {
                filled: filled(&view.state),
                view: view.id.unwrap_or_default(),
                user: UserId::new(user.id),
                callback: view.callback_id.unwrap_or_default(),
                metadata: view.private_metadata.unwrap_or_default(),
            })),
            Self::MessageAction(chosen) => (chosen.callback_id == ABOUT).then(|| chosen.heard()),
            Self::Other => None,
        }
    }
}

impl Click {
    fn heard(self) -> Option<Arrival> {
        let thread = self.thread();
        let value = self.actions.into_iter().flatten().find_map(|action| Some(action.value.as_str()?.to_owned()))?;
        let Some(ButtonValue { digest, words }) = ButtonValue::parse(&value) else {
            tracing::warn!("a click on a button that isn't ours");
            return None;
        };
        // The Home tab is in no channel: it brings the conversation beside it along.
        let (way, channel) = match (self.channel, self.view) {
            (Some(channel), _) => (Way::Click, channel.id),
            (None, view) => (Way::Home, view?.private_metadata?),
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
        let mark = self
            .message
            .blocks
            .iter()
            .flatten()
            .next()
            .and_then(|block| block["block_id"].as_str())
            .and_then(PostMark::parse);
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
        let own = || container.message_ts.clone().filter(|_| container.is_ephemeral != Some(true));
        container.thread_ts.clone().or_else(own)
    }
}
