//! Who speaks, and where: what a thread or a channel tells when a command leaves things out. Never a guess: where there
//! are several meanings the person chooses.

use super::Handler;
use super::answer::{Answer, Choice, No};
use crate::directory::{Person, Standing, Unknown};
use crate::intake::Incoming;
use crate::projects::ProjectFiles;
use crate::rights::{self, Speaker};
use gantry_commands::{Qualified, Vocabulary};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::names::{ChannelId, EnvKey, EnvName, OpId, ProjectName, ServiceName};
use gantry_engine::ports::{OpRecord, StoreError};
use gantry_engine::project::{Project, Who};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many people of a group are named as helpers.
const HELPERS: usize = 3;

/// Who speaks, and where.
pub(crate) struct Scene {
    pub(crate) person: Person,
    pub(crate) projects: BTreeMap<ProjectName, Arc<Project>>,
    pub(crate) environments: Vec<Environment>,
    /// The operation that the thread is about.
    pub(crate) thread: Option<OpRecord>,
    /// Environments whose channel this is.
    channel: BTreeSet<EnvKey>,
    /// This channel's name; none in a direct message. Where it can't be asked, only rules for channels need it.
    place: Result<Option<String>, Unknown>,
}

/// The result of looking for what was meant: it, or what to answer instead.
pub(crate) type Meant<T> = Result<T, Answer>;

impl Handler {
    pub(super) async fn scene(&self, incoming: &Incoming) -> Result<Result<Scene, Unknown>, StoreError> {
        let store = &self.engine.store;
        let person = match self.directory.person(&incoming.user).await {
            Ok(person) => person,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let thread = match &incoming.thread {
            Some(thread) => match store.operation_in_thread(&incoming.channel, thread).await? {
                Some(op) => store.operation(op).await?,
                None => None,
            },
            None => None,
        };
        let projects = self.projects.all();
        let name = |channels: BTreeMap<String, ChannelId>| {
            channels.into_iter().find(|(_, id)| *id == incoming.channel).map(|(name, _)| name)
        };
        let place = self.directory.channels().await.map(name);
        if let Err(error) = &place {
            // A default is a convenience: without it the person is asked.
            tracing::warn!(%error, "a channel's default isn't known");
        }
        let channel = defaults(&projects, place.as_ref().ok().and_then(Option::as_ref));
        let environments = store.environments().await?;
        Ok(Ok(Scene { person, projects, environments, thread, channel, place }))
    }

    /// Whether the speaker may use a verb on an environment.
    pub(super) async fn allowed(&self, scene: &Scene, verb: &str, key: &EnvKey) -> Meant<()> {
        let Some(project) = scene.projects.get(&key.project) else {
            return Err(Answer::No(No::Plan(gantry_engine::apply::NoPlan::NoProject(key.project.clone()))));
        };
        let speaker = self.speaker(scene, project).await?;
        match rights::check(project, &speaker, verb, Some(&key.env)) {
            Ok(()) => Ok(()),
            Err(refused) => Err(self.no_right(refused).await),
        }
    }

    /// A refusal, with names of people who can help. Without them it is as true.
    pub(super) async fn no_right(&self, mut refused: rights::Refused) -> Answer {
        for helper in &mut refused.helpers {
            let Who::Group(group) = &helper.who else { continue };
            for member in self.directory.members(group).await.unwrap_or_default() {
                match self.directory.person(&member).await {
                    Ok(person) if person.standing == Standing::Member => helper.people.push(person.handle),
                    Ok(_) | Err(_) => {}
                }
                if helper.people.len() == HELPERS {
                    break;
                }
            }
        }
        Answer::No(No::Right(Box::new(refused)))
    }

    pub(super) async fn speaker(&self, scene: &Scene, project: &Project) -> Meant<Speaker> {
        let unknown = |Unknown { what, why }| Answer::No(No::Unknown { what, why });
        let wants_channel = project.allow.iter().any(|rule| !rule.channels.is_empty());
        let place = match &scene.place {
            Ok(place) => place.clone(),
            Err(why) if wants_channel => return Err(unknown(why.clone())),
            Err(_) => None,
        };
        Speaker::meet(scene.person.clone(), place, project, self.directory.as_ref()).await.map_err(unknown)
    }
}

/// Environments whose channel has this name.
fn defaults(projects: &BTreeMap<ProjectName, Arc<Project>>, channel: Option<&String>) -> BTreeSet<EnvKey> {
    let mut found = BTreeSet::new();
    for (project, meant) in projects {
        for settings in &meant.environments {
            if let (Some(env), true) =
                (settings.pattern.exact(), settings.channel.as_ref() == channel && channel.is_some())
            {
                found.insert(EnvKey { project: project.clone(), env });
            }
        }
    }
    found
}

impl Scene {
    pub(crate) fn zone(&self) -> TimeZone {
        let project = self.projects.values().next().map(|project| project.time_zone.as_str());
        super::zone(self.person.time_zone.as_deref().or(project))
    }

    pub(crate) fn vocabulary(&self, projects: &ProjectFiles) -> Vocabulary {
        projects.vocabulary(&self.environments)
    }

