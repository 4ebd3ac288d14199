//! Questions: read only, and the truth is asked of the platform, not remembered.

use super::answer::{AboutView, Answer, HistoryLine, No, Standing, StatusView, Whoami};
use super::scene::Meant;
use super::write::read;
use super::{Handler, Said};
use crate::platforms::Absent;
use crate::rights;
use gantry_commands::{Category, Qualified, Question, Verb};
use gantry_engine::apply::{told, untouched_since};
use gantry_engine::audit::Line;
use gantry_engine::change::Change;
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::State;
use gantry_engine::lock::LockEvent;
use gantry_engine::names::{EnvName, OpId, ServiceName};
use gantry_engine::ports::{LogFilter, OpFilter, OpRecord, StoreError};
use gantry_engine::provider::Facts;
use gantry_engine::undo::leaves_something;
use std::collections::BTreeSet;

/// How many operations a history shows, the newest ones.
const HISTORY: usize = 20;

impl Handler {
    pub(super) async fn ask(&self, said: &Said<'_>, question: &Question) -> Result<Answer, StoreError> {
        match question {
            Question::Help { verb: None } => Ok(self.help(said).await.unwrap_or_else(|answer| answer)),
            Question::Help { verb } => Ok(Answer::Help(*verb)),
            Question::HelpAll => Ok(Answer::Help(None)),
            Question::Whoami => Ok(self.whoami(said).await.unwrap_or_else(|answer| answer)),
            Question::Status { service, env } => self.status(said, service.as_ref(), env.as_ref()).await,
            Question::Outputs { env } => self.outputs(said, env.as_ref()).await,
            Question::History { service, env } => self.history(said, service.as_ref(), env.as_ref()).await,
            Question::Locks { env } => self.locks(said, env.as_ref()).await,
            Question::Story { op } => self.story(said, *op).await,
            Question::About { op } => self.about(said, *op).await,
            Question::Leftovers => self.leftovers(said).await,
            Question::Schedules => self.schedules(said).await,
            Question::Logs { service, env, since, follow } => {
                let since = since.as_ref().map(gantry_commands::Instant::timestamp);
                self.logs(said, (service.as_ref(), env.as_ref()), since, *follow).await
            }
        }
    }

    async fn whoami(&self, said: &Said<'_>) -> Meant<Answer> {
        let mut projects = Vec::new();
        for (name, project) in &said.scene.projects {
            let speaker = self.speaker(&said.scene, project).await?;
            let rules = project.allow.iter().filter(|rule| speaker.is_meant(rule));
            projects.push(Standing {
                project: name.clone(),
                rules: rules.cloned().collect(),
                groups: speaker.groups.iter().cloned().collect(),
            });
        }
        let zone = said.scene.zone().iana_name().unwrap_or("UTC").to_owned();
        Ok(Answer::Whoami(Whoami {
            handle: said.scene.person.handle.clone(),
            standing: said.scene.person.standing,
            zone,
            projects,
        }))
    }

    /// What the speaker may say about what the thread or the channel is about, or anywhere.
    async fn help(&self, said: &Said<'_>) -> Meant<Answer> {
        let scene = &said.scene;
        let here = scene.env(None, &[], |_| true).ok();
        let mut may: BTreeSet<Verb> = [Verb::Help, Verb::Whoami].into();
        for (name, project) in &scene.projects {
            if here.as_ref().is_some_and(|key| &key.project != name) {
                continue;
            }
            let speaker = self.speaker(scene, project).await?;
            let env = here.as_ref().map(|key| &key.env);
            let may_say = |verb: Verb| rights::check(project, &speaker, verb.name(), env).is_ok();
            let changes = || Verb::ALL.iter().filter(|verb| verb.spec().category == Category::Change);
            may.extend(Verb::ALL.iter().filter(|verb| match verb {
                Verb::About => may_say(Verb::History),
                // What it goes on with is what it takes a right to.
                Verb::Resume => changes().any(|verb| may_say(*verb)),
                verb => may_say(**verb),
            }));
        }
        Ok(Answer::HelpHere { env: here, may })
    }

