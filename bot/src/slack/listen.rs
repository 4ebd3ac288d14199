//! Listening over Socket Mode. The library acknowledges an envelope once a callback has returned without an error, so a
//! callback stores and returns; without an acknowledgement Slack sends the same again.

use super::client::{Connector, Sockets};
use super::heard::{Command, Event, Interaction};
use crate::intake::Inbox;
use gantry_engine::names::UserId;
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::*;
use std::sync::Arc;

/// Sockets held at once: while one is replaced the other takes what comes.
const SOCKETS: u32 = 2;

/// Open sockets. Dropping it would end the acknowledgements silently, so end it with [`Listening::stop`].
pub struct Listening {
    listener: SlackClientSocketModeListener<Connector>,
}

impl Sockets {
    /// Opens sockets and stores what comes in.
    ///
    /// # Errors
    /// A sentence, where the sockets can't be opened at all.
    pub async fn listen(&self, inbox: Inbox, me: UserId) -> Result<Listening, String> {
        let environment = SlackClientEventsListenerEnvironment::new(Arc::clone(&self.client.morphism))
            .with_error_handler(|error, _, _| {
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
            inbox.take(Command::from(event).heard()).await.map_err(boxed)?;
            Ok(SlackCommandEventResponse::new(SlackMessageContent::new()))
        }
    });
    let to = inbox.clone();
    callbacks.interaction_callback = Box::new(move |event: SlackInteractionEvent, _, _| {
        let inbox = to.clone();
        async move {
            let Some(arrival) = Interaction::from(event).heard() else { return Ok(SlackInteractionResponse::Empty) };
            let faults = inbox.take(arrival).await.map_err(boxed)?;
            if faults.is_empty() {
                return Ok(SlackInteractionResponse::Empty);
            }
            let errors = faults.into_iter().map(|(field, fault)| (field.to_owned(), fault)).collect();
            let errors = SlackViewSubmissionErrorsResponse::new(errors);
            Ok(SlackViewSubmissionResponse::Errors(errors).into())
        }
    });
    let (to, me) = (inbox.clone(), me.clone());
    callbacks.push_events_callback = Box::new(move |event: SlackPushEventCallback, _, _| {
        let inbox = to.clone();
        let said = Event::from(event.event).heard(&me);
        async move {
            if let Some(arrival) = said {
                inbox.take(arrival).await.map_err(boxed)?;
            }
            Ok(())
        }
    });
    callbacks
}

fn boxed(error: gantry_engine::ports::StoreError) -> Box<dyn std::error::Error + Send + Sync> {
    Box::new(error)
}
