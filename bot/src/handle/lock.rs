//! Locks: taken, moved, stolen, given up, and told.

use super::answer::{Answer, Locks, No};
use super::{Handler, Said};
use crate::report;
use gantry_commands::{Qualified, Verb};
use gantry_engine::apply::NoPlan;
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::State;
use gantry_engine::lock::{Holdup, LockAsk, Target, Want};
use gantry_engine::names::{EnvKey, EnvName, ServiceName};
use gantry_engine::ports::{LockChanged, OpFilter, StoreError};
use std::collections::BTreeSet;

/// How many events are told.
const EVENTS: usize = 10;

/// How far back a repeat of a delivery is looked for.
const REPEATS: usize = 200;

type Named<'a> = (Option<&'a Qualified<ServiceName>>, Option<&'a Qualified<EnvName>>);

impl Handler {
    pub(super) async fn lock(
        &self,
        said: &Said<'_>,
        verb: Verb,
        (service, env): Named<'_>,
        want: Want,
    ) -> Result<Answer, StoreError> {
        let named = service.map(std::slice::from_ref).unwrap_or_default();
        let runs = |env: &Environment| service.is_none_or(|service| env.services.contains_key(&service.name));
        let key = match said.scene.env(env, named, runs) {
            Ok(key) => key,
            Err(answer) => return Ok(answer),
        };
        if let Err(answer) = self.allowed(&said.scene, verb.name(), &key).await {
            return Ok(answer);
        }
        let Some(project) = self.engine.project(&key) else {
            return Ok(Answer::No(No::Plan(NoPlan::NoProject(key.project))));
        };
        let store = &self.engine.store;
        let known = store.lock_events(Some(&key), REPEATS).await?;
        if let Some(event) = known.into_iter().find(|event| event.delivery == *said.id) {
            return Ok(Answer::Locked(Box::new(event)));
        }
        let below = report::below(said.id, said.incoming);
        let ask = LockAsk {
            target: Target { key: key.clone(), service: service.map(|service| service.name.clone()) },
            by: said.incoming.user.clone(),
            want,
            channel: below.channel,
            thread: below.thread,
            delivery: said.id.clone(),
            at: self.engine.clock.now(),
        };
        loop {
            let change = match ask.decide(&store.locks().await?, &project.locking) {
                Ok(change) => change,
                Err(refused) => return Ok(Answer::No(No::Lock(refused))),
            };
            let event = change.event.clone();
            if store.change_lock(change).await? != LockChanged::Moved {
                self.workers.wake(&key).await?;
                return Ok(Answer::Locked(Box::new(event)));
            }
        }
    }

    pub(super) async fn locks(&self, said: &Said<'_>, env: Option<&Qualified<EnvName>>) -> Result<Answer, StoreError> {
        let (mut keys, mut refused): (Vec<EnvKey>, _) = (Vec::new(), None);
        let asked: Vec<EnvKey> = match env {
            Some(env) => match said.scene.named(env, &[]) {
                Ok(key) => vec![key],
                Err(answer) => return Ok(answer),
            },
            None => {
                let locked = self.engine.store.locks().await?.into_iter().map(|lock| lock.target.key);
                let all: BTreeSet<_> = said.scene.living().map(|env| env.key.clone()).chain(locked).collect();
                all.into_iter().collect()
            }
        };
        for key in asked {
            match self.allowed(&said.scene, Verb::Locks.name(), &key).await {
                Ok(()) => keys.push(key),
                Err(answer) => refused = Some(answer),
            }
        }
        if let (true, Some(answer)) = (keys.is_empty(), refused) {
            return Ok(answer);
        }
        let store = &self.engine.store;
        let open = store.operations(&OpFilter { open: true, ..OpFilter::default() }).await?;
        let waits = |state| matches!(state, State::Held | State::Queued);
        let waiting = open.iter().rev().filter(|op| keys.contains(&op.key) && waits(op.state));
        let waiting = waiting.map(|op| (op.id, op.state)).collect();
        let only = match keys.as_slice() {
            [key] => Some(key),
            _ => None,
        };
        let mut events = store.lock_events(only, EVENTS).await?;
        events.retain(|event| keys.contains(&event.target.key));
        Ok(Answer::Locks(Locks { holdups: self.holdups(|key| keys.contains(key)).await?, waiting, events }))
    }

    /// What holds changes back now in some environments.
    pub(super) async fn holdups(&self, meant: impl Fn(&EnvKey) -> bool) -> Result<Vec<Holdup>, StoreError> {
        let now = self.engine.clock.now();
        let locks = self.engine.store.locks().await?.into_iter();
        let held = locks.filter(|lock| lock.until > now && meant(&lock.target.key));
        let mut all: Vec<Holdup> = held.map(|lock| Holdup::Lock(Box::new(lock))).collect();
        let living = |env: &Environment| env.phase == Phase::Live && meant(&env.key);
        for env in self.engine.store.environments().await?.into_iter().filter(living) {
            let Some(project) = self.engine.project(&env.key) else { continue };
            all.extend(project.frozen(&env.key.env, now).map(|frozen| Holdup::Freeze {
                key: env.key,
                until: frozen.until,
                because: frozen.freeze.because.clone(),
                line: frozen.freeze.line,
            }));
        }
        Ok(all)
    }
}
