//! Signals to what runs, and to the bot itself.

use super::answer::{Answer, No};
use super::write::{Written, still_open, write};
use super::{Handler, Said};
use crate::platforms::Absent;
use crate::projects::BadProjects;
use crate::report;
use crate::rights;
use crate::watch::Kill;
use gantry_commands::{Control, Expiry, Reason, Verb};
use gantry_engine::apply::NoPlan;
use gantry_engine::audit::{Event, What};
use gantry_engine::change::Actor;
use gantry_engine::environment::Environment;
use gantry_engine::journal::{Entry, Operation, Signal, State};
use gantry_engine::lock::{Holdup, Want};
use gantry_engine::names::{EnvKey, OpId};
use gantry_engine::ports::StoreError;
use jiff::Timestamp;

impl Handler {
    pub(super) async fn control(&self, said: &Said<'_>, control: &Control) -> Result<Option<Answer>, StoreError> {
        match control {
            Control::Cancel { op, because } => self.signal(said, *op, Signal::Cancel, because.as_ref()).await.map(Some),
            Control::Retry { op } => self.signal(said, *op, Signal::Retry, None).await.map(Some),
            Control::Undo { op, because } => self.undo(said, *op, because.as_ref()).await,
            Control::Resume { op, because } => self.resume(said, *op, because.as_ref()).await,
            Control::Lock { service, env, until, because, steal } => {
                let until = until.as_ref().map(|until| match until {
                    Expiry::For(length) => {
                        self.engine.clock.now().saturating_add(length.duration()).unwrap_or(Timestamp::MAX)
                    }
                    Expiry::Until(instant) => instant.timestamp(),
                });
                let want = Want::Lock { until, because: because.as_str().to_owned(), steal: *steal };
                let verb = if *steal { Verb::Steal } else { Verb::Lock };
                self.lock(said, verb, (service.as_ref(), env.as_ref()), want).await.map(Some)
            }
            Control::Unlock { service, env, because } => {
                let want = Want::Unlock { because: because.as_ref().map(|reason| reason.as_str().to_owned()) };
                self.lock(said, Verb::Unlock, (service.as_ref(), env.as_ref()), want).await.map(Some)
            }
            Control::Reload => self.reload(said).await.map(Some),
            Control::Kill { target, env, because } => {
                let key = match said.scene.env(env.as_ref(), &[], |_: &Environment| true) {
                    Ok(key) => key,
                    Err(answer) => return Ok(Some(answer)),
                };
                self.kill(said, target.as_str(), (key, because.as_ref())).await.map(Some)
            }
        }
    }

    async fn signal(
        &self,
        said: &Said<'_>,
        named: Option<OpId>,
        signal: Signal,
        because: Option<&Reason>,
    ) -> Result<Answer, StoreError> {
        let id = match said.scene.operation(named) {
            Ok(id) => id,
            Err(answer) => return Ok(answer),
        };
        let Some(record) = self.engine.store.operation(id).await? else {
            return Ok(Answer::No(No::NoOperation(Some(id))));
        };
        let verb = match signal {
            Signal::Cancel => Verb::Cancel,
            Signal::Retry => Verb::Retry,
        };
        if let Err(answer) = self.allowed(&said.scene, verb.name(), &record.key).await {
            return Ok(answer);
        }
        let entry = |op: &Operation, _: Timestamp| {
            still_open(op)?;
            let state = op.state();
            if signal == Signal::Retry && state != State::Parked {
                return Err(state);
            }
            Ok(Entry::Signalled {
                signal,
                by: Actor::User(said.incoming.user.clone()),
                because: because.map(|reason| reason.as_str().to_owned()),
            })
        };
        Ok(match write(&self.engine, id, said.id, entry).await? {
            Written::Done(_) => {
                self.workers.ring(id);
                Answer::Noted { verb, op: id }
            }
            Written::TooLate(state) if signal == Signal::Retry => Answer::No(No::NotParked { op: id, state }),
            Written::TooLate(state) => self.too_late(id, state).await?,
        })
    }

    async fn reload(&self, said: &Said<'_>) -> Result<Answer, StoreError> {
        for project in said.scene.projects.values() {
            let speaker = match self.speaker(&said.scene, project).await {
                Ok(speaker) => speaker,
                Err(answer) => return Ok(answer),
            };
            if let Err(refused) = rights::check(project, &speaker, Verb::Reload.name(), None) {
                return Ok(self.no_right(refused).await);
            }
        }
        match self.projects.reload(Some(&said.incoming.user)).await {
            Ok(changed) => Ok(Answer::Reloaded(changed)),
            Err(BadProjects::Store(error)) => Err(error),
            Err(BadProjects::Invalid { findings, .. }) => Ok(Answer::No(No::Reload(findings.in_lines()))),
            Err(error) => Ok(Answer::No(No::Reload(error.to_string()))),
        }
    }

    async fn kill(
        &self,
        said: &Said<'_>,
        target: &str,
        (key, because): (EnvKey, Option<&Reason>),
    ) -> Result<Answer, StoreError> {
        if let Err(answer) = self.allowed(&said.scene, Verb::Kill.name(), &key).await {
            return Ok(answer);
        }
        let Some(env) = said.scene.living().find(|env| env.key == key) else {
            return Ok(Answer::No(No::NotThere(key)));
        };
        let Some(platform) = self.engine.platform(env) else {
            return Ok(Answer::No(No::Absent(Absent::of(&env.platform))));
        };
        let locks = self.holdups(|other| *other == key).await?.into_iter();
        let mut others = locks.filter(|by| matches!(by, Holdup::Lock(lock) if lock.by != said.incoming.user));
        if let Some(by) = others.next() {
            return Ok(Answer::No(No::Plan(NoPlan::Held(Box::new(by)))));
        }
        // What ran before tells what is lost.
        let before = match platform.live(&key).await {
            Ok(before) => before,
            Err(error) => return Ok(Answer::No(No::Platform(error.to_string()))),
        };
        let at = self.engine.clock.now();
        let intent = Event {
            at,
            by: Some(Actor::User(said.incoming.user.clone())),
            key: Some(key.clone()),
            op: None,
            because: because.map(|reason| reason.as_str().to_owned()),
            what: What::Kill { target: target.to_owned() },
        };
        // Whoever handled this delivery before died over it: perhaps it is done, and twice would be one too many.
        if !self.engine.store.intend(said.id, &key, intent).await? {
            return Ok(Answer::No(No::Interrupted { target: target.to_owned(), key }));
        }
        Ok(match platform.kill(&key, target).await {
            Ok(killed) => {
                let below = report::below(said.id, said.incoming);
                self.watchers.mend(Kill { key: key.clone(), killed: killed.clone(), before, at, below });
                Answer::Killed { killed, key }
            }
            Err(error) => Answer::No(No::Platform(error.to_string())),
        })
    }
}
