//! Commands that come again: made, changed, listed, and their runs. A run is a delivery like any other, said by the
//! schedule's owner where it was made; here it is only made sure that they still may.

use super::answer::{Answer, Came, No, ScheduleLine, Stop};
use super::scene::Meant;
use super::{Handler, Said};
use crate::directory::{Standing, Unknown};
use crate::intake::{Incoming, Scheduled};
use crate::message::{Body, MarkState};
use crate::{report, rights};
use gantry_commands::{Action, Change, Command, Scheduling, Verb};
use gantry_engine::audit::Event;
use gantry_engine::change::{Actor, Place};
use gantry_engine::names::{DeliveryId, EnvKey, UserId};
use gantry_engine::ports::{StoreError, Told};
use gantry_engine::recurrence::ZoneName;
use gantry_engine::schedule::{RunOutcome, Schedule, ScheduleId, ScheduleState};

impl Handler {
    pub(super) async fn scheduling(&self, said: &Said<'_>, scheduling: &Scheduling) -> Result<Answer, StoreError> {
        let by = said.incoming.user.clone();
        let (id, verb) = match scheduling {
            Scheduling::Make { .. } => {
                let new = match self.new_schedule(said, scheduling).await {
                    Ok(new) => new,
                    Err(answer) => return Ok(answer),
                };
                let made = self.engine.store.add_schedule(new, said.id).await?;
                self.arranged.notify_one();
                return Ok(Answer::Scheduled(Box::new(made)));
            }
            Scheduling::Pause { id } | Scheduling::Resume { id } => (*id, Verb::Schedule),
            Scheduling::Remove { id } => (*id, Verb::Unschedule),
        };
        loop {
            let Some(found) = self.engine.store.schedule(id).await? else { return Ok(Answer::No(No::NoSchedule(id))) };
            // Who made it can always end it.
            if found.owner != by
                && let Err(answer) = self.may(said, verb, found.env.as_ref()).await
            {
                return Ok(answer);
            }
            if !found.stands() {
                return Ok(Answer::Scheduled(Box::new(found)));
            }
            let changed = match scheduling {
                Scheduling::Resume { .. } => found.clone().resumed(self.engine.clock.now()),
                Scheduling::Pause { .. } => {
                    Schedule { state: ScheduleState::Paused { by: by.clone() }, ..found.clone() }
                }
                _ => Schedule { state: ScheduleState::Removed { by: by.clone() }, ..found.clone() },
            };
            // Said twice, or handled twice: it is so already.
            let is_so = changed.state == found.state;
            let told = Told { posts: Vec::new(), events: vec![self.event(&changed, Some(by.clone()))] };
            if is_so || self.engine.store.change_schedule(changed.clone(), told).await? {
                self.arranged.notify_one();
                return Ok(Answer::Scheduled(Box::new(changed)));
            }
        }
    }

    /// What the record says of what became of a schedule.
    fn event(&self, schedule: &Schedule, by: Option<UserId>) -> Event {
        Event::of_schedule(schedule, by.map(Actor::User), self.engine.clock.now())
    }

    async fn new_schedule(&self, said: &Said<'_>, scheduling: &Scheduling) -> Meant<Schedule> {
        let Scheduling::Make { words, command, rule, zone, because } = scheduling else {
            return Err(Answer::No(No::NamesNoEnv));
        };
        let (words, env) = named(said, words, command)?;
        self.may(said, Verb::Schedule, env.as_ref()).await?;
        if let Some(env) = &env {
            self.allowed(&said.scene, command.verb().name(), env).await?;
        }
        let now = self.engine.clock.now();
        let own = said.scene.zone();
        let utc = || ZoneName::new("UTC");
        let Some(zone) = zone.clone().or_else(|| ZoneName::new(own.iana_name()?)).or_else(utc) else {
            return Err(Answer::No(No::NamesNoEnv));
        };
        Ok(Schedule {
            id: ScheduleId(0),
            version: 0,
            words,
            rule: rule.clone(),
            zone,
            owner: said.incoming.user.clone(),
            place: Place { channel: said.incoming.channel.clone(), thread: said.incoming.thread.clone() },
            env,
            because: because.as_ref().map(|reason| reason.as_str().to_owned()),
            made: now,
            decided: now,
            state: ScheduleState::Active,
            last: None,
        })
    }

    /// Whether the speaker may use a verb on an environment; on any, where there is none.
    async fn may(&self, said: &Said<'_>, verb: Verb, env: Option<&EnvKey>) -> Meant<()> {
        if let Some(env) = env {
            return self.allowed(&said.scene, verb.name(), env).await;
        }
        let mut refused = Ok(());
        for project in said.scene.projects.values() {
            let speaker = self.speaker(&said.scene, project).await?;
            match rights::check(project, &speaker, verb.name(), None) {
                Ok(()) => return Ok(()),
                Err(why) => refused = Err(Answer::No(No::Right(Box::new(why)))),
            }
        }
        refused
    }

    pub(super) async fn schedules(&self, said: &Said<'_>) -> Result<Answer, StoreError> {
        let (mut lines, mut refused) = (Vec::new(), None);
        for schedule in self.engine.store.schedules().await? {
            if schedule.owner != said.incoming.user
                && let Err(answer) = self.may(said, Verb::Schedules, schedule.env.as_ref()).await
            {
                refused = Some(answer);
                continue;
            }
            let came = self.came(&schedule).await?;
            lines.push(ScheduleLine { schedule, came });
        }
        Ok(match refused {
            Some(answer) if lines.is_empty() => answer,
            _ => Answer::Schedules(lines),
        })
    }

