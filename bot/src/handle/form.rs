//! A form for what somebody wants to say: with what they may choose from, and nothing else. It has to be there within three
//! seconds, so it is made of what is at hand, and no platform is asked.

use super::answer::{Answer, No};
use super::scene::{Meant, Scene};
use super::{Handler, choice};
use crate::directory::Unknown;
use crate::form::{Asked, Kind, Memo};
use crate::intake::{Incoming, Way};
use crate::rights::{self, Refused};
use gantry_commands::Qualified;
use gantry_engine::names::{EnvKey, EnvName, OpId, ServiceName};
use gantry_engine::ports::StoreError;
use gantry_engine::project::Project;
use std::collections::BTreeSet;

/// A form, in no words yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormView {
    /// Which.
    pub kind: Kind,
    /// The services to choose from.
    pub services: Vec<String>,
    /// The environments to choose from.
    pub environments: Vec<String>,
    /// What new environments may be called.
    pub patterns: Vec<String>,
    /// The environment, or the operation, that it is about.
    pub about: Option<String>,
    /// What it remembers.
    pub memo: Memo,
}

impl Handler {
    /// The form that was asked for; or what to answer instead.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn form(&self, incoming: &Incoming) -> Result<Result<FormView, Answer>, StoreError> {
        let Some(asked) = Asked::parse(&incoming.text) else { return Ok(Err(Answer::Help(None))) };
        let scene = match self.scene(incoming).await? {
            Ok(scene) => scene,
            Err(Unknown { what, why }) => return Ok(Err(Answer::No(No::Unknown { what, why }))),
        };
        match asked.kind {
            Kind::Reject => self.rejection(incoming, &scene, asked).await,
            kind => Ok(self.choices(incoming, &scene, asked, kind).await),
        }
    }

    async fn rejection(
        &self,
        incoming: &Incoming,
        scene: &Scene,
        asked: Asked,
    ) -> Result<Result<FormView, Answer>, StoreError> {
        let named = asked.about.as_ref().and_then(|op| op.parse::<OpId>().ok());
        let record = match scene.operation(named) {
            Ok(id) => self.engine.store.operation(id).await?,
            Err(answer) => return Ok(Err(answer)),
        };
        let Some(record) = record else { return Ok(Err(Answer::No(No::NoOperation(named)))) };
        if let Err(answer) = self.allowed(scene, asked.kind.verb().name(), &record.key).await {
            return Ok(Err(answer));
        }
        if record.state.is_closed() {
            return Ok(Err(self.too_late(record.id, record.state).await?));
        }
        let about = Some(record.id.to_string());
        let memo = Memo { about: about.clone(), ..memo(incoming, scene) };
        let (services, environments, patterns) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Ok(FormView { kind: asked.kind, services, environments, patterns, about, memo }))
    }

    async fn choices(&self, incoming: &Incoming, scene: &Scene, asked: Asked, kind: Kind) -> Meant<FormView> {
        let mut view = FormView {
            kind,
            services: Vec::new(),
            environments: Vec::new(),
            patterns: Vec::new(),
            about: None,
            memo: memo(incoming, scene),
        };
        let mut refused: Option<Refused> = None;
        for (name, project) in &scene.projects {
            let speaker = self.speaker(scene, project).await?;
            let mut here = environments(scene, project, kind);
            here.retain(|env| match rights::check(project, &speaker, kind.verb().name(), Some(env)) {
                Ok(()) => true,
                Err(why) => {
                    refused.get_or_insert(why);
                    false
                }
            });
            if here.is_empty() {
                continue;
            }
            let service = |service: &ServiceName| match scene.projects.len() {
                1 => service.to_string(),
                _ => Qualified::of(name.clone(), service.clone()).to_string(),
            };
            view.services.extend(project.services.keys().map(service));
            let key = |env| EnvKey { project: name.clone(), env };
            view.environments.extend(here.into_iter().map(|env| scene.name(&key(env)).to_string()));
            if matches!(kind, Kind::Deploy | Kind::Provision) {
                let patterns = project.environments.iter().map(|settings| settings.pattern.0.clone());
                view.patterns.extend(patterns.filter(|pattern| pattern.contains('*')));
            }
        }
        if view.environments.is_empty() {
            let nothing = || No::Missing { what: "environment", example: "deploy web to dev".to_owned() };
            return Err(Answer::No(refused.map_or_else(nothing, |refused| No::Right(Box::new(refused)))));
        }
        let named = asked.about.as_deref().and_then(choice::environment);
        let key = match named {
            Some(env) => scene.named(&env, &[]),
            None => scene.env(None, &[], |_| true),
        };
        view.about = key.ok().map(|key| scene.name(&key).to_string()).filter(|env| view.environments.contains(env));
        Ok(view)
    }
}

/// The environments of a project that a form can be about.
fn environments(scene: &Scene, project: &Project, kind: Kind) -> BTreeSet<EnvName> {
    let living = scene.living().filter(|env| env.key.project == project.name);
    match kind {
        Kind::Extend => return living.filter(|env| env.expiry.is_some()).map(|env| env.key.env.clone()).collect(),
        Kind::Lock => return living.map(|env| env.key.env.clone()).collect(),
        Kind::Deploy | Kind::Provision | Kind::Reject => {}
    }
    let named = project.environments.iter().filter_map(|settings| settings.pattern.exact());
    living.map(|env| env.key.env.clone()).chain(named).collect()
}

fn memo(incoming: &Incoming, scene: &Scene) -> Memo {
    Memo {
        way: if incoming.way == Way::Home { Way::Home } else { Way::Form },
        channel: incoming.channel.clone(),
        thread: incoming.thread.clone(),
        digest: incoming.digest.clone(),
        about: None,
        zone: scene.zone().iana_name().unwrap_or("UTC").to_owned(),
    }
}