    /// The environments that a question is about, as far as the speaker may see them.
    async fn asked_about(
        &self,
        said: &Said<'_>,
        service: Option<&Qualified<ServiceName>>,
        env: Option<&Qualified<EnvName>>,
    ) -> Meant<Vec<Environment>> {
        let all: Vec<Environment> = match (env, &said.scene.thread) {
            (Some(env), _) => {
                let key = said.scene.named(env, service.map(std::slice::from_ref).unwrap_or_default())?;
                // Whoever may not look isn't told either what there is to see.
                self.allowed(&said.scene, Verb::Status.name(), &key).await?;
                let found: Vec<_> = said.scene.living().filter(|env| env.key == key).cloned().collect();
                if found.is_empty() {
                    return Err(Answer::No(No::NotThere(key)));
                }
                found
            }
            (None, Some(record)) if service.is_none() => {
                said.scene.living().filter(|env| env.key == record.key).cloned().collect()
            }
            (None, _) => {
                let runs = |env: &&Environment| service.is_none_or(|s| env.services.contains_key(&s.name));
                said.scene.living().filter(runs).cloned().collect()
            }
        };
        let mut seen = Vec::new();
        let mut refused = None;
        for env in all {
            match self.allowed(&said.scene, Verb::Status.name(), &env.key).await {
                Ok(()) => seen.push(env),
                Err(answer) => refused = Some(answer),
            }
        }
        match refused {
            Some(answer) if seen.is_empty() => Err(answer),
            _ => Ok(seen),
        }
    }

    async fn status(
        &self,
        said: &Said<'_>,
        service: Option<&Qualified<ServiceName>>,
        env: Option<&Qualified<EnvName>>,
    ) -> Result<Answer, StoreError> {
        let all = match self.asked_about(said, service, env).await {
            Ok(all) => all,
            Err(answer) => return Ok(answer),
        };
        let mut views = Vec::new();
        for env in all {
            let live = match self.engine.platform(&env) {
                Some(platform) => platform.live(&env.key).await.map_err(|error| error.to_string()),
                None => Err(Absent::of(&env.platform).to_string()),
            };
            let filter = OpFilter { key: Some(env.key.clone()), open: true, ..OpFilter::default() };
            let open = self.engine.store.operations(&filter).await?;
            let open = open.into_iter().map(|record| (record.id, record.state)).collect();
            let drift = self.engine.drift(&env.key).await.unwrap_or_else(|error| {
                // That nothing answers is told with what runs; the rest of the answer is as good without.
                tracing::warn!(env = %env.key, %error, "what was changed outside can't be told");
                Vec::new()
            });
            let at = self.engine.clock.now();
            let holdups = self.holdups(|key| *key == env.key).await?;
            let only = service.map(|service| service.name.clone());
            views.push(StatusView { env, live, drift, at, open, holdups, only });
        }
        Ok(Answer::Status(views))
    }

    async fn outputs(&self, said: &Said<'_>, env: Option<&Qualified<EnvName>>) -> Result<Answer, StoreError> {
        let env = match self.one(said, Verb::Outputs, env, |_| true).await {
            Ok(env) => env,
            Err(answer) => return Ok(answer),
        };
        let facts = match self.engine.platform(&env) {
            // What stands in the way of a plan is no matter here.
            Some(platform) => platform.survey(&env).await.map(|survey| survey.facts).map_err(|error| error.to_string()),
            None => Ok(Facts::default()),
        };
        match facts {
            Ok(facts) => {
                let outputs = self.engine.outputs_with(&env, &facts).await?;
                let link = |value: &String| Some((value.clone(), self.engine.platform(&env)?.link(value)?));
                let links = outputs.values().filter_map(link).collect();
                Ok(Answer::Outputs { key: env.key, outputs, links })
            }
            Err(why) => Ok(Answer::No(No::Platform(why))),
        }
    }

    /// The one living environment that a question is about.
    pub(super) async fn one(
        &self,
        said: &Said<'_>,
        verb: Verb,
        env: Option<&Qualified<EnvName>>,
        fits: impl Fn(&Environment) -> bool,
    ) -> Meant<Environment> {
        let key = said.scene.env(env, &[], fits)?;
        self.allowed(&said.scene, verb.name(), &key).await?;
        let found = said.scene.environments.iter().find(|env| env.key == key && env.phase == Phase::Live);
        found.cloned().ok_or(Answer::No(No::NotThere(key)))
    }

