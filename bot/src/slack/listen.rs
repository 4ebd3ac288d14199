//! Listening over Socket Mode. The library acknowledges an envelope once a callback has returned without an error, so a
//! callback stores and returns; without an acknowledgement Slack sends the same again.

use super::client::{Connector, SlackClient};
use crate::intake::{Inbox, Incoming, Way};
use crate::message::ButtonValue;
use gantry_engine::names::{ChannelId, DeliveryId, MessageTs, UserId};
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::*;
use std::sync::Arc;

/// Sockets held at once: while one is replaced the other takes what comes.
const SOCKETS: u32 = 2;

/// Open sockets. Dropping it would end the acknowledgements silently, so end it with [`Listening::stop`].
pub struct Listening {
    listener: SlackClientSocketModeListener<Connector>,
}

impl SlackClient {
    /// Opens sockets and stores what comes in.
    ///
    /// # Errors
    /// A sentence, where the sockets can't be opened at all.
    pub async fn listen(&self, inbox: Inbox, me: UserId) -> Result<Listening, String> {
        let environment =
            SlackClientEventsListenerEnvironment::new(Arc::clone(&self.morphism)).with_error_handler(|error, _, _| {
                tracing::warn!(%error, "a delivery wasn't stored; it will come again");
                HttpStatusCode::SERVICE_UNAVAILABLE
            });
        let config = SlackClientSocketModeConfig::new().with_max_connections_count(SOCKETS);
        let listener = SlackClientSocketModeListener::new(&config, Arc::new(environment), callbacks(&inbox, &me));
        let failed = |_: SlackClientError| "Slack gives no socket to listen on".to_owned();
        listener.listen_for(&self.app_token).await.map_err(failed)?;
        listener.start().await;
        Ok(Listening { listener })
    }
}

impl Listening {
    /// Closes the sockets. What isn't acknowledged by then comes again.
    pub async fn stop(self) {
        self.listener.shutdown().await;
    }
}

fn callbacks(inbox: &Inbox, me: &UserId) -> SlackSocketModeListenerCallbacks<Connector> {
    let mut callbacks = SlackSocketModeListenerCallbacks::new();
    let to = inbox.clone();
    callbacks.command_callback = Box::new(move |event: SlackCommandEvent, _, _| {
        let inbox = to.clone();
        async move {
            let (id, incoming) = command(event);
            inbox.accept(id, &incoming).await.map_err(boxed)?;
            Ok(SlackCommandEventResponse::new(SlackMessageContent::new()))
        }
    });
    let to = inbox.clone();
    callbacks.interaction_callback = Box::new(move |event: SlackInteractionEvent, _, _| {
        let inbox = to.clone();
        async move {
            if let Some((id, incoming)) = click(event) {
                inbox.accept(id, &incoming).await.map_err(boxed)?;
            }
            Ok(SlackInteractionResponse::from(()))
        }
    });
    let (to, me) = (inbox.clone(), me.clone());
    callbacks.push_events_callback = Box::new(move |event: SlackPushEventCallback, _, _| {
        let inbox = to.clone();
        let said = push(event, &me);
        async move {
            if let Some((id, incoming)) = said {
                inbox.accept(id, &incoming).await.map_err(boxed)?;
            }
            Ok(())
        }
    });
    callbacks
}

fn boxed(error: gantry_engine::ports::StoreError) -> Box<dyn std::error::Error + Send + Sync> {
    Box::new(error)
}

fn command(event: SlackCommandEvent) -> (DeliveryId, Incoming) {
    let incoming = Incoming {
        way: Way::Command,
        user: UserId::new(event.user_id.0),
        channel: ChannelId::new(event.channel_id.0),
        thread: None,
        text: event.text.unwrap_or_default(),
        digest: None,
    };
    (DeliveryId::new(event.trigger_id.0), incoming)
}

/// A click on one of our buttons. Anything else interactive isn't ours.
fn click(event: SlackInteractionEvent) -> Option<(DeliveryId, Incoming)> {
    let SlackInteractionEvent::BlockActions(event) = event else { return None };
    let value = event.actions?.into_iter().find_map(|action| action.value)?;
    let Some(ButtonValue { digest, words }) = ButtonValue::parse(&value) else {
        tracing::warn!("a click on a button that isn't ours");
        return None;
    };
    let origin = event.message.map(|message| message.origin);
    let thread = origin.map(|origin| origin.thread_ts.unwrap_or(origin.ts));
    let incoming = Incoming {
        way: Way::Click,
        user: UserId::new(event.user?.id.0),
        channel: ChannelId::new(event.channel?.id.0),
        thread: thread.map(|ts| MessageTs::new(ts.0)),
        text: words,
        digest,
    };
    Some((DeliveryId::new(event.trigger_id.0), incoming))
}

fn push(event: SlackPushEventCallback, me: &UserId) -> Option<(DeliveryId, Incoming)> {
    match event.event {
        SlackEventCallbackBody::AppMention(mention) => {
            said(Way::Mention, mention.user, mention.channel, mention.content.text, mention.origin)
        }
        SlackEventCallbackBody::Message(message) => {
            let direct = message.origin.channel_type.as_ref().is_some_and(|kind| kind.0 == "im");
            // Messages of bots (us too), edits and joins are nobody's words to us.
            if !direct || message.subtype.is_some() || message.sender.bot_id.is_some() {
                return None;
            }
            let user = message.sender.user.filter(|user| user.0 != me.as_str())?;
            let channel = message.origin.channel.clone()?;
            said(Way::Direct, user, channel, message.content.and_then(|content| content.text), message.origin)
        }
        _ => None,
    }
}

fn said(
    way: Way,
    user: SlackUserId,
    channel: SlackChannelId,
    text: Option<String>,
    origin: SlackMessageOrigin,
) -> Option<(DeliveryId, Incoming)> {
    // One message can bring several events (a mention in a channel brings two), and each may be repeated: what makes
    // them one is the message.
    let id = DeliveryId::new(format!("said:{}:{}", channel.0, origin.ts.0));
    let thread = origin.thread_ts.unwrap_or(origin.ts);
    let incoming = Incoming {
        way,
        user: UserId::new(user.0),
        channel: ChannelId::new(channel.0),
        thread: Some(MessageTs::new(thread.0)),
        text: text?,
        digest: None,
    };
    Some((id, incoming))
}