    pub(crate) fn living(&self) -> impl Iterator<Item = &Environment> {
        self.environments.iter().filter(|env| env.phase == Phase::Live)
    }

    /// The environment that was named; without a project's name, the only one that there is.
    pub(crate) fn named(&self, env: &Qualified<EnvName>, services: &[Qualified<ServiceName>]) -> Meant<EnvKey> {
        let project = env.project.as_ref().or_else(|| services.iter().find_map(|service| service.project.as_ref()));
        let known = |name: &ProjectName, project: &Project| {
            let settings = project.environment(&env.name).is_some();
            settings || self.environments.iter().any(|e| &e.key.project == name && e.key.env == env.name)
        };
        let has = |project: &Project| services.iter().all(|service| project.services.contains_key(&service.name));
        let keys: Vec<EnvKey> = (self.projects.iter())
            .filter(|(name, meant)| project.is_none_or(|wanted| wanted == *name) && known(name, meant) && has(meant))
            .map(|(name, _)| EnvKey { project: name.clone(), env: env.name.clone() })
            .collect();
        let shown =
            || services.iter().map(ToString::to_string).chain([env.to_string()]).collect::<Vec<_>>().join(" in ");
        self.only(keys, || Answer::No(No::Elsewhere { what: shown() }))
    }

    /// The environment that was named, whether anybody remembers it or not: its project is the only thing that has to be.
    pub(crate) fn anywhere(&self, env: Option<&Qualified<EnvName>>) -> Meant<EnvKey> {
        let Some(env) = env else {
            return Err(Answer::No(No::Missing { what: "environment", example: "sweep dev".to_owned() }));
        };
        let key = |project: &ProjectName| EnvKey { project: project.clone(), env: env.name.clone() };
        match (&env.project, self.projects.len()) {
            (Some(project), _) => Ok(key(project)),
            (None, 1) => self
                .only(self.projects.keys().map(key).collect(), || Answer::No(No::Elsewhere { what: env.to_string() })),
            // Of several projects, one that knows the name is meant; if none does, any may be.
            (None, _) => match self.named(env, &[]) {
                Err(Answer::No(No::Elsewhere { what })) => {
                    self.only(self.projects.keys().map(key).collect(), || Answer::No(No::Elsewhere { what }))
                }
                known => known,
            },
        }
    }

    /// The environment that is meant: the one named, else the thread's, else the channel's, else the only one that
    /// `fits`.
    pub(crate) fn env(
        &self,
        named: Option<&Qualified<EnvName>>,
        services: &[Qualified<ServiceName>],
        fits: impl Fn(&Environment) -> bool,
    ) -> Meant<EnvKey> {
        if let Some(env) = named {
            return self.named(env, services);
        }
        if let Some(record) = &self.thread {
            return Ok(record.key.clone());
        }
        let project = services.iter().find_map(|service| service.project.as_ref());
        let wanted = |key: &EnvKey| project.is_none_or(|wanted| wanted == &key.project);
        let defaults: Vec<EnvKey> = self.channel.iter().filter(|key| wanted(key)).cloned().collect();
        let fitting: Vec<EnvKey> =
            self.living().filter(|env| wanted(&env.key) && fits(env)).map(|env| env.key.clone()).collect();
        let here: Vec<EnvKey> = defaults.iter().filter(|key| fitting.contains(key)).cloned().collect();
        let missing = || Answer::No(No::Missing { what: "environment", example: "status dev".to_owned() });
        match (here.is_empty(), fitting.is_empty()) {
            (false, _) => self.only(here, missing),
            (true, false) => self.only(fitting, missing),
            (true, true) => self.only(defaults, missing),
        }
    }

    /// An environment as people say it here: with its project where there are several.
    pub(crate) fn name(&self, key: &EnvKey) -> Qualified<EnvName> {
        let env = key.env.clone();
        if self.projects.len() > 1 { Qualified::of(key.project.clone(), env) } else { Qualified::bare(env) }
    }

    fn only(&self, mut keys: Vec<EnvKey>, none: impl FnOnce() -> Answer) -> Meant<EnvKey> {
        match keys.len() {
            0 => Err(none()),
            1 => Ok(keys.swap_remove(0)),
            _ => {
                let name = |key: &EnvKey| self.name(key).to_string();
                let choices = keys.iter().map(|key| (name(key), name(key))).collect();
                Err(Answer::Asked(Choice { what: "environment", choices }))
            }
        }
    }

    /// The service that is meant: the one named, else the only one that the thread is about.
    pub(crate) fn service(&self, named: Option<&Qualified<ServiceName>>, example: &str) -> Meant<ServiceName> {
        if let Some(service) = named {
            return Ok(service.name.clone());
        }
        let about: Vec<&ServiceName> = self.thread.iter().flat_map(|record| &record.services).collect();
        match about.as_slice() {
            [service] => Ok((*service).clone()),
            _ => Err(Answer::No(No::Missing { what: "service", example: example.to_owned() })),
        }
    }

    /// The operation that is meant: the one named, else the thread's.
    pub(crate) fn operation(&self, named: Option<OpId>) -> Meant<OpId> {
        named.or_else(|| self.thread.as_ref().map(|record| record.id)).ok_or(Answer::No(No::NoOperation(None)))
    }
}
