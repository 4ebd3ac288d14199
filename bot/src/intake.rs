//! What comes in, in our own form: stored before it is acknowledged, handled afterwards, once.

use crate::form::{self, Desk, Kind, Memo};
use crate::metrics;
use crate::projects::ProjectFiles;
use crate::report;
use gantry_commands::Context;
use gantry_engine::names::{ChannelId, DeliveryId, Digest, MessageTs, UserId};
use gantry_engine::ports::{Accepted, Clock, Delivery, Store, StoreError};
use gantry_engine::recurrence::ZoneName;
use gantry_engine::schedule::ScheduleId;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// Words that somebody said to the bot, by whatever way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// By which way.
    pub way: Way,
    /// Who.
    pub user: UserId,
    /// In which channel.
    pub channel: ChannelId,
    /// In which thread: the one it was said in, or the one that an answer opens.
    pub thread: Option<MessageTs>,
    /// What; for a click, the words that the button stands for.
    pub text: String,
    /// The plan that was shown beside the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The schedule that says it for its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
}

/// A run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Which schedule.
    pub id: ScheduleId,
    /// What times of day in its words mean.
    pub zone: ZoneName,
}

/// By which way words came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A slash command.
    Command,
    /// A message that mentions the bot.
    Mention,
    /// A direct message.
    Direct,
    /// A button.
    Click,
    /// A form.
    Form,
    /// A button or a form of the Home tab.
    Home,
    /// Something that a message's menu offers.
    Shortcut,
    /// A schedule.
    Schedule,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Mention => "mention",
            Self::Direct => "direct",
            Self::Click => "click",
            Self::Form => "form",
            Self::Home => "home",
            Self::Shortcut => "shortcut",
            Self::Schedule => "schedule",
        }
    }
}

/// What came in.
#[derive(Debug)]
pub enum Arrival {
    /// Words, under the id that makes their repeats one.
    Words(DeliveryId, Incoming),
    /// A form that was filled in.
    Form(Submission),
    /// Somebody looks at their Home tab, beside the direct conversation of this channel.
    Home(UserId, ChannelId),
}

/// A form that was filled in.
#[derive(Debug)]
pub struct Submission {
    /// The view that was shown: it can be sent once.
    pub view: String,
    /// Who.
    pub user: UserId,
    /// Which form it is.
    pub callback: String,
    /// What it remembers.
    pub metadata: String,
    /// What was filled in, by field.
    pub filled: BTreeMap<String, String>,
}

/// What is wrong with a form, by field; nothing, where it was taken.
pub type Faults = BTreeMap<&'static str, String>;

/// Stores what comes in.
#[derive(Clone)]
pub struct Inbox {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    arrived: Arc<Notify>,
    beside: Option<(Arc<Desk>, Arc<ProjectFiles>)>,
}

impl Inbox {
    /// An inbox over a store; `arrived` is rung for each new delivery.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, arrived: Arc<Notify>) -> Self {
        Self { store, clock, arrived, beside: None }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// The same with forms and Home tabs.
    #[must_use]
    pub fn with_desk(self, desk: Arc<Desk>, projects: Arc<ProjectFiles>) -> Self {
        Self { beside: Some((desk, projects)), ..self }
    }

    /// Takes what came in. When this returns it may be acknowledged, with the faults of a form if it has any.
    ///
    /// # Errors
    /// [`StoreError`]: then it must not be acknowledged, so that it comes again.
    pub async fn take(&self, arrival: Arrival) -> Result<Faults, StoreError> {
        match arrival {
            Arrival::Words(id, incoming) => self.accept(id, &incoming).await.map(|()| Faults::new()),
            Arrival::Home(user, channel) => {
                self.beside.iter().for_each(|(desk, _)| desk.visited((user.clone(), channel.clone())));
                Ok(Faults::new())
            }
            Arrival::Form(submission) => self.submit(submission).await,
        }
    }

    /// Stores a delivery. When this returns it may be acknowledged: it is durable, and a repeat changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]: then it must not be acknowledged, so that it comes again.
    pub async fn accept(&self, id: DeliveryId, incoming: &Incoming) -> Result<(), StoreError> {
        let unreadable = |why: serde_json::Error| StoreError::Unreadable { what: id.to_string(), why: why.to_string() };
        let body = serde_json::to_string(incoming).map_err(unreadable)?;
        let kind = incoming.way.word().to_owned();
        // Before it is stored: nobody else may take it up meanwhile.
        let form = self.beside.as_ref().map(|(desk, _)| desk).filter(|desk| desk.begin(&id, incoming));
        let accepted = self.store.accept(Delivery { id: id.clone(), kind, body, at: self.clock.now() }).await;
        let outcome = match &accepted {
            Ok(Accepted::New) => "taken",
            Ok(_) => "repeated",
            Err(_) => "failed",
        };
        metrics::delivered(incoming.way.word(), outcome);
        match (accepted, form) {
            (Ok(Accepted::New), Some(desk)) => desk.ask(id, incoming.clone()),
            (Ok(Accepted::New), None) => self.arrived.notify_one(),
            (accepted, form) => {
                form.iter().for_each(|desk| desk.done(&id));
                accepted?;
                tracing::debug!(delivery = %id, "a repeated delivery");
            }
        }
        Ok(())
    }

    /// A form that was filled in is the person saying its words. What the words themselves tell is checked before.
    async fn submit(&self, form: Submission) -> Result<Faults, StoreError> {
        let ours = Kind::of(&form.callback).zip(Memo::parse(&form.metadata)).zip(self.beside.as_ref());
        let Some(((kind, memo), (_, projects))) = ours else {
            tracing::warn!(callback = form.callback, "a form that isn't ours");
            return Ok(Faults::new());
        };
        let spelt = match form::spell(kind, &memo, &form.filled) {
            Ok(spelt) => spelt,
            Err(fields) => return Ok(fields.into_iter().map(|field| (field, report::lacking(field))).collect()),
        };
        let vocabulary = projects.vocabulary(&self.store.environments().await?);
        let zone = TimeZone::get(&memo.zone).unwrap_or(TimeZone::UTC);
        let context = Context { now: self.clock.now(), zone, vocabulary: &vocabulary, me: None };
        if let Err(error) = gantry_commands::parse(&spelt.text, &context) {
            return Ok(Faults::from([(spelt.field_at(error.span.start), error.to_string())]));
        }
        let Memo { way, channel, thread, digest, .. } = memo;
        let incoming = Incoming { way, user: form.user, channel, thread, text: spelt.text, digest, scheduled: None };
        self.accept(DeliveryId::new(format!("form:{}", form.view)), &incoming).await?;
        Ok(Faults::new())
    }
}