    async fn history(
        &self,
        said: &Said<'_>,
        service: Option<&Qualified<ServiceName>>,
        env: Option<&Qualified<EnvName>>,
    ) -> Result<Answer, StoreError> {
        let key = match (env, &said.scene.thread) {
            (Some(env), _) => match said.scene.named(env, service.map(std::slice::from_ref).unwrap_or_default()) {
                Ok(key) => Some(key),
                Err(answer) => return Ok(answer),
            },
            (None, Some(record)) if service.is_none() => Some(record.key.clone()),
            (None, _) => None,
        };
        let events = self.engine.store.lock_events(key.as_ref(), HISTORY).await?;
        let about = |event: &LockEvent| {
            let locked = event.target.service.as_ref();
            service.is_none_or(|service| locked.is_none_or(|locked| *locked == service.name))
        };
        let mut locks = Vec::new();
        for event in events.into_iter().filter(about) {
            if self.allowed(&said.scene, Verb::History.name(), &event.target.key).await.is_ok() {
                locks.push(event);
            }
        }
        // Nobody can tell from the name of a node or a task which services it was about.
        let limit = if service.is_none() { HISTORY } else { 0 };
        let mut kills = Vec::new();
        for event in self.engine.store.intents(key.as_ref(), limit).await? {
            if let Some(key) = &event.key
                && self.allowed(&said.scene, Verb::History.name(), key).await.is_ok()
            {
                kills.push(event);
            }
        }
        let filter =
            OpFilter { key, service: service.map(|service| service.name.clone()), open: false, limit: HISTORY };
        let mut lines = Vec::new();
        let mut refused = None;
        for record in self.engine.store.operations(&filter).await? {
            match self.allowed(&said.scene, Verb::History.name(), &record.key).await {
                Ok(()) => lines.push(self.line(&record).await?),
                Err(answer) => refused = Some(answer),
            }
        }
        Ok(match refused {
            Some(answer) if lines.is_empty() && locks.is_empty() && kills.is_empty() => answer,
            _ => Answer::History { lines, locks, kills },
        })
    }

    /// What happened to an operation, event by event: lines of the audit log.
    async fn story(&self, said: &Said<'_>, op: OpId) -> Result<Answer, StoreError> {
        let Some(record) = self.engine.store.operation(op).await? else {
            return Ok(Answer::No(No::NoOperation(Some(op))));
        };
        if let Err(answer) = self.allowed(&said.scene, Verb::History.name(), &record.key).await {
            return Ok(answer);
        }
        let lines = self.engine.store.audited(&LogFilter { op: Some(op), ..LogFilter::default() }).await?;
        let unreadable = |line: &Line, why: serde_json::Error| {
            let what = format!("line {} of the audit log", line.seq);
            StoreError::Unreadable { what, why: why.to_string() }
        };
        let read = |line: &Line| line.event().map_err(|why| unreadable(line, why));
        Ok(Answer::Story { op, events: lines.iter().map(read).collect::<Result<_, _>>()? })
    }

    async fn about(&self, said: &Said<'_>, named: Option<OpId>) -> Result<Answer, StoreError> {
        let id = match said.scene.operation(named) {
            Ok(id) => id,
            Err(answer) => return Ok(answer),
        };
        let store = &self.engine.store;
        let Some(record) = store.operation(id).await? else { return Ok(Answer::No(No::NoOperation(Some(id)))) };
        if let Err(answer) = self.allowed(&said.scene, Verb::History.name(), &record.key).await {
            return Ok(answer);
        }
        let (op, journal) = told(store.as_ref(), id).await?;
        let moved_on = leaves_something(&op) && untouched_since(store.as_ref(), &op, None).await?.is_err();
        let env = store.environment(&record.key).await?;
        Ok(Answer::About(Box::new(AboutView { record, journal, env, moved_on })))
    }

    pub(super) async fn line(&self, record: &OpRecord) -> Result<HistoryLine, StoreError> {
        let op = read(&self.engine, record.id).await?;
        let release = |(name, running): (&ServiceName, &gantry_engine::environment::Running)| {
            format!("{name} {} ({})", running.release, running.version)
        };
        // Other changes name what they touch too, though it is no other release; what failed or was taken back brought none.
        let brings = matches!(op.request.change, Change::Deploy { .. } | Change::Rollback { .. });
        let brought = brings && op.state() == State::Succeeded;
        Ok(HistoryLine {
            op: op.id,
            key: record.key.clone(),
            at: record.at,
            state: op.state(),
            releases: if brought { op.plan.delta.services.iter().map(release).collect() } else { Vec::new() },
            by: op.request.by,
            words: op.request.words,
            because: op.request.because,
            bypassed: op.request.bypass && !op.terms.ask_nobody(),
        })
    }
}
