//! Short-lived permissions: tickets for sockets, trigger ids for modals, response addresses. They live in memory only:
//! after a restart a bot opens new sockets anyway, and the rest is older than its three seconds or half an hour.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::ids::Ts;

/// How long a socket's address may be used; Slack's is short too, but undocumented.
const TICKET: SignedDuration = SignedDuration::from_secs(60);
/// Page: Handling user interaction, "trigger_id": 3 seconds, once.
const TRIGGER: SignedDuration = SignedDuration::from_secs(3);
/// Page: Handling user interaction, "response_url": 5 times within 30 minutes.
const RESPONSE: SignedDuration = SignedDuration::from_mins(30);
const RESPONSE_USES: u8 = 5;

#[derive(Default)]
pub(crate) struct Grants(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    tickets: HashMap<String, Timestamp>,
    triggers: HashMap<String, Trigger>,
    responses: HashMap<String, Response>,
}

struct Trigger {
    since: Timestamp,
    user: String,
    used: bool,
}

/// Where an answer through a response address goes.
#[derive(Clone)]
pub(crate) struct Response {
    since: Timestamp,
    uses: u8,
    pub(crate) user: String,
    pub(crate) channel: String,
    pub(crate) thread_ts: Option<Ts>,
    /// The message whose button was clicked.
    pub(crate) message: Option<Ts>,
}

impl Response {
    pub(crate) fn new(user: &str, channel: &str, now: Timestamp) -> Self {
        let (user, channel) = (user.to_owned(), channel.to_owned());
        Self { since: now, uses: 0, user, channel, thread_ts: None, message: None }
    }

    pub(crate) fn about(self, message: Ts, thread_ts: Option<Ts>) -> Self {
        Self { message: Some(message), thread_ts, ..self }
    }
}

impl Grants {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add_ticket(&self, ticket: &str, now: Timestamp) {
        let mut inner = self.inner();
        inner.tickets.retain(|_, since| now.duration_since(*since) < TICKET);
        inner.tickets.insert(ticket.to_owned(), now);
    }

    /// Whether the ticket was good; it isn't any more.
    pub(crate) fn take_ticket(&self, ticket: &str, now: Timestamp) -> bool {
        self.inner().tickets.remove(ticket).is_some_and(|since| now.duration_since(since) < TICKET)
    }

    pub(crate) fn add_trigger(&self, trigger: &str, user: &str, now: Timestamp) {
        let mut inner = self.inner();
        // Used and old ones are remembered for a while: the error says which of both it was.
        inner.triggers.retain(|_, known| now.duration_since(known.since) < RESPONSE);
        inner.triggers.insert(trigger.to_owned(), Trigger { since: now, user: user.to_owned(), used: false });
    }

    /// The person behind a trigger, or Slack's word for what is wrong with it (vector: `docs_methods/views.open.json`).
    pub(crate) fn use_trigger(&self, trigger: &str, now: Timestamp) -> Result<String, &'static str> {
        let mut inner = self.inner();
        let known = inner.triggers.get_mut(trigger).ok_or("invalid_trigger_id")?;
        if known.used {
            return Err("exchanged_trigger_id");
        }
        if now.duration_since(known.since) > TRIGGER {
            return Err("expired_trigger_id");
        }
        known.used = true;
        Ok(known.user.clone())
    }

    pub(crate) fn add_response(&self, key: &str, response: Response) {
        let mut inner = self.inner();
        let now = response.since;
        inner.responses.retain(|_, known| now.duration_since(known.since) < RESPONSE);
        inner.responses.insert(key.to_owned(), response);
    }

    /// Where the answer goes, or Slack's word for why it doesn't.
    pub(crate) fn use_response(&self, key: &str, now: Timestamp) -> Result<Response, &'static str> {
        let mut inner = self.inner();
        let known = inner.responses.get_mut(key).ok_or("invalid_url")?;
        if known.uses >= RESPONSE_USES {
            return Err("used_url");
        }
        if now.duration_since(known.since) > RESPONSE {
            return Err("expired_url");
        }
        known.uses += 1;
        Ok(known.clone())
    }
}
