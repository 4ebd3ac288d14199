//! One delivery from its words to its answer: who speaks, what is meant, and which handler that is for.

use super::answer::{Answer, No, Stop};
use super::scene::Scene;
use crate::directory::{Directory, Unknown};
use crate::form::Asked;
use crate::intake::{Incoming, Way};
use crate::projects::ProjectFiles;
use crate::run::Workers;
use crate::watch::Watchers;
use gantry_commands::{Command, Context, Question, parse};
use gantry_engine::apply::Engine;
use gantry_engine::audit::{Event, What};
use gantry_engine::change::Actor;
use gantry_engine::names::{DeliveryId, EnvKey, UserId};
use gantry_engine::ports::{Effect, StoreError};
use jiff::tz::TimeZone;
use std::sync::Arc;
use tokio::sync::Notify;

/// Handles deliveries.
#[derive(Clone)]
pub struct Handler {
    /// Proposes.
    pub engine: Engine,
    /// What is meant.
    pub projects: Arc<ProjectFiles>,
    /// Who people are.
    pub directory: Arc<dyn Directory>,
    /// Who goes on with operations.
    pub workers: Workers,
    /// Who goes on looking after an answer.
    pub watchers: Watchers,
    /// Rung when a schedule has changed.
    pub arranged: Arc<Notify>,
    /// The bot's own user.
    pub me: UserId,
}

/// One command, with who said it and where.
pub(crate) struct Said<'a> {
    pub(crate) id: &'a DeliveryId,
    pub(crate) incoming: &'a Incoming,
    pub(crate) scene: Scene,
}

impl Handler {
    /// Does what was said, and gives what to answer; none where an operation's own card is the answer, or where nothing
    /// was said to us.
    ///
    /// # Errors
    /// [`StoreError`]: the delivery stays unhandled and is tried again.
    pub async fn handle(&self, id: &DeliveryId, incoming: &Incoming) -> Result<Option<Answer>, StoreError> {
        match &incoming.scheduled {
            Some(run) => self.run(id, incoming, run).await,
            None => self.hear(id, incoming).await,
        }
    }

    /// The zone of whoever an answer is for; a project's where theirs isn't known.
    pub async fn zone_of(&self, incoming: &Incoming) -> TimeZone {
        if let Some(run) = &incoming.scheduled {
            return run.zone.zone();
        }
        let own = self.directory.person(&incoming.user).await.ok().and_then(|person| person.time_zone);
        let project = || self.projects.all().values().next().map(|project| project.time_zone.clone());
        zone(own.or_else(project).as_deref())
    }

    pub(super) async fn hear(&self, id: &DeliveryId, incoming: &Incoming) -> Result<Option<Answer>, StoreError> {
        let scene = match self.scene(incoming).await? {
            Ok(scene) => scene,
            Err(Unknown { what, why }) => return Ok(Some(Answer::No(No::Unknown { what, why }))),
        };
        // Whoever was to open the form couldn't: it was too late, or this way has none.
        if let Some(asked) = Asked::parse(&incoming.text).filter(|asked| asked.open) {
            return Ok(Some(Answer::InWords(asked)));
        }
        let vocabulary = scene.vocabulary(&self.projects);
        let zone = incoming.scheduled.as_ref().map_or_else(|| scene.zone(), |run| run.zone.zone());
        let now = self.engine.clock.now();
        let me = Some(self.me.clone());
        let command = match parse(&incoming.text, &Context { now, zone, vocabulary: &vocabulary, me }) {
            Ok(Some(command)) => command,
            // A bare `/gantry` asks what can be said.
            Ok(None) if incoming.way == Way::Command => Command::Ask(Question::Help { verb: None }),
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(Answer::Invalid { error: Box::new(error), text: incoming.text.clone() })),
        };
        let said = Said { id, incoming, scene };
        if let Some(answer) = self.had_effect(&said, &command).await? {
            return Ok(answer);
        }
        let answer = match &command {
            Command::Change(change) => self.change(&said, change).await,
            Command::Plan(change) => self.preview(&said, change).await.map(Some),
            Command::Decide(decision) => self.decide(&said, decision).await,
            Command::Control(control) => self.control(&said, control).await,
            Command::Schedule(scheduling) => self.scheduling(&said, scheduling).await.map(Some),
            Command::Ask(question) => self.ask(&said, question).await.map(Some),
        }?;
        Ok(answer.map(|answer| super::choice::complete(answer, &command)))
    }

    /// The answer where a delivery has had its effect on an operation and whoever handled it died before that was noted:
    /// what was so then is the answer, not what the effect has made of it. None where it hasn't.
    async fn had_effect(&self, said: &Said<'_>, command: &Command) -> Result<Option<Option<Answer>>, StoreError> {
        match self.engine.store.effect_of(said.id).await? {
            None => Ok(None),
            Some(Effect::Made(op)) => self.made(said, op).await.map(Some),
            Some(Effect::Wrote(op)) => {
                self.workers.ring(op);
                Ok(Some(Some(Answer::Noted { verb: command.verb(), op })))
            }
        }
    }

    /// What the record says of what somebody asked for and may not do; nothing of other answers.
    pub(crate) fn refusal(&self, incoming: &Incoming, answer: &Answer) -> Option<Event> {
        let no = match answer {
            Answer::No(no) => no,
            Answer::Stopped { why: Stop::Right(no), .. } => no.as_ref(),
            _ => return None,
        };
        let No::Right(refused) = no else { return None };
        let key = refused.env.clone().map(|env| EnvKey { project: refused.project.clone(), env });
        Some(Event {
            at: self.engine.clock.now(),
            by: Some(Actor::User(incoming.user.clone())),
            key,
            op: None,
            because: None,
            what: What::Refused { verb: refused.verb.clone() },
        })
    }
}

/// A zone by its IANA name; UTC where there is no such zone.
pub(crate) fn zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}