    /// What came of a schedule's last run: its operation, or else its answer, tells.
    async fn came(&self, schedule: &Schedule) -> Result<Option<Came>, StoreError> {
        let Some(last) = &schedule.last else { return Ok(None) };
        let (at, store) = (last.due, &self.engine.store);
        let delivery = schedule.delivery(at);
        Ok(match last.outcome {
            RunOutcome::Missed => Some(Came::Missed { at }),
            RunOutcome::Overlapped(op) => Some(Came::Skipped { at, op }),
            RunOutcome::Said => match store.operation_of(&delivery).await? {
                Some(op) => store.operation(op).await?.map(|record| Came::Operation { at, op, state: record.state }),
                None => store.post(&report::answer_key(&delivery)).await?.map(|post| {
                    let body: Option<Body> = serde_json::from_str(&post.draft.body).ok();
                    Came::Answer { at, refused: !body.is_some_and(|body| body.state == MarkState::Answered) }
                }),
            },
        })
    }

    /// Says what a schedule says, for its owner. Where they have lost a right that it needs, or left, it stops; that is
    /// told in the same transaction, so that a repeat finds it told.
    pub(super) async fn run(
        &self,
        id: &DeliveryId,
        incoming: &Incoming,
        run: &Scheduled,
    ) -> Result<Option<Answer>, StoreError> {
        let goes_on = |schedule: &Schedule| matches!(schedule.state, ScheduleState::Active | ScheduleState::Over);
        let Some(schedule) = self.engine.store.schedule(run.id).await?.filter(goes_on) else { return Ok(None) };
        let why = match self.directory.person(&schedule.owner).await {
            Ok(person) if person.standing == Standing::Gone => Stop::Left,
            Err(Unknown { what, why }) => return Ok(Some(Answer::No(No::Unknown { what, why }))),
            Ok(_) => match self.hear_schedule(id, incoming, &schedule).await? {
                Some(Answer::No(no @ No::Right(_))) => Stop::Right(Box::new(no)),
                answer => return Ok(answer),
            },
        };
        let answer =
            Answer::Stopped { schedule: Box::new(Schedule { state: ScheduleState::Stopped, ..schedule }), why };
        let told = report::in_zone(&run.zone.zone(), || report::answer(id, incoming, &answer));
        // That this time is decided may be noted meanwhile.
        while let Some(schedule) = self.engine.store.schedule(run.id).await?.filter(goes_on) {
            let stopped = Schedule { state: ScheduleState::Stopped, ..schedule };
            let told = Told { posts: vec![told.clone()], events: vec![self.event(&stopped, None)] };
            if self.engine.store.change_schedule(stopped, told).await? {
                break;
            }
        }
        Ok(Some(answer))
    }

    /// Why a run can't be said now: the workspace doesn't tell who its owner is and what they may do. None where it does.
    pub(crate) async fn unknown(
        &self,
        incoming: &Incoming,
        schedule: &Schedule,
    ) -> Result<Option<Unknown>, StoreError> {
        let scene = match self.scene(incoming).await? {
            Ok(scene) => scene,
            Err(unknown) => return Ok(Some(unknown)),
        };
        let id = DeliveryId::new("schedule");
        let said = Said { id: &id, incoming, scene };
        Ok(match self.may(&said, Verb::Schedule, schedule.env.as_ref()).await {
            Err(Answer::No(No::Unknown { what, why })) => Some(Unknown { what, why }),
            _ => None,
        })
    }

    async fn hear_schedule(
        &self,
        id: &DeliveryId,
        incoming: &Incoming,
        schedule: &Schedule,
    ) -> Result<Option<Answer>, StoreError> {
        let scene = match self.scene(incoming).await? {
            Ok(scene) => scene,
            Err(Unknown { what, why }) => return Ok(Some(Answer::No(No::Unknown { what, why }))),
        };
        let said = Said { id, incoming, scene };
        match self.may(&said, Verb::Schedule, schedule.env.as_ref()).await {
            Ok(()) => self.hear(id, incoming).await,
            Err(answer) => Ok(Some(answer)),
        }
    }
}

/// The words with their environment in them, so that what a thread or a channel stands for later changes nothing.
fn named(said: &Said<'_>, words: &str, command: &Command) -> Meant<(String, Option<EnvKey>)> {
    let mut command = command.clone();
    let sweeps = matches!(&command, Command::Change(Change { action: Action::Sweep { .. }, .. }));
    let service = command.service_mut().and_then(|service| service.clone());
    let services: Vec<_> = match &command {
        Command::Change(Change { action: Action::Deploy { services, .. }, .. }) => {
            services.iter().map(|wanted| wanted.service.clone()).collect()
        }
        _ => service.into_iter().collect(),
    };
    let moment = command.moment().is_some();
    let changes = matches!(command, Command::Change(_) | Command::Plan(_));
    match command.env_mut() {
        Some(named) if sweeps => Ok((words.to_owned(), Some(said.scene.anywhere(named.as_ref())?))),
        Some(Some(env)) => Ok((words.to_owned(), Some(said.scene.named(env, &services)?))),
        // `status` is about all that there is then.
        Some(None) if !changes => Ok((words.to_owned(), None)),
        Some(None) if moment => Err(Answer::No(No::NamesNoEnv)),
        Some(place @ None) => {
            let key = said.scene.env(None, &services, |_| true)?;
            *place = Some(said.scene.name(&key));
            Ok((command.to_string(), Some(key)))
        }
        None => Ok((words.to_owned(), None)),
    }
}
