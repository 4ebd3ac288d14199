//! Listening over Socket Mode. The library opens the sockets, keeps them open and hands over frames; what is in them we
//! read ourselves, as signed HTTP does. An envelope is acknowledged once what it brings is stored; without an
//! acknowledgement Slack sends the same again.

use super::client::Sockets;
use super::heard::{self, Command};
use crate::intake::{Arrival, Faults, Inbox};
use async_trait::async_trait;
use gantry_engine::names::UserId;
use gantry_engine::ports::{Clock, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use slack_morphism::clients_manager::{SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory};
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::*;
use slack_morphism::{SlackSocketModeClientListener, SlackSocketModeWssClientId};
use std::sync::{Arc, Weak};
use tokio::sync::watch;

/// Sockets held at once: while one is replaced the other takes what comes.
const SOCKETS: u32 = 2;

type Manager = dyn SlackSocketModeClientsManager + Send + Sync;

/// How long a socket waits that Slack ended with a reason which another socket at once wouldn't change.
const REST: SignedDuration = SignedDuration::from_secs(30);

/// Open sockets. Dropping it would end the acknowledgements silently, so end it with [`Listening::stop`].
pub struct Listening {
    manager: Arc<Manager>,
    greeted: watch::Receiver<bool>,
}

impl Sockets {
    /// Opens sockets and stores what comes in.
    ///
    /// # Errors
    /// A sentence, where the sockets can't be opened at all.
    pub async fn listen(&self, inbox: Inbox, me: UserId) -> Result<Listening, String> {
        let environment = SlackClientEventsListenerEnvironment::new(Arc::clone(&self.client.morphism));
        let connector = &self.client.morphism.http_api.connector;
        let manager: Arc<Manager> = connector.new_clients_manager(Arc::new(environment));
        let config = SlackClientSocketModeConfig::new().with_max_connections_count(SOCKETS);
        let (greeting, greeted) = watch::channel(false);
        let clock = inbox.clock();
        let ear = Ear { manager: Arc::downgrade(&manager), inbox, me, greeting, clock };
        let failed = |_: SlackClientError| "Slack gives no socket to listen on".to_owned();
        manager.register_new_token(&config, self.app_token.clone(), Arc::new(ear)).await.map_err(failed)?;
        manager.start().await;
        Ok(Listening { manager, greeted })
    }
}

impl Listening {
    /// Returns once Slack has greeted a socket (docs.slack.dev, "Using Socket Mode": `hello`): from then on things come in.
    pub async fn open(&self) {
        // Who greets is gone only when everything ends.
        let mut greeted = self.greeted.clone();
        let _ended = greeted.wait_for(|greeted| *greeted).await;
    }

    /// Closes the sockets. What isn't acknowledged by then comes again.
    pub async fn stop(self) {
        self.manager.shutdown().await;
    }
}

/// What hears frames.
struct Ear {
    /// Who opens another socket in the place of one that ends.
    manager: Weak<Manager>,
    inbox: Inbox,
    me: UserId,
    greeting: watch::Sender<bool>,
    clock: Arc<dyn Clock>,
}

/// A frame (docs.slack.dev, "Using Socket Mode"); only envelopes have an id.
#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    envelope_id: Option<String>,
    #[serde(default)]
    payload: Value,
    reason: Option<String>,
}

#[async_trait]
impl SlackSocketModeClientListener for Ear {
    async fn on_message(&self, socket: &SlackSocketModeWssClientId, text: String) -> Option<String> {
        let frame: Frame = match serde_json::from_str(&text) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::error!(why = heard::why(&error), "a frame that can't be read");
                return None;
            }
        };
        let Some(id) = frame.envelope_id else {
            match frame.kind.as_str() {
                "hello" => drop(self.greeting.send_replace(true)),
                "disconnect" => self.ended(socket, frame.reason.as_deref()).await,
                _ => {}
            }
            return None;
        };
        match self.take(&frame.kind, frame.payload).await {
            Ok(faults) => Some(match heard::shown(&faults) {
                Some(payload) => json!({ "envelope_id": id, "payload": payload }).to_string(),
                None => json!({ "envelope_id": id }).to_string(),
            }),
            Err(error) => {
                tracing::warn!(%error, "a delivery wasn't stored; it will come again");
                None
            }
        }
    }

    async fn on_error(&self, _: Box<dyn std::error::Error + Send + Sync>) {
        // What it says may hold what people said.
        tracing::warn!("a socket broke; another one is opened");
    }

    async fn on_disconnect(&self, socket: &SlackSocketModeWssClientId) {
        if let Some(manager) = self.manager.upgrade() {
            manager.restart_client(socket).await;
        }
    }
}

impl Ear {
    /// Opens another socket in the place of one that Slack ends: at once, or after a while where the next one would end, too
    /// (docs.slack.dev, "Using Socket Mode", "Disconnecting"). The library reads the ended one no further meanwhile.
    async fn ended(&self, socket: &SlackSocketModeWssClientId, reason: Option<&str>) {
        let remedy = match reason {
            Some("link_disabled") => {
                "Socket Mode is off: turn it on again on the app's page \"Socket Mode\", or serve with --http"
            }
            Some("too_many_websockets") => "the app has too many sockets: end other programs that use its tokens",
            _ => {
                tracing::debug!(reason, "Slack ends a socket; another one is opened");
                return self.on_disconnect(socket).await;
            }
        };
        tracing::warn!(
            reason,
            remedy,
            again_in = REST.as_secs(),
            "Slack ends a socket and nothing may come in; it is tried again"
        );
        self.clock.sleep_until(self.clock.now().saturating_add(REST).unwrap_or(Timestamp::MAX)).await;
        self.on_disconnect(socket).await;
    }

