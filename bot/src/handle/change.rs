//! Changes: what was said becomes a request, a plan, an operation.

use super::answer::{Answer, No, Preview};
use super::scene::Meant;
use super::write::read;
use super::{Handler, Said};
use crate::directory::Unknown;
use crate::intake::{Incoming, Way};
use crate::{report, rights};
use gantry_commands::{Action, Change, Expiry, Extension, Qualified, Volumes};
use gantry_engine::address::Kind;
use gantry_engine::apply::{NoPlan, Planned};
use gantry_engine::approval::Terms;
use gantry_engine::change::{self as engine, Actor, Place, Request};
use gantry_engine::environment::{Environment, ReleaseNo};
use gantry_engine::expiry;
use gantry_engine::names::{ChannelId, Digest, EnvKey, OpId, ServiceName};
use gantry_engine::ports::{Proposed, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How long to wait before a platform that didn't answer is asked again; somebody waits for the answer.
const WAITS: [SignedDuration; 3] =
    [SignedDuration::from_millis(500), SignedDuration::from_secs(1), SignedDuration::from_secs(2)];

impl Handler {
    pub(super) async fn change(&self, said: &Said<'_>, change: &Change) -> Result<Option<Answer>, StoreError> {
        let verb = change.verb().name();
        let right = if change.bypass { rights::skipping(verb) } else { verb.to_owned() };
        let request = match self.request(said, change, &right).await {
            Ok(request) => request,
            Err(answer) => return Ok(Some(answer)),
        };
        if let Some(shown) = &said.incoming.digest
            && let Some(answer) = self.stale(said, &request, shown).await?
        {
            return Ok(Some(answer));
        }
        self.ask_for(said, request).await
    }

    /// Makes an operation of a request; none where its card is the answer.
    pub(super) async fn ask_for(&self, said: &Said<'_>, request: Request) -> Result<Option<Answer>, StoreError> {
        let everybody = match self.everybody(&request).await {
            Ok(everybody) => everybody,
            Err(answer) => return Ok(Some(answer)),
        };
        let mut waits = WAITS.into_iter();
        let proposed = loop {
            match self.engine.propose(request.clone()).await {
                Err(error) if self.passes(&error, &mut waits).await => {}
                answer => break answer,
            }
        };
        match proposed {
            Ok((Proposed::New(op) | Proposed::Already(op), planned)) => {
                self.asked(said, (op, &request, &planned.terms), &everybody).await
            }
            Err(NoPlan::Store(error)) => Err(error),
            Err(NoPlan::Held(by)) => {
                Ok(Some(Answer::No(No::Held { by, again: format!("{} when free", request.words) })))
            }
            Err(error) => Ok(Some(Answer::No(No::Plan(error)))),
        }
    }

    /// The same, where the operation was made before.
    pub(super) async fn made(&self, said: &Said<'_>, op: OpId) -> Result<Option<Answer>, StoreError> {
        let op = read(&self.engine, op).await?;
        let everybody = match self.everybody(&op.request).await {
            Ok(everybody) => everybody,
            Err(Answer::No(No::Unknown { .. })) => {
                return Err(StoreError::Unavailable("the workspace can't be asked".to_owned()));
            }
            Err(answer) => return Ok(Some(answer)),
        };
        self.asked(said, (op.id, &op.request, &op.terms), &everybody).await
    }

    /// Lets an operation begin, once everybody can know of it who has to.
    async fn asked(
        &self,
        said: &Said<'_>,
        (op, request, terms): (OpId, &Request, &Terms),
        everybody: &BTreeSet<ChannelId>,
    ) -> Result<Option<Answer>, StoreError> {
        for channel in everybody.iter().filter(|_| !terms.ask_nobody()) {
            self.engine.store.post_once(report::announcement(op, request, terms, channel)).await?;
        }
        self.workers.ring(op);
        let channel = Some(&request.place.channel).filter(|channel| **channel != said.incoming.channel).cloned();
        Ok(channel.map(|channel| Answer::Elsewhere { op, channel }))
    }

    /// The channels that have to know of a bypass: the environment's, and the project's for that. Fails closed: nobody skips
    /// approval unseen because the workspace doesn't answer, or because the bot doesn't see a channel.
    async fn everybody(&self, request: &Request) -> Meant<BTreeSet<ChannelId>> {
        let Some(project) = self.engine.project(&request.key).filter(|_| request.bypass) else {
            return Ok(BTreeSet::new());
        };
        let all = self.directory.channels().await;
        let all = all.map_err(|Unknown { what, why }| Answer::No(No::Unknown { what, why }))?;
        let own = project.environment(&request.key.env).and_then(|settings| settings.channel.as_ref());
        let known =
            |name: &String| all.get(name).cloned().ok_or_else(|| Answer::No(No::Unannounced { channel: name.clone() }));
        own.into_iter().chain(&project.announce).map(known).collect()
    }

    pub(super) async fn preview(&self, said: &Said<'_>, change: &Change) -> Result<Answer, StoreError> {
        let request = match self.request(said, change, "plan").await {
            Ok(request) => request,
            Err(answer) => return Ok(answer),
        };
        let mut waits = WAITS.into_iter();
        let planned = loop {
            match self.engine.plan(&request).await {
                Err(error) if self.passes(&error, &mut waits).await => {}
                answer => break answer,
            }
        };
        match planned {
            Ok(planned) => {
                let data = self.data(&planned);
                let held = self.engine.held(&request, &planned).await?;
                let Request { words, key, at, .. } = request;
                Ok(Answer::Preview(Box::new(Preview { words, key, planned, data, held, at })))
            }
            Err(NoPlan::Store(error)) => Err(error),
            Err(error) => Ok(Answer::No(No::Plan(error))),
        }
    }

    /// What is so now, where a button shows what isn't any more: another warning stands, or the owner is another one.
    async fn stale(&self, said: &Said<'_>, request: &Request, shown: &Digest) -> Result<Option<Answer>, StoreError> {
        let env = said.scene.living().find(|env| env.key == request.key);
        let holds = match &request.change {
            engine::Change::Own { .. } => env.is_some_and(|env| expiry::owned(env) == *shown),
            _ => {
                let warned = self.engine.store.warned().await?.into_iter().find(|warned| warned.key == request.key);
                warned.is_some_and(|warned| warned.digest() == *shown && warned.holds(env, request.at))
            }
        };
        let stale = || Answer::No(No::Stale { key: request.key.clone(), env: env.cloned().map(Box::new) });
        Ok((!holds).then(stale))
    }

    /// The kinds among a plan's steps that hold people's data.
    fn data(&self, planned: &Planned) -> BTreeSet<Kind> {
        let name = planned.plan.platform.as_ref().unwrap_or(&planned.proposal.after.platform);
        let Some(platform) = self.engine.platforms.get(name) else { return BTreeSet::new() };
        let kinds = planned.plan.steps.iter().map(|step| &step.kind);
        kinds.filter(|kind| platform.rules().holds_data(kind)).cloned().collect()
    }

    /// Waits a moment where the same may work then: a connection that broke is no answer.
    async fn passes(&self, error: &NoPlan, waits: &mut impl Iterator<Item = SignedDuration>) -> bool {
        let Some(wait) = waits.next().filter(|_| matches!(error, NoPlan::Survey(_)) && error.is_passing()) else {
            return false;
        };
        let until = self.engine.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.engine.clock.sleep_until(until).await;
        true
    }

    /// The request with every name filled in, if the speaker may make it.
    pub(super) async fn request(&self, said: &Said<'_>, change: &Change, verb: &str) -> Meant<Request> {
        let now = self.engine.clock.now();
        let (key, meant) = meant(said, change, now)?;
        let words = Change { env: Some(said.scene.name(&key)), ..change.clone() };
        self.allowed(&said.scene, verb, &key).await?;
        Ok(Request {
            change: meant,
            by: Actor::User(said.incoming.user.clone()),
            schedule: said.incoming.scheduled.as_ref().map(|run| run.id),
            resumes: None,
            because: change.because.as_ref().map(|reason| reason.as_str().to_owned()),
            bypass: change.bypass,
            words: gantry_commands::Command::Change(Change { because: None, bypass: false, ..words }).to_string(),
            delivery: said.id.clone(),
            place: self.place(said, &key).await,
            key,
            at: now,
            waits: change.when_free,
        })
    }

    /// Where the operation is told: where it was asked for. The Home tab is nobody's place to talk, so what is asked for
    /// there is told in the environment's channel, if it has one.
    pub(super) async fn place(&self, said: &Said<'_>, key: &EnvKey) -> Place {
        let Incoming { way, channel, thread, .. } = said.incoming;
        let here = Place { channel: channel.clone(), thread: thread.clone() };
        if *way != Way::Home {
            return here;
        }
        let settings = said.scene.projects.get(&key.project).and_then(|project| project.environment(&key.env));
        let Some(name) = settings.and_then(|settings| settings.channel.as_ref()) else { return here };
        match self.directory.channels().await {
            Ok(channels) => channels.get(name).map_or(here, |id| Place { channel: id.clone(), thread: None }),
            Err(_) => here,
        }
    }
}

/// Which environment, and what the words mean for it.
fn meant(said: &Said<'_>, change: &Change, now: Timestamp) -> Meant<(EnvKey, engine::Change)> {
    let scene = &said.scene;
    let named = change.env.as_ref();
    let one = |service: &Option<Qualified<ServiceName>>, example: &str| -> Meant<(EnvKey, ServiceName)> {
        let name = scene.service(service.as_ref(), example)?;
        let all: Vec<_> = service.iter().cloned().collect();
        let key = scene.env(named, &all, |env: &Environment| env.services.contains_key(&name));
        Ok((key?, name))
    };
    let env = |services: &[Qualified<ServiceName>]| scene.env(named, services, |_| true);
    Ok(match &change.action {
        Action::Deploy { services, expiry } => {
            let all: Vec<_> = services.iter().map(|wanted| wanted.service.clone()).collect();
            let services =
                services.iter().map(|wanted| (wanted.service.name.clone(), wanted.version.clone())).collect();
            (env(&all)?, engine::Change::Deploy { services, lifetime: lifetime(expiry.as_ref(), now) })
        }
        Action::Scale { service, replicas } => {
            let (key, service) = one(service, "scale api 5 in dev")?;
            (key, engine::Change::Scale { service, replicas: *replicas })
        }
        Action::Rollback { service, release } => {
            let (key, service) = one(service, "rollback web in dev")?;
            let to = release.map(|number| ReleaseNo(number.0));
            (key, engine::Change::Rollback { service, to })
        }
        Action::Restart { service } => {
            let (key, service) = one(service, "restart web in dev")?;
            (key, engine::Change::Restart { service })
        }
        Action::Provision { expiry } => {
            (env(&[])?, engine::Change::Provision { lifetime: lifetime(expiry.as_ref(), now) })
        }
        Action::Teardown { at: Some(at), .. } => {
            (env(&[])?, engine::Change::Extend(engine::Extension::Until(at.timestamp())))
        }
        Action::Teardown { at: None, volumes } => {
            (env(&[])?, engine::Change::Teardown { volumes: *volumes == Volumes::Delete })
        }
        Action::Extend(Extension::By(length)) => {
            (env(&[])?, engine::Change::Extend(engine::Extension::By(length.duration())))
        }
        Action::Extend(Extension::Until(at)) => {
            (env(&[])?, engine::Change::Extend(engine::Extension::Until(at.timestamp())))
        }
        Action::Keep => (env(&[])?, engine::Change::Keep),
        Action::Own => (env(&[])?, engine::Change::Own { to: said.incoming.user.clone(), own: true }),
        Action::Give { to } => (env(&[])?, engine::Change::Own { to: to.clone(), own: false }),
        Action::Sweep { volumes } => {
            (scene.anywhere(named)?, engine::Change::Sweep { volumes: *volumes == Volumes::Delete })
        }
    })
}

fn lifetime(expiry: Option<&Expiry>, now: Timestamp) -> Option<SignedDuration> {
    expiry.map(|expiry| match expiry {
        Expiry::For(length) => length.duration(),
        Expiry::Until(at) => at.timestamp().duration_since(now),
    })
}