    async fn take(&self, kind: &str, payload: Value) -> Result<Faults, StoreError> {
        match self.heard(kind, payload) {
            Some(arrival) => self.inbox.take(arrival).await,
            None => Ok(Faults::new()),
        }
    }

    fn heard(&self, kind: &str, payload: Value) -> Option<Arrival> {
        match kind {
            "slash_commands" => heard::known("command", payload).map(Command::heard),
            "interactive" => heard::interactive(payload),
            "events_api" => heard::event(payload, &self.me),
            _ => {
                tracing::error!(kind, "an envelope of a kind that isn't known is given up");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::ports::Store;
    use gantry_testkit::clock::ManualClock;
    use gantry_testkit::life::Edge;
    use gantry_testkit::memory_store::MemoryStore;
    use slack_morphism::{ClientResult, SlackApiToken};
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Notify;

    /// Counts the sockets that were opened again.
    #[derive(Default)]
    struct Counter(AtomicU32);

    #[async_trait]
    impl SlackSocketModeClientsManager for Counter {
        async fn register_new_token(
            &self,
            _: &SlackClientSocketModeConfig,
            _: SlackApiToken,
            _: Arc<dyn SlackSocketModeClientListener + Sync + Send>,
        ) -> ClientResult<()> {
            Ok(())
        }

        async fn restart_client(&self, _: &SlackSocketModeWssClientId) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }

        async fn start(&self) {}

        async fn shutdown(&self) {}

        async fn await_term_signals(&self) {}
    }

    fn ear(store: &Arc<MemoryStore>, manager: &Arc<Manager>, clock: &Arc<ManualClock>) -> Ear {
        let inbox = Inbox::new(store.clone(), clock.clone(), Arc::new(Notify::new()));
        let (manager, greeting) = (Arc::downgrade(manager), watch::Sender::new(false));
        Ear { manager, inbox, me: UserId::new("UBOT"), greeting, clock: clock.clone() }
    }

    /// What is answered to frames, how many deliveries are stored then, and how many sockets were opened again.
    async fn answers(store: MemoryStore, frames: &[&str]) -> (Vec<Option<Value>>, usize, u32) {
        let store = Arc::new(store);
        let counter = Arc::new(Counter::default());
        let manager: Arc<Manager> = counter.clone();
        let ear = ear(&store, &manager, &Arc::default());
        let mut answers = Vec::new();
        for frame in frames {
            let answer = ear.on_message(&SlackSocketModeWssClientId::new(0, 0, 0), (*frame).to_owned()).await;
            answers.push(answer.map(|text| serde_json::from_str(&text).expect("JSON")));
        }
        (answers, store.unhandled(10).await.expect("a store").len(), counter.0.load(Ordering::SeqCst))
    }

    const COMMAND: &str = r#"{ "type": "slash_commands", "envelope_id": "e1", "accepts_response_payload": true, "payload":
        { "trigger_id": "1.2", "user_id": "U1", "channel_id": "C1", "text": "status" } }"#;

    #[tokio::test]
    async fn what_is_stored_is_acknowledged_and_what_isnt_isnt() {
        let stored = answers(MemoryStore::new(), &[COMMAND, COMMAND]).await;
        let ack = Some(json!({ "envelope_id": "e1" }));
        assert_eq!(stored, (vec![ack.clone(), ack], 1, 0), "a repeat is acknowledged, and is no other delivery");
        let refusing = MemoryStore::new().refusing(|_| Some(Edge::Before));
        assert_eq!(answers(refusing, &[COMMAND]).await, (vec![None], 0, 0));
    }

    #[tokio::test]
    async fn what_isnt_known_is_acknowledged_since_it_comes_no_better() {
        let odd = [
            r#"{ "type": "interactive", "envelope_id": "e2", "payload": { "type": "block_actions", "trigger_id": 5 } }"#,
            r#"{ "type": "from_the_future", "envelope_id": "e3", "payload": [] }"#,
            r#"{ "type": "events_api", "envelope_id": "e4" }"#,
        ];
        let acks = ["e2", "e3", "e4"].map(|id| Some(json!({ "envelope_id": id })));
        assert_eq!(answers(MemoryStore::new(), &odd).await, (acks.to_vec(), 0, 0));
    }

    #[tokio::test]
    async fn a_socket_that_slack_ends_is_opened_again() {
        let frames = [
            r#"{ "type": "hello", "num_connections": 1, "connection_info": { "app_id": "A1" } }"#,
            r#"{ "type": "disconnect", "reason": "refresh_requested", "debug_info": { "host": "h" } }"#,
            "{",
        ];
        assert_eq!(answers(MemoryStore::new(), &frames).await, (vec![None, None, None], 0, 1));
    }

    #[tokio::test]
    async fn a_socket_that_would_end_again_at_once_is_opened_later() {
        for reason in ["link_disabled", "too_many_websockets"] {
            let (counter, clock) = (Arc::new(Counter::default()), Arc::<ManualClock>::default());
            let manager: Arc<Manager> = counter.clone();
            let ear = ear(&Arc::new(MemoryStore::new()), &manager, &clock);
            let frame = json!({ "type": "disconnect", "reason": reason }).to_string();
            let before = clock.now();
            clock.run(ear.on_message(&SlackSocketModeWssClientId::new(0, 0, 0), frame)).await;
            assert!(clock.now().duration_since(before) >= REST, "{reason}");
            assert_eq!(counter.0.load(Ordering::SeqCst), 1, "{reason}");
        }
    }
}
